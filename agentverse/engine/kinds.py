"""The registry of phase kinds and of functions that ``call`` phases may name.

A package outside this repository adds a kind with an entry point in the group ``agentverse.kinds`` and a function with
one in ``agentverse.calls``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from agentverse.plugins import Registry

if TYPE_CHECKING:
    from agentverse.engine.state import State
    from agentverse.engine.visit import Visit

Kind = Callable[["Visit"], Awaitable["State"]]
Call = Callable[["Visit", dict[str, Any]], Any]
"""Given the visit and the evaluated ``inputs``; returns the value of the artifact. Must follow from these alone."""

_MODULES = ["agentverse.engine.phases"]
KINDS: Registry[Kind] = Registry("kind of phase", "agentverse.kinds", modules=_MODULES)
CALLS: Registry[Call] = Registry("function for 'call' phases", "agentverse.calls", modules=_MODULES)


def phase_kind(name: str) -> Callable[[Kind], Kind]:
    """Register a phase kind: a coroutine function from a visit to the state it leaves."""
    return KINDS.add(name)


def call(name: str) -> Callable[[Call], Call]:
    """Register a function for ``call`` phases."""
    return CALLS.add(name)
