"""Vectors of one agent, compared by what they do not have in common."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping

from agentverse.models.embeddings.protocol import Vector, likeness

_FEW = 8
"""Vectors that count as zero in the mean: what a few have in common may be what they are about."""
_GROWN = 1.25
"""The mean is taken anew when there are so many times more."""
_TINY = 1e-9


class Cloud:
    """Says how near vectors are to a question once their mean is taken away from all.

    What all lines of a conversation share, or all vectors of a model, then tells nothing. The mean is kept until the
    vectors have become many more, so that a question costs one product for each of them.
    """

    def __init__(self) -> None:
        self._mean: Vector = array("f")
        self._of = 0
        """Number of vectors that the mean is of."""
        self._along: dict[str, float] = {}
        """Id: product of its vector and the mean."""

    def near(self, question: Vector, vectors: Mapping[str, Vector]) -> dict[str, float]:
        """The nearness of each vector to ``question``, from -1 to 1."""
        self._learn(vectors)
        if not vectors:
            return {}
        mean_square = likeness(self._mean, self._mean)
        asked = likeness(self._mean, question)
        asked_square = likeness(question, question) - 2 * asked + mean_square
        found: dict[str, float] = {}
        for id, vector in vectors.items():
            along = self._along[id]
            square = 1.0 - 2 * along + mean_square
            shared = likeness(question, vector) - asked - along + mean_square
            found[id] = shared / math.sqrt(square * asked_square) if square * asked_square > _TINY else 0.0
        return found

    def _learn(self, vectors: Mapping[str, Vector]) -> None:
        if len(vectors) > self._of * _GROWN:
            self._of = len(vectors)
            count = self._of + _FEW
            self._mean = array("f", [total / count for total in map(sum, zip(*vectors.values(), strict=True))])
            self._along = {}
        new = {id: likeness(self._mean, vector) for id, vector in vectors.items() if id not in self._along}
        self._along.update(new)
        if len(self._along) > 2 * len(vectors):
            self._along = {id: self._along[id] for id in vectors}
