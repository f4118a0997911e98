"""The recording of a meeting: found once, written down, and shown to each seat as far as it may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentverse import templates
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.load import Library
from agentverse.blueprint.recording import Recording, find_recording
from agentverse.errors import UsageError
from agentverse.journal.events import Decision

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

_STEP = "recording"


async def record(visit: Visit, environment: Environment, params: Mapping[str, Any]) -> None:
    """Find the recording that an environment names, if it names one. A resumed run has it from its journal.

    Raises:
        UsageError: there is none of that name, or it lacks a table that a seat is to look up.
    """
    if not environment.recording or visit.work.journal.recall(f"{visit.key}/{_STEP}") is not None:
        return
    name = templates.render(environment.recording, {**visit.variables(), **params}).strip()
    found = find_recording(Library.default().layers, name)
    for seat, about in environment.seats.items():
        if missing := set(about.records or ()) - set(found.tables):
            raise UsageError(
                f"{seat!r} is to look up {sorted(missing)[0]!r}, which the recording {name!r} does not have",
                fix=f"It has: {', '.join(found.tables)}.",
            )
    value = {"name": name, "tables": found.model_dump(mode="json")["tables"]}
    await visit.work.journal.record(f"{visit.key}/{_STEP}", Decision(what=_STEP, value=value))


def recording_of(visit: Visit, seat: str) -> Recording | None:
    """What a seat may look up; None when nothing was recorded."""
    known = visit.work.journal.recall(f"{visit.key}/{_STEP}")
    if known is None or not isinstance(known.event, Decision):
        return None
    recording = Recording(tables=known.event.value["tables"])
    about = visit.seat(seat)
    return recording if about is None or about.records is None else recording.only(about.records)
