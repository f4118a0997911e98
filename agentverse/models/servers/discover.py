"""Model servers that run on this machine already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

from agentverse.errors import AgentverseError
from agentverse.models.servers.launch import HOST

PORTS = {8000: "vLLM", 8080: "llama.cpp", 11434: "Ollama", 1234: "LM Studio"}
"""Where model servers listen when nobody says otherwise."""
SECONDS = 2.0
"""One that takes longer to say what it has is passed over."""
_NO_TALKER = ("embed", "rerank", "bge-", "whisper")
"""Parts of the names of models that do not answer in words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A server that answers.

    Attributes:
        server: what it is, as far as it says.
        context: tokens.
    """

    url: str
    model: str
    server: str
    context: int


async def discover(ports: Iterable[int] = PORTS, *, model: str = "") -> list[Found]:
    """Those on ``ports`` of loopback that have a model to talk to and ask for no key, in the order of the ports.

    They are only asked what they have: some load a model when it is first spoken to.

    Args:
        model: the only one that will do; any when left out.
    """
    listening = [port for port in ports if await _listens(port)]
    if listening:
        import_module("agentverse.models.endpoint")  # it takes a while to load, which is not their silence
    found = await asyncio.gather(*(_look(port, model) for port in listening))
    return [one for one in found if one is not None]


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


async def _look(port: int, model: str) -> Found | None:
    from agentverse.models.contact import context_of, list_models
    from agentverse.models.endpoint import Endpoint
    from agentverse.models.profiles import profile_for

    url = f"http://{HOST}:{port}/v1"
    endpoint = Endpoint.join(url, "", 1)
    try:
        async with asyncio.timeout(SECONDS):
            listing = await list_models(endpoint)
            name = next((name for name in listing.names if _will_do(name, model)), "")
            context = await context_of(endpoint, listing, name) if name else None
    except (AgentverseError, TimeoutError):
        return None
    finally:
        await endpoint.leave()
    return Found(url, name, listing.kind, context or profile_for(name).context) if name else None


def _will_do(name: str, model: str) -> bool:
    return name == model if model else not any(part in name.lower() for part in _NO_TALKER)
