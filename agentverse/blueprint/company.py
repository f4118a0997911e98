"""What a company file may say."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from agentverse.blueprint.environment import Environment
from agentverse.blueprint.memory import MemorySpec
from agentverse.blueprint.names import Expression, Name
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import Localized
from agentverse.blueprint.tiers import Escalation, Tier

TypeSpec = str | dict[str, Any]
"""``text``, the name of an artifact type, ``{choice: [a, b]}``, or a JSON Schema written in place."""

KINDS = ("ask", "meet", "run", "human", "company", "network", "call")
EACH = re.compile(r"^\s*([a-z][a-z0-9_]*)\s+in\s+(.+?)\s*$")


class Strict(BaseModel):
    """Base of everything a user writes: a key that does not exist is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _wrong(message: str, *, at: str) -> PydanticCustomError:
    """A problem of a whole phase, shown at its key ``at``."""
    return PydanticCustomError("blueprint", "{message}", {"message": message, "at": at})


class Limits(Strict):
    """Bounds of one run. Hitting one ends the run in order, with the best result so far."""

    tokens: int = Field(default=400_000, gt=0)
    """Prompt and completion tokens together."""
    turns: int = Field(default=120, gt=0)
    """Model replies, repairs included."""
    minutes: float = Field(default=30, gt=0)
    """Time the run was at work; waiting for a person does not count."""


class Trial(Strict):
    """A command, and the product looked at as a person would when it passed."""

    command: str | list[str] = "auto"
    """Run first, as words; the product is looked at when it passed. ``auto``: the tests of the product's language."""
    show: Literal["auto", "command", "window", "terminal", "web"] = "auto"
    """How the product is seen; ``auto`` goes by the requirements and by what is in the workspace."""
    tour: Name | None = None
    """Artifact of type ``tour``: what to do with the product meanwhile."""


class Holders(Strict):
    """Who sits in a seat that stands for several."""

    each: Name
    """Artifact of type ``team``: one seat for each of its members."""
    at_most: int | Expression | None = Field(default=None)
    """So many seats, a number or what an expression gives; members beyond them stay out. All when left out."""


