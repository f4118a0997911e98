"""What agentverse asks of an embedding, and the vectors it gets."""

from __future__ import annotations

import math
from array import array
from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import mul
from typing import Protocol, TypeAlias

LONGEST_TEXT = 4_000
"""Characters of a text that count; embedding models read little more, and servers refuse what is too long."""
LONGEST_VECTOR = 16_384
BATCH = 64
"""Texts in one request."""

Vector: TypeAlias = "array[float]"
"""Of length 1, or of nothing but zeros for a text that says nothing. Four bytes a number."""


class Embedder(Protocol):
    """A place vectors come from. Implementations register with `agentverse.models.embeddings.registry.embedder`."""

    name: str
    """Of the model, as it is shown to people."""

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector for each text, in order, all of one size. What is long is read only at its beginning.

        Raises:
            ModelError: the server failed, or its answer is of no use.
        """
        ...

    async def close(self) -> None: ...


def unit(values: Iterable[float]) -> Vector:
    """``values`` as a vector of length 1.

    Raises:
        ValueError: they are too many, or no finite numbers.
    """
    raw = array("d", values)
    if len(raw) > LONGEST_VECTOR:
        raise ValueError(f"a vector of {len(raw)} numbers; at most {LONGEST_VECTOR} are taken")
    largest = max(map(abs, raw), default=0.0)
    if not all(map(math.isfinite, raw)):
        raise ValueError("a vector with a number that is not finite")
    if not largest:
        return array("f", raw)
    # Divided by the largest first: the square of a huge number is none.
    length = math.sqrt(sum((value / largest) ** 2 for value in raw))
    return array("f", [value / largest / length for value in raw])


def likeness(one: Vector, other: Vector) -> float:
    """The cosine of the angle between two vectors, from -1 to 1; 0 when one says nothing."""
    return float(sum(map(mul, one, other)))


async def in_batches(
    texts: Sequence[str], embed: Callable[[Sequence[str]], Awaitable[Sequence[Vector]]]
) -> list[Vector]:
    """The vectors of many texts, ``BATCH`` at a time. Equal texts are asked for once, each up to `LONGEST_TEXT`."""
    asked = list(dict.fromkeys(text[:LONGEST_TEXT] for text in texts))
    known: dict[str, Vector] = {}
    for start in range(0, len(asked), BATCH):
        some = asked[start : start + BATCH]
        known.update(zip(some, await embed(some), strict=True))
    return [known[text[:LONGEST_TEXT]] for text in texts]
