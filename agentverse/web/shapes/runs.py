"""Runs: how they are begun and forked, listed, summed up, steered and compared."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.text import Localized
from agentverse.journal.events import Usage
from agentverse.report.model import PhaseReport
from agentverse.web.shapes.base import NAME, RUN_ID, Asked, Told

State = Literal["running", "paused", "interrupted", "succeeded", "failed", "stopped"]
"""``paused`` ended in order and can be resumed; ``interrupted`` lost its driver and can be resumed; ``stopped`` was
cancelled."""
Text = Annotated[str, StringConstraints(max_length=100_000)]
ModelChoice = Annotated[str, StringConstraints(pattern=r"^https?://", max_length=500)]
"""``http://HOST:PORT/v1#MODEL``."""
Tier = Literal["edge", "cloud", "vision"]


class AskedLimits(Asked):
    """Bounds; what is left out is as the company and the settings say."""

    tokens: int | None = Field(default=None, gt=0, le=10**12)
    turns: int | None = Field(default=None, gt=0, le=10**9)
    minutes: float | None = Field(default=None, gt=0, le=10**9)


class Begin(Asked):
    """A run to begin."""

    idea: Annotated[str, StringConstraints(max_length=20_000)] = ""
    """One line; may be left out with ``demo``."""
    company: str | None = Field(default=None, pattern=NAME)
    language: Literal["en", "zh"] | None = None
    """Of prompts and report."""
    code: str = Field(default="", max_length=40)
    """Programming language of the product; "" leaves it to the requirements."""
    limits: AskedLimits = AskedLimits()
    inputs: dict[str, Annotated[str, StringConstraints(max_length=20_000)]] = Field(default_factory=dict)
    models: dict[Tier, ModelChoice] = Field(default_factory=dict[Tier, ModelChoice])
    """Instead of those of the settings."""
    source: str | None = Field(default=None, max_length=4096)
    """Folder on the server's machine with an existing code base, on loopback only. It is copied, never written."""
    name: str | None = Field(default=None, pattern=RUN_ID)
    ask: bool = True
    """A person answers questions; otherwise they take their default."""
    demo: str | None = Field(default=None, max_length=100)
    """Play a recorded run instead; see ``GET /api/demos``."""


class GoOn(Asked):
    """How a run is resumed."""

    limits: AskedLimits = AskedLimits()
    as_begun: bool = False
    """Go on with the company as it was, though it was edited since."""
    models: dict[Tier, ModelChoice] = Field(default_factory=dict[Tier, ModelChoice])
    ask: bool = True


class Fork(Asked):
    """How a new run takes over what another did before ``phase``."""

    phase: str = Field(pattern=NAME)
    prompt: Text | None = None
    """Instead of the phase's own."""
    company: str | None = Field(default=None, pattern=NAME)
    """Another company, or the one of that name as it is now; as it was when left out."""
    models: dict[Tier, ModelChoice] = Field(default_factory=dict[Tier, ModelChoice])
    limits: AskedLimits = AskedLimits()
    name: str | None = Field(default=None, pattern=RUN_ID)
    ask: bool = True


class Upload(Asked):
    """A file that goes with an answer."""

    path: str = Field(min_length=1, max_length=240)
    content: str = Field(max_length=1_400_000)
    """Base64; at most 1 MiB of bytes."""


class Answer(Asked):
    """An answer to a question that waits: a choice, or a text, and files with either."""

    gate: str = Field(max_length=500)
    text: Text = ""
    choice: str = Field(default="", max_length=1000)
    files: list[Upload] = Field(default_factory=list[Upload], max_length=20)


class Say(Asked):
    """Something that the next turn of a role must read."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    role: str = Field(default="", max_length=40)
    """"" is whoever takes the next turn."""


class Waiting(Told):
    """A question that waits for a person."""

    gate: str
    phase: str
    question: str
    choices: list[str]
    default: str | None
    since: float


class EvidenceBrief(Told):
    """Evidence in one line."""

    passed: bool
    reason: str = ""
    command: list[str] = Field(default_factory=list[str])
    passed_tests: int | None = None
    failed_tests: int | None = None
    commit: str = ""
    pictures: list[str] = Field(default_factory=list[str])
    """Names for ``GET /api/runs/{run}/pictures/{name}``."""


class SceneBrief(Told):
    """How a simulation went."""

    seed: int
    over: bool
    turns: int = 0
    report: str = ""
    """What the environment says of it."""
    measures: dict[str, Any] = Field(default_factory=dict[str, Any])


class RunBrief(Told):
    """One line of the list of runs."""

    id: str
    company: str
    company_title: Localized = ""
    idea: str
    language: str = "en"
    state: State
    here: bool = False
    """This server drives it, so tokens can be watched as they are generated."""
    created: float
    ended: float | None
    seconds: float
    """At work, until the last entry."""
    events: int
    parent: str | None
    turns: int
    usage: Usage
    cost: float | None
    """None when no tier that was asked has a price."""
    evidence: EvidenceBrief | None
    scene: SceneBrief | None = None
    """Of a simulation."""
    waiting: list[Waiting] = Field(default_factory=list[Waiting])
    phase: str = ""
    """The phase that was begun last and is not over; "" when there is none."""
    reason: str = ""
    limit: str = ""
    """The limit that ended it; a resumed run with a higher one goes on."""
    demo: bool = False
    veiled: bool = False
    """A person plays a part in it: until it is over, only what that part hears is told."""


class RunList(Told):
    """Runs, the latest first."""

    runs: list[RunBrief]
    total: int
    """How many there are altogether."""
    mark: str
    """Which reading of the list this is; a stream of events begins with that of the latest."""


class RoleBrief(Told):
    name: str
    title: Localized


class RunDetail(RunBrief):
    """All about a run but its events."""

    inputs: dict[str, str]
    limits: AskedLimits
    models: dict[str, str]
    """Tier: name of the model."""
    sandbox: str
    product: str
    """Version of agentverse that began it."""
    commit: str
    """Delivered, or latest."""
    folder: str
    start: str
    """Command that starts the product; "" when unknown."""
    full_evidence: Evidence | None
    phases: list[PhaseReport]
    roles: list[RoleBrief]
    """Who can be spoken to."""
    epoch: int
    """How often it was taken up."""


class Side(Told):
    """One of two runs that are compared."""

    run: RunBrief
    phases: list[PhaseReport]
    files: list[str]


class Parting(Told):
    """Where two runs part: the first step that differs."""

    key: str
    phase: str
    seq_a: int | None
    seq_b: int | None
    """None when that run has no such step."""
    type: str
    what: Literal["text", "prompt", "evidence", "decision", "answer", "files", "missing"]
    text_a: str = ""
    text_b: str = ""


class Comparison(Told):
    """Two runs side by side."""

    a: Side
    b: Side
    shared: int
    """Steps they have in common before they part."""
    parting: Parting | None
    """None when neither differs from the other."""
    better: Literal["a", "b", "same", "unknown"]
    """Whose evidence is better."""
    patch: str
    """From the files of ``a`` to those of ``b``."""
