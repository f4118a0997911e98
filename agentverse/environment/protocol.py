"""What the rules of an environment are asked, one protocol for each kind, and what they see.

A rule is made anew for each stage of a conversation and may remember what it needs. What it decides follows from what
it was told, never from a clock or from chance without the seed: a resumed run asks the same questions and must get the
same answers. Rules read a scene; only the conversation changes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from agentverse.agents.protocol import Segment
from agentverse.blueprint.company import TypeSpec

if TYPE_CHECKING:
    from agentverse.blueprint.acting import Stage
    from agentverse.environment.acts import Acts
    from agentverse.environment.scene import Scene

WORLD = ""
"""The seat of what nobody says: the world itself."""
PASS = "pass"  # noqa: S105
"""The action of saying nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reply as it was said."""

    seat: str
    role: str
    title: str
    """The role in the user's language."""
    value: Any
    """The typed value: an artifact, `Changes`, text, or an action: ``{"action": name, field: value}``."""
    text: str
    """What others hear."""
    reply_key: str
    """Key of the reply in the journal; "" when no model made it."""
    turn: int = 0
    """Number of the reply in the conversation, from 1; 0 when nobody gave it."""
    to: frozenset[str] | None = None
    """The seats that hear it; None leaves it to the rule for visibility."""
    calls: int = 0
    """Calls of tools that were made for it."""

    @property
    def action(self) -> str:
        """The name of the action; "" when the reply is none."""
        return str(self._fields.get("action", ""))

    def field(self, name: str) -> Any:
        """A field of the action, or None."""
        return self._fields.get(name)

    @property
    def _fields(self) -> dict[str, Any]:
        value: object = self.value
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Seated:
    """A seat and who holds it."""

    seat: str
    role: str
    title: str
    writes: str
    """Type of the seat's replies, as in `agentverse.blueprint.environment.Seat`."""
    kind: str = ""
    """The seat's name in the environment's file: that of ``student_3`` is ``student``."""
    acts: tuple[str, ...] = ()
    """Actions it may choose from; none when it writes."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What a seat is given to take its turn."""

    seat: str
    turn: int
    """Number of the reply in this conversation, from 1."""
    transcript: tuple[Segment, ...]
    """What the seat heard so far; what was there before stays as it was."""
    notes: str = ""
    """What the environment tells the seat just now, or ""."""
    prompt: str = ""
    """What the holder of this seat does."""
    acts: Acts | None = None
    """What the seat may do; None when it writes."""


@dataclass(frozen=True, slots=True)
class Poll:
    """A question put to one seat alone. Nobody hears the answer."""

    seat: str
    what: str
    """One word for what is asked, part of the step's key: ``bid``, ``judge`` …"""
    turn: int
    question: str
    type: TypeSpec
    usual: Any
    """The answer that counts when the seat gives none that can be used."""
    transcript: tuple[Segment, ...] = ()


class Floor(Protocol):
    """What a conversation asks of the engine."""

    def speak(self, cue: Cue, /) -> Awaitable[Line]:
        """What the seat replies."""
        ...

    def replied(self) -> None:
        """All who spoke at the same time have; raises PhaseFailed when nobody can act any more."""
        ...

    def settle(self, line: Line, /) -> Awaitable[Line]:
        """Keep what a reply that counts has produced; returns the line as others hear it."""
        ...

    def poll(self, poll: Poll, /) -> Awaitable[Any]:
        """A seat's answer to a question."""
        ...

    def measure(self, line: Line, command: str, /) -> Awaitable[float]:
        """How well the files of a reply that was not kept yet do under a command in the sandbox, from 0 to 1."""
        ...

    def staged(self, scene: Scene, stage: Stage, /) -> None:
        """Write down that a stage begins; the first time also who sits where."""
        ...

    def said(self, line: Line, heard_by: Sequence[str] | None, changes: Mapping[str, Any], scene: Scene, /) -> None:
        """Write down a line that entered the conversation, who heard it (None: all), and what it changed."""
        ...

    def changed(self, changes: Mapping[str, Any], scene: Scene, /) -> None:
        """Write down what the rules of an environment changed in the world after a step."""
        ...


@runtime_checkable
class Order(Protocol):
    """Who speaks."""

    async def next(self, scene: Scene) -> Sequence[str]:
        """The seats that speak now, several at once if need be; nobody ends the stage."""
        ...


@runtime_checkable
class Visibility(Protocol):
    """Who hears."""

    def heard_by(self, line: Line, scene: Scene) -> frozenset[str]:
        """The seats that hear ``line``, asked once when it is said. Whoever said it hears it anyway."""
        ...


@runtime_checkable
class Grouping(Protocol):
    """A rule for visibility that knows groups."""

    def now(self, scene: Scene) -> list[list[str]]:
        """The groups that hear only themselves just now; none while everybody hears everything."""
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
        """A text for the end of the prompt, or ""."""
        ...


@runtime_checkable
class Stop(Protocol):
    """When it is over. An environment has several; the first that speaks up ends it."""

    async def reason(self, scene: Scene) -> str | None:
        """One word for why the conversation is over, or None. Asked after each step."""
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
    world: Mapping[str, Any] = field(default_factory=dict[str, Any])
    measures: Mapping[str, Any] = field(default_factory=dict[str, Any])
    report: str = ""
