"""What passes between a conversation, the parts of a memory, and whoever lets them ask.

A conversation hands over what an agent heard and gets back what it is shown. Each part of the memory changes a `View`
in turn. What a part cannot know without a model or a server it asks of its `Mind`, and everything that could come out
otherwise next time is on record: a resumed run is shown the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from agentverse.agents.protocol import Segment
from agentverse.blueprint.company import TypeSpec
from agentverse.models.embeddings.protocol import Embedder

if TYPE_CHECKING:
    from agentverse.memory.shared import Shared
    from agentverse.memory.store import StoreSpec


@dataclass(frozen=True, slots=True)
class Heard:
    """A line as it was said. One object for all who heard it."""

    number: int
    """Its place among all lines of the conversation, from 1."""
    seat: str
    """Who said it."""
    segment: Segment
    pinned: bool = False
    """It is never left out."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an agent is shown of what it heard."""

    segments: tuple[Segment, ...]
    notes: str = ""
    """For the end of the prompt, where what changes from turn to turn belongs."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that left the window at once.

    ``name`` is the same for everybody who heard the same lines up to there, and for nobody else.
    """

    name: str
    lines: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class Thought:
    """Something the agent concluded."""

    id: str
    text: str
    after: int
    """Number of the line it came after."""
    importance: float


@dataclass(slots=True)
class View:
    """What an agent is about to be shown, as the parts of its memory make it."""

    heard: Sequence[Heard]
    """Everything. Not to be changed: it is the conversation's own list."""
    pinned: list[Heard] = field(default_factory=list[Heard])
    """Lines that stay although those around them left."""
    first: int = 0
    """Index in ``heard`` of the first line that has not left."""
    gone: Sequence[Block] = ()
    """What left, oldest first."""
    early: list[Segment] = field(default_factory=list[Segment])
    """Before the lines: what only grows."""
    thoughts: Sequence[Thought] = ()
    """Conclusions that are not shown anyway."""
    notes: list[str] = field(default_factory=list[str])

    @property
    def kept(self) -> Sequence[Heard]:
        """The lines that are shown as they were said."""
        return [*self.pinned, *self.heard[self.first :]]


@dataclass(frozen=True, slots=True)
class Question:
    """Something a memory asks a model: a turn of its own.

    Attributes:
        key: end of the turn's key, such as ``summary/1-24-9f2c``.
        who: the seat that is asked, as itself; "" for nobody in particular.
        transcript: what it is about.
        part: of the memory that asks, such as ``summary``.
        type: what the answer must be.
        tier: where it is asked; "" where the seat's turns are, those of the first seat when nobody in particular is
            asked.
    """

    key: str
    instruction: str
    transcript: tuple[Segment, ...]
    part: str
    type: TypeSpec = "text"
    who: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    value: Any
    """Text, or plain JSON for a schema."""
    text: str
    reply: str
    """Key of the reply in the journal."""


class Help(Protocol):
    """What the engine does for the memories of one conversation."""

    @property
    def language(self) -> str:
        """Of prompts."""
        ...

    @property
    def embedder(self) -> Embedder: ...

    @property
    def run(self) -> str:
        """Its id."""
        ...

    @property
    def store(self) -> StoreSpec: ...

    def room(self, seat: str) -> int:
        """Tokens a prompt of ``seat`` may have."""
        ...

    async def count(self, seat: str, lines: Sequence[Heard]) -> Sequence[int]:
        """The tokens of each line, as the seat's model counts."""
        ...

    def past(self, turn: int) -> bool:
        """Whether the turn was asked already: what is not on record for it was not decided."""
        ...

    def recorded(self, key: str) -> Any:
        """What was settled under ``key``, or None."""
        ...

    async def settle(self, key: str, seat: str, what: str, value: Any) -> Any:
        """Put ``value`` on record under ``key``. Returns what is on record: the first writer wins."""
        ...

    async def ask(self, question: Question) -> Answer | None:
        """The answer; None when there is none that can be used, which is an event.

        Raises:
            PhaseFailed: the visit had failed before the run was resumed.
            ModelError, LimitReached.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mind:
    """Whose memory it is, at which turn, and what it may ask."""

    seat: str
    turn: int
    """Number of the reply that the seat is about to give."""
    step: int
    """Number of the first reply given at the same time."""
    help: Help
    shared: Shared

    @property
    def language(self) -> str:
        return self.help.language

    async def ask(self, question: Question) -> Answer | None:
        """Ask. What nobody in particular is asked is asked once for all who ask the same. Without an answer that can be
        used the turn is taken as if the part had nothing to add.
        """
        if question.who:
            return await self.help.ask(question)
        return await self.shared.once(question.key, lambda: self.help.ask(question))

    async def settled(self, what: str, make: Callable[[], Awaitable[Any]]) -> Any:
        """What was settled at this turn, or what ``make`` makes of it; None when a turn that is past settled nothing.

        ``make`` returns None when there is nothing to put on record.
        """
        key = f"{self.seat}/{what}/{self.turn}"
        known = self.help.recorded(key)
        if known is not None or self.help.past(self.turn):
            return known
        value = await make()
        return None if value is None else await self.help.settle(key, self.seat, what, value)
