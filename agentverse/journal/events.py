"""Everything that can happen in a run, as typed records.

An event body is immutable and says what happened; its envelope (`Entry`) says where in the journal it stands. Every
event has a key that follows from the graph (run / phase # visit / item / turn), never from timing. A key is written
once: recording the same key again returns what was recorded first. That is how a resumed run repeats nothing.

A stored shape never changes meaning. A new shape of an event gets a new ``v`` and an upgrade in
`agentverse.journal.upgrade`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Event(BaseModel):
    """Base of all event bodies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: int = 1


class Usage(BaseModel):
    """Tokens of one model call. ``cached`` is the part of ``prompt`` that the server took from its prefix cache."""

    model_config = ConfigDict(frozen=True)

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt=self.prompt + other.prompt,
            cached=self.cached + other.cached,
            completion=self.completion + other.completion,
            reasoning=self.reasoning + other.reasoning,
        )


class PromptRef(BaseModel):
    """A prompt as a difference to an earlier one, so that a journal grows with what is new.

    The prompt is the first ``keep`` segments of the prompt recorded under the key ``base`` and then ``add``. An entry
    of ``add`` is ``[role, hash]`` (text stored once under its hash) or ``[role, key, head]``: ``head`` and then the
    text of the reply recorded under ``key``.
    """

    model_config = ConfigDict(frozen=True)

    base: str | None = None
    keep: int = 0
    add: list[list[str]] = Field(default_factory=list[list[str]])


class RunStarted(Event):
    type: Literal["run.started"] = "run.started"
    idea: str
    language: str = "en"
    company: dict[str, Any]
    """The company as resolved when the run began: company, roles, environments, companies it calls."""
    revision: str
    """Hash of the above."""
    inputs: dict[str, str] = {}
    settings: dict[str, Any] = {}
    """Settings that shape the run; never secrets."""
    product: str = ""
    """Version of agentverse."""
    base: str = ""
    """First commit of the workspace."""
    clock: float
    """Unix time; commits made by this run count from here."""


class RunResumed(Event):
    type: Literal["run.resumed"] = "run.resumed"
    epoch: int


class RunEnded(Event):
    type: Literal["run.ended"] = "run.ended"
    outcome: Literal["succeeded", "failed", "stopped"]
    reason: str = ""
    commit: str = ""
    """The commit that is delivered: the best evidenced one."""


class PhaseStarted(Event):
    type: Literal["phase.started"] = "phase.started"
    phase: str
    visit: int
    kind: str


class PhaseFinished(Event):
    type: Literal["phase.finished"] = "phase.finished"
    phase: str
    visit: int
    commit: str = ""


class PhaseSkipped(Event):
    type: Literal["phase.skipped"] = "phase.skipped"
    phase: str
    visit: int
    reason: str


class PhaseFailedEvent(Event):
    type: Literal["phase.failed"] = "phase.failed"
    phase: str
    visit: int
    code: str
    reason: str
    handled: str = "fail"
    """What ``on_error`` made of it."""


class Reply(Event):
    """One model call and its raw answer. The step that is never repeated."""

    v: int = 3
    type: Literal["reply"] = "reply"
    phase: str
    visit: int
    item: str = ""
    role: str
    title: str = ""
    """The role's name as people read it."""
    seat: str = ""
    attempt: int = 1
    tier: str = "edge"
    model: str = ""
    prompt: PromptRef = Field(default_factory=PromptRef)
    text: str
    thinking: str = ""
    samples: list[str] = Field(default_factory=list[str])
    """Further samples."""
    requests: int = 1
    """So many were made for all samples; ``usage`` is that of all of them."""
    finish: str = "stop"
    usage: Usage = Usage()
    seconds: float = 0.0
    first_token: float = 0.0
    """Seconds until the first piece; 0 when that is not known."""
    where: str = ""
    """The server that answered; "" when there was none."""
    asked: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Sampling and constraint: temperature, schema name, max_tokens …"""
    logprob: float | None = None
    """Mean log probability of the tokens; None when it was not asked for, or not said."""
    pictures: list[str] = Field(default_factory=list[str])
    """What was shown beside the text: ``COMMIT:PATH`` in the repository, or a path in the run's folder."""


class Accepted(Event):
    """A reply was read and counts. ``text`` is what the others hear; None when it is the reply's own text."""

    type: Literal["accepted"] = "accepted"
    phase: str
    visit: int
    reply: str
    """Key of the reply."""
    mended: list[str] = []
    """What tolerant reading had to mend."""


