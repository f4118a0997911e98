"""``recall``: what an agent heard long ago and now has to do with the matter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from pydantic import Field, PrivateAttr

from agentverse.memory.clipping import clip
from agentverse.memory.cloud import Cloud
from agentverse.memory.importance import Ratings, Way
from agentverse.memory.protocol import Heard, Mind, Thought, View
from agentverse.memory.registry import Memory, memory
from agentverse.memory.store import Shelf, open_shelf
from agentverse.memory.words import say

_EARLIER = 0.6
"""What nearness to a line counts, against nearness to the line after it."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that can be recalled."""

    id: str
    number: int
    """Of the line it is, or came after."""
    text: str
    importance: float
    thought: bool = False


@memory("recall")
class Recall(Memory):
    """Looks among what left the window, and among the agent's conclusions, for what matters to the newest lines, and
    shows it late in the prompt.

    score = recency ^ a · importance ^ b · relevance ^ c, each between 0 and 1, after Park et al. 2023, "Generative
    Agents", section 4.1. There the three are added; multiplied, what has nothing to do with the matter is not shown for
    being new.
    """

    rank = 40
    windowed = True

    top: int = Field(default=4, ge=1, le=50)
    """Lines recalled for a turn, at most."""
    recency: float = Field(default=0.5, ge=0, le=10)
    """Weight of how lately it was said or recalled; 0 leaves it out."""
    importance: float = Field(default=0.5, ge=0, le=10)
    """Weight of how much it matters."""
    relevance: float = Field(default=2.0, ge=0, le=10)
    """Weight of how near it is to the newest lines."""
    decay: float = Field(default=0.999, gt=0, le=1)
    """What recency is multiplied with for each line said since."""
    least: float = Field(default=0.15, ge=0, le=1)
    """Relevance below which nothing is shown."""
    rated: Way = "rule"
    """How much a line matters is said by ``rule``, or by the ``model``."""
    about: int = Field(default=2, ge=1, le=10)
    """Newest lines that the search is about."""
    reach: int = Field(default=1000, ge=10, le=100_000)
    """Lines looked through, the newest ones that left."""
    longest: int = Field(default=150, ge=20, le=2000)
    """Tokens of a line as it is recalled, about; the rest is left out."""

    _last: dict[str, int] = PrivateAttr(default_factory=dict[str, int])
    """Id: number of the newest line when it was last recalled."""
    _cloud: Cloud = PrivateAttr(default_factory=Cloud)
    _shelf: Shelf | None = PrivateAttr(default=None)

    async def apply(self, view: View, mind: Mind) -> None:
        ratings = mind.shared.ratings(mind.seat, self.rated)
        await ratings.rate(view.heard, mind)
        items = self._items(view, ratings)
        ids = cast("Sequence[str] | None", await mind.settled("recall", lambda: self._search(items, view, mind)))
        found = [items[id] for id in ids or () if id in items]
        if not found:
            return
        for item in found:
            self._last[item.id] = view.heard[-1].number
        lines = [self._told(item, mind.language) for item in sorted(found, key=lambda item: item.number)]
        view.notes.append("\n".join([say("remember", mind.language), *lines]))

    def _told(self, item: Item, language: str) -> str:
        text = clip(item.text, self.longest)
        return f"- {text}" if item.thought else f"- {say('remembered', language, number=item.number, text=text)}"

    def _items(self, view: View, ratings: Ratings) -> dict[str, Item]:
        """What is not shown anyway, by id."""
        lines = (line for block in reversed(view.gone) for line in reversed(block.lines))
        gone = [_line(line, ratings.of(line)) for line in islice(lines, self.reach)]
        return {item.id: item for item in [*gone, *map(_thought, view.thoughts)]}

    async def _search(self, items: dict[str, Item], view: View, mind: Mind) -> list[str] | None:
        """Ids of what is most worth recalling, the best first; None when nothing is."""
        heard = view.heard
        if not items or not heard:
            return None
        if self._shelf is None:
            self._shelf = await open_shelf(mind)
        newest = [line.segment.text for line in reversed(heard[-self.about :])]
        near = await self._shelf.near({item.id: item.text for item in items.values()}, newest)
        shown = {line.segment.text for line in view.kept}
        candidates = _different([items[id] for id in near if id in items], shown)
        relevance = await self._relevance(newest, candidates, mind)
        now = heard[-1].number
        scored = [
            (self._score(item, near, now), item.number, item.id)
            for item, near in zip(candidates, relevance, strict=True)
            if near >= self.least or not self.relevance
        ]
        best = sorted(scored, reverse=True)[: self.top]
        return [id for score, _, id in best if score > 0] or None

    async def _relevance(self, questions: Sequence[str], items: Sequence[Item], mind: Mind) -> list[float]:
        """How near each item is to one of the questions, from 0 to 1. The first is the newest and counts most."""
        texts = [*questions, *(item.text for item in items)]
        vectors = await mind.shared.vectors(mind.help.embedder, texts)
        known = {item.id: vector for item, vector in zip(items, vectors[len(questions) :], strict=True)}
        best = dict.fromkeys(known, 0.0)
        for place, question in enumerate(vectors[: len(questions)]):
            for id, near in self._cloud.near(question, known).items():
                best[id] = min(1.0, max(best[id], near * _EARLIER**place))
        return [best[item.id] for item in items]

    def _score(self, item: Item, near: float, now: int) -> float:
        age = now - self._last.get(item.id, item.number)
        recency: float = self.decay ** max(0, age)
        return float(recency**self.recency * (item.importance / 10) ** self.importance * near**self.relevance)


def _different(items: Sequence[Item], shown: Collection[str]) -> list[Item]:
    """The newest of those that say the same; none that says what is ``shown`` anyway."""
    by_text = {item.text: item for item in sorted(items, key=lambda item: item.number) if item.text not in shown}
    return list(by_text.values())


def _line(line: Heard, importance: float) -> Item:
    return Item(str(line.number), line.number, line.segment.text, importance)


def _thought(thought: Thought) -> Item:
    return Item(thought.id, thought.after, thought.text, thought.importance, thought=True)
