"""Model servers that run on this machine already."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

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

    Args:
        model: the only one that will do; any when left out.
    """
    import_module("agentverse.models.openai")  # loading it is not to count as their silence

    found = await asyncio.gather(*(_look(port, model) for port in ports))
    return [one for one in found if one is not None]


async def _look(port: int, model: str) -> Found | None:
    url = f"http://{HOST}:{port}/v1"
    try:
        async with asyncio.timeout(SECONDS):
            facts = await _contact(url, "")
            names: list[str] = facts["models"]
            talkers = [name for name in names if not any(part in name.lower() for part in _NO_TALKER)]
            if model:
                talkers = [model] if model in names else []
            if not talkers:
                return None
            if talkers[0] != facts["model"]:
                facts = await _contact(url, talkers[0])
    except (AgentverseError, TimeoutError):
        return None
    return Found(url, talkers[0], facts["server"], facts["context"])


async def _contact(url: str, model: str) -> Mapping[str, Any]:
    from agentverse.models.openai import OpenAIModel
    from agentverse.models.spec import ModelSpec

    opened = OpenAIModel(ModelSpec(base_url=url, model=model))
    try:
        return await opened.contact()
    finally:
        await opened.close()
