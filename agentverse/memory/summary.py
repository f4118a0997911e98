"""``summary``: what left the window, in few words."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from pydantic import Field, PrivateAttr

from agentverse.agents.protocol import Segment
from agentverse.memory.clipping import clip, tokens_about
from agentverse.memory.protocol import Answer, Block, Mind, Question, View
from agentverse.memory.registry import Memory, memory
from agentverse.memory.words import say


@dataclass(frozen=True, slots=True)
class Summary:
    """What a model said of some lines."""

    first: int
    last: int
    """Numbers of the first and the last line it covers."""
    segment: Segment
    tokens: int


@memory("summary")
class RunningSummary(Memory):
    """Has each block that leaves the window summed up. Summaries are added in front of the lines and stay as they are;
    only when all of them are too long they are made one, in one step.

    It is asked for as nobody in particular, so all who heard the same share it, and the prompt before it.
    """

    rank = 10
    windowed = True

    words: int = Field(default=120, ge=20, le=1000)
    """A summary may have, about."""
    most: int = Field(default=1200, ge=200)
    """Tokens of all summaries, about; beyond them they are made one."""
    tier: str = ""
    """Where it is asked; where the turns of the first seat are when empty, so that all share the answer."""

    _summaries: list[Summary] = PrivateAttr(default_factory=list[Summary])
    _covered: int = PrivateAttr(default=0)
    """Blocks that are summed up."""

    async def apply(self, view: View, mind: Mind) -> None:
        for block in view.gone[self._covered :]:
            self._summaries.append(await self._sum_up(block, mind))
            self._covered += 1
            if len(self._summaries) > 1 and sum(one.tokens for one in self._summaries) > self.most:
                self._summaries = await self._merge(block, mind)
        view.early += [one.segment for one in self._summaries]

    async def _sum_up(self, block: Block, mind: Mind) -> Summary:
        before = [one.segment for one in self._summaries]
        question = Question(
            key=self._key("summary", block),
            instruction=say("summarise", mind.language, words=self.words),
            transcript=(*before, *(line.segment for line in block.lines)),
            part="summary",
            tier=self.tier,
        )
        first, last = block.lines[0].number, block.lines[-1].number
        answer = await mind.ask(question)
        if answer is not None:
            return self._made(answer, first, last, mind)
        text = say("left_out", mind.language, count=len(block.lines))
        return Summary(first, last, Segment(text), tokens_about(text))

    async def _merge(self, block: Block, mind: Mind) -> list[Summary]:
        """All summaries as one; as they are when there is no usable answer, until the next block leaves."""
        question = Question(
            key=self._key("merge", block),
            instruction=say("merge", mind.language, words=self.words * 2),
            transcript=tuple(one.segment for one in self._summaries),
            part="summary",
            tier=self.tier,
        )
        answer = await mind.ask(question)
        if answer is None:
            return self._summaries
        return [self._made(answer, self._summaries[0].first, block.lines[-1].number, mind)]

    def _key(self, what: str, block: Block) -> str:
        """Agents whose options differ do not share summaries."""
        options = blake2b(self.model_dump_json().encode(), digest_size=2).hexdigest()
        return f"{what}/{block.name}-{options}"

    def _made(self, answer: Answer, first: int, last: int, mind: Mind) -> Summary:
        head = say("summary", mind.language, first=first, last=last)
        text = clip(answer.text, self.most // 2)
        segment = Segment(f"{head}\n{text}", source=answer.reply if text == answer.text else None)
        return Summary(first, last, segment, tokens_about(segment.text))
