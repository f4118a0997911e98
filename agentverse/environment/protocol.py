"""What the rules of an environment are asked, one protocol for each kind.

A rule is made anew for each conversation and may remember what it needs. What it decides follows from what it was told,
never from a clock or from chance without a seed: a resumed run asks the same questions and must get the same answers.
Rules read a scene; only the conversation changes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Line:
    """One reply as it was said."""

    seat: str
    role: str
    title: str
    """The role in the user's language."""
    value: Any
    """The typed value: an artifact, `Changes`, text."""
    text: str
    """What others hear."""
    reply_key: str
    """Key of the reply in the journal; "" when no model made it."""


@dataclass(frozen=True, slots=True)
class Seated:
    """A seat and who holds it."""

    seat: str
    role: str
    title: str
    writes: str
    """Type of the seat's replies, as in `agentverse.blueprint.environment.Seat`."""


@dataclass(slots=True)
class Scene:
    """A conversation as its rules see it. The lists grow while it goes on."""

    seats: Mapping[str, Seated]
    """In declared order."""
    language: str = "en"
    spoken: list[Line] = field(default_factory=list[Line])
    """All replies in order; the turn of a reply is its place, from 1."""
    lines: list[Line] = field(default_factory=list[Line])
    """What counts: replies that were selected, and what the world added."""
    heard: dict[str, list[Line]] = field(default_factory=dict[str, list[Line]])
    """Seat: the part of ``lines`` it heard."""


@runtime_checkable
class Order(Protocol):
    """Who speaks."""

    async def next(self, scene: Scene) -> Sequence[str]:
        """The seats that speak now, several at once if need be; nobody ends the conversation."""
        ...


@runtime_checkable
class Visibility(Protocol):
    """Who hears."""

    def heard_by(self, line: Line, scene: Scene) -> frozenset[str]:
        """The seats that hear ``line``, asked once when it is said. Whoever said it hears it anyway."""
        ...


@runtime_checkable
class Selection(Protocol):
    """Which replies count."""

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        """Of the replies of one step, in seat order, those that count."""
        ...


@runtime_checkable
class Update(Protocol):
    """What changes afterwards."""

    def apply(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        """The lines that enter the conversation for the replies that counted; a world may add lines of its own."""
        ...


@runtime_checkable
class Description(Protocol):
    """What a seat is told before its turn, beside what it heard."""

    def notes(self, seat: str, scene: Scene) -> str:
        """A text for the end of the prompt, or "". It may tell of nothing that the seat did not hear."""
        ...


@runtime_checkable
class Stop(Protocol):
    """When it is over. An environment has several; the first that speaks up ends it."""

    async def reason(self, scene: Scene) -> str | None:
        """One word for why the conversation is over, or None. Asked after each step."""
        ...
