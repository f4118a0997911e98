"""Which stage a conversation is in, and what the world does when one begins or ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from agentverse.blueprint.acting import ENDS, Moment, Stage
from agentverse.blueprint.environment import Environment, Rules
from agentverse.blueprint.text import localize
from agentverse.environment import world
from agentverse.environment.protocol import WORLD, Description, Line, Order, Selection, Update, Visibility
from agentverse.environment.registry import make_rule
from agentverse.environment.scene import Scene

WHOLE = Stage()
"""The one stage of an environment that declares none."""


class RuleSet:
    """The rules of one stage, made anew for it."""

    def __init__(self, environment: Environment, stage: Stage) -> None:
        rules = rules_of(environment, stage)
        self.order = cast(Order, make_rule("order", rules.order, environment))
        self.visibility = cast(Visibility, make_rule("visibility", rules.visibility, environment))
        self.selection = cast(Selection, make_rule("selection", rules.selection, environment))
        self.description = cast(Description, make_rule("description", rules.description, environment))
        updates = rules.update if isinstance(rules.update, list) else [rules.update]
        self.updates = [cast(Update, make_rule("update", spec, environment)) for spec in updates]


def rules_of(environment: Environment, stage: Stage) -> Rules:
    """The environment's rules with those of the stage laid over them."""
    return environment.rules.model_copy(update=stage.rules) if stage.rules else environment.rules


class Stages:
    """Walks through the stages of an environment."""

    def __init__(self, environment: Environment, scene: Scene) -> None:
        self._environment, self._scene = environment, scene
        self.name = next(iter(environment.stages), "")
        self.now = environment.stages.get(self.name, WHOLE)

    def enter(self, name: str) -> None:
        scene = self._scene
        self.name, self.now = name, self._environment.stages.get(name, WHOLE)
        scene.stage, scene.steps, scene.began, scene.latest = name, 0, len(scene.spoken), ()

    def over(self, *, spent: bool) -> bool:
        """Whether the stage is over. ``spent``: its rule for order has nobody left to speak."""
        if spent:
            return True
        stage, scene = self.now, self._scene
        steps = stage.steps if isinstance(stage.steps, int | None) else int(scene.params[stage.steps])
        if steps is not None and scene.steps >= steps:
            return True
        return bool(stage.until is not None and scene.evaluate(stage.until))

    def following(self) -> str:
        """The stage after this one, or ``end``."""
        then = self.now.then
        if isinstance(then, str):
            return then
        for lead in then or ():
            if self._scene.evaluate(lead.when):
                return lead.to
        names = list(self._environment.stages)
        after = names.index(self.name) + 1 if self.name in names else len(names)
        return names[after] if after < len(names) else ENDS

    def moments(self, which: str) -> Iterator[tuple[Line, Mapping[str, Any]]]:
        """What the world does by itself: lines it says, and what it changes."""
        scene = self._scene
        for moment in cast("list[Moment]", getattr(self.now, which)):
            if not scene.evaluate(moment.when):
                continue
            done = world.changed(scene.world, moment.changes, scene.variables())
            text = scene.render(localize(moment.says, scene.language))
            to = None if moment.to is None else scene.seats_in(scene.evaluate(moment.to))
            if text or done:
                yield Line(seat=WORLD, role="", title="", value=text, text=text, reply_key="", to=to), done
