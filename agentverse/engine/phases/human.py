"""``human``: a person is asked. The answer may come from this process or from another one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from agentverse.blueprint.artifacts import Answer
from agentverse.blueprint.text import localize
from agentverse.engine import templates
from agentverse.engine.kinds import phase_kind
from agentverse.engine.state import State
from agentverse.errors import PhaseFailed
from agentverse.journal.events import GateAnswered, GateOpened

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


@phase_kind("human")
async def human(visit: Visit) -> State:
    """Open a gate and wait for its answer; the default counts when nobody can be asked or the time is up.

    Raises:
        PhaseFailed: code ``timeout``; nobody answered in time and there is no default.
    """
    spec, journal = visit.spec, visit.work.journal
    question = templates.render(localize(spec.human, visit.work.language), visit.variables())
    prompt = visit.instruction()
    key = f"{visit.key}/gate"
    await journal.record(
        key,
        GateOpened(
            phase=visit.name,
            visit=visit.number,
            question=f"{question}\n{prompt}".strip(),
            choices=spec.choices,
            default=spec.default,
        ),
    )
    answered = f"{visit.key}/answer"
    known = journal.recall(answered)
    if known is None:
        answer = await _wait(visit, key)
        known = await journal.record(answered, answer)
    assert isinstance(known.event, GateAnswered)
    event = known.event
    name, type = next(iter(spec.produces.items()), (visit.name, "answer"))
    value = (
        Answer(text=event.text, choice=event.choice, by=event.by) if type == "answer" else event.choice or event.text
    )
    return visit.make(visit.state, name, type, value)


async def _wait(visit: Visit, key: str) -> GateAnswered:
    spec, work = visit.spec, visit.work
    by_default = GateAnswered(
        phase=visit.name,
        visit=visit.number,
        text="" if spec.default in spec.choices else spec.default or "",
        choice=spec.default if spec.default in spec.choices and spec.default else "",
        by="default",
    )
    if not work.host.interactive and spec.default is not None and spec.timeout is None:
        return by_default
    if visit.failed is not None:
        raise visit.failed
    gate = work.gates.setdefault(key, asyncio.get_running_loop().create_future())
    with work.budget.waiting_for_person(), suppress(TimeoutError):
        async with asyncio.timeout(spec.timeout):
            answer = await asyncio.shield(gate)
            return answer.model_copy(update={"phase": visit.name, "visit": visit.number})
    await work.unless_stopping()
    if spec.default is None:
        raise PhaseFailed(f"nobody answered phase '{visit.name}' within {spec.timeout:g} seconds", code="timeout")
    return by_default.model_copy(update={"by": "timeout"})
