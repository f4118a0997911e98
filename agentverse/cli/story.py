"""Turns the entries of a journal into lines for people. Knows neither terminals nor colours."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any, Literal

from agentverse.blueprint.text import localize
from agentverse.cli.replies import readable, readable_value
from agentverse.cli.text import one_line, thousands
from agentverse.cli.words import word
from agentverse.environment.protocol import PASS
from agentverse.journal.audience import Audience
from agentverse.journal.events import (
    Accepted,
    ArtifactMade,
    Decision,
    Entry,
    Escalated,
    Event,
    EvidenceSeen,
    FilesChanged,
    GateAnswered,
    GateOpened,
    LimitHit,
    LineSaid,
    ModelContact,
    Note,
    PathsRefused,
    PhaseFailedEvent,
    PhaseSkipped,
    PhaseStarted,
    Remembered,
    Repair,
    Reply,
    RolledBack,
    RunResumed,
    RunStarted,
    Said,
    SceneSet,
    SeatFailed,
    Stuck,
    TierSpent,
    ToolCalled,
    Usage,
)
from agentverse.models.calling import is_call
from agentverse.report.cascade import rise, used_up
from agentverse.report.text import duration

if TYPE_CHECKING:
    from agentverse.blueprint.artifacts import Show

Style = Literal["plain", "heading", "speaker", "faint", "good", "bad", "warn"]
SPOKEN = ("files", "edits", "evidence", "text")
"""Kinds of artifact that other events tell of already."""
LONG = 14
"""Lines of a reply that are shown unless everything is."""
MANY = 12
"""Tests up to which the passed ones are listed too."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of output, already clean."""

    text: str
    style: Style = "plain"
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What one entry says: a first line that is enough by itself, and more."""

    head: Line
    body: tuple[Line, ...] = ()


class Story:
    """Reads entries in order and keeps the sums.

    Args:
        language: of the words around what the agents say.
        prices: tier: price of a million prompt and of a million completion tokens.
        verbose: replies in full.
        plays: who reads this holds the seats that are held by people, and sees what those hear, nothing else.
    """

    def __init__(
        self,
        language: str,
        *,
        prices: Mapping[str, tuple[float, float]] | None = None,
        verbose: bool = False,
        plays: bool = False,
    ) -> None:
        self.language = language
        self.verbose = verbose
        self.phase = ""
        self.turns = 0
        self.usage = Usage()
        self.cost = 0.0
        self.commands = 0
        """Commands that were run in the sandbox."""
        self._prices = dict(prices or {})
        self._titles: dict[str, str] = {}
        self._back: set[str] = set()
        """Phases that lead back to an earlier one."""
        self._audience = Audience(plays=plays)
        self._talked: set[str] = set()
        """Phases whose replies were told, and with them what they made."""

    def tell(self, entry: Entry) -> Told | None:
        """What ``entry`` says; None for one that is of no interest."""
        told = self._tell(entry.event)
        return None if self._audience.hidden(entry) else told

    @property
    def playing(self) -> bool:
        """The reader takes part in a conversation and sees what their seat hears."""
        return self._audience.playing

    def progress(self, seconds: float) -> str:
        """One line: phase, turns, tokens, cached share, time, cost."""
        cached = round(100 * self.usage.cached / self.usage.prompt) if self.usage.prompt else 0
        line = self._say(
            "progress",
            turns=self.turns,
            tokens=thousands(self.usage.total),
            cached=cached,
            time=duration(seconds, self.language),
        )
        if self.phase:
            line = f"{self._title(self.phase)} · {line}"
        return f"{line} · {self._say('cost', cost=f'{self.cost:.4f}')}" if self.cost else line

    # ------------------------------------------------------------------ one event each

    @singledispatchmethod
    def _tell(self, event: Event) -> Told | None:
        return None

    @_tell.register(RunStarted)
    def _(self, event: RunStarted) -> Told:
        company: Mapping[str, Any] = event.company.get("company", {})
        phases: Mapping[str, Any] = company.get("phases", {})
        self._titles = {name: localize(spec.get("title"), self.language) for name, spec in phases.items()}
        self._back = {name for name, spec in phases.items() if spec.get("then")}
        title = localize(company.get("title"), self.language) or str(company.get("name", ""))
        return Told(Line(self._say("begins", company=one_line(title), idea=one_line(event.idea)), "heading"))

    @_tell.register(RunResumed)
    def _(self, event: RunResumed) -> Told:
        return Told(Line(self._say("resumed"), "heading"))

    @_tell.register(ModelContact)
    def _(self, event: ModelContact) -> Told:
        name = "model" if event.url else "model_here"
        said = self._say(name, tier=event.tier, name=one_line(event.name), url=one_line(event.url))
        unheld = event.facts.get("constraints") == "ignored"
        return Told(Line(said, "faint"), (Line(self._say("unheld"), "warn", 1),) if unheld else ())

    @_tell.register(PhaseStarted)
    def _(self, event: PhaseStarted) -> Told:
        self.phase = event.phase
        title = self._title(event.phase)
        return Told(Line(self._say("visit", phase=title, visit=event.visit) if event.visit > 1 else title, "heading"))

    @_tell.register(PhaseSkipped)
    def _(self, event: PhaseSkipped) -> Told | None:
        if event.phase in self._back and not self.verbose:
            return None  # nothing had to be mended, which the check before it told
        said = self._say("skipped", phase=self._title(event.phase), reason=one_line(event.reason))
        return Told(Line(said, "faint"))

    @_tell.register(PhaseFailedEvent)
    def _(self, event: PhaseFailedEvent) -> Told:
        title = self._title(event.phase)
        said = self._say("phase_failed", phase=title, code=event.code, reason=one_line(event.reason))
        return Told(Line(said, "warn" if event.handled != "fail" else "bad"))

    @_tell.register(Reply)
    def _(self, event: Reply) -> Told | None:
        self.phase = event.phase
        self.turns += 1
        self._talked.add(event.phase)
        self.usage += event.usage
        prompt, completion = self._prices.get(event.tier, (0.0, 0.0))
        self.cost += (event.usage.prompt * prompt + event.usage.completion * completion) / 1e6
        if event.seat and _is_action(event.text) and not self.verbose:
            return None  # told once it has happened, with what came of it
        if event.asked.get("tools") and is_call(event.text) and not self.verbose:
            return None  # the call itself is told
        lines = readable(event.text, self.language, full=self.verbose)
        if not self.verbose and len(lines) > LONG:
            lines = [*lines[:LONG], "…"]
        who = one_line(event.title or event.role) + (f" · {one_line(event.item)}" if event.item else "")
        spent = self._say(
            "cost_of_turn",
            tokens=thousands(event.usage.total),
            cached=thousands(event.usage.cached),
            seconds=event.seconds,
        )
        body = [*(Line(line, indent=1) for line in lines), Line(spent, "faint", 1)]
        return Told(Line(who, "speaker"), tuple(body))

    @_tell.register(SceneSet)
    def _(self, event: SceneSet) -> Told | None:
        self._audience.meet(event)
        title = one_line(event.title or event.stage)
        return Told(Line(self._say("stage", title=title), "heading")) if title else None

    @_tell.register(LineSaid)
    def _(self, event: LineSaid) -> Told | None:
        """What a seat did; what one wrote was told with its reply, unless the reader was not to see that."""
        if not event.text and event.action not in ("", PASS) and not self.playing:
            act = self._say("does", action=one_line(event.action.replace("_", " "), 40))
            return Told(Line(f"{self._name(event.seat)} {act}", "faint", 1))
        if not event.text or not (event.action or not event.seat or self.playing):
            return None
        who = self._name(event.seat) if event.seat else self._say("the_world")
        if event.heard_by is not None:
            hearers = [self._name(seat) for seat in event.heard_by if seat != event.seat]
            who = self._say("only_to", who=who, hearers=one_line(", ".join(hearers) or "–", 80))
        lines = [Line(one_line(line), indent=1) for line in event.text.splitlines()]
        return Told(Line(one_line(who), "speaker"), tuple(lines))

    @_tell.register(SeatFailed)
    def _(self, event: SeatFailed) -> Told:
        reason = one_line(event.reason, 160)
        if event.memory:
            said = self._say("without_memory", part=one_line(event.memory, 40), reason=reason)
        else:
            said = self._say("passes", who=self._name(event.seat), reason=reason)
        return Told(Line(said, "warn", 1))

    @_tell.register(ToolCalled)
    def _(self, event: ToolCalled) -> Told:
        given = one_line(", ".join(f"{name}: {value}" for name, value in event.arguments.items()), 100)
        said = {"who": one_line(event.title or event.role), "tool": one_line(event.tool, 60), "given": given}
        if event.ok:
            head = Line(self._say("uses", **said), "faint", 1)
        else:
            head = Line(self._say("in_vain", **said, why=one_line(event.result, 160)), "warn", 1)
        lines = event.result.splitlines() if self.verbose else []
        return Told(head, tuple(Line(one_line(line), "faint", 2) for line in lines))

    @_tell.register(Accepted)
    def _(self, event: Accepted) -> Told | None:
        if not event.mended or not self.verbose:
            return None
        return Told(Line(self._say("mended", what=one_line("; ".join(event.mended))), "faint", 1))

    @_tell.register(Repair)
    def _(self, event: Repair) -> Told:
        said = self._say("repair", problem=event.problem, rung=self._say(event.rung))
        return Told(Line(f"{said}: {one_line(event.detail, 160)}", "faint", 1))

    @_tell.register(Escalated)
    def _(self, event: Escalated) -> Told:
        return Told(Line(rise(event, self.language), "warn", 1))

    @_tell.register(TierSpent)
    def _(self, event: TierSpent) -> Told:
        return Told(Line(used_up(event, self.language), "warn"))

    @_tell.register(ArtifactMade)
    def _(self, event: ArtifactMade) -> Told | None:
        if event.kind in SPOKEN or (event.phase in self._talked and not self.verbose):
            return None
        head = Line(self._say("made", name=one_line(event.name)), "faint", 1)
        lines = readable_value(event.value) if self.verbose else []
        return Told(head, tuple(Line(line, "faint", 2) for line in lines))

    @_tell.register(FilesChanged)
    def _(self, event: FilesChanged) -> Told | None:
        author = one_line(event.author)
        lines: list[Line] = []
        if event.written and (event.phase not in self._talked or author == "agentverse"):
            lines.append(Line(self._say("files", author=author, paths=_paths(event.written)), "good", 1))
        if event.deleted:
            lines.append(Line(self._say("files_deleted", author=author, paths=_paths(event.deleted)), "warn", 1))
        if event.conflicts:
            lines.append(Line(self._say("conflicts", paths=_paths(event.conflicts)), "warn", 1))
        return Told(lines[0], tuple(lines[1:])) if lines else None

    @_tell.register(PathsRefused)
    def _(self, event: PathsRefused) -> Told | None:
        lines = [
            Line(self._say("refused", path=one_line(path), why=one_line(why)), "warn", 1)
            for path, why in event.paths.items()
        ]
        return Told(lines[0], tuple(lines[1:])) if lines else None

    @_tell.register(Decision)
    def _(self, event: Decision) -> Told | None:
        if event.what != "packages":
            return None
        names = ", ".join(one_line(pin.replace("==", " ")) for pin in event.value["versions"])
        return Told(Line(self._say("packages", names=names), "faint", 1))

    @_tell.register(Remembered)
    def _(self, event: Remembered) -> Told | None:
        if event.what != "recall" or not self.verbose:
            return None
        what = ", ".join(f"#{id}" if id.isdigit() else one_line(id) for id in map(str, event.value))
        return Told(Line(self._say("recalls", seat=one_line(event.seat), what=what), "faint", 1))

    @_tell.register(EvidenceSeen)
    def _(self, event: EvidenceSeen) -> Told:
        from agentverse.blueprint.artifacts import Evidence

        self.commands += 1
        evidence = Evidence.model_validate(event.evidence)
        tests = evidence.tests
        noticed = evidence.passed and evidence.kind in ("hollow", "control")
        result = self._say(evidence.kind if noticed else "passed" if evidence.passed else "not_passed")
        doubted = tests is not None and not evidence.passed and not tests.failed and not tests.errors
        if tests is not None and (tests.passed or tests.failed or tests.errors) and not doubted:
            result += ": " + self._say("tests", passed=tests.passed, failed=tests.failed + tests.errors)
            if evidence.coverage is not None:
                result += " · " + self._say("coverage", percent=evidence.coverage.percent)
        elif evidence.reason:
            result += ": " + one_line(evidence.reason, 200)
        style: Style = "good" if evidence.passed else "bad"
        head = Line(f"$ {one_line(shlex.join(evidence.command))}  {result}", style, 1)
        body: list[Line] = []
        cases = tests.cases if tests else []
        for case in cases:
            if case.outcome == "passed" and len(cases) > MANY and not self.verbose:
                continue
            mark = {"passed": "✓", "skipped": "-"}.get(case.outcome, "✗")
            text = f"{mark} {one_line(case.id)}" + (f"  {one_line(case.message, 120)}" if case.message else "")
            body.append(Line(text, "faint" if case.outcome == "passed" else "plain", 2))
        if not evidence.passed and not body:
            tail = (evidence.tail or evidence.head).rstrip().splitlines()[-6:]
            body = [Line(one_line(line, 160), "faint", 2) for line in tail]
        body += [self._show(show) for show in evidence.shows]
        return Told(head, tuple(body))

    @_tell.register(RolledBack)
    def _(self, event: RolledBack) -> Told:
        said = self._say("rolled_back", commit=event.commit[:7], reason=one_line(event.reason))
        return Told(Line(said, "warn", 1))

    @_tell.register(Stuck)
    def _(self, event: Stuck) -> Told:
        return Told(Line(self._say("stuck", what=event.what, measure=one_line(event.measure)), "warn", 1))

    @_tell.register(GateOpened)
    def _(self, event: GateOpened) -> Told:
        first, *more = [one_line(line) for line in event.question.strip().splitlines()] or [""]
        body = [Line(line, indent=1) for line in more]
        body += [Line(f"{number}. {one_line(choice)}", indent=1) for number, choice in enumerate(event.choices, 1)]
        return Told(Line(self._say("asks", question=first), "heading"), tuple(body))

    @_tell.register(GateAnswered)
    def _(self, event: GateAnswered) -> Told:
        return Told(
            Line(self._say("answered", by=one_line(event.by), text=one_line(event.choice or event.text)), "good")
        )

    @_tell.register(Said)
    def _(self, event: Said) -> Told:
        return Told(Line(self._say("said_to", role=event.role or "…", text=one_line(event.text)), "good"))

    @_tell.register(LimitHit)
    def _(self, event: LimitHit) -> Told:
        return Told(Line(self._say("limit", used=event.used, allowed=event.allowed, kind=event.kind), "bad"))

    @_tell.register(Note)
    def _(self, event: Note) -> Told:
        return Told(Line(one_line(event.text), "faint", 1))

    def _show(self, show: Show) -> Line:
        """One line on what was seen of the product."""
        missing = show.ended == "not_run"
        state = "not_seen" if missing else "seen" if show.passed else "seen_wrong"
        pictures = sum(bool(moment.picture) for moment in show.moments)
        text = self._say(state, kind=self._say(f"as_{show.kind}"), reason=one_line(show.reason, 160))
        if missing and show.fix:
            text += f" ({one_line(show.fix, 120)})"
        elif pictures:
            text += f" · {self._say('pictures', count=pictures)}"
        if show.changed:
            text += f" · {self._say('changed', visit=show.since, commands=one_line(', '.join(show.changed), 120))}"
        return Line(text, "warn" if missing else "good" if show.passed else "bad", 2)

    def _say(self, name: str, /, **values: object) -> str:
        return word(name, self.language, **values)

    def _name(self, seat: str) -> str:
        return one_line(self._audience.name(seat))

    def _title(self, phase: str) -> str:
        return one_line(self._titles.get(phase) or phase.replace("_", " "))


def _is_action(text: str) -> bool:
    """Whether a reply is what a seat does, and not what it writes."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and "action" in value


def _paths(paths: list[str]) -> str:
    more = f" … {len(paths) - 8}" if len(paths) > 8 else ""
    return ", ".join(one_line(path) for path in paths[:8]) + more
