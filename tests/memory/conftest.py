"""A conversation around memories: who heard what, a journal in a dictionary, answers by a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from agentverse.agents.protocol import Segment
from agentverse.memory.memories import Memories
from agentverse.memory.protocol import Answer, Heard, Question, Shown
from agentverse.memory.store import StoreSpec
from agentverse.models.embeddings.hashing import HashingEmbedder
from agentverse.models.embeddings.protocol import Embedder

CONTEXT = 1000
"""Tokens that a prompt may have; a token is a character."""


@dataclass
class Helper:
    """What the engine does for memories."""

    answer: Callable[[Question], Any] = lambda question: f"answer to {question.key}"
    language: str = "en"
    embedder: Embedder = field(default_factory=HashingEmbedder)
    run: str = "r1"
    store: StoreSpec = field(default_factory=StoreSpec)
    records: dict[str, Any] = field(default_factory=dict)
    asked: list[Question] = field(default_factory=list)
    turns: set[int] = field(default_factory=set)
    """Turns that were asked before."""
    weight: float = 1.0
    """Of a character in tokens."""

    def room(self, seat: str) -> int:
        return CONTEXT

    async def count(self, seat: str, lines: Sequence[Heard]) -> Sequence[int]:
        return [round(len(line.segment.text) * self.weight) for line in lines]

    def past(self, turn: int) -> bool:
        return turn in self.turns

    def recorded(self, key: str) -> Any:
        return self.records.get(key)

    async def settle(self, key: str, seat: str, what: str, value: Any) -> Any:
        return self.records.setdefault(key, value)

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        value = self.answer(question)
        return Answer(value, value if isinstance(value, str) else "", f"memory/{question.key}.1")


class Talk:
    """Lines, those who hear them, and what each is shown before a turn."""

    def __init__(self, specs: Mapping[str, Any], helper: Helper | None = None) -> None:
        self.helper = helper or Helper()
        self.memories = Memories(specs, self.helper)
        self.heard: dict[str, list[Heard]] = {seat: [] for seat in specs}
        self.said = 0

    def say(self, text: str, *, by: str = "a", hearers: Sequence[str] | None = None, pinned: bool = False) -> Heard:
        self.said += 1
        line = Heard(self.said, by, Segment(text), pinned)
        for seat in hearers if hearers is not None else self.heard:
            self.heard[seat].append(line)
        return line

    async def shown(self, seat: str = "a", *, turn: int | None = None, step: int | None = None) -> Shown:
        turn = self.said + 1 if turn is None else turn
        return await self.memories.shown(seat, turn, turn if step is None else step, self.heard[seat])


@pytest.fixture(scope="session")
def talk() -> type[Talk]:
    return Talk


@pytest.fixture(scope="session")
def helper() -> type[Helper]:
    return Helper
