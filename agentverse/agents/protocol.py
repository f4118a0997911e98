"""What the engine and the environments ask of an agent: one turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from agentverse.blueprint.artifacts import Artifact
from agentverse.blueprint.company import TypeSpec
from agentverse.blueprint.role import Role
from agentverse.errors import PhaseFailed
from agentverse.journal.events import Usage
from agentverse.models.cascade import Cascade
from agentverse.models.pictures import Picture
from agentverse.models.protocol import Delta, ToolSpec
from agentverse.workspace.protocol import Changes


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a prompt that stays the same once it was sent.

    When it quotes a reply, ``source`` is that reply's key and ``text`` ends with the reply's text; the journal then
    stores a reference instead of a copy. ``path`` is set when it shows a whole file of the product; only such a segment
    may be reduced to an outline when a prompt grows too long.
    """

    text: str
    source: str | None = None
    path: str | None = None
    picture: Picture | None = None
    """Shown behind the text."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the product as prompts show it."""

    path: str
    text: str
    artifact: str
    """Artifact it belongs to: ``source``, ``tests``, ``manual`` …"""


@dataclass(frozen=True, slots=True)
class Context:
    """What everybody in a phase may see, from the most stable to the most volatile (see `agentverse.agents.layout`)."""

    system: str
    """Rules of work and of form. One text for all roles of a run."""
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a reply must be to count.

    Attributes:
        type: ``text``, an artifact type, ``{choice: [...]}`` or a JSON Schema.
        paths: for ``files``: the paths asked for; empty when the agent chooses them.
        base: for ``files`` and ``edits``: the files as they stand.
        owned: paths this turn may not touch, with the reason shown to the agent and in the event.
        suffixes: for ``files`` with no ``paths``: what the paths may look like, as a hint in the prompt.
        check: a last look at the accepted value; returns what is wrong (shown to the agent) or None.
        form: how the reply is asked for, when it is not as the type says.
        reader: reads replies instead of the reader of ``type``; given the text and why the model stopped. Returns a
            `agentverse.agents.reading.Read`, raises its `Unreadable`.
    """

    type: TypeSpec = "text"
    paths: tuple[str, ...] = ()
    base: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    owned: Mapping[str, str] = field(default_factory=dict[str, str])
    suffixes: tuple[str, ...] = ()
    check: Callable[[Any], str | None] | None = None
    form: str = ""
    reader: Callable[[str, str], Any] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What was said after a prompt: by the agent, by a tool, or to the agent.

    ``source`` is the key of the reply that ``text`` is, if it is one.
    """

    role: Literal["assistant", "tool", "user"]
    text: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Calling:
    """How the tools of a turn are told of at the end of its prompt, instead of the form of the reply.

    Attributes:
        specs: for a model that calls tools in its own way.
        asked: for any other: the tools, and the form of a call.
        native: for one with a way of its own: the form of the reply.
        open: whether a call may be made; otherwise the reply itself is due.
    """

    specs: tuple[ToolSpec, ...]
    asked: str
    native: str
    open: bool = True


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One turn to take. ``key`` is the step key without an attempt, such as ``code#1/main.py/1``.

    Attributes:
        tools: names of the tools that may be used in it.
        calling: how they are told of, once it is known what they are.
        behind: what was said behind the prompt so far. It only ever grows.
    """

    key: str
    phase: str
    visit: int
    role: str
    persona: Role
    instruction: str
    expects: Expectation
    context: Context
    transcript: tuple[Segment, ...] = ()
    pictures: tuple[Picture, ...] = ()
    """Shown behind the context, oldest first."""
    item: str = ""
    seat: str = ""
    tier: str = "edge"
    temperature: float | None = None
    samples: int = 1
    cascade: Cascade = Cascade()  # noqa: RUF009 (immutable)
    """When a higher tier is asked."""
    priority: int = 0
    deadline: float = 600.0
    tools: tuple[str, ...] = ()
    calling: Calling | None = None
    behind: tuple[Said, ...] = ()
    failed: PhaseFailed | None = None
    """Raised instead of asking a model: the turn's phase is known to have failed, and the run went on without it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A commit that a tool made on the way."""

    commit: str
    parent: str
    artifact: str
    """Of files that are new."""
    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnResult:
    """An accepted reply.

    ``value`` is an `Artifact` for artifact types, `Changes` for ``files`` and ``edits``, a string for ``text`` and
    ``choice``, plain JSON for a schema written in place.
    """

    value: Artifact | Changes | str | Any
    text: str
    """What others hear: the reply without thoughts."""
    reply: str
    """Key of the accepted reply."""
    attempts: int
    usage: Usage
    others: tuple[Any, ...] = ()
    """Values of the further samples that could be read."""
    moved: tuple[Moved, ...] = ()
    """Commits that tools made during the turn, in order."""
    calls: int = 0
    """Calls of tools that were made during the turn."""


class Budget(Protocol):
    """Held by the engine; asked before each model call and told after it."""

    def check(self) -> None:
        """Raises LimitReached."""
        ...

    def spend(self, usage: Usage) -> None: ...


class Watcher(Protocol):
    """Receives tokens as they are generated when somebody watches."""

    def __call__(self, delta: Delta) -> None: ...


class TakesTurns(Protocol):
    """An agents' desk: `agentverse.agents.turn.Desk` in production."""

    async def take(self, turn: TurnRequest) -> TurnResult:
        """Take one turn, repairs included; every model call and every rung of the ladder is an event.

        Raises:
            PhaseFailed: code ``reply``; the ladder ended without a usable reply.
            ModelError: the server failed for good.
            LimitReached.
        """
        ...


ArtifactView = Sequence[tuple[str, TypeSpec, Any]]
"""Name, type and value of what earlier phases produced, oldest first."""
