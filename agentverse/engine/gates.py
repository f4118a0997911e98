"""Questions put to people: which answers fit, where they stand in the journal, and how they are waited for."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from agentverse.errors import UsageError
from agentverse.journal.events import GateAnswered, GateOpened

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


def answer_key(gate: str) -> str:
    """The key of the answer to the gate with the key ``gate``."""
    return f"{gate.rpartition('/')[0]}/answer"


def fitting(gate: GateOpened, text: str, choice: str) -> tuple[str, str]:
    """``text`` and ``choice`` as they are recorded: a text that is one of the choices is a choice.

    Raises:
        UsageError: it answers nothing, or is none of the choices.
    """
    if gate.choices and not choice and text in gate.choices:
        text, choice = "", text
    if gate.choices and choice not in gate.choices:
        raise UsageError(f"{choice or text!r} is none of the choices", fix=f"Choose one of: {', '.join(gate.choices)}.")
    if not (text or choice):
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
        known = await journal.record(answer_key(key), answer)
    assert isinstance(known.event, GateAnswered)
    return known.event


async def _wait(visit: Visit, key: str, gate: GateOpened, timeout: float | None) -> GateAnswered | None:
    work = visit.work
    chosen = gate.default if gate.default and gate.default in gate.choices else ""
    by_default = GateAnswered(
        phase=gate.phase, visit=gate.visit, text="" if chosen else gate.default or "", choice=chosen, by="default"
    )
    if not work.host.interactive and gate.default is not None and timeout is None:
        return by_default
    if visit.failed is not None:
        raise visit.failed
    waiting = work.gates.setdefault(key, asyncio.get_running_loop().create_future())
    with work.budget.waiting_for_person(), suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            answer = await asyncio.shield(waiting)
            return answer.model_copy(update={"phase": gate.phase, "visit": gate.visit})
    await work.unless_stopping()
    return None if gate.default is None else by_default.model_copy(update={"by": "timeout"})
