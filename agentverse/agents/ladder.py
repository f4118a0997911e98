"""What to do about a reply that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from agentverse.agents.reading.base import Unreadable

Rung = Literal["reask", "continue", "resample", "escalate", "give_up"]

_CONTINUATIONS = 2
_RESAMPLES = 2


class Ladder:
    """The rungs of one turn, each taken at most so often.

    A reply that was cut off is continued; any other bad one is asked for again once, showing the error; then the same
    is asked afresh, more freely; then each higher tier is asked once; then the turn has failed.

    Args:
        tiers: the tier that is asked first, and those above it.
    """

    def __init__(self, tiers: Sequence[str]) -> None:
        self.tier = tiers[0]
        self.resamples = 0
        self._above = list(tiers[1:])
        self._continuations = 0
        self._reasked = False
        self._seen: set[str] = set()

    def next(self, trouble: Unreadable, text: str) -> Rung:
        """The rung for a bad reply."""
        said = text.strip()
        repeated = said in self._seen
        self._seen.add(said)
        if trouble.code == "cut_off" and trouble.partial and not repeated and self._continuations < _CONTINUATIONS:
            return "continue"
        if trouble.code != "cut_off" and not repeated and not self._reasked:
            return "reask"
        if self.resamples < _RESAMPLES:
            return "resample"
        return "escalate" if self._above else "give_up"

    def take(self, rung: Rung) -> None:
        """Note that ``rung`` is taken, as `next` said or as the journal recalls it."""
        if rung == "continue":
            self._continuations += 1
        elif rung == "reask":
            self._reasked = True
        elif rung == "resample":
            self.resamples += 1
        elif rung == "escalate" and self._above:
            self.tier = self._above.pop(0)
        if rung in ("resample", "escalate"):
            self._continuations = 0
