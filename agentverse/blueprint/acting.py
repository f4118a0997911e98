"""What an environment file may say about what is done in it: actions, the world, stages."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agentverse.blueprint.names import Expression, Name
from agentverse.blueprint.text import Localized

FIELD_TYPES = ("text", "integer", "number", "yes_no", "seat", "others")
"""What a field of an action may hold: ``seat`` is anybody here, ``others`` anybody else."""
NUMBERS = ("integer", "number")
"""Those of them that may have bounds."""
ENDS = "end"
"""Instead of a stage's name: it is over."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Action(_Strict):
    """Something a seat may do, chosen by the agent in a reply that the model server holds to its form."""

    about: Localized = ""
    """What it is for, told to the agent."""
    fields: dict[Name, str | dict[str, Any]] = Field(default_factory=dict[Name, str | dict[str, Any]])
    """What goes with it: ``text``, ``integer``, ``number``, ``yes_no``, ``seat``, ``others``, ``{choice: [...]}``,
    ``{from: EXPRESSION}``, which lists what there is to choose from, or ``{integer: {min: 1, max: EXPRESSION}}``."""
    offered: Expression = "true"
    """When it may be chosen at all; knows ``me``, parameters and world."""
    allowed: Expression = "true"
    """What must hold of its fields."""
    refused: Localized = ""
    """Told to the agent when it is not allowed: a template."""
    changes: dict[str, Expression] = Field(default_factory=dict[str, Expression])
    """Field of the world, or ``field[EXPRESSION]``: its new value. In order; each sees those before."""
    says: Localized = ""
    """What is heard of it: a template; nothing when left out."""
    heard_by: Expression | None = None
    """A seat or a list of seats that hear it; those of the rule for visibility when left out."""
    leads_to: Name | None = None
    """The stage that begins after it."""

    @field_validator("fields")
    @classmethod
    def _known(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name, spec in value.items():
            if isinstance(spec, str) and spec not in FIELD_TYPES:
                raise ValueError(f"{name}: there is no type {spec!r}; there are: {', '.join(FIELD_TYPES)}")
            if isinstance(spec, dict):
                _check_spec(name, cast("dict[str, Any]", spec))
        return value


def _check_spec(name: str, spec: dict[str, Any]) -> None:
    """Raises ValueError when a field is not written as one may be."""
    kind, said = next(iter(spec.items()), ("", None))
    if len(spec) != 1 or kind not in ("choice", "from", *NUMBERS):
        raise ValueError(f"{name}: write {{choice: [...]}}, {{from: EXPRESSION}} or {{integer: {{min: 1, max: 9}}}}")
    if kind not in NUMBERS:
        return
    bounds = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
    fine = all(isinstance(bound, int | float | str) and not isinstance(bound, bool) for bound in bounds.values())
    if not bounds or not bounds.keys() <= {"min", "max"} or not fine:
        raise ValueError(f"{name}: bounds are numbers or expressions: {{{kind}: {{min: 1, max: 9}}}}")


class WorldField(_Strict):
    """A field of the world and how it begins."""

    each: bool | list[str] = False
    """One value for every seat, or for every seat of these names."""
    start: Any = None
    """The value it begins with; with ``each`` also ``{seat: value}``, and the rest begins with ``otherwise``."""
    otherwise: Any = None
    """The value that seats begin with whom ``start`` does not name."""
    value: Expression | None = None
    """The value it begins with, worked out from the parameters."""
    deal: list[Any] | None = None
    """With ``each``: values dealt out by the run's seed."""

    @classmethod
    def of(cls, said: Any) -> WorldField:
        """From YAML: a mapping with one of these keys, else the start value itself."""
        if isinstance(said, WorldField):
            return said
        keys = set(cast("dict[str, Any]", said)) if isinstance(said, dict) else set[str]()
        if keys & {"each", "value", "deal"} and keys <= set(cls.model_fields):
            return cls.model_validate(said)
        return cls(start=said)


class Moment(_Strict):
    """What the world does by itself when a stage begins or ends."""

    when: Expression = "true"
    """Only when this holds."""
    changes: dict[str, Expression] = Field(default_factory=dict[str, Expression])
    """As those of an action."""
    says: Localized = ""
    """Told to whoever is in ``to``: a template."""
    to: Expression | None = None
    """A seat or a list of seats; all when left out."""


class Lead(_Strict):
    """Where a stage leads to."""

    to: Name
    """A stage, or ``end``."""
    when: Expression = "true"
    """The first whose condition holds is taken."""


class Stage(_Strict):
    """A part of a conversation."""

    title: Localized = ""
    """Shown to people."""
    task: Localized = ""
    """What a seat does in this stage: a template that knows ``me``."""
    tasks: dict[str, Localized] = Field(default_factory=dict[str, Localized])
    """Seat: its own task."""
    acts: list[Name] | dict[str, list[Name]] = Field(default_factory=dict[str, list[Name]])
    """Actions to choose from in this stage, for all, or for each seat; a seat's own when left out."""
    rules: dict[Name, Any] = Field(default_factory=dict[Name, Any])
    """Rules that differ from those of the environment, all kinds but ``stop``."""
    steps: int | Name | None = None
    """So many steps, or the parameter that says how many. In a step one seat speaks, or several at once."""
    until: Expression | None = None
    """Ends the stage when it holds, asked after each step."""
    begin: list[Moment] = Field(default_factory=list[Moment])
    """What the world does when it begins, in order."""
    end: list[Moment] = Field(default_factory=list[Moment])
    """What the world does when it ends, in order."""
    then: Name | list[Lead] | None = None
    """The stage after this one, or ``end``; the next in the file when left out."""

    def acts_of(self, seat: str, kind: str) -> list[str]:
        """Actions that a seat may choose from in this stage; none when it says nothing of the seat."""
        if isinstance(self.acts, list):
            return self.acts
        return self.acts.get(seat) or self.acts.get(kind) or []

    @model_validator(mode="before")
    @classmethod
    def _one_moment(cls, value: Any) -> Any:
        """One moment need not be put into a list."""
        if not isinstance(value, dict):
            return value
        said = cast("dict[str, Any]", value)
        alone: dict[str, Any] = {key: [said[key]] for key in ("begin", "end") if isinstance(said.get(key), dict)}
        return {**said, **alone}
