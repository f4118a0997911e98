"""The conversation loop: asks the rules who speaks, lets them speak, and asks the rules what follows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from agentverse.agents.protocol import Segment
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import localize
from agentverse.environment.protocol import (
    Description,
    Line,
    Order,
    Scene,
    Seated,
    Selection,
    Update,
    Visibility,
)
from agentverse.environment.registry import make_rule
from agentverse.environment.stops import MOST_TURNS, Turns, make_stops
from agentverse.errors import UsageError

Kind = TypeVar("Kind")


class Speak(Protocol):
    """Takes one turn: the engine's part."""

    def __call__(self, seat: str, turn: int, transcript: tuple[Segment, ...], notes: str, /) -> Awaitable[Line]:
        """What ``seat`` replies.

        Args:
            seat: who speaks.
            turn: number of the reply in this conversation, from 1.
            transcript: what the seat heard so far; what was there before stays as it was.
            notes: what the environment tells the seat just now, or "".
        """
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a conversation ended."""

    lines: tuple[Line, ...]
    """What counted, in order."""
    products: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What seats write, such as ``product`` or ``verdict``: the last value of it."""
    reason: str = "stopped"
    """``agreed``, ``approved``, ``turns``, ``silence``, ``circles``, a word of another package's rule, or ``stopped``
    when nobody was left to speak."""
    turns: int = 0
    """Replies given."""


class Conversation:
    """One conversation in an environment. The same replies lead to the same conversation, turn by turn."""

    def __init__(
        self,
        *,
        environment: Environment,
        seats: Mapping[str, tuple[str, Role]],
        speak: Speak,
        language: str = "en",
    ) -> None:
        """Seat everybody and make the rules.

        Args:
            environment: seats and rules.
            seats: seat: name of the role that sits there, and the role.
            speak: takes one turn.
            language: of titles and descriptions.

        Raises:
            UsageError: a rule is unknown or does not take its options, or a seat is empty.
        """
        empty = [seat for seat in environment.seats if seat not in seats]
        if empty:
            raise UsageError(f"nobody sits in {', '.join(map(repr, empty))} of the environment {environment.name!r}")
        self._speak = speak
        self._scene = Scene(seats=_seated(environment, seats, language), language=language)
        self._scene.heard = {seat: [] for seat in environment.seats}
        self._segments: dict[str, list[Segment]] = {seat: [] for seat in environment.seats}
        self._names = _names(self._scene.seats)
        rules = environment.rules
        names = list(environment.seats)
        self._order = _of(Order, make_rule("order", rules.order, names))
        self._visibility = _of(Visibility, make_rule("visibility", rules.visibility, names))
        self._selection = _of(Selection, make_rule("selection", rules.selection, names))
        self._update = _of(Update, make_rule("update", rules.update, names))
        self._description = _of(Description, make_rule("description", rules.description, names))
        self._stops = make_stops(rules.stop, names)
        self._most = min([MOST_TURNS, *(stop.at_most for stop in self._stops if isinstance(stop, Turns))])

    async def hold(self) -> Outcome:
        """Talk until a rule ends it. What ``speak`` raises is raised as it is."""
        reason: str | None = None
        while reason is None:
            seats = await self._order.next(self._scene)
            if not seats:
                reason = "stopped"
                break
            await self._step(seats)
            reason = await self._over()
        return self._outcome(reason)
