"""What is written down of a meeting: its stages, what was said, what its rules changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentverse.blueprint.environment import Environment
from agentverse.blueprint.text import localize
from agentverse.environment.protocol import WORLD, Line
from agentverse.environment.seating import Place
from agentverse.journal.events import LineSaid, SceneSet

if TYPE_CHECKING:
    from agentverse.blueprint.acting import Stage
    from agentverse.engine.visit import Visit
    from agentverse.environment.scene import Scene


class Minutes:
    """Puts a meeting into the journal of its run.

    Args:
        visit: the meeting's phase, as it began.
        places: seat: its place.
    """

    def __init__(self, visit: Visit, environment: Environment, places: Mapping[str, Place]) -> None:
        self._visit, self._environment, self._places = visit, environment, places
        self._lines = self._stages = self._ruled = 0

    def staged(self, scene: Scene, stage: Stage) -> None:
        visit = self._visit
        first = not self._stages
        self._stages += 1
        seats = {
            seat: {"role": held.role, "name": scene.names[seat], "kind": held.kind, "held": _held(self._places[seat])}
            for seat, held in scene.seats.items()
        }
        event = SceneSet(
            phase=visit.name,
            visit=visit.number,
            environment=self._environment.name,
            stage=scene.stage,
            title=localize(stage.title, visit.work.language),
            seats=seats if first else {},
            params={name: value for name, value in scene.params.items() if name != "members"} if first else {},
            seed=scene.seed if first else 0,
            world=dict(scene.world),
        )
        visit.work.journal.note(f"{visit.key}/scene/{self._stages}", event)

    def said(self, line: Line, heard_by: Sequence[str] | None, changes: Mapping[str, Any], scene: Scene) -> None:
        visit = self._visit
        self._lines += 1
        event = LineSaid(
            phase=visit.name,
            visit=visit.number,
            seat=line.seat,
            turn=0 if line.seat == WORLD else line.turn,
            stage=scene.stage,
            action=line.action,
            text=line.text,
            heard_by=None if heard_by is None else list(heard_by),
            changes=dict(changes),
            reply=line.reply_key,
        )
        visit.work.journal.note(f"{visit.key}/line/{self._lines}", event)

    def changed(self, changes: Mapping[str, Any], scene: Scene) -> None:
        visit = self._visit
        self._ruled += 1
        event = LineSaid(phase=visit.name, visit=visit.number, seat=WORLD, stage=scene.stage, changes=dict(changes))
        visit.work.journal.note(f"{visit.key}/rules/{self._ruled}", event)


def _held(place: Place) -> str:
    return "person" if place.about.person else "agent" if place.about.runs is None else "sandbox"
