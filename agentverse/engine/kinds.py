"""The registry of phase kinds and of functions that ``call`` phases may name.

A package outside this repository adds a kind with an entry point in the group ``agentverse.kinds`` and a function with
one in ``agentverse.calls``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from agentverse.errors import UsageError

if TYPE_CHECKING:
    from agentverse.engine.state import State
    from agentverse.engine.visit import Visit

Kind = Callable[["Visit"], Awaitable["State"]]
Call = Callable[["Visit", dict[str, Any]], Any]
"""Given the visit and the evaluated ``inputs``; returns the value of the artifact. Must follow from these alone."""

_KINDS: dict[str, Kind] = {}
_CALLS: dict[str, Call] = {}


def phase_kind(name: str) -> Callable[[Kind], Kind]:
    """Register a phase kind: a coroutine function from a visit to the state it leaves."""

    def register(run: Kind) -> Kind:
        _KINDS[name] = run
        return run

    return register


def call(name: str) -> Callable[[Call], Call]:
    """Register a function for ``call`` phases."""

    def register(function: Call) -> Call:
        _CALLS[name] = function
        return function

    return register


@cache
def _load() -> None:
    import_module("agentverse.engine.phases")
    for point in entry_points(group="agentverse.kinds"):
        _KINDS.setdefault(point.name, point.load())
    for point in entry_points(group="agentverse.calls"):
        _CALLS.setdefault(point.name, point.load())


def kind(name: str) -> Kind:
    _load()
    return _KINDS[name]


def calls() -> dict[str, Call]:
    """All registered functions by name."""
    _load()
    return dict(_CALLS)


def function(name: str) -> Call:
    """Raises UsageError for a name nothing is registered under."""
    known = calls()
    if name not in known:
        raise UsageError(f"no function {name!r} is registered for 'call' phases; there are: {', '.join(sorted(known))}")
    return known[name]
