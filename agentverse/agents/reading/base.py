"""What a reader returns, and how it says that it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.problems import explain


@dataclass(frozen=True, slots=True)
class Read:
    """A value read from a reply; ``mended`` says what had to be put right for it, one short clause each."""

    value: Any
    mended: list[str] = field(default_factory=list[str])


class Unreadable(Exception):
    """A reply cannot be used. Never leaves the agents room: the repair ladder answers it.

    Args:
        code: stable name of the problem, as in the event `Repair`.
        why: name of the text that explains it to the agent, when it is not ``code``.
        partial: what is there already, for a reply that was cut off.
        facts: what fills the blanks of that text.
    """

    def __init__(self, code: str, *, why: str = "", partial: str = "", **facts: object) -> None:
        super().__init__(code)
        self.code, self.partial = code, partial
        self._why, self._facts = why or code, facts

    def detail(self, language: str = "en") -> str:
        """What is wrong, for the agent, in the run's language."""
        return explain(self._why, language, **self._facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail()}"


Reader = Callable[[str, Expectation], Read]
"""Reads a reply without thoughts. Raises Unreadable."""
