"""A conversation as its rules see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentverse import templates
from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.company import TypeSpec
from agentverse.environment.hearing import Hearing
from agentverse.environment.protocol import Grouping, Line, Poll, Seated
from agentverse.errors import UsageError


@dataclass(slots=True)
class Scene:
    """A conversation as its rules see it. The lists grow while it goes on."""

    seats: Mapping[str, Seated]
    """In declared order."""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    """Seat: the name its lines begin with; also what the environment calls values, such as places."""
    language: str = "en"
    seed: int = 0
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    world: dict[str, Any] = field(default_factory=dict[str, Any])
    stage: str = ""
    """Name of the stage; "" in an environment that has none."""
    spoken: list[Line] = field(default_factory=list[Line])
    """All replies in order; the turn of a reply is its place, from 1."""
    latest: Sequence[Line] = ()
    """What counted of the last step of this stage; nothing at its beginning."""
    calls: dict[str, int] = field(default_factory=dict[str, int])
    """Seat: calls of tools that it made for its replies."""
    steps: int = 0
    """Steps of this stage that are over."""
    began: int = 0
    """Replies given before this stage."""
    lines: list[Line] = field(default_factory=list[Line])
    """What counts: replies that were selected, and what the world added."""
    hearing: Hearing = field(default_factory=lambda: Hearing(()))
    """The part of ``lines`` that each seat heard."""
    grouping: Grouping | None = None
    """The rule for visibility, when it knows groups."""
    evidence: Evidence | None = None
    """What the sandbox showed last."""
    ask: Callable[[Poll], Awaitable[Any]] | None = None
    gauge: Callable[[Line, str], Awaitable[float]] | None = None
    _listed: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._listed = list(self.seats)
        self.calls = {**dict.fromkeys(self.seats, 0), **self.calls}

    @property
    def here(self) -> int:
        """Replies given in this stage."""
        return len(self.spoken) - self.began

    @property
    def groups(self) -> list[list[str]]:
        """The groups that hear only themselves just now."""
        return [] if self.grouping is None else self.grouping.now(self)

    def variables(self, me: str = "") -> dict[str, Any]:
        """What expressions and templates may name."""
        return {**self._most(me), "group": self.group(me)}

    def group(self, seat: str) -> list[str]:
        """The group that a seat is in just now, itself included; nobody when it is in none."""
        return next((group for group in self.groups if seat in group), list[str]())

    def _most(self, me: str) -> dict[str, Any]:
        """All but the group, which may itself have to be worked out by an expression."""
        return {
            **self.params,
            **self.world,
            "me": me,
            "seats": self._listed,
            "names": self.names,
            "stage": self.stage,
            "turn": len(self.spoken) + 1,
            "step": self.steps + 1,
            "seed": self.seed,
            "calls": self.calls,
            "evidence": self.evidence,
        }

    def _used(self, source: str, me: str, more: Mapping[str, Any]) -> dict[str, Any]:
        known = {**self._most(me), **more}
        if "group" in source and "group" not in more:
            known["group"] = self.group(me)
        return known

    def evaluate(self, expression: str, me: str = "", /, **more: Any) -> Any:
        """The value of an expression. Raises UsageError when it cannot be worked out."""
        if expression == "true":
            return True
        try:
            return templates.evaluate(expression, self._used(expression, me, more))
        except templates.TemplateError as error:
            raise UsageError(f"'{expression}' cannot be worked out: {error}") from error

    def render(self, text: str, me: str = "", /, **more: Any) -> str:
        """A template filled in. Raises UsageError when it cannot be."""
        if "{" not in text:
            return text.strip()
        try:
            return templates.render(text, self._used(text, me, more)).strip()
        except templates.TemplateError as error:
            raise UsageError(f"{text.strip()[:60]!r} cannot be filled in: {error}") from error

    def seats_in(self, value: Any) -> frozenset[str]:
        """The seats that an expression's value names: one, or a list of them."""
        named = [value] if isinstance(value, str) else list(value or ())
        return frozenset(seat for seat in named if seat in self.seats)

    async def poll(
        self, seats: Sequence[str], what: str, question: str, type: TypeSpec, *, usual: Any
    ) -> dict[str, Any]:
        """What each of ``seats`` answers to a question nobody else hears; asked at the same time.

        Args:
            what: one word for what is asked.
            usual: the answer of a seat that gives none that can be used.
        """
        assert self.ask is not None
        turn = len(self.spoken) + 1
        polls = [Poll(seat, what, turn, question, type, usual, tuple(self.hearing.segments(seat))) for seat in seats]
        answers = await together([self.ask(poll) for poll in polls])
        return dict(zip(seats, answers, strict=True))

    async def measure(self, line: Line, command: str) -> float:
        """How well the files of a reply do under a command, from 0 to 1."""
        assert self.gauge is not None
        return await self.gauge(line, command)


async def together(jobs: Sequence[Awaitable[Any]]) -> list[Any]:
    """Several at once. When one fails the others are cancelled and its error is raised as it is."""
    if len(jobs) == 1:
        return [await jobs[0]]

    async def one(job: Awaitable[Any]) -> Any:
        return await job

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(job)) for job in jobs]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [task.result() for task in tasks]
