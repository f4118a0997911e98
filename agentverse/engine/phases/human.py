"""``human``: a person is asked. The answer may come from this process or from another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentverse import templates
from agentverse.blueprint.artifacts import Answer
from agentverse.blueprint.text import localize
from agentverse.engine.gates import ask, files_of
from agentverse.engine.kinds import phase_kind
from agentverse.engine.state import State
from agentverse.errors import PhaseFailed
from agentverse.journal.events import GateOpened
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

BY = "you"
"""Author of files that come with an answer."""


@phase_kind("human")
async def human(visit: Visit) -> State:
    """Open a gate and wait for its answer; the default counts when nobody can be asked or the time is up.

    Raises:
        PhaseFailed: code ``timeout``; nobody answered in time and there is no default.
    """
    spec = visit.spec
    question = templates.render(localize(spec.human, visit.work.language), visit.variables())
    gate = GateOpened(
        phase=visit.name,
        visit=visit.number,
        question=f"{question}\n{visit.instruction()}".strip(),
        choices=spec.choices,
        default=spec.default,
    )
    answer = await ask(visit, f"{visit.key}/gate", gate, timeout=spec.timeout)
    if answer is None:
        raise PhaseFailed(f"nobody answered phase '{visit.name}' within {spec.timeout:g} seconds", code="timeout")
    name, type = next(iter(spec.produces.items()), (visit.name, "answer"))
    value = (
        Answer(text=answer.text, choice=answer.choice, by=answer.by)
        if type == "answer"
        else answer.choice or answer.text
    )
    state = visit.state
    if answer.files:
        state = await visit.change_files(name, Changes(write=await files_of(visit, answer)), author=BY)
    return visit.make(state, name, type, value)
