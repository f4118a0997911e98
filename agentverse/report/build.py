"""Reads a report from a journal and from nothing else."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from agentverse.blueprint.artifacts import Artifact, Design, Evidence, Requirements, Verdict
from agentverse.journal.events import (
    ArtifactMade,
    Decision,
    Entry,
    EvidenceSeen,
    FilesChanged,
    GateAnswered,
    GateOpened,
    LimitHit,
    Note,
    PathsRefused,
    PhaseFailedEvent,
    PhaseFinished,
    PhaseSkipped,
    PhaseStarted,
    Repair,
    Reply,
    RolledBack,
    RunEnded,
    RunResumed,
    RunStarted,
    Stuck,
    ToolCalled,
    Usage,
)
from agentverse.report.asked import samples_of, tiers_of
from agentverse.report.cascade import cascade_of
from agentverse.report.model import Check, FileReport, PhaseReport, Report, ToolReport
from agentverse.report.scene import scene_report

_A = TypeVar("_A", bound=Artifact)
_PYTHONS = ("python", "python3")
_PHASE = re.compile(r"(?:^|>)([a-z][a-z0-9_]*)#\d")


def build_report(entries: Sequence[Entry], *, folder: Path, prices: Mapping[str, tuple[float, float]]) -> Report:
    """Read a report from the entries of one run, finished or not.

    Args:
        folder: the run's folder.
        prices: tier: price of a million prompt and of a million completion tokens.
    """
    started = next((e.event for e in entries if isinstance(e.event, RunStarted)), None)
    ended = _ended(entries)
    clock = _Clock(entries)
    checks = _checks(entries)
    tiers = tiers_of(entries, prices)
    costs = [tier.cost for tier in tiers if tier.cost is not None]
    moved = [e.event.commit for e in entries if isinstance(e.event, FilesChanged)]
    commit = ended.commit if ended else (moved or [""])[-1]
    evidence = _decisive([check.evidence for check in checks if not check.evidence.warm], commit)
    company = cast("dict[str, Any]", started.company.get("company", {})) if started else {}
    files = _files(entries, commit)
    requirements = _last(entries, "requirements", Requirements)
    verdict = _last(entries, "verdict", Verdict)
    return Report(
        run=entries[0].run if entries else folder.name,
        idea=started.idea if started else "",
        language=started.language if started else "en",
        company=str(company.get("name", "")),
        company_title=company.get("title", ""),
        product_version=started.product if started else "",
        outcome=ended.outcome if ended else "running",
        reason=ended.reason if ended else "",
        began=entries[0].at if entries else 0.0,
        ended=entries[-1].at if ended else None,
        seconds=clock.total,
        folder=str(folder),
        commit=commit,
        start=_start(_last(entries, "design", Design), files, requirements, started.settings if started else {}),
        requirements=requirements.items if requirements else [],
        packages=_packages(entries),
        evidence=evidence,
        checks=checks,
        files=files,
        scene=scene_report(entries, company),
        phases=_phases(entries, clock, company.get("phases", {})),
        tiers=tiers,
        turns=sum(tier.turns for tier in tiers),
        usage=sum((tier.usage for tier in tiers), Usage()),
        cost=sum(costs) if costs else None,
        cascade=cascade_of(entries, tiers, prices),
        samples=samples_of(entries),
        tools=_tools(entries),
        repairs=_counted(e.event.problem for e in entries if isinstance(e.event, Repair)),
        findings=verdict.findings if verdict else [],
        refused=_refused(entries),
        limits=[e.event for e in entries if isinstance(e.event, LimitHit)],
        setbacks=list(_setbacks(entries)),
        sandbox=(evidence.sandbox if evidence else "") or str((started.settings if started else {}).get("sandbox", "")),
    )


def phase_of(key: str) -> str:
    """Name of the phase a step key belongs to: ``build#1/->code#2/main.py/1`` is ``build.code``; "" for none."""
    return ".".join(_PHASE.findall(key))


