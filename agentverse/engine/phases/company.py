"""``company``: another company, run as one phase on the same files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentverse import templates
from agentverse.engine.check_inputs import fitting_inputs
from agentverse.engine.kinds import phase_kind
from agentverse.engine.state import State
from agentverse.errors import PhaseFailed, UsageError

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


@phase_kind("company")
async def company(visit: Visit) -> State:
    """Run the inner company; hand out the artifacts that ``outputs`` names.

    The inner company sees the files but not the artifacts of the outer one, other than as ``inputs``; ``idea`` is the
    outer idea unless an input of that name replaces it.

    Raises:
        PhaseFailed: code ``company``; the inner company did not reach its ``success``. Code ``inputs``; it does not
            take what it is given.
    """
    from agentverse.engine.flow import Flow

    blueprint = visit.flow.blueprint.companies[visit.spec.company or ""]
    given = {name: visit.evaluate(expression) for name, expression in visit.spec.inputs.items()}
    idea = str(given.pop("idea", visit.flow.idea))
    try:
        inputs = fitting_inputs(blueprint.company, given, language=visit.work.language)
    except UsageError as error:
        raise PhaseFailed(f"phase '{visit.name}': {error}", code="inputs", fix=error.fix) from error
    inner = Flow(
        visit.work,
        blueprint,
        idea=idea,
        inputs=inputs,
        start=State(commit=visit.state.commit, clock=visit.state.clock, files=visit.state.files),
        prefix=f"{visit.key}>",
        failed=visit.failed,
        code=visit.code.name,
        urgent=visit.urgent,
    )
    ended = await inner.run()
    values = {**inputs, **ended.values(), "idea": idea, "language": visit.work.language}
    try:
        succeeded = bool(templates.evaluate(blueprint.company.success, values))
    except templates.MissingName:
        succeeded = False
    if not succeeded:
        raise PhaseFailed(
            f"company '{blueprint.company.name}' ended without: {blueprint.company.success}", code="company"
        )
    state = replace(visit.state, commit=ended.commit, files=ended.files, clock=max(ended.clock, visit.state.clock))
    outputs = visit.spec.outputs or {name: name for name in visit.spec.produces if name in ended.made}
    for here, there in outputs.items():
        if there not in ended.made:
            raise PhaseFailed(f"company '{blueprint.company.name}' made no '{there}'", code="company")
        made = ended.made[there]
        state = replace(visit, state=state).make(state, here, made.type, made.value)
    return state
