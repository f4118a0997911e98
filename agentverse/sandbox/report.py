"""Reads what our pytest plugin wrote. The writer ran beside hostile code, so nothing in here is taken on trust."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from agentverse.blueprint.artifacts import TestCase, TestResults
from agentverse.sandbox import scrub

Outcome = Literal["passed", "failed", "error", "skipped"]
LONGEST_ID, LONGEST_MESSAGE, LONGEST_FRAME = 300, 300, 900
UNENDED = "it began and did not end"
SHOWN_FAILURES, SHOWN_PASSES = 20, 500


@dataclass(slots=True)
class Case:
    """A test as its phases were reported. Until they say otherwise it is broken: it began."""

    outcome: Outcome = "error"
    seconds: float = 0.0
    message: str = UNENDED
    frame: str = ""


@dataclass(slots=True)
class Report:
    """A whole test session."""

    cases: dict[str, Case] = field(default_factory=dict[str, Case])
    broken: dict[str, Case] = field(default_factory=dict[str, Case])
    """Files that could not be collected."""
    collected: int | None = None
    exit_code: int | None = None
    """What pytest said it would end with; None when it did not get that far."""
    running: str = ""
    """The test that had begun and not ended when the report stops."""
    internal: str = ""
    ran: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    """Path: lines that were run."""
    counted: bool = False
    """Whether those are all."""
    whole: bool = True
    """Whether every line could be read."""

    @property
    def results(self) -> TestResults:
        """Counts of all cases; the first failures in full, the others by id and time."""
        every = [*self.broken.items(), *self.cases.items()]
        bad = [item for item in every if item[1].outcome in ("failed", "error")]
        good = [item for item in every if item[1].outcome not in ("failed", "error")]
        counts = {outcome: sum(case.outcome == outcome for _, case in every) for outcome in ("passed", "skipped")}
        return TestResults(
            passed=counts["passed"],
            skipped=counts["skipped"],
            failed=sum(case.outcome == "failed" for _, case in bad),
            errors=sum(case.outcome == "error" for _, case in bad),
            cases=[_test_case(name, case) for name, case in [*bad[:SHOWN_FAILURES], *good[:SHOWN_PASSES]]],
        )


def _test_case(name: str, case: Case) -> TestCase:
    return TestCase(
        id=name, outcome=case.outcome, seconds=round(case.seconds, 3), message=case.message, frame=case.frame
    )


def parse(data: bytes) -> Report:
    """Read a report. A line that is not one of ours makes it not ``whole``; the rest still counts for the reader."""
    report = Report()
    for line in data.splitlines():
        try:
            said: object = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if isinstance(said, dict):
            _take(report, cast("dict[str, object]", said))
        else:
            report.whole = False
    return report


def _take(report: Report, said: Mapping[str, object]) -> None:
    name = scrub.one_line(scrub.clean(_string(said, "id")), LONGEST_ID)
    match said.get("event"):
        case "start":
            report.running = name
            report.cases.setdefault(name, Case())
        case "phase":
            _take_phase(report.cases.setdefault(name, Case()), said)
            if said.get("when") == "teardown":
                report.running = ""
        case "broken":
            report.broken[name or "."] = Case("error", 0.0, *_failure(said))
        case "collected":
            report.collected = _whole_number(said, "count")
        case "internal":
            report.internal = _string(said, "message")
        case "ran" if name:
            report.ran[name] = set(_numbers(_string(said, "lines")))
        case "ran":
            report.counted = True
        case "finish":
            report.exit_code = _whole_number(said, "exit")
        case _:
            report.whole = False


def _take_phase(case: Case, said: Mapping[str, object]) -> None:
    """Add one of set-up, call and tear-down. The first failure explains the case; trouble around a call is an error."""
    seconds = said.get("seconds")
    if isinstance(seconds, int | float) and 0 <= seconds < 1e6:
        case.seconds += seconds
    outcome, call = said.get("outcome"), said.get("when") == "call"
    ended = case.message != UNENDED
    if outcome == "failed":
        if case.outcome in ("passed", "skipped") or not ended:
            case.message, case.frame = _failure(said)
        case.outcome = "failed" if call and (not ended or case.outcome == "failed") else "error"
    elif not ended and (outcome == "skipped" or (outcome == "passed" and call)):
        case.outcome, case.message = ("skipped" if outcome == "skipped" else "passed"), ""


def _failure(said: Mapping[str, object]) -> tuple[str, str]:
    """Message and frame of a failure, cleaned and cut."""
    message = scrub.one_line(scrub.clean(_string(said, "message")), LONGEST_MESSAGE)
    place = scrub.clean(_string(said, "place"))
    lines = [scrub.clean(line).rstrip() for line in _strings(said, "lines")]
    callers = [scrub.clean(caller) for caller in _strings(said, "callers")]
    called = [f"called from {' → '.join(callers)}"] if callers else []
    frame = "\n".join(part for part in (place, *called, *lines) if part)
    if len(frame) > LONGEST_FRAME:  # the end holds the line that failed
        frame = f"{place}\n…{frame[-(LONGEST_FRAME - len(place) - 2) :]}"
    return message, frame


def _string(said: Mapping[str, object], key: str) -> str:
    value = said.get(key, "")
    return value if isinstance(value, str) else ""


def _strings(said: Mapping[str, object], key: str) -> list[str]:
    value = said.get(key)
    return [item for item in cast("list[object]", value) if isinstance(item, str)] if isinstance(value, list) else []


def _numbers(text: str) -> Iterator[int]:
    """Numbers of lines; others are no lines."""
    return (int(number) for number in text.split(",") if number.isascii() and number.isdecimal() and len(number) < 8)


def _whole_number(said: Mapping[str, object], key: str) -> int | None:
    value = said.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
