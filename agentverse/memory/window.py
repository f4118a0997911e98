"""``window``: the newest lines, as many as fit."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, cast

from pydantic import Field, PrivateAttr

from agentverse.memory.protocol import Block, Heard, Mind, View
from agentverse.memory.registry import Memory, memory

BREAK_TOKENS = 1
"""What the break before a line costs."""


@memory("window")
class Window(Memory):
    """Shows the newest lines whole. When there is too much, the oldest leave, a block at a time: between two cuts a
    prompt only grows at its end, and a server's prefix cache is of use.

    The newest line and those that are pinned stay, even when they alone are too much.
    """

    rank = 0

    messages: int | None = Field(default=None, ge=2, le=100_000)
    """Lines, at most; no bound when left out."""
    tokens: int | None = Field(default=None, ge=64)
    """Tokens, at most, as the agent's model counts them."""
    share: float = Field(default=0.5, gt=0, le=1)
    """Of the tokens that a prompt of the agent's model may have; what counts when ``tokens`` is left out."""
    drop: float = Field(default=0.25, gt=0, lt=1)
    """Part of the window that is emptied at once."""
    pin: int = Field(default=1, ge=0, le=1000)
    """Lines at the beginning that never leave."""

    _first: int = PrivateAttr(default=0)
    """Index of the first line that has not left."""
    _pinned: list[Heard] = PrivateAttr(default_factory=list[Heard])
    _blocks: list[Block] = PrivateAttr(default_factory=list[Block])
    _chain: str = PrivateAttr(default="")

    async def apply(self, view: View, mind: Mind) -> None:
        cuts = cast("Sequence[int] | None", await mind.settled("window", lambda: self._look(view.heard, mind)))
        for cut in cuts or ():
            self._cut(view.heard, cut)
        view.pinned, view.first, view.gone = self._pinned, self._first, self._blocks

    async def _look(self, heard: Sequence[Heard], mind: Mind) -> Any:
        """The cuts that are due, each the index of the first line that stays; None when there are none.

        Line by line, so that all who heard the same cut at the same places, however often they are asked.
        """
        lines = heard[self._first :]
        most = self.tokens if self.tokens is not None else int(mind.help.room(mind.seat) * self.share)
        pinned = sum(await self._sizes(self._pinned, mind))
        pins, first, used, cuts = len(self._pinned), self._first, 0, list[int]()
        window = deque[int]()
        for size in await self._sizes(lines, mind):
            window.append(size)
            used += size
            if not self._over(len(window) + pins, used + pinned, most, 1.0):
                continue
            begun = first
            while len(window) > 1 and self._over(len(window) + pins, used + pinned, most, 1.0 - self.drop):
                gone = window.popleft()
                used -= gone
                if self._is_pinned(heard[first], first):
                    pinned += gone
                    pins += 1
                first += 1
            if first > begun:
                cuts.append(first)
        return cuts or None

    async def _sizes(self, lines: Sequence[Heard], mind: Mind) -> list[int]:
        return [size + BREAK_TOKENS for size in await mind.help.count(mind.seat, lines)]

    def _over(self, lines: int, tokens: int, most: int, part: float) -> bool:
        return tokens > most * part or (self.messages is not None and lines > self.messages * part)

    def _is_pinned(self, line: Heard, index: int) -> bool:
        return line.pinned or index < self.pin

    def _cut(self, heard: Sequence[Heard], cut: int) -> None:
        """Let the lines before ``cut`` go."""
        leaving: list[Heard] = []
        for index in range(self._first, cut):
            stays = self._is_pinned(heard[index], index)
            (self._pinned if stays else leaving).append(heard[index])
        self._first = cut
        if leaving:
            self._blocks.append(self._block(leaving))

    def _block(self, lines: Sequence[Heard]) -> Block:
        numbers = [line.number for line in lines]
        said = f"{self._chain}|{','.join(map(str, numbers))}"
        self._chain = blake2b(said.encode(), digest_size=4).hexdigest()
        return Block(f"{numbers[0]}-{numbers[-1]}-{self._chain}", tuple(lines))
