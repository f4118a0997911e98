"""Replies while they are generated: kept until they are in the journal, so that whoever comes late sees them whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agentverse.models.protocol import Delta

MOST = 400_000
"""Characters of one reply that are kept; what comes then is seen when the reply is recorded."""


@dataclass(slots=True)
class Piece:
    """A reply so far. ``version`` goes up when what was written is void."""

    version: int = 0
    text: str = ""
    thinking: str = ""


@dataclass(slots=True)
class Writing:
    """The replies that are being written in one run; a `agentverse.agents.protocol.Watcher`."""

    pieces: dict[str, Piece] = field(default_factory=dict[str, Piece])
    told: set[Callable[[], None]] = field(default_factory=set[Callable[[], None]])
    """Called when there is more."""

    def __call__(self, delta: Delta) -> None:
        piece = self.pieces.setdefault(delta.key, Piece())
        if delta.restart:
            piece.version += 1
            piece.text = piece.thinking = ""
        if len(piece.text) + len(piece.thinking) < MOST:
            piece.text += delta.text
            piece.thinking += delta.thinking
        for tell in self.told:
            tell()

    def over(self, key: str) -> None:
        """The reply is in the journal."""
        self.pieces.pop(key, None)
