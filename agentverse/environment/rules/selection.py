"""Which replies of a step count."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from pydantic import BaseModel, Field

from agentverse.blueprint.environment import Environment
from agentverse.environment.chance import chance
from agentverse.environment.protocol import PASS, Line
from agentverse.environment.registry import Rule, rule, unknown_seat
from agentverse.environment.scene import Scene
from agentverse.environment.words import word

_SHOWN = 1500
"""Characters of a reply that a judge is shown."""


@rule("selection", "all")
class SelectAll(Rule):
    """Every reply counts."""

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        return replies


@rule("selection", "first")
class SelectFirst(Rule):
    """The first, in seat order, that says anything."""

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        return [line for line in replies if says(line)][:1]


@rule("selection", "hand_raise")
class HandRaise(Rule):
    """When several act at once, only raised hands count."""

    most: int | None = Field(default=None, gt=0)
    """So many are seen, drawn by the run's seed; all when left out."""
    action: str = "raise_hand"

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        if len(replies) == 1:
            return replies
        hands = [line for line in replies if line.action == self.action]
        if self.most is not None and len(hands) > self.most:
            seen = {line.seat for line in chance(scene.seed, "hands", len(scene.spoken)).sample(hands, self.most)}
            hands = [line for line in hands if line.seat in seen]
        return hands


@rule("selection", "majority")
class Majority(Rule):
    """The answer that most gave, as first said; nothing unless more than ``share`` of the replies agree."""

    share: float = Field(default=0.0, ge=0, lt=1)
    """Part of the replies, from 0 to 1."""
    field: str = ""
    """Field of the action that is compared; the whole reply when left out."""

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        answers = [normalised(line.field(self.field) if self.field else line.value) for line in replies]
        count = Counter(answer for line, answer in zip(replies, answers, strict=True) if says(line))
        if not count:
            return []
        most = max(count.values())
        if most <= self.share * len(replies):
            return []
        return [replies[next(at for at, answer in enumerate(answers) if count[answer] == most)]]


@rule("selection", "best")
class Best(Rule):
    """The one that a judge, a seat that does not speak itself, prefers."""

    judge: str
    """Seat."""
    question: str = ""
    """Put to the judge before the replies are listed."""

    def check_in(self, environment: Environment) -> str | None:
        return unknown_seat(environment, self.judge)

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        candidates = [line for line in replies if says(line)]
        if len(candidates) < 2:
            return candidates
        listed = "\n\n".join(f"{number}. {shown(line)}" for number, line in enumerate(candidates, start=1))
        question = f"{self.question}\n{word('best_of', scene.language, listed=listed)}".strip()
        options = [str(number) for number in range(1, len(candidates) + 1)]
        answer = (await scene.poll([self.judge], "best", question, {"choice": options}, usual="1"))[self.judge]
        return [candidates[int(answer) - 1]]


@rule("selection", "moderator")
class Moderator(Rule):
    """A moderator says which of the replies count."""

    moderator: str
    """Seat."""
    question: str = ""
    """Put to the moderator before the replies are listed."""

    def check_in(self, environment: Environment) -> str | None:
        return unknown_seat(environment, self.moderator)

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        others = [line for line in replies if line.seat != self.moderator and says(line)]
        if len(others) < 2:
            return replies
        listed = "\n\n".join(f"{number}. {shown(line)}" for number, line in enumerate(others, start=1))
        question = f"{self.question}\n{word('which_count', scene.language, listed=listed)}".strip()
        none: dict[str, Any] = {"count": []}
        answers = await scene.poll([self.moderator], "select", question, _numbers(len(others)), usual=none)
        kept = {others[number - 1].seat for number in cast("list[int]", answers[self.moderator]["count"])}
        return [line for line in replies if line.seat == self.moderator or line.seat in kept]


@rule("selection", "passing")
class Passing(Rule):
    """Of replies that are files, the one whose files do best under a command in the sandbox; the first of equals."""

    command: str

    async def select(self, replies: Sequence[Line], scene: Scene) -> Sequence[Line]:
        candidates = [line for line in replies if says(line)]
        best: Line | None = None
        score = -1.0
        for line in candidates:
            found = await scene.measure(line, self.command)
            if found > score:
                best, score = line, found
            if found >= 1.0:
                break
        return [best] if best is not None else []


def _numbers(most: int) -> dict[str, Any]:
    """The schema of an answer that lists numbers up to ``most``."""
    items = {"type": "integer", "minimum": 1, "maximum": most}
    count = {"type": "array", "items": items, "maxItems": most}
    return {"type": "object", "properties": {"count": count}, "required": ["count"], "additionalProperties": False}


def says(line: Line) -> bool:
    """Whether a reply says or does anything."""
    return line.action != PASS and (bool(line.action) or bool(line.text.strip()) or not isinstance(line.value, str))


def shown(line: Line) -> str:
    """A reply as somebody who is to judge it sees it."""
    if line.action:
        return json.dumps(line.value, ensure_ascii=False)[:_SHOWN]
    if isinstance(line.value, BaseModel):
        return json.dumps(line.value.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)[:_SHOWN]
    return line.text[:_SHOWN]


def normalised(value: Any) -> str:
    """An answer without what does not change it: case, width, spaces, a full stop; 7.0 is 7, and 1,000 is 1000."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    text = " ".join(unicodedata.normalize("NFKC", value).casefold().split()).strip(" .。!！\"'`$")
    if re.fullmatch(r"[-+]?[\d,]+(\.\d+)?%?", text):
        text = text.replace(",", "")
        return re.sub(r"\.0+(?=%?$)", "", text)
    return text
