"""How a server is started, and what is told of it while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from agentverse.models.catalogue.entry import Engine

CALLED: dict[Engine, str] = {"vllm": "vLLM", "llamacpp": "llama.cpp"}
"""The engines, as people call them."""
HOST = "127.0.0.1"
"""Servers are for this machine: none of them asks who is there."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start. Nothing has happened yet.

    Attributes:
        model: the name that requests use.
        argv: the program and its arguments.
        env: variables it gets beside those of this process.
        weights: bytes it has to load.
        context: tokens a prompt and its reply may have together.
        slots: requests it works on at the same time.
        key: what requests have to show; "" lets in everybody on this machine.
        drain: seconds it may take to finish what is in flight when it is stopped.
    """

    engine: Engine
    model: str
    argv: tuple[str, ...]
    port: int
    context: int
    slots: int
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    weights: int = 0
    key: str = field(default="", repr=False)
    drain: float = 5.0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/v1"


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened to a server.

    Attributes:
        text: what it does while it loads; its own words when it died.
        fraction: how far it is; None when that is not known.
        seconds: since it was started; before it is started again, for ``died``.
    """

    kind: Literal["starting", "loading", "ready", "died", "gone", "stopped"]
    text: str = ""
    fraction: float | None = None
    seconds: float = 0.0


Tell = Callable[[News], None]


def quiet(news: News) -> None:
    """For those who want no news."""