class Repair(Event):
    """A reply could not be used; what the ladder does about it."""

    type: Literal["repair"] = "repair"
    phase: str
    visit: int
    reply: str
    problem: str
    """Stable code: ``no_fence``, ``cut_off``, ``bad_json``, ``wrong_shape``, ``empty``, ``only_thinking``, ``refusal``,
    ``path`` …"""
    detail: str
    rung: Literal["reask", "continue", "resample", "escalate", "give_up"]


class Escalated(Event):
    """A turn goes to a higher tier, because of what was seen. The turn after it starts where its role does."""

    type: Literal["escalated"] = "escalated"
    phase: str
    visit: int
    step: str
    """Key of the reply that led to it, or of the turn that begins there."""
    tier: str
    to: str
    why: Literal["invalid", "red", "same", "failed", "agreement", "logprob"]
    """Replies that could not be used; repairs that left the evidence red; the same failure again; a phase that failed;
    samples that differ; a reply whose tokens were improbable.
    """
    measured: float
    """So many, or as much: replies, repairs, failures, share of the samples, mean log probability."""
    allowed: float | None = None
    """The bound it was held against; None where there is none to set."""


class TierSpent(Event):
    """What a tier may cost is used up; the run goes on without it."""

    type: Literal["tier.spent"] = "tier.spent"
    tier: str
    kind: Literal["tokens", "money"]
    used: float
    allowed: float


class ToolCalled(Event):
    """An agent called a tool. Recorded under ``TURN/tool/N``, where N counts the calls of the turn."""

    type: Literal["tool"] = "tool"
    phase: str
    visit: int
    item: str = ""
    role: str
    title: str = ""
    seat: str = ""
    tool: str
    arguments: dict[str, Any] = {}
    ok: bool
    """It worked; otherwise ``result`` says why not."""
    result: str
    """As the agent was told: the head and the tail of a long one."""
    whole: str = ""
    """Hash of the text of all of it, when that is longer."""
    commit: str = ""
    """Where the files stand after it, when it changed them."""
    seconds: float = 0.0


class ArtifactMade(Event):
    type: Literal["artifact"] = "artifact"
    phase: str
    visit: int
    name: str
    kind: str
    value: Any


class FilesChanged(Event):
    """The workspace moved to ``commit``."""

    type: Literal["files"] = "files"
    phase: str
    visit: int
    author: str
    commit: str
    parents: list[str]
    written: list[str] = []
    deleted: list[str] = []
    conflicts: list[str] = []


class PathsRefused(Event):
    type: Literal["paths.refused"] = "paths.refused"
    phase: str
    visit: int
    paths: dict[str, str]
    """Path: why."""


class EvidenceSeen(Event):
    type: Literal["evidence"] = "evidence"
    phase: str
    visit: int
    evidence: dict[str, Any]
    """An `agentverse.blueprint.artifacts.Evidence`."""


class RolledBack(Event):
    type: Literal["rolled_back"] = "rolled_back"
    phase: str
    visit: int
    commit: str
    """The commit gone back to."""
    reason: str


class Stuck(Event):
    type: Literal["stuck"] = "stuck"
    phase: str
    visit: int
    what: Literal["same_reply", "same_evidence", "circles"]
    measure: str
    """What was done about it."""


class Decision(Event):
    """Something that depended on timing or chance, fixed by being written down."""

    type: Literal["decision"] = "decision"
    what: str
    """``first_of``, ``timeout``, ``clock``, ``pick``, ``fan_out``, ``packages``, ``heard`` …"""
    value: Any


class Remembered(Event):
    """What an agent's memory chose for a turn, fixed by being written down."""

    type: Literal["remembered"] = "remembered"
    phase: str
    visit: int
    seat: str
    what: str
    """Part of the memory: ``window``, ``recall`` …"""
    value: Any
    """``window``: how many of the lines it heard have left, one number for each block; ``recall``: numbers of lines and
    names of conclusions."""


class GateOpened(Event):
    v: int = 2
    type: Literal["gate.opened"] = "gate.opened"
    phase: str
    visit: int
    question: str
    choices: list[str] = []
    default: str | None = None
    seat: str = ""
    """The seat whose turn it is; "" when it is no seat of a conversation that is asked."""


