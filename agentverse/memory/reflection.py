"""``reflection``: conclusions that an agent draws by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from pydantic import Field, PrivateAttr

from agentverse.agents.protocol import Segment
from agentverse.memory.clipping import clip
from agentverse.memory.forms import listing
from agentverse.memory.importance import Way
from agentverse.memory.protocol import Heard, Mind, Question, Thought, View
from agentverse.memory.registry import Memory, memory
from agentverse.memory.words import say

_LONGEST = 100
"""Tokens of a conclusion, about."""
_WEIGHT = 8.0
"""Importance of a conclusion among what is recalled."""


@memory("reflection")
class Reflection(Memory):
    """Asks the agent what follows from what it heard, whenever that has become important enough since the last time
    (Park et al. 2023, "Generative Agents", section 4.2). The newest conclusions are shown late in the prompt; older
    ones can be recalled.
    """

    rank = 20

    threshold: float = Field(default=40.0, gt=0)
    """Importance of what was heard since the last time, summed up; a line counts from 1 to 10."""
    importance: Way = "rule"
    """``rule``: by its words. ``model``: as the agent itself says."""
    most: int = Field(default=3, ge=1, le=10)
    """Conclusions drawn at once."""
    keep: int = Field(default=6, ge=1, le=50)
    """Conclusions shown."""
    look_back: int = Field(default=40, ge=2, le=500)
    """Lines that are looked back on, at most."""

    _thoughts: list[Thought] = PrivateAttr(default_factory=list[Thought])
    _read: int = PrivateAttr(default=0)
    _sum: float = PrivateAttr(default=0.0)
    _since: int = PrivateAttr(default=0)
    """Index of the first line after the last reflection."""

    async def apply(self, view: View, mind: Mind) -> None:
        ratings = mind.shared.ratings(mind.seat, self.importance)
        rated = await ratings.rate(view.heard, mind)
        self._sum += sum(ratings.of(line) for line in view.heard[self._read : rated])
        self._read = rated
        if self._sum >= self.threshold:
            await self._reflect(view.heard, mind)
            self._sum, self._since = 0.0, len(view.heard)
        view.thoughts = self._thoughts[: -self.keep]
        if self._thoughts:
            lines = [f"- {thought.text}" for thought in self._thoughts[-self.keep :]]
            view.notes.append("\n".join([say("concluded", mind.language), *lines]))

    async def _reflect(self, heard: Sequence[Heard], mind: Mind) -> None:
        lines = heard[max(self._since, len(heard) - self.look_back) :]
        before = [f"- {thought.text}" for thought in self._thoughts[-self.keep :]]
        known = (Segment("\n".join([say("concluded", mind.language), *before])),) if before else ()
        question = Question(
            key=f"{mind.seat}/reflection/{lines[-1].number}",
            instruction=say("reflect", mind.language, most=self.most),
            transcript=(*(line.segment for line in lines), *known),
            part="reflection",
            type=listing("conclusions", {"type": "string", "maxLength": 400}, most=self.most),
            who=mind.seat,
        )
        answer = await mind.ask(question)
        value: Any = {"conclusions": []} if answer is None else answer.value
        for text in cast("list[str]", value["conclusions"])[: self.most]:
            if text.strip():
                id = f"thought-{len(self._thoughts) + 1}"
                said = clip(" ".join(text.split()), _LONGEST)
                self._thoughts.append(Thought(id, said, lines[-1].number, _WEIGHT))
