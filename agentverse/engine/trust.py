"""Commands run on the files of a commit, and how far what they showed is believed: tests must notice an empty program,
and what changed by itself must show three times.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.company import Trial
from agentverse.engine.foreign import run_foreign
from agentverse.engine.judging import disbelieved, is_source, is_test, judged, listed
from agentverse.engine.languages import is_python
from agentverse.engine.shows import with_shows
from agentverse.engine.supply import supply
from agentverse.errors import SandboxLost, Unsupplied
from agentverse.journal.events import EvidenceSeen
from agentverse.sandbox.control import falsified
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.hollow import hollow
from agentverse.sandbox.protocol import Limits, Provision

if TYPE_CHECKING:
    from agentverse.engine.samples import Warm
    from agentverse.engine.visit import Visit
    from agentverse.engine.work import Seen, Work

RUNS = 3
"""Equal results in a row after which one that changed by itself is believed; the first run counts."""
MOST_HELD = 256
"""Test files held read-only; each is a mount."""


async def prove(
    work: Work,
    commit: str,
    argv: list[str],
    *,
    key: str,
    visit: Visit,
    looked: bool = True,
    warm: Warm | None = None,
) -> Evidence:
    """Run ``argv`` in a fresh box on the files of ``commit``, or recall what it showed.

    Args:
        looked: count the lines that tests run, and look at the product too, when the phase says so.
        warm: a session in which it may run instead. Evidence from there says so, and is a hint and no proof.

    Raises:
        SandboxUnavailable: there is no sandbox; nothing is believed then.
        SandboxLost: it broke down. Nothing is written down, so that a resumed run tries again.
        Unsupplied: this machine lacks what it takes to supply the product; likewise.
    """
    if (known := _recalled(visit, key)) is not None:
        return known
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
        limits = Limits(wall=visit.spec.timeout or 60.0)
        evidence = await warm.run(files, argv, limits=limits, provision=provision) if warm is not None else None
        if evidence is None:
            measured = {path: text for path, text in files.items() if path.endswith(".py") and is_source(path)}
            evidence = await _run(work, files, argv, limits, provision, measured if looked else {})
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
    limits: Limits,
    provision: Provision,
    measured: Mapping[str, bytes],
) -> Evidence:
    held = sorted(path for path in files if path.endswith(".py") and is_test(path))[:MOST_HELD]
    async with work.host.sandbox.open(limits=limits) as box:
        await box.put(files)
        evidence = await gather(box, argv, limits=limits, held=held, provision=provision, measured=measured)
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


# ---------------------------------------------------------------------- one session after another


async def believed(visit: Visit, argv: list[str], evidence: Evidence, before: Sequence[Seen]) -> Evidence:
    """Evidence that passed, after it was put to the test itself; other evidence as it is.

    Args:
        before: what the phase showed on earlier visits.
    """
    if evidence.passed and evidence.kind == "tests" and is_python(visit.code):
        if not _same_files(visit, before):
            evidence = await _made_to_fail(visit, argv, evidence)
        if evidence.passed and not _proven(visit, before):
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
            return disbelieved(again, f"it passes and fails by chance, without a change: {again.reason.rstrip('.')}")
    return evidence


def _same_files(visit: Visit, before: Sequence[Seen]) -> bool:
    """Whether tests passed on these very files before, and were believed."""
    tree = visit.work.repo.tree
    return any(seen.evidence.passed and tree(seen.commit) == tree(visit.state.commit) for seen in before)


def _proven(visit: Visit, before: Sequence[Seen]) -> bool:
    """Whether the same tests were already shown to notice an empty program."""
    return any(seen.evidence.passed and not tests_changed(visit, seen.commit) for seen in before)


def tests_changed(visit: Visit, since: str) -> bool:
    """Whether a test is not what it was at the commit ``since``."""
    changed = visit.work.repo.changed(since, visit.state.commit)
    return any(is_test(path, visit.code) for path in (*changed.write, *changed.delete))


async def _made_to_fail(visit: Visit, argv: list[str], evidence: Evidence) -> Evidence:
    """Run the same tests, each made to fail. One that passes nevertheless is not decided by what it demands: something
    in the product, or around its tests, decides for it.
    """
    key = f"{visit.key}/control"
    shown = _recalled(visit, key)
    if shown is None:
        files = await asyncio.to_thread(visit.work.repo.files, visit.state.commit)
        control = await asyncio.to_thread(falsified, files, [path for path in files if is_test(path)])
        if not control.names:
            return evidence
        again = await _again(visit, argv, control.files, evidence)
        cases = again.tests.cases if again.tests else []
        stubborn = [c.id for c in cases if c.outcome == "passed" and c.id.partition("[")[0] in control.names]
        shown = _as_told(again, "control")
        if stubborn or again.passed:
            shown = disbelieved(shown, f"tests that pass even when they are made to fail: {listed(stubborn) or 'all'}")
        shown = await _record(visit.work, visit, key, shown, argv)
    return evidence if shown.passed else evidence.model_copy(update={"passed": False, "reason": shown.reason})


async def _against_nothing(visit: Visit, argv: list[str], evidence: Evidence) -> Evidence:
    """Run the tests on an empty program, up to the first that notices. When none does, they show nothing."""
    key, command = f"{visit.key}/hollow", [*argv, "-x"]
    shown = _recalled(visit, key)
    if shown is None:
        files = await asyncio.to_thread(visit.work.repo.files, visit.state.commit)
        empty = await asyncio.to_thread(hollow, files, [path for path in files if is_test(path)])
        if empty == files:
            return evidence  # there is no Python source to empty
        shown = await _again(visit, command, empty, evidence)
        if shown.passed:
            why = "the tests also pass against an empty program, so they show nothing about this one"
            shown = disbelieved(shown, why).model_copy(update={"commit": visit.state.commit})
        else:
            shown = _as_told(shown, "hollow")
        shown = await _record(visit.work, visit, key, shown, command)
    return evidence if shown.passed else shown.model_copy(update={"command": evidence.command})


def _recalled(visit: Visit, key: str) -> Evidence | None:
    known = visit.work.journal.recall(key)
    if known is not None and isinstance(known.event, EvidenceSeen):
        return Evidence.model_validate(known.event.evidence)
    return None


async def _again(visit: Visit, argv: list[str], files: Mapping[str, bytes], evidence: Evidence) -> Evidence:
    """The command on changed files. It may take twice as long as it did, and then what it takes to start."""
    limits = Limits(wall=min(visit.spec.timeout or 60.0, 5.0 + 2 * evidence.seconds))
    return await _run(visit.work, files, argv, limits, await supply(visit, files), {})


def _as_told(shown: Evidence, kind: Literal["hollow", "control"]) -> Evidence:
    """That tests failed as they must. How they did says nothing about the product, so it is left out."""
    return Evidence(kind=kind, command=shown.command, passed=True, seconds=shown.seconds, sandbox=shown.sandbox)