class GateAnswered(Event):
    v: int = 2
    type: Literal["gate.answered"] = "gate.answered"
    phase: str
    visit: int
    text: str = ""
    choice: str = ""
    by: str = "person"
    files: dict[str, str] = {}
    """Path: hash of the text that holds the file's content in base64."""


class Said(Event):
    """A person speaks to a role. The turn that reads it says so in a decision ``heard``."""

    type: Literal["said"] = "said"
    role: str
    """"" is whoever takes the next turn."""
    text: str
    by: str = "person"


class LimitHit(Event):
    type: Literal["limit"] = "limit"
    kind: str
    used: float
    allowed: float


class ModelContact(Event):
    """What answered behind a tier, at first contact."""

    type: Literal["model"] = "model"
    tier: str
    provider: str
    name: str
    url: str = ""
    context: int = 0
    facts: dict[str, Any] = {}


class ServersCounted(Event):
    """What the servers of a tier counted while one process drove the run. Calls of other clients are in it."""

    type: Literal["counters"] = "counters"
    tier: str
    servers: dict[str, dict[str, float]]
    """Server: counter: how much it grew. For the names see `agentverse.models.counters.Counted`."""


class SceneSet(Event):
    """A conversation, or a stage of it, begins."""

    type: Literal["scene"] = "scene"
    phase: str
    visit: int
    environment: str = ""
    stage: str = ""
    """"" in an environment that has none."""
    title: str = ""
    """The stage's, as people read it."""
    seats: dict[str, dict[str, str]] = {}
    """Seat: ``role``, ``name`` (what its lines begin with), ``kind`` (the declared seat), and ``held``: ``agent``,
    ``person`` or ``sandbox``. Told once, at first."""
    params: dict[str, Any] = {}
    seed: int = 0
    world: dict[str, Any] = {}
    """The whole world as it stands now."""


class LineSaid(Event):
    """Something entered a conversation: what a seat said or did, what the world made known, or what its rules changed
    in the world, which has no text.
    """

    type: Literal["line"] = "line"
    phase: str
    visit: int
    seat: str
    """"" for the world."""
    turn: int = 0
    """Number of the reply in the conversation, from 1; 0 for the world."""
    stage: str = ""
    action: str = ""
    """"" when the seat wrote something instead of choosing an action."""
    text: str = ""
    """What was heard."""
    heard_by: list[str] | None = None
    """Seats; None for all."""
    changes: dict[str, Any] = {}
    """What it changed in the world: field, or ``field[entry]``: its new value."""
    reply: str = ""
    """Key of the reply."""


class SeatFailed(Event):
    """An agent gave no usable reply; it passed instead, and the conversation went on. Or a part of its memory got none,
    and the turn was taken without.
    """

    v: int = 2
    type: Literal["seat.failed"] = "seat.failed"
    phase: str
    visit: int
    seat: str
    """"" when the memories of several asked for it."""
    reason: str
    memory: str = ""
    """The part of the memory that asked: ``summary``, ``plan`` …; "" when it was the seat's own turn."""


class SceneEnded(Event):
    type: Literal["scene.ended"] = "scene.ended"
    phase: str
    visit: int
    reason: str
    turns: int
    world: dict[str, Any] = {}
    measures: dict[str, Any] = {}
    report: str = ""
    """What the environment says of how it went."""


class Note(Event):
    """Something a person reading the run should know and no other event says."""

    type: Literal["note"] = "note"
    text: str
    phase: str = ""
    visit: int = 0


AnyEvent = Annotated[
    RunStarted | RunResumed | RunEnded | PhaseStarted | PhaseFinished | PhaseSkipped | PhaseFailedEvent
    | Reply | Accepted | Repair | Escalated | TierSpent | ToolCalled | ArtifactMade | FilesChanged | PathsRefused
    | EvidenceSeen | RolledBack | Stuck | Decision | Remembered | GateOpened | GateAnswered | Said | LimitHit
    | ModelContact | ServersCounted | SceneSet | LineSaid | SeatFailed | SceneEnded | Note,
    Field(discriminator="type"),
]  # fmt: skip

EVENTS: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


class Entry(BaseModel):
    """An event as it stands in a journal."""

    model_config = ConfigDict(frozen=True)

    run: str
    seq: int
    """1, 2, 3 … within the run, without gaps."""
    key: str
    at: float
    """Unix time of the commit."""
    input: str = ""
    """Hash of what the step was given; "" for an event that is no step."""
    event: AnyEvent
