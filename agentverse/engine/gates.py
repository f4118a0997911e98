"""Questions put to people: which answers fit, where they stand in the journal, and how they are waited for."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentverse.errors import UsageError
from agentverse.journal.events import GateAnswered, GateOpened
from agentverse.journal.prompts import text_hash
from agentverse.workspace.paths import safe_path

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


MOST_FILES, BIGGEST_FILE = 20, 1 << 20
"""Files that may go with an answer, and bytes of one."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, and the texts that are recorded with it."""

    event: GateAnswered
    blobs: Mapping[str, str] = field(default_factory=dict[str, str])


def given(text: str, choice: str, files: Mapping[str, bytes]) -> Given:
    """An answer as it is recorded.

    Raises:
        PathRefused: a file may not have that name.
        UsageError: there are too many files, or one is too large.
    """
    if len(files) > MOST_FILES or any(len(content) > BIGGEST_FILE for content in files.values()):
        raise UsageError(f"an answer takes at most {MOST_FILES} files of {BIGGEST_FILE >> 20} MiB")
    texts = {safe_path(path): base64.b64encode(content).decode() for path, content in files.items()}
    hashes = {path: text_hash(content) for path, content in texts.items()}
    event = GateAnswered(phase="", visit=0, text=text, choice=choice, files=hashes)
    return Given(event, {hashes[path]: content for path, content in texts.items()})


async def files_of(visit: Visit, answer: GateAnswered) -> dict[str, bytes]:
    """The files that came with an answer."""
    texts = await visit.work.journal.blobs(list(answer.files.values()))
    return {path: base64.b64decode(texts[hash]) for path, hash in answer.files.items()}


def answer_key(gate: str) -> str:
    """The key of the answer to the gate with the key ``gate``."""
    return f"{gate.rpartition('/')[0]}/answer"


def fitting(gate: GateOpened, text: str, choice: str, *, files: bool = False) -> tuple[str, str]:
    """``text`` and ``choice`` as they are recorded: a text that is one of the choices is a choice.

    Args:
        files: some come with it, which can be an answer by themselves.

    Raises:
        UsageError: it answers nothing, or is none of the choices.
    """
    if gate.choices and not choice and text in gate.choices:
        text, choice = "", text
    if gate.choices and choice not in gate.choices:
        raise UsageError(f"{choice or text!r} is none of the choices", fix=f"Choose one of: {', '.join(gate.choices)}.")
    if not (text or choice or files):
        raise UsageError("an answer needs a text or a choice")
    return text, choice


async def ask(visit: Visit, key: str, gate: GateOpened, *, timeout: float | None = None) -> GateAnswered | None:
    """Open a gate and wait for its answer, or recall it. The default counts when nobody can be asked, or in time.

    Args:
        key: the gate's, which ends in ``/gate``.
        timeout: seconds a person is given; None for ever.

    Returns:
        The answer as recorded; None when the time is up and there is no default.
    """
    journal = visit.work.journal
    await journal.record(key, gate)
    known = journal.recall(answer_key(key))
    if known is None:
        answer = await _wait(visit, key, gate, timeout)
        if answer is None:
            return None
        known = await journal.record(answer_key(key), answer.event, blobs=answer.blobs)
    assert isinstance(known.event, GateAnswered)
    return known.event


async def _wait(visit: Visit, key: str, gate: GateOpened, timeout: float | None) -> Given | None:
    work = visit.work
    chosen = gate.default if gate.default and gate.default in gate.choices else ""
    by_default = GateAnswered(
        phase=gate.phase, visit=gate.visit, text="" if chosen else gate.default or "", choice=chosen, by="default"
    )
    if not work.host.interactive and gate.default is not None and timeout is None:
        return Given(by_default)
    if visit.failed is not None:
        raise visit.failed
    waiting = work.gates.setdefault(key, asyncio.get_running_loop().create_future())
    with work.budget.waiting_for_person(), suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            answer = await asyncio.shield(waiting)
            placed = answer.event.model_copy(update={"phase": gate.phase, "visit": gate.visit})
            return replace(answer, event=placed)
    await work.unless_stopping()
    return None if gate.default is None else Given(by_default.model_copy(update={"by": "timeout"}))
