"""Tools by name: built in, of other packages, handed in by a program, of MCP servers.

A package outside this repository adds one with an entry point in the group ``agentverse.tools``: ``NAME =
package.module:thing``, where the thing is a `langchain_core.tools.BaseTool`, or a function that makes one of a `Bench`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, cast

from agentverse.errors import UsageError
from agentverse.tools.protocol import Bench, Factory

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

ENTRY_POINTS = "agentverse.tools"
EDITS = "edit_file"
"""Changes the product, and so is only offered where a phase produces files or edits."""

RECORDED = "look_up"
"""Shows the recording of an environment, and so is only for the seats of one that has a recording."""
PAGES = "fetch_page"
"""Off until the settings name a host."""
STEPS = frozenset({EDITS, "ask_human"})
"""Built-in tools that are made of steps, which are on record one by one."""

_FACTORIES: dict[str, Factory] = {}


def tool(name: str) -> Callable[[Factory], Factory]:
    """Register a function that makes the tool ``name`` for one turn."""

    def register(factory: Factory) -> Factory:
        if name in _FACTORIES:
            raise ValueError(f"a tool {name!r} is registered already")
        _FACTORIES[name] = factory
        return factory

    return register


def installed() -> list[str]:
    """Names of the tools that are built in and of those of other packages, sorted. The latter are not imported."""
    return sorted({*_built_in(), *_points()})


def make(name: str, bench: Bench) -> BaseTool:
    """The tool ``name`` for one turn.

    Raises:
        UsageError: there is none, or what another package adds is none.
    """
    factory = _built_in().get(name)
    if factory is not None:
        return factory(bench)
    point = _points().get(name)
    if point is None:
        raise UsageError(f"there is no tool {name!r}", fix=f"There are: {', '.join(installed())}.")
    return _of_package(name, point, bench)


def _of_package(name: str, point: EntryPoint, bench: Bench) -> BaseTool:
    from langchain_core.tools import BaseTool

    try:
        thing: Any = point.load()
    except Exception as error:
        raise UsageError(f"the tool {name!r} of another package cannot be loaded: {type(error).__name__}") from error
    made: Any = thing if isinstance(thing, BaseTool) else thing(bench)
    if not isinstance(made, BaseTool):
        raise UsageError(f"the tool {name!r} that another package adds is no BaseTool: {point.value}")
    return made


@cache
def _built_in() -> dict[str, Factory]:
    package = import_module("agentverse.tools.builtin")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return _FACTORIES


@cache
def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in cast("Iterable[EntryPoint]", entry_points(group=ENTRY_POINTS))}
