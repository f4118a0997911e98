"""How much a line matters, from 1 to 10."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Literal, cast

from agentverse.memory.forms import listing
from agentverse.memory.protocol import Heard, Mind, Question
from agentverse.memory.words import say

Way = Literal["rule", "model"]
"""By its words, which costs nothing, or as the agent itself says."""

_AT_ONCE = 10
_LEAST, _MOST, _MIDDLE = 1, 10, 5
_WEIGHTY = re.compile(
    r"\b(must|never|always|agree\w*|decid\w*|decision|promis\w*|deadline|require\w*|because|wrong|fail\w*|error|bug|"
    r"danger\w*|secret|remember|important|instead|plan\w*)\b"
    r"|必须|绝不|总是|同意|决定|承诺|截止|要求|因为|错误|失败|危险|秘密|记住|重要|改为|计划",
    re.IGNORECASE,
)
_EXACT = re.compile(r"\d|[\"“「`]|\b[A-Z][a-z]+ [A-Z][a-z]+")
"""Numbers, quotations and names are what is asked for later."""


def by_rule(text: str) -> int:
    """From what stands in it: weighty words, exact facts, and some length."""
    score = 1.0 + min(2.0, math.log1p(len(text) / 80)) + 2.0 * min(2, len(_WEIGHTY.findall(text)))
    score += 1.0 * min(2, len(_EXACT.findall(text)))
    return max(_LEAST, min(_MOST, round(score)))


class Ratings:
    """The importance of lines to one agent. Each line is rated once, in order; a model is asked about ten at a time."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._rated: dict[int, int] = {}
        self._read = 0

    def of(self, line: Heard) -> int:
        """A line that is not rated yet is neither important nor unimportant."""
        return self._rated.get(line.number, _MIDDLE)

    async def rate(self, heard: Sequence[Heard], mind: Mind) -> int:
        """Rate what is new. Returns how many lines are rated."""
        at_once = _AT_ONCE if self._way == "model" else 1
        while len(heard) - self._read >= at_once:
            some = heard[self._read : self._read + at_once]
            numbers = await self._asked(some, mind) if self._way == "model" else []
            for place, line in enumerate(some):
                self._rated[line.number] = numbers[place] if place < len(numbers) else by_rule(line.segment.text)
            self._read += at_once
        return self._read

    async def _asked(self, lines: Sequence[Heard], mind: Mind) -> list[int]:
        number = {"type": "integer", "minimum": _LEAST, "maximum": _MOST}
        question = Question(
            key=f"{mind.seat}/importance/{lines[0].number}-{lines[-1].number}",
            instruction=say("rate", mind.language, count=len(lines)),
            transcript=tuple(line.segment for line in lines),
            part="importance",
            type=listing("ratings", number, least=len(lines), most=len(lines)),
            who=mind.seat,
        )
        answer = await mind.ask(question)
        if answer is None:
            return []
        value: Any = answer.value
        return [max(_LEAST, min(_MOST, int(one))) for one in cast("list[int]", value["ratings"])]