class Chosen(Strict):
    """An environment that an input names."""

    by: Name
    """The company's input."""
    of: list[Name] = Field(min_length=2)
    """The environments it may name. All of them have the seats that the phase fills."""

    @field_validator("of")
    @classmethod
    def _different(cls, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise ValueError("each is named once")
        return value


class Refusal(Strict):
    """Inputs that a run is not begun with."""

    when: Expression
    """Knows the inputs."""
    because: Localized
    """Told to the user, one sentence."""
    fix: Localized = ""
    """What to do instead."""


class Phase(Strict):
    """A node of the graph. Exactly one of ask, meet, run, human, company, network, call says what it does."""

    ask: str | None = None
    """Role that answers once."""
    meet: str | Chosen | None = None
    """Environment in which the seats talk; ``{by: INPUT, of: [...]}`` leaves it to an input."""
    run: str | list[str] | Trial | None = None
    """Command run in the sandbox, as words; its evidence is the artifact. A mapping also has the product looked at.

    ``auto`` runs the tests of the product's language, ``lint`` looks its source over.
    """
    human: Localized | None = None
    """Question put to a person."""
    company: str | None = None
    """Another company, run as one phase."""
    network: dict[str, Any] | None = None
    """Reserved: a generated network of agents."""
    call: str | None = None
    """Registered Python function."""

    title: Localized | None = None
    """Shown to people; the phase's name when left out."""
    after: Name | list[Name] = Field(default_factory=list)
    """Phases that must have finished (all of them)."""
    any: list[Name] = Field(default_factory=list)
    """Phases of which the first to finish is enough."""
    when: Expression | None = None
    """Guard: the phase is skipped when this is false."""
    then: Name | None = None
    """Back edge: after this phase the named earlier phase runs again."""
    at_most: int | None = Field(default=None, gt=0, le=100)
    """How often the back edge may be taken."""
    or_else: str = "continue"
    """When the bound is hit: ``fail``, ``continue``, or the name of a phase."""
    each: str | None = None
    """``item in list``: run once for each item, as parallel as ``depends_on`` allows."""
    samples: int = Field(default=1, ge=1, le=64)
    """Replies drawn in one request, of which one is picked."""
    pick: Literal["verified", "vote", "best"] = "verified"
    """What picks: the evidence of ``verify``, the majority, or ``judge``."""
    take_back: bool = True
    """For run: files that show less than those of an earlier visit go back to them."""
    verify: str | list[str] | None = None
    """Command that judges samples under ``pick: verified``."""
    judge: str | None = None
    """Role that judges samples under ``pick: best``."""

    seats: dict[str, str | Holders] = Field(default_factory=dict[str, "str | Holders"])
    """Seat of the environment: role that sits there; the environment's own when left out."""
    prompt: Localized = ""
    """What is to be done: a Jinja2 template that names artifacts, ``idea``, ``visit`` and the item of ``each``."""
    produces: dict[Name, TypeSpec] = Field(default_factory=dict)
    """Artifact: its type."""
    paths: list[str] = Field(default_factory=list[str])
    """For ``files``: the paths to be written, when they are known; one with a ``*`` only says what they look like."""
    reads: list[Name] | None = None
    """Artifacts shown to the agents; all that earlier phases produced when left out."""
    inputs: dict[Name, Expression] = Field(default_factory=dict)
    """For company and call: what goes in; for meet: the environment's parameters."""
    outputs: dict[Name, Name] = Field(default_factory=dict)
    """For company: artifact here: artifact there."""
    choices: list[str] = Field(default_factory=list)
    """For human: the answers to choose from."""
    default: str | None = None
    """For human: the answer when nobody can be asked or the timeout passes."""

    model: Tier | None = None
    """Overrides the role's."""
    escalate: Literal["never"] | Escalation | None = None
    """When its turns go to the next tier; overrides the role's."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Overrides the role's."""
    tools: list[str] | None = None
    """Overrides the role's; a seat's own list overrides this one."""
    tool_calls: int = Field(default=8, gt=0, le=100)
    """Calls of tools that one turn may make."""
    memory: MemorySpec | None = None
    """Overrides the seat's and the role's; ``[]`` is none at all."""
    turns: int | None = Field(default=None, gt=0, le=100_000)
    """For meet: overrides the environment's bound."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds."""
    on_error: Literal["fail", "retry", "escalate", "continue"] = "fail"
    """When the phase fails: end the run, try again, try again on the next tier, or go on without its result."""

    @model_validator(mode="after")
    def _one_kind(self) -> Phase:
        kinds = [k for k in KINDS if getattr(self, k) is not None]
        if len(kinds) != 1:
            said = " and ".join(kinds) if kinds else "none of them"
            raise _wrong(
                f"a phase has exactly one of {', '.join(KINDS)}; this one has {said}", at=kinds[1] if kinds else ""
            )
        if self.each is not None and not EACH.match(self.each):
            raise _wrong("each is written 'item in list', such as 'file in design.files'", at="each")
        if (self.then is None) != (self.at_most is None):
            at = "then" if self.at_most is None else "at_most"
            raise _wrong("a loop needs both 'then' (where to) and 'at_most' (how often)", at=at)
        return self

    @property
    def kind(self) -> str:
        """The one of ``KINDS`` that is set."""
        return next(k for k in KINDS if getattr(self, k) is not None)

    @property
    def meets_in(self) -> list[str]:
        """Those that the seats may meet in; none for a phase that is no meeting."""
        return list(self.meet.of) if isinstance(self.meet, Chosen) else [self.meet] if self.meet is not None else []

    @property
    def predecessors(self) -> list[str]:
        """Names in ``after`` and ``any``, in order."""
        after = [self.after] if isinstance(self.after, str) else list(self.after)
        return after + [n for n in self.any if n not in after]


class Company(Strict):
    """Roles, a graph of phases and limits."""

    name: Name
    """The name of the file, without its ending, when left out."""
    title: Localized = ""
    """Shown to people."""
    description: Localized = ""
    """What it makes of an idea, one line."""
    inputs: dict[Name, str] = Field(default_factory=dict)
    """Values that ``--set name=value`` or a calling company gives, with their defaults."""
    options: dict[Name, list[str]] = Field(default_factory=dict[Name, list[str]])
    """Input: the values it may have; any when left out."""
    refuses: list[Refusal] = Field(default_factory=list[Refusal])
    """Inputs that make no sense, found out before anything is asked of a model."""
    limits: Limits = Limits()
    """Bounds of one run."""
    scene: Name | None = None
    """The environment of which ``simulate`` made this company, which makes no software."""
    success: Expression = "true"
    """What must hold at the end; otherwise the run ends failed, with its best result delivered."""
    rules: Localized | None = None
    """Working rules every agent sees first; the product's own when left out."""
    opening: Localized | None = None
    """What prompts begin with, in place of the idea: a template that names ``idea``; nothing when it is empty."""
    roles: dict[Name, Role] = Field(default_factory=dict)
    """Roles defined or overridden in place."""
    environments: dict[Name, Environment] = Field(default_factory=dict)
    """Environments defined or overridden in place."""
    phases: dict[Name, Phase] = Field(min_length=1)
    """The graph. Phases with no path between them run at the same time."""
