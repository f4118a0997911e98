from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from agentverse.models.protocol import Message, Request
from agentverse.models.registry import open_model
from agentverse.testing import ScriptedServer, tiny


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
def serve(stack: AsyncExitStack) -> Callable[..., Any]:
    """Start a scripted server and open a model on it that retries quickly."""

    async def start(script: Any, *, spec: dict[str, Any] | None = None, **options: Any) -> tuple[Any, Any]:
        server = await stack.enter_async_context(ScriptedServer(script, **options))
        settings = {"base_url": server.url, "model": "scripted", "backoff": 0.001, **(spec or {})}
        model = await open_model(settings)
        stack.push_async_callback(model.close)
        return server, model

    return start


@pytest.fixture
def ask() -> Callable[..., Request]:
    def request(text: str = "say something", **fields: Any) -> Request:
        fields.setdefault("key", "code#1/main.py/1.1")
        fields.setdefault("run", "r1")
        return Request((Message("system", "be short"), Message("user", text)), **fields)

    return request


@pytest.fixture(scope="session")
def bigram(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that speaks in the manner of Python, named so that it is spoken to as MiniCPM5 is."""
    return tiny.bigram(tmp_path_factory.mktemp("tiny") / "MiniCPM5-tiny.gguf")


@pytest.fixture(scope="session")
def llamacpp(bigram: Path) -> Iterator[str]:
    """The address of llama.cpp's own server, with a tiny model that says code-like nonsense."""
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path = str(bigram)
    settings.model_alias = {"tiny"}
    settings.hostnames, settings.port = ["127.0.0.1"], 0
    settings.n_ctx, settings.n_parallel, settings.n_gpu_layers = 16384, 4, 0
    settings.use_jinja = settings.endpoint_metrics = True
    settings.warmup = False
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    settings.n_threads_http = 4
    server = xllamacpp.Server(settings)
    yield server.listening_address
    del server
