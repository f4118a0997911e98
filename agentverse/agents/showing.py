"""Artifacts as prompts show them: readable and short, since every agent pays for each token."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from agentverse.agents.wording import knows, say
from agentverse.blueprint.artifacts import (
    Answer,
    Artifact,
    Attempts,
    Design,
    DesignFile,
    Edits,
    Evidence,
    Files,
    Opinion,
    Requirements,
    Show,
    TestCase,
    Verdict,
)
from agentverse.sandbox.report import UNENDED

_OUTPUT_SHOWN = 2000
"""Characters of a command's output that a prompt shows."""
_CASES_SHOWN_WHOLE = 4
"""Failed tests shown with their source lines; of the others only the message."""
_SCREEN_SHOWN = 800
"""Characters of what was last seen of a product that failed a look."""
_LINES_ABOVE = 2
"""Source lines shown above the one that failed."""
_NO_TESTS = 5
"""pytest's exit code when it found no tests."""
_CALLED_FROM = "called from "
_CHATTER = re.compile(r"\s*(?:Use -v to get more diff|\.\.\.Full output truncated \(.*|Full diff:\s*$)")
"""What pytest says about itself."""


def show_artifact(name: str, value: Any, language: str) -> str:
    """The artifact ``name`` as text; "" when there is nothing to show, as for files: they have their own segments."""
    if isinstance(value, Artifact):
        shown = next((show for kind, show in _SHOWS if isinstance(value, kind)), _plain)
        return shown(name, value, language)
    if isinstance(value, str):
        return f"{name}: {value}" if "\n" not in value and len(value) < 100 else f"# {name}\n{value}"
    return f"# {name}\n{_compact(value)}"


def _requirements(_name: str, value: Any, language: str) -> str:
    wanted: Requirements = value
    lines = [
        say("requirements", language),
        f"{wanted.title} ({wanted.kind}, {wanted.language}): {wanted.summary}",
    ]
    if wanted.dependencies:
        lines.append(say("packages", language, names=", ".join(wanted.dependencies)))
    for item in wanted.items:
        test = say("test", language, test=item.test) if item.test else ""
        lines.append(f"{item.id}. {item.text}{test}")
    return "\n".join(lines)


def _design(_name: str, value: Any, language: str) -> str:
    design: Design = value
    lines = [say("design", language), *(_design_line(file, language) for file in design.files)]
    if design.entry:
        lines.append(say("entry", language, path=design.entry))
    if design.start:
        lines.append(say("start", language, command=design.start))
    return "\n".join(lines)


def _design_line(file: DesignFile, language: str) -> str:
    parts = [f"{file.path} — {file.purpose.rstrip('.。')}"]
    if file.names:
        parts.append(", ".join(file.names))
    if file.depends_on:
        parts.append(say("needs", language, names=", ".join(file.depends_on)))
    return "; ".join(parts)


def _verdict(name: str, value: Any, language: str) -> str:
    verdict: Verdict = value
    lines = [f"{name}: {say('approved' if verdict.approved else 'not_approved', language)}"]
    for number, finding in enumerate(verdict.findings, start=1):
        place = f"{finding.file}:{finding.line}" if finding.file and finding.line else finding.file
        how = f" → {finding.how}" if finding.how else ""
        lines.append(f"{number}. {f'{place} ' if place else ''}[{finding.severity}] {finding.what}{how}")
    return "\n".join(lines)


def _opinion(name: str, value: Any, language: str) -> str:
    opinion: Opinion = value
    return f"{name}: {say('approved' if opinion.agreed else 'not_approved', language)}. {opinion.message}".rstrip(" .")


def _evidence(name: str, value: Any, language: str) -> str:
    seen: Evidence = value
    cases = seen.tests.cases if seen.tests else []
    bad = [case for case in cases if case.outcome in ("failed", "error")]
    outcome = say("passed", language) if seen.passed else say("failed", language, reason=_why(seen, language))
    lines = [f"{name}: `{' '.join(seen.command)}` {outcome}"]
    for number, case in enumerate(bad):
        lines.append(_case(case, language, whole=number < _CASES_SHOWN_WHOLE))
    detail = seen.reason.partition("\n")[2]
    if detail:
        lines.append(detail)
    wrong = [show for show in seen.shows if not show.passed and show.ended != "not_run"]
    for show in wrong:
        lines += _show(show, language)
    output = (seen.head + seen.tail).strip()
    if output and not bad and not wrong and not seen.passed:
        lines.append(output[-_OUTPUT_SHOWN:])
    return "\n".join(lines)


