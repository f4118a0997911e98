"""``meet``: the seats of an environment talk until they agree or may talk no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from agentverse import templates
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.text import localize
from agentverse.engine.kinds import phase_kind
from agentverse.engine.recordings import record
from agentverse.engine.seats import holders, parameters
from agentverse.engine.state import State
from agentverse.engine.table import Table
from agentverse.environment.conversation import Conversation, Outcome
from agentverse.errors import PhaseFailed, UsageError
from agentverse.journal.events import SceneEnded, Stuck
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

GIVEN = "given"
"""The artifact whose files an environment begins with."""
SEED = "seed"
"""Input that seeds chance."""


@phase_kind("meet")
async def meet(visit: Visit) -> State:
    """Hold the conversation; the last value of each produced type is the artifact.

    Raises:
        PhaseFailed: nobody wrote what is to be produced, nobody could act, or a rule cannot be followed.
    """
    environment = bounded(visit)
    try:
        params = parameters(visit, environment)
        seats = holders(visit, environment, params)
        visit = await _laid_out(visit, environment, params)
        await record(visit, environment, params)
        table = Table(visit, environment, seats, params)
        conversation = Conversation(
            environment=environment,
            seats=seats,
            floor=table,
            language=visit.work.language,
            params=params,
            seed=_seed(visit, params),
            memory=table.memories(),
        )
        outcome = await conversation.hold()
    except UsageError as error:
        raise PhaseFailed(f"phase '{visit.name}': {error}", code="environment", fix=error.fix) from error
    _note(visit, outcome)
    if table.missing:
        raise PhaseFailed(
            f"phase '{visit.name}' ended without '{table.missing[0]}'", code="no_result", fix="Give it more turns."
        )
    return table.visit.state


async def _laid_out(visit: Visit, environment: Environment, params: Mapping[str, Any]) -> Visit:
    """The visit with the files that the environment begins with."""
    variables = {**visit.variables(), **params}
    texts = {
        path: templates.render(localize(text, visit.work.language), variables)
        for path, text in environment.files.items()
    }
    given = {path: text.encode() for path, text in texts.items() if text.strip()}
    if not given:
        return visit
    state = await visit.change_files(GIVEN, Changes(write=given), author="agentverse", turn="given")
    return replace(visit, state=state)


def bounded(visit: Visit) -> Environment:
    """The environment of a visit's phase, with the phase's bound on turns.

    Raises:
        PhaseFailed: code ``inputs``; the input that chooses it names none of those there are to choose from.
    """
    if visit.meeting not in visit.spec.meets_in:
        what = f"phase '{visit.name}': there is no {visit.meeting!r} among {', '.join(visit.spec.meets_in)}"
        raise PhaseFailed(what, code="inputs")
    environment = visit.flow.blueprint.environments[visit.meeting]
    if visit.spec.turns is None:
        return environment
    stop = {**environment.rules.stop, "turns": visit.spec.turns}
    return environment.model_copy(update={"rules": environment.rules.model_copy(update={"stop": stop})})


def _seed(visit: Visit, params: dict[str, Any]) -> int:
    said = visit.flow.inputs.get(SEED, params.get(SEED))
    return int(said) if said not in (None, "") else crc32(visit.key.encode())


def _note(visit: Visit, outcome: Outcome) -> None:
    journal = visit.work.journal
    if outcome.reason == "circles":
        stuck = Stuck(phase=visit.name, visit=visit.number, what="circles", measure="the meeting was ended")
        journal.note(f"{visit.key}/stuck", stuck)
    ended = SceneEnded(
        phase=visit.name,
        visit=visit.number,
        reason=outcome.reason,
        turns=outcome.turns,
        world=dict(outcome.world),
        measures=dict(outcome.measures),
        report=outcome.report,
    )
    journal.note(f"{visit.key}/ended", ended)
