"""What the files say about evidence and edits: tests must demand something, source that no test reaches must be able to
work, and what tests demand must not become less.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from agentverse.blueprint.artifacts import Evidence, Finding, TestCase, TestResults
from agentverse.blueprint.language import ProgrammingLanguage
from agentverse.engine.languages import is_python, python
from agentverse.engine.words import word
from agentverse.sandbox.evidence import pytest_words
from agentverse.sandbox.foreign import weaker
from agentverse.sandbox.static import broken_findings, static_findings
from agentverse.sandbox.unrun import equal_to_anything, lost_tests, skipped_tests
from agentverse.sandbox.weakening import Suite, is_empty, read_suite, weakened
from agentverse.workspace.protocol import Changes

SHOWN = 6
"""Tests, findings or changes that a reason names."""
DATA = frozenset({"templates", "template", "fixtures", "testdata", "samples", "snippets"})
"""Folders whose Python files may be text to the product."""
_WORDS = re.compile(r"[^\s:]+")


def is_test(path: str, code: ProgrammingLanguage | None = None) -> bool:
    """Whether a file is a test by where it lies or how it is called.

    Args:
        code: the product's language; Python when left out.
    """
    return (code or python()).is_test(path)


def is_source(path: str) -> bool:
    """Whether a Python file is meant to run by itself: no test, no template to be filled in, no sample of bad code."""
    return not is_test(path) and DATA.isdisjoint(path.split("/")[:-1])


def judged(
    evidence: Evidence, files: Mapping[str, bytes], adopted: set[str], supplied: Collection[str] = ()
) -> Evidence:
    """Evidence of tests after a look at the files: passed tests must assert, and pass for a product that holds no name
    or file which cannot work; failed ones are explained by what can be seen.

    Args:
        files: all files the tests ran with.
        adopted: paths of files that were there before the run and stand as they were: the customer's.
        supplied: modules of the product's packages.
    """
    if evidence.passed:
        doubt = _doubt(evidence, files, adopted)
        return disbelieved(evidence, doubt) if doubt else evidence
    tests = evidence.tests
    if tests is None or evidence.ended != "exited":
        return evidence
    some_ran = bool(tests.passed + tests.failed + tests.skipped)
    bad = [case for case in tests.cases if case.outcome in ("failed", "error")]
    named = set(_WORDS.findall("\n".join(f"{case.id}\n{case.frame}" for case in bad)))
    found = [finding for finding in static_findings(files, supplied) if finding.file not in adopted]
    found = [finding for finding in found if finding.severity != "minor" or not some_ran]
    found.sort(key=lambda finding: finding.file not in named)
    lines = [evidence.reason, *(_place(finding) for finding in found[:SHOWN])]
    return evidence.model_copy(update={"reason": "\n".join(lines)})


def _doubt(evidence: Evidence, files: Mapping[str, bytes], adopted: set[str]) -> str:
    """Why tests that passed show nothing; "" when they may show something."""
    helpers = (b"pytest", b"unittest")
    suite = read_suite({path: text for path, text in files.items() if is_test(path) or any(h in text for h in helpers)})
    if why := _unrun(suite, evidence, adopted):
        return why
    if empty := _empty(suite, evidence.tests.cases if evidence.tests else [], adopted):
        return f"tests that assert nothing: {listed(empty)}"
    own = {path: text for path, text in files.items() if path.endswith(".py") and path not in adopted}
    source = {path: text for path, text in own.items() if is_source(path)}
    if rigged := [f"{path}:{line}: {name} equals everything" for path, line, name in equal_to_anything(source)]:
        return f"tests show nothing about it: {listed(rigged)}"
    if broken := [finding for finding in broken_findings(files) if finding.file in source]:
        return f"no test reaches it, but {listed([_place(finding) for finding in broken])}"
    return ""


def _unrun(suite: Suite, evidence: Evidence, adopted: Collection[str]) -> str:
    """Which tests of ours are there and did not run; "" when that cannot be told, as of very many."""
    tests, words = evidence.tests or TestResults(), pytest_words(evidence.command)
    if words is None or len(tests.cases) != tests.passed + tests.skipped:
        return ""
    if lost := [name for name in lost_tests(suite, tests.cases, words) if _new(name, adopted)]:
        return f"tests that did not run: {listed(lost)}"
    if skipped := [name for name in skipped_tests(suite, tests.cases) if _new(name, adopted)]:
        return f"tests that are skipped without a condition: {listed(skipped)}"
    return ""


def _new(test: str, adopted: Collection[str]) -> bool:
    """Whether a test is not the customer's."""
    return test.partition("::")[0] not in adopted


def _empty(suite: Suite, cases: Sequence[TestCase], adopted: Collection[str]) -> list[str]:
    """Ids of tests that passed and assert nothing."""
    names = list(dict.fromkeys(case.id.partition("[")[0] for case in cases if case.outcome == "passed"))
    empty: list[str] = []
    for name in names:
        path, _, inside = name.partition("::")
        unit = suite.units.get((path, inside))
        if path in suite.broken or (unit is not None and is_empty(unit)):
            empty.append(name)
    if len(empty) == len(names):
        return empty
    return [name for name in empty if _new(name, adopted)]


def disbelieved(evidence: Evidence, why: str) -> Evidence:
    return evidence.model_copy(update={"passed": False, "reason": f"{why[0].upper()}{why[1:]}."})


def listed(names: Sequence[str]) -> str:
    return "; ".join(names[:SHOWN]) + (f"; and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _place(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}: {finding.what}"


def no_weaker(
    base: Mapping[str, bytes], language: str, code: ProgrammingLanguage | None = None
) -> Callable[[Any], str | None] | None:
    """A look at a reply's changes that says how they weaken tests; None where ``base`` holds none.

    Args:
        base: the files the turn may change, as they stand.
        language: the run's.
        code: the product's language; Python when left out.
    """
    before = {path: content for path, content in base.items() if is_test(path, code)}
    if not before:
        return None

    def check(value: Any) -> str | None:
        if not isinstance(value, Changes):
            return None
        after = {path: content for path, content in before.items() if path not in value.delete}
        after |= {path: content for path, content in value.write.items() if is_test(path, code)}
        found = weakened(before, after) if code is None or is_python(code) else weaker(before, after, code)
        return word("weakened", language, what=listed([_place(finding) for finding in found])) if found else None

    return check
