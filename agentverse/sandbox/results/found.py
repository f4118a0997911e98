"""What a report of tests holds, whatever its form was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from agentverse.blueprint.artifacts import TestCase, TestResults
from agentverse.sandbox import scrub
from agentverse.sandbox.report import LONGEST_ID, LONGEST_MESSAGE, SHOWN_FAILURES, SHOWN_PASSES, UNENDED
from agentverse.sandbox.results.places import Places

Outcome = Literal["passed", "failed", "error", "skipped"]
MOST_CASES = 20_000
LONGEST_TEXT = 16_000
"""Characters kept of what one test printed."""
SAYS_NOTHING = re.compile(r"(test )?failed|fail|subprocess aborted|assertion failure", re.IGNORECASE)
NOISE = re.compile(
    r"^(=== |\s*--- |thread '.*' (\(\d+\) )?panicked at |note: run with |stack backtrace|\s*at |goroutine |exit status)"
)
ERROR = re.compile(r"^\W*(?:Uncaught )?([A-Z]\w*(?:Error|Exception)\b.*)$", re.MULTILINE)
MESSAGE_LINES = 3


@dataclass(slots=True)
class Found:
    """Cases in the order of the report. ``whole`` is False when a part could not be read, or is not there."""

    cases: list[TestCase] = field(default_factory=list[TestCase])
    whole: bool = True

    @property
    def results(self) -> TestResults:
        """Counts of all cases; the first failures in full, the others by id and time."""
        bad = [case for case in self.cases if case.outcome in ("failed", "error")]
        good = [case for case in self.cases if case.outcome not in ("failed", "error")]
        return TestResults(
            passed=_number(good, "passed"),
            skipped=_number(good, "skipped"),
            failed=_number(bad, "failed"),
            errors=_number(bad, "error"),
            cases=[*bad[:SHOWN_FAILURES], *good[:SHOWN_PASSES]],
        )


def _number(cases: Iterable[TestCase], outcome: str) -> int:
    return sum(case.outcome == outcome for case in cases)


def case(name: str, outcome: Outcome, seconds: float, *, said: str, printed: str, places: Places) -> TestCase:
    """One test, cleaned and cut.

    Args:
        said: the runner's own word on why it failed; may be empty or say nothing.
        printed: stack trace and output.
    """
    name = scrub.one_line(scrub.clean(name), LONGEST_ID) or "?"
    seconds = round(seconds, 3) if 0 <= seconds < 1e6 else 0.0
    if outcome in ("passed", "skipped"):
        return TestCase(id=name, outcome=outcome, seconds=seconds)
    text = scrub.clean(printed[:LONGEST_TEXT])
    message = scrub.one_line(scrub.clean(said), LONGEST_MESSAGE)
    if not message or SAYS_NOTHING.fullmatch(message):
        message = _message(text) or message or UNENDED
    place = places.first(text)
    return TestCase(
        id=name, outcome=outcome, seconds=seconds, message=message, frame=places.frame(place) if place else ""
    )


def _message(text: str) -> str:
    """The first lines that say something; the line of an exception where there is one."""
    raised = ERROR.search(text)
    if raised:
        return scrub.one_line(raised[1], LONGEST_MESSAGE)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not NOISE.match(line)]
    return scrub.one_line(" ".join(lines[:MESSAGE_LINES]), LONGEST_MESSAGE)
