"""Vectors without a model: the words of a text and the pieces of its words, hashed.

Two texts are alike when they use the same words or words with common parts, in whatever language; what means the same
in other words is not seen. See Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning".
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zlib import crc32

from agentverse.models.embeddings.protocol import LONGEST_TEXT, Vector, in_batches, unit

SIZE = 512
"""Numbers in a vector."""

_IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af"
_RUN = re.compile(rf"[{_IDEOGRAPHS}]+|[^\W_{_IDEOGRAPHS}]+")
_IDEOGRAPH = re.compile(rf"[{_IDEOGRAPHS}]")
_GRAMS = (3, 4)
_PIECE, _COMMON, _CHARACTER = 0.35, 0.1, 0.4
"""What a piece of a word, a word that says little, and a single ideograph count, where a word counts 1."""
_SAY_LITTLE = """
a an and are as at be been but by can could did do does for from had has have he her his how i if in into is
it its me my no not of on or our she should so than that the their them then there they this to was we were
what when where which who will with would you your
的 了 是 在 我 你 他 她 它 们 呢 和 也 就 都 吗 吧 啊 与 及 这 那 有 不 我们 你们
他们 这个 那个 什么 怎么 可以 一个
"""
_LITTLE = frozenset(_SAY_LITTLE.split())


class HashingEmbedder:
    """Works at once and offline, and says the same on every machine."""

    name = "hashing"

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """See `agentverse.models.embeddings.protocol.Embedder`. Never fails."""
        return await in_batches(texts, _embed)

    async def close(self) -> None:
        pass


async def _embed(texts: Sequence[str]) -> list[Vector]:
    return [vector(text) for text in texts]


def vector(text: str) -> Vector:
    """The vector of one text. Each feature goes to one number, up or down, as its hash says."""
    weights: dict[int, float] = {}
    counts: Counter[int] = Counter()
    for run in _RUN.findall(unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold()):
        features = _ideographs(run) if _IDEOGRAPH.match(run) else _word(run)
        for hash, weight in features:
            counts[hash] += 1
            weights[hash] = weight
    values = [0.0] * SIZE
    for hash, count in counts.items():
        sign = 1.0 if hash & 0x8000_0000 else -1.0
        values[hash % SIZE] += sign * weights[hash] * (1.0 + math.log(count))
    return unit(values)


def _hash(feature: str) -> int:
    return crc32(feature.encode("utf-8", "replace"))


@lru_cache(maxsize=4096)
def _word(word: str) -> tuple[tuple[int, float], ...]:
    """The word and its pieces, each by its hash with what it counts."""
    if word in _LITTLE:
        return ((_hash(word), _COMMON),)
    marked = f"^{word[:32]}$"
    pieces = [marked[start : start + size] for size in _GRAMS for start in range(len(marked) - size + 1)]
    return ((_hash(word), 1.0), *((_hash(f"#{piece}"), _PIECE) for piece in pieces))


def _ideographs(run: str) -> Iterator[tuple[int, float]]:
    """Chinese is written without spaces: pairs of neighbours stand in for words."""
    for character in run:
        yield _hash(character), _COMMON if character in _LITTLE else _CHARACTER
    for start in range(len(run) - 1):
        pair = run[start : start + 2]
        little = pair in _LITTLE or pair[0] in _LITTLE or pair[1] in _LITTLE
        yield _hash(pair), _COMMON if little else 1.0
