"""``run``: a command in the sandbox. Its evidence decides, and a change that made things worse is taken back."""

from __future__ import annotations

import asyncio
import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from agentverse import templates
from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.company import Trial
from agentverse.engine import languages
from agentverse.engine.kinds import phase_kind
from agentverse.engine.languages import NAMED
from agentverse.engine.state import State, Tried
from agentverse.engine.trust import believed, prove, tests_changed
from agentverse.engine.work import Seen
from agentverse.errors import PhaseFailed
from agentverse.journal.events import FilesChanged, RolledBack

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

_BLANK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_PATCH_LINES = 40
_LONGEST_WORD = 100_000
"""Bytes; the kernel takes a little more."""


@phase_kind("run")
async def run(visit: Visit) -> State:
    """Run the command on the files as they stand; make the evidence the phase's artifact."""
    argv = command(visit)
    evidence = await prove(visit.work, visit.state.commit, argv, key=f"{visit.key}/run", visit=visit)
    name = next(iter(visit.spec.produces), visit.name)
    before = visit.flow.shown.setdefault(visit.name + visit.item, [])
    evidence = _with_repeats(await believed(visit, argv, evidence, before), before)
    seen = Seen(evidence, visit.state.commit, tuple(argv), visit.stamp, visit)
    best = max(before, key=lambda one: one.evidence.score, default=None)
    before.append(seen)
    visit.work.seen.append(seen)
    state = _with_tried(visit, evidence, before)
    worse = visit.spec.take_back and best is not None and evidence.score < best.evidence.score
    if worse and best is not None and not tests_changed(visit, best.commit):
        state = await _go_back(visit, state, best)
        evidence = best.evidence.model_copy(update={"repeats": before[-2].evidence.repeats + 1})
        before.append(replace(seen, evidence=evidence, commit=state.commit))
    return visit.make(state, name, "evidence", evidence)


def command(visit: Visit) -> list[str]:
    """The words of the command. Each word is rendered by itself, so that a value can never add words."""
    said = visit.spec.run
    if isinstance(said, Trial):
        said = said.command
    if said in NAMED:
        return languages.command(visit.code, str(said))
    if isinstance(said, str):
        blanks: list[str] = []
        marked = _BLANK.sub(lambda match: f"\x00{blanks.append(match[0]) or len(blanks) - 1}\x00", said)
        words = [re.sub(r"\x00(\d+)\x00", lambda m: blanks[int(m[1])], word) for word in shlex.split(marked)]
    else:
        words = said or []
    argv = [word for word in (templates.render(word, visit.variables()) for word in words) if word]
    if not argv or not all(_possible(word) for word in argv):
        raise PhaseFailed(f"phase '{visit.name}': what was filled in makes no command", code="run")
    return argv


def _possible(word: str) -> bool:
    """Whether a word can be handed to a program at all."""
    try:
        return len(word.encode()) <= _LONGEST_WORD and "\0" not in word
    except UnicodeEncodeError:
        return False


def _with_repeats(evidence: Evidence, before: list[Seen]) -> Evidence:
    if evidence.passed or not before:
        return evidence
    last = before[-1].evidence
    if last.passed or last.fingerprint != evidence.fingerprint:
        return evidence
    return evidence.model_copy(update={"repeats": last.repeats + 1})


def _with_tried(visit: Visit, evidence: Evidence, before: list[Seen]) -> State:
    """The state with the last change noted as tried, when it did not help."""
    if evidence.passed or len(before) < 2:
        return visit.state
    patch = visit.work.repo.patch(before[-2].commit, visit.state.commit).splitlines()
    kept = "\n".join(patch[:_PATCH_LINES]) + ("\n…" if len(patch) > _PATCH_LINES else "")
    tried = (*visit.state.tried, Tried(visit.state.commit, kept))
    return replace(visit.state, tried=tried)


async def _go_back(visit: Visit, state: State, best: Seen) -> State:
    """A commit that restores the files of the best evidence."""
    work = visit.work
    changes = await asyncio.to_thread(work.repo.changed, state.commit, best.commit)
    commit = await asyncio.to_thread(
        work.repo.commit,
        state.commit,
        changes,
        author="agentverse",
        message=f"Go back: {visit.name} showed less than before",
        at=visit.at,
    )
    work.journal.note(
        f"{visit.key}/back/files",
        FilesChanged(
            phase=visit.name,
            visit=visit.number,
            author="agentverse",
            commit=commit,
            parents=[state.commit],
            written=sorted(changes.write),
            deleted=sorted(changes.delete),
        ),
    )
    work.journal.note(
        f"{visit.key}/back",
        RolledBack(
            phase=visit.name,
            visit=visit.number,
            commit=commit,
            reason="the last change made the evidence worse",
        ),
    )
    work.latest = commit
    return state.with_files(
        commit,
        artifact="",
        written=sorted(changes.write),
        deleted=sorted(changes.delete),
        stamp=visit.stamp,
    )
