"""When a conversation is over: the conditions that come with the product, each under its name in ``stop``."""

from __future__ import annotations

from typing import cast

from pydantic import Field, PrivateAttr

from agentverse.blueprint.artifacts import Opinion, Verdict
from agentverse.blueprint.environment import Environment
from agentverse.environment.protocol import PASS, Line, Stop
from agentverse.environment.registry import Rule, make_rule, rule, unknown_seat
from agentverse.environment.scene import Scene
from agentverse.environment.words import word

MOST_TURNS = 100
"""Replies of a conversation whose environment names no bound."""
_ROUNDS_COMPARED = 12

_TALK = frozenset({"text", "opinion", "verdict"})
"""What a seat may write that is no proposal."""


def make_stops(environment: Environment) -> list[Stop]:
    """The conditions of an environment, in the order in which they are asked; those set to false are left out.

    ``circles`` is there unless it is set to false; ``turns`` is always there, so that every conversation ends.

    Raises:
        UsageError: there is no such condition, or it does not take that value.
    """
    conditions = environment.rules.stop
    wanted = {"circles": True, **conditions}
    wanted["turns"] = conditions.get("turns") or MOST_TURNS
    # A good end is looked for before a poor one: the last turn may bring the agreement.
    last = ("silence", "circles", "turns")
    names = [*(name for name in wanted if name not in last), *(name for name in last if name in wanted)]
    made = [make_rule("stop", {name: wanted[name]}, environment) for name in names if wanted[name] is not False]
    return [cast(Stop, stop) for stop in made]


@rule("stop", "turns")
class Turns(Rule):
    """So many replies were given."""

    at_most: int = Field(gt=0, le=100_000, strict=True)

    async def reason(self, scene: Scene) -> str | None:
        return "turns" if len(scene.spoken) >= self.at_most else None


@rule("stop", "agreed")
class Agreed(Rule):
    """Every seat that writes opinions agrees with the proposal as it stands now."""

    async def reason(self, scene: Scene) -> str | None:
        judges = {seat for seat, held in scene.seats.items() if held.writes == "opinion"}
        makers = {seat for seat, held in scene.seats.items() if held.writes not in _TALK}
        waiting = set(judges)
        for line in reversed(scene.lines):
            if line.seat in makers:
                # Older opinions were about an older proposal.
                return None if waiting or not judges else "agreed"
            if line.seat in waiting:
                if not (isinstance(line.value, Opinion) and line.value.agreed):
                    return None
                waiting.discard(line.seat)
        return "agreed" if judges and not waiting and not makers else None


@rule("stop", "approved")
class Approved(Rule):
    """The latest verdict approves."""

    async def reason(self, scene: Scene) -> str | None:
        verdicts = (line.value for line in reversed(scene.lines) if isinstance(line.value, Verdict))
        latest = next(verdicts, None)
        return "approved" if latest is not None and latest.approved else None


@rule("stop", "silence")
class Silence(Rule):
    """Nobody said anything for a whole round."""

    async def reason(self, scene: Scene) -> str | None:
        last = scene.spoken[-len(scene.seats) :]
        quiet = len(last) == len(scene.seats) and not any(_heard(line) for line in last)
        return "silence" if quiet else None


@rule("stop", "when")
class When(Rule):
    """Something holds of the world."""

    condition: str
    """An expression."""

    async def reason(self, scene: Scene) -> str | None:
        return "condition" if scene.evaluate(self.condition) else None


@rule("stop", "passed")
class Passed(Rule):
    """What the sandbox showed last has passed."""

    async def reason(self, scene: Scene) -> str | None:
        return "passed" if scene.evidence is not None and scene.evidence.passed else None


@rule("stop", "judge")
class Judge(Rule):
    """A seat that is asked after every so many replies whether it is over."""

    judge: str
    """Seat."""
    question: str = ""
    """What is to be settled; the product's own words when left out."""
    every: int = Field(default=1, gt=0)
    """Replies between two questions."""

    _asked: int = PrivateAttr(default=0)

    def check_in(self, environment: Environment) -> str | None:
        return unknown_seat(environment, self.judge)

    async def reason(self, scene: Scene) -> str | None:
        if len(scene.spoken) - self._asked < self.every:
            return None
        self._asked = len(scene.spoken)
        question = word("is_over", scene.language, question=self.question or word("decided", scene.language))
        answer = (await scene.poll([self.judge], "over", question, {"choice": ["no", "yes"]}, usual="no"))[self.judge]
        return "judged" if answer == "yes" else None


@rule("stop", "circles")
class Circles(Rule):
    """A whole round of replies was given before, word for word: it will not end by itself."""

    async def reason(self, scene: Scene) -> str | None:
        if scene.world:
            return None  # the same words may mean something else in a world that has changed
        size = max(2, len(scene.seats))
        last = scene.spoken[-size:]
        for back in range(2 * size, (_ROUNDS_COMPARED + 1) * size + 1, size):
            before = scene.spoken[-back : len(scene.spoken) - back + size] if back <= len(scene.spoken) else []
            if len(before) < size:
                return None
            if all(_same(one, two) for one, two in zip(last, before, strict=True)):
                return "circles"
        return None


def _heard(line: Line) -> bool:
    """Whether a reply was anything at all: an action that nobody hears may still change the world."""
    return bool(line.text.strip()) or line.action not in ("", PASS)


def _same(one: Line, two: Line) -> bool:
    """Whether two replies mean the same: files by their contents, text without regard to spacing."""
    return one.seat == two.seat and _meaning(one.value) == _meaning(two.value)


def _meaning(value: object) -> object:
    return value.split() if isinstance(value, str) else value
