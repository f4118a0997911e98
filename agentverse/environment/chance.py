"""Chance that follows from a seed: the same seed and the same question give the same answer on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


def chance(seed: int, *about: object) -> Random:
    """A generator for one question, such as ``("order", turn)``."""
    digest = blake2b(repr((seed, *about)).encode(), digest_size=8).digest()
    return Random(int.from_bytes(digest, "big"))


def shuffled(items: Sequence[T], seed: int, *about: object) -> list[T]:
    """The items in an order that follows from the seed."""
    mixed = list(items)
    chance(seed, *about).shuffle(mixed)
    return mixed
