"""A real vLLM on the processor, started by our own code, with models of a megabyte that were made a moment ago."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from agentverse.models.catalogue import probe
from agentverse.models.openai import OpenAIModel
from agentverse.models.protocol import Message, Request
from agentverse.models.registry import open_model
from agentverse.models.servers import vllm
from agentverse.models.servers.launch import Launch
from agentverse.models.servers.ports import free_port
from agentverse.models.servers.running import running
from agentverse.testing import tiny_folder

ROOT = Path(__file__).parents[3]
CONTEXT = 8192


@pytest.fixture(scope="session")
def environment() -> Iterator[Path]:
    """vLLM's own environment, whose program is the first on the path."""
    folder = Path(os.environ.get("VLLM_VENV") or ".venv-vllm")
    programs = ROOT / folder / "bin"
    if not (programs / "vllm").is_file():
        pytest.fail("there is no vLLM to ask; make vllm installs one and runs these tests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        yield programs.parent


def launch_of(name: str, folder: Path, *, context: int = CONTEXT, key: str = "") -> Launch:
    """How agentverse serves a tiny model on this machine, as it would serve the model ``name`` of the catalogue."""
    return vllm.launch(tiny_folder.entry(name, folder), folder, probe(), port=free_port(), context=context, key=key)


def with_words(launch: Launch, *words: str) -> Launch:
    """The same with more on the command line; the last word counts."""
    return replace(launch, argv=(*launch.argv, *words))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def served(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Launch]:
    """A server that says one thing after another as Python sources do, with a LoRA adapter."""
    folder = tmp_path_factory.mktemp("vllm")
    base = tiny_folder.bigram(folder / "base")
    coder = tiny_folder.adapter(folder / "coder", base)
    launch = launch_of("MiniCPM5-1B", base)
    launch = with_words(launch, "--enable-lora", "--max-lora-rank", "8", "--lora-modules", f"coder={coder}")
    async with running(launch, log=folder / "log"):
        yield launch


class Opened:
    """Opens models at servers, and closes them in the end."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def __call__(self, launch: Launch, *, contact: bool = True, **settings: Any) -> OpenAIModel:
        spec = {"base_url": launch.url, "api_key": launch.key, "max_tokens": 120, "seed": 3, "backoff": 0.01}
        model = await open_model({**spec, **settings})
        self._stack.push_async_callback(model.close)
        if contact:
            await model.contact()
        assert isinstance(model, OpenAIModel)
        return model


@pytest_asyncio.fixture(loop_scope="session")
async def opened() -> AsyncIterator[Opened]:
    async with AsyncExitStack() as stack:
        yield Opened(stack)


@pytest_asyncio.fixture(loop_scope="session")
async def model(served: Launch, opened: Opened) -> OpenAIModel:
    """The served model, after first contact."""
    return await opened(served)


def ask(text: str = "say something", **fields: Any) -> Request:
    fields.setdefault("key", "code#1/main.py/1.1")
    fields.setdefault("run", "r1")
    return Request((Message("system", "be short"), Message("user", text)), **fields)


async def until(launch: Launch, *, working: int) -> None:
    """Wait until the server works on so many requests, as it says itself."""
    page = launch.url.removesuffix("/v1") + "/metrics"
    said = None
    async with asyncio.timeout(60), aiohttp.ClientSession() as client:
        while said != working:
            async with client.get(page) as response:
                families = text_string_to_metric_families(await response.text())
                family = next(one for one in families if one.name == "vllm:num_requests_running")
                said = sum(sample.value for sample in family.samples)
