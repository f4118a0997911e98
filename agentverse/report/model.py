"""What a report holds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agentverse.blueprint.artifacts import Evidence, Finding, Requirement
from agentverse.blueprint.text import Localized
from agentverse.journal.events import Escalated, LimitHit, ModelContact, TierSpent, Usage

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
    """None when its price is not known."""
    first_token: float | None = None
    """Mean seconds until a reply began, over the turns of which that is known."""
    rate: float | None = None
    """Tokens per second while replies were written."""


class CascadeReport(_Part):
    """What the tiers above the edge were asked for, and what it saved not to ask them for everything."""

    rises: list[Escalated] = Field(default_factory=list[Escalated])
    """Why turns went up, in order."""
    spent: list[TierSpent] = Field(default_factory=list[TierSpent])
    """Budgets that were used up."""
    saved: float | None = None
    """What the edge's tokens would have cost at the cloud's price, less what they did; None without that price."""


class SamplesReport(_Part):
    """What it took to draw several replies for one prompt."""

    drawn: int
    requests: int
    prompt: int
    """Prompt tokens that as many single calls send."""
    computed: int
    """Prompt tokens that were computed: sent fewer times, and partly found in the prefix cache."""


class TurnReport(_Part):
    """One reply, as the model side sees it."""

    key: str
    role: str
    tier: str
    model: str
    where: str = ""
    """The server that answered; "" when there was none."""
    usage: Usage
    samples: int = 1
    requests: int = 1
    seconds: float
    first_token: float | None = None
    rate: float | None = None


class ModelReport(_Part):
    """What the models of a run were asked, and what that took."""

    run: str
    language: str = "en"
    contacts: list[ModelContact] = Field(default_factory=list[ModelContact])
    """What answered behind each tier, last."""
    tiers: list[TierReport] = Field(default_factory=list[TierReport])
    turns: list[TurnReport] = Field(default_factory=list[TurnReport])
    samples: SamplesReport | None = None
    servers: dict[str, dict[str, float]] = Field(default_factory=dict[str, dict[str, float]])
    """Server: what it counted while the run was at work, for all its clients."""


class ToolReport(_Part):
    """How a tool was used."""

    tool: str
    calls: int = 0
    failed: int = 0
    seconds: float = 0.0


class FileReport(_Part):
    """A delivered file and who changed it last."""

    path: str
    author: str


class Check(_Part):
    """One piece of evidence, in the order seen."""

    phase: str
    visit: int
    evidence: Evidence


class SeatReport(_Part):
    """What one seat of a conversation did."""

    seat: str
    name: str = ""
    held: str = "agent"
    """``agent``, ``person`` or ``sandbox``."""
    spoke: int = 0
    passed: int = 0
    heard: int = 0
    """Lines of others."""


class SceneReport(_Part):
    """How an environment that ran by itself went."""

    environment: str = ""
    seed: int = 0
    params: dict[str, Any] = Field(default_factory=dict[str, Any])
    reason: str = ""
    """Why it was over; "" while it goes on."""
    turns: int = 0
    said: str = ""
    """What the environment itself says of how it went."""
    measures: dict[str, Any] = Field(default_factory=dict[str, Any])
    world: dict[str, Any] = Field(default_factory=dict[str, Any])
    seats: list[SeatReport] = Field(default_factory=list[SeatReport])


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
    scene: SceneReport | None = None
    """None for a company that makes something."""
    phases: list[PhaseReport] = Field(default_factory=list[PhaseReport])
    tiers: list[TierReport] = Field(default_factory=list[TierReport])
    turns: int = 0
    usage: Usage = Usage()
    cost: float | None = None
    """None when the price of no tier is known."""
    cascade: CascadeReport | None = None
    """None when there was one tier, and nothing above it was wanted."""
    samples: SamplesReport | None = None
    """None when every prompt was answered by one reply."""
    tools: list[ToolReport] = Field(default_factory=list[ToolReport])
    """Those that agents called, the most used first."""
    repairs: dict[str, int] = Field(default_factory=dict[str, int])
    """Problem of a reply: how often."""
    findings: list[Finding] = Field(default_factory=list[Finding])
    """What the reviewers said last."""
    refused: dict[str, str] = Field(default_factory=dict[str, str])
    limits: list[LimitHit] = Field(default_factory=list[LimitHit])
    setbacks: list[str] = Field(default_factory=list[str])
    """Where the run was stuck, went back or lost something."""
    sandbox: str = ""
