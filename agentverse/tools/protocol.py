"""What tools are given, and how they fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from agentverse.agents.protocol import Expectation, Moved, TurnResult
from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.recording import Recording
from agentverse.tools.policy import ToolPolicy
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

READS = "readOnlyHint"
"""In ``BaseTool.metadata``: true when the tool changes nothing, so that calls of such tools run side by side. MCP's own
word for it.
"""
UNTIMED = "untimed"
"""In ``BaseTool.metadata``: true when a call waits for an agent or a person, which has a bound of its own or none."""


class ToolFailed(Exception):
    """A call did not work. The text is told to the agent; raised where the agent can do something about it."""


class Ask(Protocol):
    """Has the agent of a turn say something that a call needs."""

    async def __call__(self, question: str, expects: Expectation, *, step: str) -> TurnResult:
        """Raises PhaseFailed: it said nothing that can be used."""
        ...


class Course(Protocol):
    """How far the files have come in a turn."""

    @property
    def moved(self) -> tuple[Moved, ...]:
        """Commits that tools made, in order."""
        ...

    def now(self, expects: Expectation) -> Expectation:
        """What is expected, given the files as they stand."""
        ...

    def changes(self) -> Changes:
        """All that tools did to the files."""
        ...

    def at(self, number: int, ask: Ask) -> None:
        """The call with this number is next."""
        ...


class Bench(Protocol):
    """What the built-in tools work on: the files and the box of one turn, as far as it has come."""

    language: str
    """Of what is told to the agent."""
    policy: ToolPolicy
    recording: Recording | None
    """The tables that may be looked up in this turn; None when nothing was recorded."""

    def paths(self) -> Sequence[str]:
        """All files, sorted."""
        ...

    async def read(self, path: str) -> bytes:
        """Raises KeyError when there is no such file."""
        ...

    async def run(self, argv: Sequence[str], *, seconds: float) -> Evidence:
        """Run a command on a copy of the files, in the sandbox.

        Raises:
            ToolFailed: what the product needs cannot be supplied.
        """
        ...

    async def edit(self, path: str) -> str:
        """Ask the agent for edits and commit them. Returns what was changed.

        Raises:
            ToolFailed: the agent wrote none that can be used, or they may not be made.
        """
        ...

    async def ask(self, question: str) -> str:
        """Ask a person and wait for the answer."""
        ...


Factory = Callable[[Bench], "BaseTool"]
"""Makes a tool for one turn."""