class _Clock:
    """The time a run was at work at each of its entries: from the start, or a resumption, to the last entry before the
    next, less the time in which it waited for a person.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._at: dict[int, float] = {}
        self.total = 0.0
        before: float | None = None
        waiting: set[str] = set()
        for entry in entries:
            if isinstance(entry.event, RunStarted | RunResumed):
                waiting.clear()
            elif before is not None and not waiting:
                self.total += max(entry.at - before, 0.0)
            if isinstance(entry.event, GateOpened):
                waiting.add(entry.key.rpartition("/")[0])
            elif isinstance(entry.event, GateAnswered):
                waiting.discard(entry.key.rpartition("/")[0])
            before = entry.at
            self._at[entry.seq] = self.total

    def at(self, entry: Entry) -> float:
        return self._at[entry.seq]


def _ended(entries: Sequence[Entry]) -> RunEnded | None:
    """How the run ended; None while it is at work, also after it was resumed."""
    for entry in reversed(entries):
        if isinstance(entry.event, RunEnded):
            return entry.event
        if isinstance(entry.event, RunResumed):
            return None
    return None


def _packages(entries: Sequence[Entry]) -> list[str]:
    """What was supplied last, in exact versions."""
    decisions = [e.event.value for e in entries if isinstance(e.event, Decision) and e.event.what == "packages"]
    return cast("list[str]", decisions[-1]["versions"]) if decisions else []


def _checks(entries: Sequence[Entry]) -> list[Check]:
    return [
        Check(phase=e.event.phase, visit=e.event.visit, evidence=Evidence.model_validate(e.event.evidence))
        for e in entries
        if isinstance(e.event, EvidenceSeen)
    ]


def _decisive(seen: Sequence[Evidence], commit: str) -> Evidence | None:
    """The last evidence for the delivered commit; when there is none, the best, and of equals the latest."""
    about = [evidence for evidence in seen if commit and evidence.commit == commit]
    if about:
        return about[-1]
    best: Evidence | None = None
    for evidence in seen:
        if best is None or evidence.score >= best.score:
            best = evidence
    return best


def _last(entries: Sequence[Entry], kind: str, model: type[_A]) -> _A | None:
    for entry in reversed(entries):
        if isinstance(entry.event, ArtifactMade) and entry.event.kind == kind:
            try:
                return model.model_validate(entry.event.value)
            except ValidationError:
                return None
    return None


def _start(
    design: Design | None,
    files: Sequence[FileReport],
    requirements: Requirements | None,
    settings: Mapping[str, Any],
) -> str:
    """The command that starts a delivered file, else "". Its words are quoted: a model wrote them, and people paste
    them into a shell.
    """
    paths = {file.path for file in files}
    if design is not None and design.entry in paths and not design.entry.endswith(".py"):
        return _foreign_start(design.entry, requirements, settings)
    designed = [design.start, f"python {shlex.quote(design.entry)}"] if design else []
    for command in (*designed, "python main.py"):
        try:
            words = shlex.split(command)
        except ValueError:
            continue
        if words[:1] and words[0] in _PYTHONS and not paths.isdisjoint(words[1:2]):
            return shlex.join(words)
    return ""


def _foreign_start(entry: str, requirements: Requirements | None, settings: Mapping[str, Any]) -> str:
    """How the language's own profile starts the delivered file; "" where it has to be built before, or is a page."""
    usable = cast("dict[str, dict[str, Any]]", settings.get("languages", {}).get("usable", {}))
    profile = usable.get(requirements.language if requirements is not None else "", {})
    if profile.get("build") or not profile.get("start"):
        return ""
    said: str | list[str] = profile["start"]
    words = shlex.split(said) if isinstance(said, str) else said
    stem = entry.rpartition(".")[0]
    return shlex.join(word.replace("{entry}", entry).replace("{stem}", stem) for word in words)


