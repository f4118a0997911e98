"""What evidence is worth: tests count only when they demand something and notice an empty program, and what changed
by itself counts only when it shows three times.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentverse.blueprint.artifacts import Evidence, Finding
from agentverse.blueprint.company import Trial
from agentverse.blueprint.language import ProgrammingLanguage
from agentverse.engine.foreign import run_foreign
from agentverse.engine.languages import is_python, python
from agentverse.engine.shows import with_shows
from agentverse.engine.supply import supply
from agentverse.engine.words import word
from agentverse.errors import SandboxLost, Unsupplied
from agentverse.journal.events import EvidenceSeen
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.foreign import weaker
from agentverse.sandbox.hollow import hollow
from agentverse.sandbox.protocol import Limits, Provision
from agentverse.sandbox.static import broken_findings, static_findings
from agentverse.sandbox.weakening import is_empty, read_suite, weakened
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit
    from agentverse.engine.work import Seen, Work

SHOWN = 6
"""Tests, findings or changes that a reason names."""
RUNS = 3
"""Equal results in a row after which one that changed by itself is believed; the first run counts."""
DATA = frozenset({"templates", "template", "fixtures", "testdata", "samples", "snippets"})
"""Folders whose Python files may be text to the product."""
MOST_HELD = 256
"""Test files held read-only; each is a mount."""


_WORDS = re.compile(r"[^\s:]+")


def is_test(path: str, code: ProgrammingLanguage | None = None) -> bool:
    """Whether a file is a test by where it lies or how it is called.

    Args:
        code: the product's language; Python when left out.
    """
    return (code or python()).is_test(path)


async def prove(work: Work, commit: str, argv: list[str], *, key: str, visit: Visit, looked: bool = True) -> Evidence:
    """Run ``argv`` in a fresh box on the files of ``commit``, or recall what it showed.

    Args:
        looked: count the lines that tests run, and look at the product too, when the phase says so.

    Raises:
        SandboxUnavailable: there is no sandbox; nothing is believed then.
        SandboxLost: it broke down. Nothing is written down, so that a resumed run tries again.
        Unsupplied: this machine lacks what it takes to supply the product; likewise.
    """
    known = work.journal.recall(key)
    if known is not None and isinstance(known.event, EvidenceSeen):
        return Evidence.model_validate(known.event.evidence)
    files = await asyncio.to_thread(work.repo.files, commit)
    try:
        provision = await supply(visit, files)
    except Unsupplied as error:
        if error.stops:
            raise
        evidence = Evidence(command=argv, passed=False, ended="not_run", reason=_fixable(error), commit=commit)
        return await _record(work, visit, key, evidence, argv)
    adopted = {path for path, note in visit.state.files.items() if not note.artifact}
    if is_python(visit.code):
        counted = _sources(files) if looked else {}
        wall = visit.spec.timeout or 60.0
        evidence = await _run(work, files, argv, wall=wall, provision=provision, counted=counted)
        if evidence.kind == "tests":
            evidence = await asyncio.to_thread(judged, evidence, files, adopted, provision.modules)
    else:
        evidence = await run_foreign(visit, files, argv, provision=provision, adopted=adopted)
        if evidence.ended == "sandbox_lost":
            raise _lost(work)
    if looked and evidence.passed and isinstance(visit.spec.run, Trial):
        evidence = await with_shows(work, visit, evidence, files, visit.spec.run, provision)
        # A look at a screen shares a session with the product, which can end that itself; a command's box it cannot.
        if any(show.kind == "command" and show.ended == "sandbox_lost" for show in evidence.shows):
            raise _lost(work)
    return await _record(work, visit, key, evidence.model_copy(update={"commit": commit}), argv)


def _fixable(error: Unsupplied) -> str:
    return f"Not run: {str(error).rstrip('.')}." + (f" {error.fix}" if error.fix else "")


async def _run(
    work: Work,
    files: Mapping[str, bytes],
    argv: list[str],
    *,
    wall: float,
    provision: Provision,
    counted: Mapping[str, bytes],
) -> Evidence:
    limits = Limits(wall=wall)
    held = sorted(path for path in files if path.endswith(".py") and is_test(path))[:MOST_HELD]
    async with work.host.sandbox.open(limits=limits) as box:
        await box.put(files)
        evidence = await gather(box, argv, limits=limits, held=held, provision=provision, counted=counted)
    if evidence.ended == "sandbox_lost":
        raise _lost(work)
    return evidence


def _lost(work: Work) -> SandboxLost:
    return SandboxLost(
        "the sandbox broke down while a command ran", fix=f"Go on with: agentverse resume {work.journal.run}"
    )


async def _record(work: Work, visit: Visit, key: str, evidence: Evidence, argv: Sequence[str]) -> Evidence:
    entry = await work.journal.record(
        key,
        EvidenceSeen(phase=visit.name, visit=visit.number, evidence=evidence.model_dump(mode="json")),
        input=f"{evidence.commit} {shlex.join(argv)}",
    )
    return Evidence.model_validate(entry.event.evidence) if isinstance(entry.event, EvidenceSeen) else evidence


# ---------------------------------------------------------------------- one session of tests


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
        if empty := _empty(evidence, files, adopted):
            return _disbelieved(evidence, f"tests that assert nothing: {_listed(empty)}")
        broken = [f for f in broken_findings(files) if f.file not in adopted and _is_source(f.file)]
        if broken:
            return _disbelieved(evidence, f"no test reaches it, but {_listed([_place(f) for f in broken])}")
        return evidence
    if evidence.tests is None or evidence.ended != "exited":
        return evidence
    tests = evidence.tests
    ran = tests.passed + tests.failed + tests.skipped
    bad = [case for case in tests.cases if case.outcome in ("failed", "error")]
    named = set(_WORDS.findall("\n".join(f"{case.id}\n{case.frame}" for case in bad)))
    # What may be well explains only why nothing ran.
    found = [
        finding
        for finding in static_findings(files, supplied)
        if finding.file not in adopted and not (ran and finding.severity == "minor")
    ]
    found.sort(key=lambda finding: finding.file not in named)
    lines = [evidence.reason, *(_place(finding) for finding in found[:SHOWN])]
    return evidence.model_copy(update={"reason": "\n".join(lines)})


def _sources(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: text for path, text in files.items() if path.endswith(".py") and _is_source(path)}


def _is_source(path: str) -> bool:
    """Whether a Python file is meant to run by itself: no test, no template to be filled in, no sample of bad code."""
    return not is_test(path) and DATA.isdisjoint(path.split("/")[:-1])


def _empty(evidence: Evidence, files: Mapping[str, bytes], adopted: set[str]) -> list[str]:
    """Ids of tests that passed and assert nothing."""
    helpers = (b"pytest", b"unittest")
    suite = read_suite({path: text for path, text in files.items() if is_test(path) or any(h in text for h in helpers)})
    cases = evidence.tests.cases if evidence.tests else []
    names = list(dict.fromkeys(case.id.partition("[")[0] for case in cases if case.outcome == "passed"))
    empty: list[str] = []
    for name in names:
        path, _, inside = name.partition("::")
        unit = suite.units.get((path, inside))
        if path in suite.broken or (unit is not None and is_empty(unit)):
            empty.append(name)
    if len(empty) == len(names):
        return empty
    return [name for name in empty if name.partition("::")[0] not in adopted]


def _disbelieved(evidence: Evidence, why: str) -> Evidence:
    return evidence.model_copy(update={"passed": False, "reason": f"{why[0].upper()}{why[1:]}."})


def _listed(names: Sequence[str]) -> str:
    return "; ".join(names[:SHOWN]) + (f"; and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _place(finding: Finding) -> str:
    return f"{finding.file}:{finding.line}: {finding.what}"


# ---------------------------------------------------------------------- one session after another


async def believed(visit: Visit, argv: list[str], evidence: Evidence, before: Sequence[Seen]) -> Evidence:
    """Evidence that passed, after it was put to the test itself; other evidence as it is.

    Args:
        before: what the phase showed on earlier visits.
    """
    if evidence.passed and evidence.kind == "tests" and is_python(visit.code) and not _proven(visit, before):
        evidence = await _against_nothing(visit, argv, evidence)
    if not evidence.passed or not before or before[-1].evidence.passed:
        return evidence
    tree = visit.work.repo.tree
    if tree(before[-1].commit) != tree(visit.state.commit):
        return evidence
    for number in range(2, RUNS + 1):
        key = f"{visit.key}/run~{number}"
        again = await prove(visit.work, visit.state.commit, argv, key=key, visit=visit, looked=False)
        if not again.passed:
            return _disbelieved(again, f"it passes and fails by chance, without a change: {again.reason.rstrip('.')}")
    return evidence


def _proven(visit: Visit, before: Sequence[Seen]) -> bool:
    """Whether the same tests were already shown to notice an empty program."""
    return any(seen.evidence.passed and not tests_changed(visit, seen.commit) for seen in before)


def tests_changed(visit: Visit, since: str) -> bool:
    """Whether a test is not what it was at the commit ``since``."""
    changed = visit.work.repo.changed(since, visit.state.commit)
    return any(is_test(path, visit.code) for path in (*changed.write, *changed.delete))


async def _against_nothing(visit: Visit, argv: list[str], evidence: Evidence) -> Evidence:
    """Run the tests on an empty program, up to the first that notices. When none does, they show nothing."""
    work, key = visit.work, f"{visit.key}/hollow"
    known = work.journal.recall(key)
    if known is not None and isinstance(known.event, EvidenceSeen):
        shown = Evidence.model_validate(known.event.evidence)
    else:
        files = await asyncio.to_thread(work.repo.files, visit.state.commit)
        empty = await asyncio.to_thread(hollow, files, [path for path in files if is_test(path)])
        if empty == files:
            return evidence  # there is no Python source to empty
        command = [*argv, "-x"]
        wall = min(visit.spec.timeout or 60.0, 5.0 + 2 * evidence.seconds)
        shown = await _run(work, empty, command, wall=wall, provision=await supply(visit, files), counted={})
        if shown.passed:
            shown = _disbelieved(
                shown, "the tests also pass against an empty program, so they show nothing about this one"
            )
            shown = shown.model_copy(update={"commit": visit.state.commit})
        else:
            shown = Evidence(kind="hollow", command=command, passed=True, seconds=shown.seconds, sandbox=shown.sandbox)
        shown = await _record(work, visit, key, shown, command)
    return evidence if shown.passed else shown.model_copy(update={"command": evidence.command})


# ---------------------------------------------------------------------- who edits tests


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
        return word("weakened", language, what=_listed([_place(finding) for finding in found])) if found else None

    return check
