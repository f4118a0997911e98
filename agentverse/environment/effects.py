"""What actions do: to the world, and what others hear of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agentverse.blueprint.acting import Action
from agentverse.blueprint.text import localize
from agentverse.environment import world
from agentverse.environment.bounds import bounds_of
from agentverse.environment.protocol import PASS, Line
from agentverse.environment.scene import Scene
from agentverse.environment.words import word

Heard = tuple[Line, Mapping[str, Any]]
"""A line, and what it changed in the world."""


class Effects:
    """Applies the actions of a conversation to its world."""

    def __init__(self, scene: Scene, actions: Mapping[str, Action]) -> None:
        self._scene, self._actions = scene, actions

    def of(self, lines: Sequence[Line]) -> tuple[list[Heard], str | None]:
        """Apply the actions of one step, in seat order.

        Returns:
            The lines as they are heard, each with what it changed, and the stage that one of them leads to.
        """
        heard: list[Heard] = []
        goes: str | None = None
        for line in lines:
            action = self._actions.get(line.action)
            if action is None:
                heard.append((line, {}))
                continue
            done = self._do(line, action)
            heard.append(done)
            if done[0].action != PASS and goes is None:
                goes = action.leads_to
        return heard, goes

    def _do(self, line: Line, action: Action) -> Heard:
        """One action. Others of its step may have made it impossible: then only its seat is told."""
        scene = self._scene
        fields = {name: line.field(name) for name in action.fields}
        if not self._possible(line, action, fields):
            return self._lapsed(line, action, fields), {}
        to = None
        if action.heard_by is not None:
            to = scene.seats_in(scene.evaluate(action.heard_by, line.seat, **fields))
        done = world.changed(scene.world, action.changes, {**scene.variables(line.seat), **fields})
        text = scene.render(localize(action.says, scene.language), line.seat, **fields)
        return replace(line, text=text, to=to), done

    def _possible(self, line: Line, action: Action, fields: Mapping[str, Any]) -> bool:
        scene = self._scene
        for name, spec in action.fields.items():
            bounds = bounds_of(spec, lambda said: scene.evaluate(said, line.seat))
            if bounds is not None and not bounds.hold(fields[name]):
                return False
        return bool(scene.evaluate(action.allowed, line.seat, **fields))

    def _lapsed(self, line: Line, action: Action, fields: Mapping[str, Any]) -> Line:
        scene = self._scene
        why = scene.render(localize(action.refused, scene.language), line.seat, **fields)
        why = why or word("not_allowed", scene.language, action=line.action)
        name = scene.names[line.seat]
        text = word("too_late", scene.language, who=name, action=line.action, why=why)
        return replace(line, value={"action": PASS, "tried": line.action}, text=text, to=frozenset({line.seat}))
