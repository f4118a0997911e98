"""What a report holds."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agentverse.blueprint.artifacts import Evidence, Finding, Requirement
from agentverse.blueprint.text import Localized
from agentverse.journal.events import LimitHit, Usage

Outcome = Literal["succeeded", "failed", "stopped", "running"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PhaseReport(_Part):
    """What one phase took. ``name`` is ``outer.inner`` for a phase of a company that runs inside another."""

    name: str
    title: Localized = ""
    kind: str = ""
    visits: int = 0
    skipped: bool = False
    failed: str = ""
    """Why its last failed visit failed."""
    turns: int = 0
    usage: Usage = Usage()
    seconds: float = 0.0
    """Time the run was at work while the phase was open; phases overlap."""
    repairs: int = 0


class TierReport(_Part):
    """What one tier was asked."""

    tier: str
    model: str = ""
    turns: int = 0
    usage: Usage = Usage()
    cost: float | None = None
    """None when the settings give no price."""


class FileReport(_Part):
    """A delivered file and who changed it last."""

    path: str
    author: str


class Check(_Part):
    """One piece of evidence, in the order seen."""

    phase: str
    visit: int
    evidence: Evidence


class Report(_Part):
    """A run as its journal tells it. Tokens, seconds, Unix times."""

    version: int = 1
    run: str
    idea: str = ""
    language: str = "en"
    company: str = ""
    company_title: Localized = ""
    product_version: str = ""
    outcome: Outcome = "running"
    reason: str = ""
    began: float = 0.0
    ended: float | None = None
    seconds: float = 0.0
    """Time at work: pauses between resumptions and waiting for people do not count."""
    folder: str = ""
    commit: str = ""
    start: str = ""
    """Command that starts the product; "" when the design names none."""
    requirements: list[Requirement] = Field(default_factory=list[Requirement])
    packages: list[str] = Field(default_factory=list[str])
    """Exact versions of the packages it was tested with last."""
    evidence: Evidence | None = None
    """Of the delivered files when there is any, else the best seen."""
    checks: list[Check] = Field(default_factory=list[Check])
    files: list[FileReport] = Field(default_factory=list[FileReport])
    phases: list[PhaseReport] = Field(default_factory=list[PhaseReport])
    tiers: list[TierReport] = Field(default_factory=list[TierReport])
    turns: int = 0
    usage: Usage = Usage()
    cost: float | None = None
    """None when no tier that was asked has a price."""
    repairs: dict[str, int] = Field(default_factory=dict[str, int])
    """Problem of a reply: how often."""
    findings: list[Finding] = Field(default_factory=list[Finding])
    """What the reviewers said last."""
    refused: dict[str, str] = Field(default_factory=dict[str, str])
    limits: list[LimitHit] = Field(default_factory=list[LimitHit])
    setbacks: list[str] = Field(default_factory=list[str])
    """Where the run was stuck, went back or lost something."""
    sandbox: str = ""
