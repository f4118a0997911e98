"""The conversation loop: asks the rules who speaks, lets them speak, and asks the rules what follows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from agentverse.agents.protocol import Segment
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import localize
from agentverse.environment.protocol import Description, Line, Order, Scene, Seated, Selection, Update, Visibility
from agentverse.environment.registry import Rule, make_rule
from agentverse.environment.stops import Turns, make_stops
from agentverse.errors import UsageError
from agentverse.memory.memories import Memories
from agentverse.memory.protocol import Heard

T = TypeVar("T")


class Speak(Protocol):
    """Takes one turn: the engine's part."""

    def __call__(
        self, seat: str, turn: int, transcript: tuple[Segment, ...], notes: str, /
    ) -> Coroutine[Any, Any, Line]:
        """What ``seat`` replies.

        Args:
            seat: who speaks.
            turn: number of the reply in this conversation, from 1.
            transcript: what the seat heard so far, or what its memory shows of it.
            notes: what its memory and the environment tell the seat just now, or "".
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


class _Turn(NamedTuple):
    """A turn that is about to be taken, as `Speak` is called."""

    seat: str
    turn: int
    transcript: tuple[Segment, ...]
    notes: str


class Conversation:
    """One conversation in an environment. The same replies lead to the same conversation, turn by turn."""

    def __init__(
        self,
        *,
        environment: Environment,
        seats: Mapping[str, tuple[str, Role]],
        speak: Speak,
        language: str = "en",
        memory: Memories | None = None,
    ) -> None:
        """Seat everybody and make the rules.

        Args:
            environment: seats and rules.
            seats: seat: name of the role that sits there, and the role.
            speak: takes one turn.
            language: of titles and descriptions.
            memory: what each seat is shown of what it heard; all of it when left out.

        Raises:
            UsageError: a rule is unknown or does not take its options, or a seat is empty.
        """
        empty = [seat for seat in environment.seats if seat not in seats]
        if empty:
            raise UsageError(f"nobody sits in {', '.join(map(repr, empty))} of the environment {environment.name!r}")
        self._speak = speak
        self._scene = Scene(seats=_seated(environment, seats, language), language=language)
        self._scene.heard = {seat: [] for seat in environment.seats}
        self._memory = memory or Memories({}, None)
        self._heard: dict[str, list[Heard]] = {seat: [] for seat in environment.seats}
        self._names = _names(self._scene.seats)
        self._order = cast(Order, _rule("order", environment))
        self._visibility = cast(Visibility, _rule("visibility", environment))
        self._selection = cast(Selection, _rule("selection", environment))
        self._update = cast(Update, _rule("update", environment))
        self._description = cast(Description, _rule("description", environment))
        self._stops = make_stops(environment.rules.stop, list(environment.seats))
        self._most = next(stop.at_most for stop in self._stops if isinstance(stop, Turns))

    async def hold(self) -> Outcome:
        """Talk until a rule ends it. What ``speak`` raises is raised as it is."""
        reason: str | None = None
        while reason is None:
            seats = await self._order.next(self._scene)
            if not seats:
                return self._outcome("stopped")
            await self._step(seats)
            reason = await self._over()
        return self._outcome(reason)

    async def _step(self, seats: Sequence[str]) -> None:
        """Let ``seats`` speak at the same time; they do not hear one another before the step is over."""
        scene = self._scene
        strange = [seat for seat in seats if seat not in scene.seats]
        if strange:
            raise UsageError(f"the order of the conversation names {strange[0]!r}, which is no seat")
        speakers = [seat for seat in scene.seats if seat in seats][: self._most - len(scene.spoken)]
        first = len(scene.spoken) + 1
        # All remember before anybody speaks: what one says changes what stands on the table.
        turns = await together(
            [self._turn(seat, turn, first) for turn, seat in enumerate(speakers, start=first)],
        )
        replies = await together([self._speak(*turn) for turn in turns])
        scene.spoken += replies
        counted = await self._selection.select(replies, scene)
        for line in self._update.apply(counted, scene):
            self._add(line)

    async def _turn(self, seat: str, turn: int, first: int) -> _Turn:
        shown = await self._memory.shown(seat, turn, first, self._heard[seat])
        notes = self._description.notes(seat, self._scene)
        return _Turn(seat, turn, shown.segments, "\n\n".join(note for note in (shown.notes, notes) if note))

    def _add(self, line: Line) -> None:
        """Say ``line`` to whoever hears it. Segments are only ever appended, so prompts grow at the end."""
        scene = self._scene
        hearers = self._visibility.heard_by(line, scene) | {line.seat}
        scene.lines.append(line)
        segment = Segment(f"{self._names.get(line.seat, line.title)}: {line.text}", source=line.reply_key or None)
        heard = Heard(len(scene.lines), line.seat, segment)
        for seat in scene.seats:
            if seat in hearers:
                scene.heard[seat].append(line)
                self._heard[seat].append(heard)

    async def _over(self) -> str | None:
        for stop in self._stops:
            reason = await stop.reason(self._scene)
            if reason is not None:
                return reason
        return None

    def _outcome(self, reason: str) -> Outcome:
        scene = self._scene
        products = {scene.seats[line.seat].writes: line.value for line in scene.lines if line.seat in scene.seats}
        return Outcome(lines=tuple(scene.lines), products=products, reason=reason, turns=len(scene.spoken))


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """The results of several coroutines at once. When one fails the others are cancelled and its error is raised as it
    is.
    """
    if len(work) == 1:
        return [await work[0]]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors
    return [task.result() for task in tasks]


def _rule(kind: str, environment: Environment) -> Rule:
    return make_rule(kind, getattr(environment.rules, kind), list(environment.seats))


def _seated(environment: Environment, seats: Mapping[str, tuple[str, Role]], language: str) -> dict[str, Seated]:
    seated: dict[str, Seated] = {}
    for seat, about in environment.seats.items():
        name, role = seats[seat]
        seated[seat] = Seated(seat, name, localize(role.title, language) or name, about.writes)
    return seated


def _names(seats: Mapping[str, Seated]) -> dict[str, str]:
    """Seat: the name its lines begin with. Holders of the same title are told apart by their seats."""
    count = Counter(held.title for held in seats.values())
    return {seat: held.title if count[held.title] == 1 else f"{held.title} ({seat})" for seat, held in seats.items()}
