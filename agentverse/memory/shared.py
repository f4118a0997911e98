"""What the memories of one conversation have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from agentverse.memory.importance import Ratings, Way
from agentverse.memory.protocol import Answer
from agentverse.models.embeddings.protocol import Embedder, Vector

if TYPE_CHECKING:
    from agentverse.memory.blackboard import Board

_MOST_VECTORS = 16_384
"""Vectors kept, those used last; 2 KB each when texts are hashed."""


class Shared:
    """Answers, vectors and boards. Nothing here tells one agent what another heard: answers go by keys that only
    follow from what was heard, vectors by texts, boards by who may see them.
    """

    def __init__(self) -> None:
        self.boards: dict[str, Board] = {}
        self._ratings: dict[tuple[str, Way], Ratings] = {}
        self._answers: dict[str, Answer | None] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        self._vectors: dict[str, Vector] = {}

    def ratings(self, seat: str, way: Way) -> Ratings:
        """How much lines matter to one agent, for all parts of its memory."""
        return self._ratings.setdefault((seat, way), Ratings(way))

    async def once(self, key: str, ask: Callable[[], Awaitable[Answer | None]]) -> Answer | None:
        """The answer under ``key``: asked for by whoever comes first, others wait for it."""
        async with self._asking.setdefault(key, asyncio.Lock()):
            if key not in self._answers:
                self._answers[key] = await ask()
            return self._answers[key]

    async def vectors(self, embedder: Embedder, texts: Sequence[str]) -> list[Vector]:
        """The vectors of ``texts``; each text is embedded once."""
        new = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        made = dict(zip(new, await embedder.embed(new), strict=True)) if new else dict[str, Vector]()
        found = [self._vectors.pop(text, None) or made[text] for text in dict.fromkeys(texts)]
        self._vectors.update(zip(dict.fromkeys(texts), found, strict=True))
        while len(self._vectors) > max(_MOST_VECTORS, len(texts)):
            self._vectors.pop(next(iter(self._vectors)))
        return [self._vectors[text] for text in texts]