def _show(show: Show, language: str) -> list[str]:
    """The last thing done with a product that failed a look, and what was seen then; the reason stands above."""
    if not show.moments:
        return []
    last = show.moments[-1]
    seen = last.saw.strip()
    # The end of what was printed says why it stopped; a screen is shown whole or nearly so.
    shown = seen if len(seen) <= _SCREEN_SHOWN else f"…{seen[-_SCREEN_SHOWN:]}"
    return [say("did", language, what=last.did), *([shown] if shown else [])]


def _why(seen: Evidence, language: str) -> str:
    """Why evidence did not pass, in the run's language; failed cases and the output are shown beside it."""
    reasons: list[str] = []
    if knows(f"ended_{seen.ended}"):
        reasons.append(say(f"ended_{seen.ended}", language))
    tests = seen.tests
    if tests and (bad := tests.failed + tests.errors):
        total = bad + tests.passed + tests.skipped
        reasons.append(say("count_failed", language, bad=bad, total=total))
    elif tests and seen.exit_code == _NO_TESTS:
        reasons.append(say("no_tests", language))
    elif not reasons and seen.exit_code:
        reasons.append(say("exit_code", language, code=seen.exit_code))
    return "; ".join(reasons) or seen.reason


def _case(case: TestCase, language: str, *, whole: bool) -> str:
    """A failed test: its id, where it failed, and once what was wrong. pytest's lines that begin with E say that."""
    message = say("unended", language) if case.message == UNENDED else _CHATTER.sub("", case.message).rstrip()
    frame = [_frame_line(line, language) for line in case.frame.splitlines()] if whole else []
    frame = _near([line for line in frame if line.rstrip(" E")])
    said = any(line.startswith("E ") for line in frame)
    return "\n".join([f"- {case.id}" if said else f"- {case.id}: {message}", *frame])


def _near(frame: list[str]) -> list[str]:
    """A frame without the source lines far above the one that failed: the whole file is shown elsewhere."""
    at = next((number for number, line in enumerate(frame) if line.startswith(">")), 0)
    above = [line for line in frame[:at] if not line.startswith(" ")]
    return [*above, *frame[len(above) : at][-_LINES_ABOVE:], *frame[at:]]


def _frame_line(line: str, language: str) -> str:
    if line.startswith(_CALLED_FROM):
        return say("called_from", language, place=line.removeprefix(_CALLED_FROM))
    return _CHATTER.sub("", line).rstrip()


def _answer(name: str, value: Any, _language: str) -> str:
    answer: Answer = value
    return f"{name}: {' — '.join(part for part in (answer.choice, answer.text) if part)}"


def _attempts(_name: str, value: Any, language: str) -> str:
    """Numbered from the first, so that what was shown before stays as it was when one is added."""
    attempts: Attempts = value
    lines: list[str] = []
    for number, one in enumerate(attempts.tried, start=1):
        lines += [say("attempt", language, number=number), one.solution.strip()]
        lines += [say("advice", language, advice=one.advice)] if one.advice else []
    return "\n".join(lines)


def _nothing(_name: str, _value: Any, _language: str) -> str:
    return ""


def _plain(name: str, value: Any, _language: str) -> str:
    return f"# {name}\n{_compact(value.model_dump(mode='json', exclude_defaults=True))}"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


_SHOWS: tuple[tuple[type[Artifact], Callable[[str, Any, str], str]], ...] = (
    (Requirements, _requirements),
    (Design, _design),
    (Files, _nothing),
    (Edits, _nothing),
    (Verdict, _verdict),
    (Opinion, _opinion),
    (Evidence, _evidence),
    (Answer, _answer),
    (Attempts, _attempts),
)
