"""Companies, roles, environments and languages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from agentverse.blueprint.text import Localized
from agentverse.web.shapes.base import NAME, Asked, LocatedProblem, Told

BlueprintKind = Literal["company", "role", "environment", "language"]
Origin = Literal["project", "user", "shipped"]
Yaml = Annotated[str, StringConstraints(max_length=1_000_000)]


class BlueprintBrief(Told):
    kind: BlueprintKind
    name: str
    title: Localized
    description: Localized = ""
    origin: Origin
    path: str
    hides: bool = False
    """A file of that name further down is hidden by it."""
    inputs: dict[str, str] = Field(default_factory=dict)
    """Of a company: what it asks for, with defaults."""


class BlueprintList(Told):
    blueprints: list[BlueprintBrief]


class BlueprintText(Told):
    kind: BlueprintKind
    name: str
    origin: Origin
    path: str
    text: str
    hash: str
    """Give it back when the file is written or removed."""


class Draft(Asked):
    """A text that may not be in a file yet."""

    kind: BlueprintKind = "company"
    name: str = Field(pattern=NAME)
    text: Yaml | None = None
    """What is in the file when left out."""


class DryRunAsked(Asked):
    """A company to walk with placeholder replies."""

    name: str = Field(pattern=NAME)
    text: Yaml | None = None
    idea: str = Field(default="a unit converter", max_length=20_000)
    language: Literal["en", "zh"] | None = None
    inputs: dict[str, Annotated[str, StringConstraints(max_length=20_000)]] = Field(default_factory=dict)


class Write(Asked):
    """A file to write."""

    text: Yaml
    where: Literal["project", "user"] = "project"
    replaces: str | None = None
    """Hash of the file that is replaced; needed when there is one in that place."""
    hide: bool = False
    """Agree that the file hides one of the same name further down."""


class Validation(Told):
    ok: bool
    problems: list[LocatedProblem]


class GraphNode(Told):
    name: str
    title: Localized
    kind: str
    """``ask``, ``meet``, ``run``, ``human``, ``company`` or ``call``."""
    work: str
    """Role, environment, command … in one line."""
    level: int
    """Longest way from a beginning; phases of one level may run at the same time."""
    roles: list[str]
    produces: dict[str, Any]
    when: str | None
    each: str | None
    line: int
    """In the text; 0 when unknown."""


class GraphEdge(Told):
    source: str
    target: str
    kind: Literal["after", "any", "or_else", "then"]
    label: str


class Graph(Told):
    """``nodes`` is empty when the text cannot be read that far; ``problems`` says why."""

    name: str
    title: Localized
    success: str
    nodes: list[GraphNode]
    edges: list[GraphEdge]
    problems: list[LocatedProblem]


class DryMessage(Told):
    role: str
    text: str


class DryTurn(Told):
    """One turn as it would be asked."""

    key: str
    phase: str
    role: str
    title: str
    seat: str
    tier: str
    expects: str
    prompt: list[DryMessage]
    tokens: int
    """Estimated."""
    placeholder: str
    """What stands in for the reply."""


class DryPhase(Told):
    name: str
    """``outer.inner`` in a company that runs inside another."""
    kind: str
    assumed: str
    """What was taken for granted to come here, such as evidence that did not pass; "" for nothing."""
    turns: list[DryTurn]
    problem: str = ""
    """Why it cannot be walked."""


class DryRun(Told):
    phases: list[DryPhase]
    turns: int
    tokens: int


class Schema(Told):
    """``{"schema": …}``: a JSON Schema."""

    kind: BlueprintKind
    json_schema: dict[str, Any]
