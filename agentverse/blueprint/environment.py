"""What an environment file may say."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from agentverse.blueprint.memory import MemorySpec
from agentverse.blueprint.text import Localized

RuleSpec = str | dict[str, Any]
"""The name of a rule, or ``{name: {option: value}}``."""


class Seat(BaseModel):
    """A place in a conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    writes: str = "text"
    """Type of this seat's replies: ``product`` (what the phase produces), ``opinion``, ``verdict``, ``edits`` …"""
    again: Localized = ""
    """Instead of ``prompt`` from the seat's second turn on."""
    prompt: Localized = ""
    """What the holder of this seat does, added to the phase's prompt."""
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
    update: RuleSpec = "transcript"
    """What a reply changes."""
    description: RuleSpec = "none"
    """What each seat is told of its surroundings."""
    stop: dict[str, Any] = Field(default_factory=lambda: {"turns": 6})
    """What ends the conversation; the first that holds does."""


class Environment(BaseModel):
    """How agents share a conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", pattern=r"^[a-z][a-z0-9_]*$|^$", max_length=40)
    """The name of the file, without its ending, when left out."""
    title: Localized = ""
    """Shown to people."""
    description: Localized = ""
    """What it is for, one line."""
    seats: dict[str, Seat] = Field(min_length=1)
    """In speaking order. ``[a, b]`` is short for seats with no settings."""
    rules: Rules = Rules()
    """How the conversation goes."""

    @field_validator("seats", mode="before")
    @classmethod
    def _short_seats(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        seats: dict[str, dict[str, Any]] = {str(name): {} for name in cast("list[object]", value)}
        return seats
