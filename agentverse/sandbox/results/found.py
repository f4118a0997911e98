"""What a report of tests holds, whatever its form was."""

from __future__ import annotations

import re
from collections import Counter
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
ERROR = re.compile(r"^[ \t\[]*(?:Uncaught )?((?:[A-Z]\w*)?(?:Error|Exception)\b.*|panic: .*)$", re.MULTILINE)
LEAD = re.compile(r"^\S{1,200}:\d+: ")
"""The place before a message; it is told by itself."""
MESSAGE_LINES = 3


@dataclass(slots=True)
class Found:
    """Cases in the order of the report. ``whole`` is False when a part could not be read, or is not there."""

    cases: list[TestCase] = field(default_factory=list[TestCase])
    whole: bool = True

    _bad: int = 0

    def add(self, name: str, outcome: Outcome, seconds: float, *, said: str, printed: str, places: Places) -> None:
        """Take one test, cleaned and cut. Why it failed is kept of as many as are ever shown.

        Args:
            said: the runner's own word on why it failed; may be empty or say nothing.
            printed: stack trace and output.
        """
        name = scrub.one_line(scrub.clean(name[:LONGEST_TEXT]), LONGEST_ID) or "?"
        case = TestCase(id=name, outcome=outcome, seconds=round(seconds, 3) if 0 <= seconds < 1e6 else 0.0)
        if outcome in ("failed", "error"):
            self._bad += 1
            if self._bad <= SHOWN_FAILURES:
                case = case.model_copy(update=_explained(said, printed, places))
        self.cases.append(case)

    @property
    def results(self) -> TestResults:
        """Counts of all cases; the first failures in full, the others by id and time."""
        counts = Counter(case.outcome for case in self.cases)
        bad = [case for case in self.cases if case.outcome in ("failed", "error")]
        good = [case for case in self.cases if case.outcome not in ("failed", "error")]
        return TestResults(
            passed=counts["passed"],
            skipped=counts["skipped"],
            failed=counts["failed"],
            errors=counts["error"],
            cases=[*bad[:SHOWN_FAILURES], *good[:SHOWN_PASSES]],
        )


def _explained(said: str, printed: str, places: Places) -> dict[str, str]:
    """Message and frame of a failure."""
    text = scrub.clean(printed[:LONGEST_TEXT])
    message = scrub.one_line(scrub.clean(said[:LONGEST_TEXT]), LONGEST_MESSAGE)
    if not message or SAYS_NOTHING.fullmatch(message):
        message = _message(text) or message or UNENDED
    place = places.first(text)
    return {"message": message, "frame": places.frame(place) if place else ""}


def _message(text: str) -> str:
    """The first lines that say something; the line of an exception where there is one."""
    raised = ERROR.search(text)
    if raised:
        return scrub.one_line(raised[1].removesuffix(" [recovered]"), LONGEST_MESSAGE)
    lines = [line.strip() for line in text.splitlines() if line.strip() and not NOISE.match(line)]
    return scrub.one_line(LEAD.sub("", " ".join(lines[:MESSAGE_LINES])), LONGEST_MESSAGE)
