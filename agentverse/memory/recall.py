"""``recall``: what an agent heard long ago and now has to do with the matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import Field, PrivateAttr

from agentverse.memory.clipping import clip
from agentverse.memory.importance import Ratings, Way
from agentverse.memory.protocol import Heard, Mind, Thought, View
from agentverse.memory.registry import Memory, memory
from agentverse.memory.store import Shelf, open_shelf
from agentverse.memory.words import say
from agentverse.models.embeddings.protocol import Vector, likeness


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
    relevance: float = Field(default=1.0, ge=0, le=10)
    """Weight of how near it is to the newest lines."""
    decay: float = Field(default=0.995, gt=0, le=1)
    """What recency is multiplied with for each line said since."""
    least: float = Field(default=0.08, ge=0, le=1)
    """Relevance below which nothing is shown."""
    rated: Way = "rule"
    """How much a line matters is said by ``rule``, or by the ``model``."""
    about: int = Field(default=2, ge=1, le=10)
    """Newest lines that the search is about."""
    longest: int = Field(default=150, ge=20, le=2000)
    """Tokens of a line as it is recalled, about; the rest is left out."""

    _ratings: Ratings | None = PrivateAttr(default=None)
    _last: dict[str, int] = PrivateAttr(default_factory=dict[str, int])
    """Id: number of the newest line when it was last recalled."""
    _shelf: Shelf | None = PrivateAttr(default=None)

    async def apply(self, view: View, mind: Mind) -> None:
        self._ratings = self._ratings or Ratings(self.rated)
        await self._ratings.rate(view.heard, mind)
        items = self._items(view)
        ids = cast("Sequence[str] | None", await mind.settled("recall", lambda: self._search(items, view.heard, mind)))
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

    def _items(self, view: View) -> dict[str, Item]:
        """What is not shown anyway, by id."""
        assert self._ratings is not None
        gone = [_line(line, self._ratings.of(line)) for block in view.gone for line in block.lines]
        return {item.id: item for item in [*gone, *map(_thought, view.thoughts)]}

    async def _search(self, items: dict[str, Item], heard: Sequence[Heard], mind: Mind) -> list[str] | None:
        """Ids of what is most worth recalling, the best first; None when nothing is."""
        if not items or not heard:
            return None
        about = "\n".join(line.segment.text for line in heard[-self.about :])
        (question,) = await mind.shared.vectors(mind.help.embedder, [about])
        if self._shelf is None:
            self._shelf = await open_shelf(mind)
        near = await self._shelf.near({item.id: item.text for item in items.values()}, about)
        candidates = [items[id] for id in near if id in items]
        vectors = await mind.shared.vectors(mind.help.embedder, [item.text for item in candidates])
        now = heard[-1].number
        scored = [
            (self._score(item, question, vector, now), -item.number, item.id)
            for item, vector in zip(candidates, vectors, strict=True)
            if likeness(question, vector) >= self.least
        ]
        best = sorted(scored, reverse=True)[: self.top]
        return [id for score, _, id in best if score > 0] or None

    def _score(self, item: Item, question: Vector, vector: Vector, now: int) -> float:
        age = now - self._last.get(item.id, item.number)
        recency: float = self.decay ** max(0, age)
        near = max(0.0, min(1.0, likeness(question, vector)))
        return float(recency**self.recency * (item.importance / 10) ** self.importance * near**self.relevance)


def _line(line: Heard, importance: float) -> Item:
    return Item(str(line.number), line.number, line.segment.text, importance)


def _thought(thought: Thought) -> Item:
    return Item(thought.id, thought.after, thought.text, thought.importance, thought=True)
