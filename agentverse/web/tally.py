"""A run in one line, counted while its entries come, so that a long run is not read again for each look at it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any, cast

from agentverse.blueprint.artifacts import Evidence
from agentverse.journal.audience import Audience
from agentverse.journal.events import (
    Entry,
    EvidenceSeen,
    FilesChanged,
    GateAnswered,
    GateOpened,
    LimitHit,
    ModelContact,
    PhaseFailedEvent,
    PhaseFinished,
    PhaseStarted,
    Reply,
    RunEnded,
    RunResumed,
    RunStarted,
    SceneEnded,
    SceneSet,
    Usage,
)
from agentverse.journal.protocol import RunRow
from agentverse.report.asked import cost
from agentverse.report.build import decisive
from agentverse.report.clock import Clock
from agentverse.web.shapes.runs import EvidenceBrief, RunBrief, SceneBrief, State, Waiting

_GOES_ON = ("running", "paused", "interrupted")
"""States in which a question still wants its answer."""
UNFINISHED = ("running", "interrupted")
"""States of a journal to which more may come: what a player's seat may not hear is kept from them."""
Prices = Mapping[str, tuple[float, float]]


class Tally:
    """What the entries of one run come to, as far as they were added."""

    def __init__(self) -> None:
        self.seq = 0
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self.scene: SceneBrief | None = None
        self.waiting: dict[str, Waiting] = {}
        self._clock = Clock()
        self._usage: dict[str, Usage] = {}
        self._turns = 0
        self._seen: list[Evidence] = []
        self._open: dict[str, str] = {}
        self._commit = ""
        self._limit = ""
        self.recorded = False
        """Its replies come from a recording."""
        self.audience = Audience()
        """Who reads the run here; whether they play a part, the server says."""

    def add(self, entries: Iterable[Entry]) -> None:
        """Take up the next entries."""
        for entry in entries:
            self.seq = entry.seq
            self._clock.add(entry)
            self.audience.note(entry)
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        match entry.event:
            case RunStarted() as event:
                self._begin_again()
                self.started = self.started or event
            case RunResumed():
                self._begin_again()
            case RunEnded() as event:
                self.ended = event
                self._open.clear()
            case PhaseStarted(phase=phase):
                self._open[entry.key] = phase
            case PhaseFinished() | PhaseFailedEvent():
                self._open.pop(entry.key.rpartition("/")[0], None)
            case Reply(tier=tier, usage=usage):
                self._turns += 1
                self._usage[tier] = self._usage.get(tier, Usage()) + usage
            case EvidenceSeen(evidence=evidence):
                self._seen.append(Evidence.model_validate(evidence))
            case FilesChanged(commit=commit):
                self._commit = commit
            case GateOpened() as event:
                self.waiting[entry.key] = _waiting(entry, event)
            case GateAnswered():
                self.waiting.pop(f"{entry.key.rpartition('/')[0]}/gate", None)
            case SceneSet(seed=seed) if self._simulated and self.scene is None:
                self.scene = SceneBrief(seed=seed, over=False)
            case SceneEnded(turns=turns, report=report, measures=measures) if self.scene is not None:
                told = {"over": True, "turns": turns, "report": report, "measures": measures}
                self.scene = self.scene.model_copy(update=told)
            case LimitHit(kind=kind):
                self._limit = kind
            case ModelContact(provider=provider):
                self.recorded = self.recorded or provider == "recording"
            case _:
                pass

    @property
    def _simulated(self) -> bool:
        """The run is an environment by itself."""
        return self.started is not None and bool(self.started.company.get("company", {}).get("scene"))

    def _begin_again(self) -> None:
        """What is open after a resumption is opened again, gates apart: those are recorded once."""
        self.ended, self._limit = None, ""
        self._open.clear()

    @property
    def evidence(self) -> Evidence | None:
        """The one that counts: of the delivered files, or the best."""
        return decisive([one for one in self._seen if not one.warm], self.commit)

    @property
    def commit(self) -> str:
        return (self.ended.commit if self.ended else "") or self._commit

    def brief(self, row: RunRow, prices: Prices, *, here: bool) -> RunBrief:
        """The run in one line.

        Args:
            here: this process drives it.
        """
        company = cast("dict[str, Any]", self.started.company.get("company", {})) if self.started else {}
        ended, state = self.ended, state_of(row, self.ended)
        return RunBrief(
            id=row.id,
            company=row.company,
            company_title=company.get("title", ""),
            idea=row.idea,
            language=self.started.language if self.started else "en",
            state=state,
            here=here,
            created=row.created,
            ended=row.ended,
            seconds=self._clock.total,
            events=row.events,
            parent=row.parent,
            turns=self._turns,
            usage=sum(self._usage.values(), Usage()),
            cost=self._cost(prices),
            evidence=brief_of(self.evidence),
            scene=self.scene,
            waiting=list(self.waiting.values()) if state in _GOES_ON else [],
            phase=next(reversed(self._open.values()), "") if state == "running" else "",
            reason=ended.reason if ended else "",
            limit=self._limit,
            demo=self.recorded,
            veiled=self.audience.playing,
        )

    def _cost(self, prices: Prices) -> float | None:
        costs = [cost(usage, prices.get(tier)) for tier, usage in self._usage.items()]
        known = [one for one in costs if one is not None]
        return sum(known) if known else None


def state_of(row: RunRow, ended: RunEnded | None) -> State:
    """The state as people see it: a run that ended in order is paused, one that lost its process is interrupted."""
    if row.state == "interrupted" and ended is not None and ended.outcome == "stopped":
        return "paused"
    return cast(State, row.state)


def brief_of(evidence: Evidence | None) -> EvidenceBrief | None:
    """Evidence in one line."""
    if evidence is None:
        return None
    tests = evidence.tests
    pictures = [moment.picture for show in evidence.shows for moment in show.moments if moment.picture]
    return EvidenceBrief(
        passed=evidence.passed,
        reason=evidence.reason,
        command=list(evidence.command),
        passed_tests=tests.passed if tests else None,
        failed_tests=tests.failed + tests.errors if tests else None,
        commit=evidence.commit,
        pictures=[PurePath(picture).name for picture in pictures],
    )


def _waiting(entry: Entry, gate: GateOpened) -> Waiting:
    return Waiting(
        gate=entry.key,
        phase=gate.phase,
        question=gate.question,
        choices=gate.choices,
        default=gate.default,
        since=entry.at,
    )