def _refused(entries: Sequence[Entry]) -> dict[str, str]:
    events = [e.event for e in entries if isinstance(e.event, PathsRefused)]
    return {path: why for event in events for path, why in event.paths.items()}


def _files(entries: Sequence[Entry], commit: str) -> list[FileReport]:
    """The files at ``commit``, from the changes of its ancestors in the order in which they were made."""
    changes = [e.event for e in entries if isinstance(e.event, FilesChanged)]
    parents = {change.commit: change.parents for change in changes}
    ancestors: set[str] = set()
    todo = [commit]
    while todo:
        one = todo.pop()
        if one not in ancestors:
            ancestors.add(one)
            todo += parents.get(one, [])
    authors: dict[str, str] = {}
    for change in changes:
        if change.commit in ancestors:
            authors.update(dict.fromkeys(change.written, change.author))
            for path in change.deleted:
                authors.pop(path, None)
    return [FileReport(path=path, author=authors[path]) for path in sorted(authors)]


@dataclass(slots=True)
class _Tally:
    kind: str = ""
    visits: int = 0
    skipped: bool = False
    failed: str = ""
    turns: int = 0
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    repairs: int = 0


def _phases(entries: Sequence[Entry], clock: _Clock, specs: Mapping[str, Mapping[str, Any]]) -> list[PhaseReport]:
    found: dict[str, _Tally] = {}
    opened: dict[str, float] = {}
    for entry in entries:
        name = phase_of(entry.key)
        if not name:
            continue
        phase = found.setdefault(name, _Tally())
        match entry.event:
            case PhaseStarted(kind=kind):
                phase.kind = kind
                phase.visits += 1
                opened[entry.key] = clock.at(entry)
            case PhaseFinished():
                began = opened.pop(entry.key.rpartition("/")[0], clock.at(entry))
                phase.seconds += clock.at(entry) - began
                phase.failed = ""
            case PhaseFailedEvent(reason=reason):
                phase.failed = reason
            case PhaseSkipped():
                phase.skipped = True
            case Reply(usage=usage):
                phase.turns += 1
                phase.usage += usage
            case Repair():
                phase.repairs += 1
            case _:
                pass
    for key, began in opened.items():
        found[phase_of(key)].seconds += clock.total - began
    titles = {name: spec.get("title") or "" for name, spec in specs.items()}
    return [
        PhaseReport(
            name=name,
            title=titles.get(name, ""),
            kind=phase.kind,
            visits=phase.visits,
            skipped=phase.skipped,
            failed=phase.failed,
            turns=phase.turns,
            usage=phase.usage,
            seconds=phase.seconds,
            repairs=phase.repairs,
        )
        for name, phase in found.items()
    ]


def _tools(entries: Sequence[Entry]) -> list[ToolReport]:
    calls = [e.event for e in entries if isinstance(e.event, ToolCalled)]
    return [
        ToolReport(
            tool=name,
            calls=count,
            failed=sum(not call.ok for call in calls if call.tool == name),
            seconds=round(sum(call.seconds for call in calls if call.tool == name), 3),
        )
        for name, count in _counted(call.tool for call in calls).items()
    ]


def _counted(things: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for thing in things:
        counts[thing] = counts.get(thing, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _setbacks(entries: Sequence[Entry]) -> Iterable[str]:
    for entry in entries:
        match entry.event:
            case Stuck(phase=phase, visit=visit, what=what, measure=measure):
                yield f"{phase}#{visit}: {what}: {measure}"
            case RolledBack(phase=phase, visit=visit, reason=reason):
                yield f"{phase}#{visit}: {reason}"
            case FilesChanged(conflicts=conflicts, phase=phase, visit=visit) if conflicts:
                yield f"{phase}#{visit}: {', '.join(conflicts)}"
            case Note(text=text):
                yield text
            case _:
                pass
