"""Counting tokens as a model does: by its server's tokenizer, else by its family's characters per token."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from agentverse.models.estimate import tokens
from agentverse.models.protocol import ChatModel

_AT_ONCE = 16
"""Texts that a server is asked about at the same time."""


@runtime_checkable
class Tokenizes(Protocol):
    """A model that counts tokens exactly."""

    async def token_count(self, text: str) -> int | None:
        """How many tokens ``text`` is; None when the server has no word for it, or does not answer."""
        ...


async def count_tokens(model: ChatModel, texts: Sequence[str]) -> list[int]:
    """The tokens of each text. One whose server does not count is estimated, and nothing more is asked then."""
    counts: list[int] = []
    asking = isinstance(model, Tokenizes)
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        exact: Sequence[int | None] = [None] * len(some)
        if asking and isinstance(model, Tokenizes):
            exact = await asyncio.gather(*map(model.token_count, some))
            asking = None not in exact
        counts += [
            tokens(text, model.profile.chars_per_token) if count is None else count
            for text, count in zip(some, exact, strict=True)
        ]
    return counts
