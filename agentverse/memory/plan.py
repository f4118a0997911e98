"""``plan``: what an agent is up to."""

from __future__ import annotations

from pydantic import Field, PrivateAttr

from agentverse.memory.clipping import clip
from agentverse.memory.protocol import Mind, Question, View
from agentverse.memory.registry import Memory, memory
from agentverse.memory.words import say


@memory("plan")
class Plan(Memory):
    """The agent says what it wants to reach before its first turn, and again whenever it has heard enough that is new.
    The plan as it stands is shown late in its prompts, and in nobody else's.
    """

    rank = 30

    every: int = Field(default=8, ge=1, le=1000)
    """Lines heard until the plan is revised."""
    words: int = Field(default=80, ge=20, le=500)
    """A plan may have, about."""

    _plan: str = PrivateAttr(default="")
    _made: int = PrivateAttr(default=0)
    """How often a plan was asked for."""
    _read: int = PrivateAttr(default=0)
    """Lines that the plan takes into account."""

    async def apply(self, view: View, mind: Mind) -> None:
        if not self._made or len(view.heard) - self._read >= self.every:
            await self._revise(view, mind)
        if self._plan:
            view.notes.append(f"{say('your_plan', mind.language)}\n{self._plan}")

    async def _revise(self, view: View, mind: Mind) -> None:
        before = say("plan_before", mind.language, plan=self._plan) if self._plan else ""
        question = Question(
            key=f"{mind.seat}/plan/{self._made + 1}",
            instruction=say("plan", mind.language, words=self.words, before=before).strip(),
            transcript=(*view.early, *(line.segment for line in view.kept)),
            part="plan",
            who=mind.seat,
        )
        answer = await mind.ask(question)
        if answer is not None:
            self._plan = clip(answer.text.strip(), self.words * 3)
        self._made += 1
        self._read = len(view.heard)
