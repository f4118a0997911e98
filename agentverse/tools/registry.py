"""Tools by name: built in, of other packages, handed in by a program, of MCP servers.

A package outside this repository adds one with an entry point in the group ``agentverse.tools``: ``NAME =
package.module:thing``, where the thing is a `langchain_core.tools.BaseTool`, or a function that makes one of a `Bench`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agentverse.errors import UsageError
from agentverse.plugins import Registry
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

TOOLS: Registry[Any] = Registry("tool", ENTRY_POINTS, modules=["agentverse.tools.builtin"], valid=lambda _: True)
"""Functions that make a tool for one turn; of other packages a tool itself as well."""


def tool(name: str) -> Callable[[Factory], Factory]:
    """Register a function that makes the tool ``name`` for one turn."""
    return TOOLS.add(name)


def installed() -> list[str]:
    """Names of the tools that are built in and of those of other packages, sorted. The latter are not imported."""
    return TOOLS.names()


def make(name: str, bench: Bench) -> BaseTool:
    """The tool ``name`` for one turn.

    Raises:
        UsageError: there is none, or what another package adds is none.
    """
    from langchain_core.tools import BaseTool

    thing = TOOLS.find(name)
    made: Any = thing if isinstance(thing, BaseTool) else thing(bench)
    if not isinstance(made, BaseTool):
        raise UsageError(f"the tool {name!r} that another package adds is no BaseTool")
    return made
