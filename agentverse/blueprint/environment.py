"""What an environment file may say."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agentverse.blueprint.acting import Action, Stage, WorldField
from agentverse.blueprint.memory import MemorySpec
from agentverse.blueprint.names import Expression, Name
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import Localized

RuleSpec = str | dict[str, Any]
"""The name of a rule, or ``{name: {option: value}}``."""


class Seat(BaseModel):
    """A place in a conversation, held by an agent, by a person or by the sandbox."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    writes: str = "text"
    """Type of this seat's replies: ``product`` (what the phase produces), ``opinion``, ``verdict``, ``edits`` …"""
    acts: list[Name] = Field(default_factory=list[Name])
    """Actions this seat may choose from, instead of ``writes``."""
    again: Localized = ""
    """Instead of ``prompt`` from the seat's second turn on."""
    prompt: Localized = ""
    """What the holder of this seat does, added to the phase's prompt: a template over parameters and world."""
    role: str | Role | None = None
    """Who sits here when nobody else is named: a role's name, or a role written in place."""
    count: int | Name = 1
    """So many such seats, ``NAME_1`` and on; or the parameter that says how many, 0 for none."""
    several: bool = False
    """As many seats as the phase names roles for, ``NAME_1`` and on."""
    person: bool = False
    """Held by a person, who is asked when one is there."""
    runs: str | list[str] | None = None
    """Held by the sandbox: what this command shows is what the seat says."""
    tools: list[str] | None = None
    """Overrides the role's."""
    records: list[Name] | None = None
    """Tables of the environment's recording that this seat may look up; all when left out."""
    memory: MemorySpec | None = None
    """Overrides the role's."""


class Rules(BaseModel):
    """Replaceable parts of an environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order: RuleSpec = "alternate"
    """Who speaks next."""
    visibility: RuleSpec = "all"
    """Who hears whom."""
    selection: RuleSpec = "all"
    """Which replies count."""
    update: RuleSpec | list[RuleSpec] = "transcript"
    """What a reply changes; several are applied one after the other."""
    description: RuleSpec = "none"
    """What each seat is told of its surroundings."""
    stop: dict[str, Any] = Field(default_factory=lambda: {"turns": 6})
    """What ends the conversation; the first that holds does."""


class Settable(BaseModel):
    """What people are told of a parameter when they set it, and what it may be set to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Localized = ""
    """What it is called."""
    least: float | None = None
    """A number is at least so large."""
    most: float | None = None
    """A number is at most so large."""
    choices: list[str] = Field(default_factory=list[str])
    """A text is one of these."""
    open: bool = False
    """Texts that are none of ``choices`` are taken as well."""


class Environment(BaseModel):
    """How agents share a conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", pattern=r"^[a-z][a-z0-9_]*$|^$", max_length=40)
    """The name of the file, without its ending, when left out."""
    title: Localized = ""
    """Shown to people."""
    description: Localized = ""
    """What it is for, one line."""
    params: dict[Name, Any] = Field(default_factory=dict[Name, Any])
    """Values that ``simulate --set`` or a phase's ``inputs`` give, with their defaults, also one for each language."""
    about: dict[Name, Settable] = Field(default_factory=dict[Name, Settable])
    """Parameter: what people are told of it, and its bounds."""
    setting: Localized = ""
    """What everybody here knows, told first: a template over the parameters."""
    files: dict[str, Localized] = Field(default_factory=dict[str, Localized])
    """Files that lie there at first and that no seat may change, such as given tests. Path: what stands in it, a
    template over the parameters; one that comes out empty is left out."""
    recording: str = ""
    """Name of a file in ``recordings/``, without its ending, that the tool ``look_up`` shows: a template over the
    parameters."""
    seats: dict[str, Seat] = Field(min_length=1)
    """In speaking order. ``[a, b]`` is short for seats with no settings."""
    words: dict[str, Localized] = Field(default_factory=dict[str, Localized])
    """What values are called where people and agents read them, such as places: ``names[value]`` in templates."""
    world: dict[Name, Any] = Field(default_factory=dict[Name, Any])
    """Typed state that only actions and stages change: a start value, or ``{each: …}``, ``{value: …}``."""
    actions: dict[Name, Action] = Field(default_factory=dict[Name, Action])
    """What seats may do here, beside what comes with the product; one of the same name is changed field by field."""
    rules: Rules = Rules()
    """How the conversation goes."""
    stages: dict[Name, Stage] = Field(default_factory=dict[Name, Stage])
    """Parts of the conversation with rules of their own, one after the other."""
    measures: dict[Name, Expression] = Field(default_factory=dict[Name, Expression])
    """Numbers and words about how it went, taken at the end."""
    report: Localized = ""
    """What is said of it at the end: a template over the world."""

    @field_validator("seats", mode="before")
    @classmethod
    def _short_seats(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        seats: dict[str, dict[str, Any]] = {str(name): {} for name in cast("list[object]", value)}
        return seats

    def field(self, name: str) -> WorldField:
        """How a field of the world begins."""
        return WorldField.of(self.world[name])
