"""What changes after a step, beside what actions do to the world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from agentverse.blueprint.environment import Environment
from agentverse.blueprint.text import Localized, localize
from agentverse.environment.chance import chance
from agentverse.environment.protocol import PASS, WORLD, Line
from agentverse.environment.registry import Rule, rule
from agentverse.environment.scene import Scene

_DAY = 24 * 60


@rule("update", "transcript")
class Transcript(Rule):
    """Replies are added to the conversation; nothing else changes."""

    def apply(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        return replies


@rule("update", "silence")
class Silent(Rule):
    """When nobody says or does anything, everybody hears that."""

    says: Localized = Field(default_factory=lambda: {"en": "(silence)", "zh": "（沉默）"})

    def apply(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        if any(line.text.strip() or line.action not in ("", PASS) for line in replies):
            return replies
        text = localize(self.says, scene.language)
        return [*replies, Line(seat=WORLD, role="", title="", value=text, text=text, reply_key="")]


@rule("update", "clock")
class Clock(Rule):
    """Time passes with each step."""

    minutes: int = Field(default=5, gt=0)
    """So many with each step."""
    field: str = "time"
    """Field of the world that holds the time as ``HH:MM``, or the minutes when it is a number."""

    def check_in(self, environment: Environment) -> str | None:
        return None if self.field in environment.world else f"the world has no field {self.field!r}"

    def apply(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        time = scene.world[self.field]
        if isinstance(time, int):
            scene.world[self.field] = time + self.minutes
        else:
            hours, _, minutes = str(time).partition(":")
            later = (int(hours) * 60 + int(minutes) + self.minutes) % _DAY
            scene.world[self.field] = f"{later // 60:02}:{later % 60:02}"
        return replies


@rule("update", "score")
class Score(Rule):
    """Each reply that counts scores points."""

    points: str
    """An expression that knows ``me``, the ``action``, and the ``text`` that was heard."""
    field: str = "score"
    """Field of the world with a number for each seat."""

    def check_in(self, environment: Environment) -> str | None:
        if self.field not in environment.world:
            return f"the world has no field {self.field!r}"
        return None if environment.field(self.field).each else f"the field {self.field!r} has no value for each seat"

    def apply(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        held = scene.world[self.field]
        for line in replies:
            if line.seat in held and line.action != PASS:
                held[line.seat] += scene.evaluate(self.points, line.seat, action=line.action, text=line.text)
        return replies


@rule("update", "tally")
class Tally(Rule):
    """Votes of one step are counted; the one named most often is written into the world."""

    into: str
    """Field of the world: who was named most often; "" when nobody was, or several were and ``ties`` is ``nobody``."""
    action: str = "vote"
    """Action that is a vote."""
    field: str = "who"
    """Field of the action that names somebody."""
    ties: Literal["nobody", "chance"] = "nobody"
    """Who it is when several are named as often: nobody, or one of them drawn by the run's seed."""

    def check_in(self, environment: Environment) -> str | None:
        if self.into not in environment.world:
            return f"the world has no field {self.into!r}"
        return f"the field {self.into!r} has a value for each seat" if environment.field(self.into).each else None

    def apply(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        votes = Counter(line.field(self.field) for line in replies if line.action == self.action)
        if not votes:
            return replies
        most = max(votes.values())
        named = sorted(one for one, count in votes.items() if count == most)
        tied = len(named) > 1
        winner = chance(scene.seed, "tally", scene.stage, len(scene.spoken)).choice(named)
        scene.world[self.into] = "" if tied and self.ties == "nobody" else winner
        return replies
