"""What to do about a reply that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from agentverse.agents.reading.base import Unreadable

Rung = Literal["reask", "continue", "resample", "escalate", "give_up"]

_CONTINUATIONS = 2
_RESAMPLES = 2


class Ladder:
    """The rungs of one turn, each taken at most so often.

    A reply that was cut off is continued; any other bad one is asked for again once, showing the error; after
    ``enough`` bad ones of a tier the next tier is asked. Where there is none, the same is asked afresh, more freely;
    then the turn has failed.

    Args:
        tiers: the tier that is asked first, and those above it.
        enough: bad replies of one tier.
        affords: whether a tier may be asked at the moment.
    """

    def __init__(
        self, tiers: Sequence[str], *, enough: int = 2, affords: Callable[[str], bool] = lambda tier: True
    ) -> None:
        self.tier = tiers[0]
        self.resamples = 0
        self.bad = 0
        """Replies of the present tier that could not be used."""
        self._enough, self._affords = enough, affords
        self._above = list(tiers[1:])
        self._continuations = 0
        self._reasked = False
        self._seen: set[str] = set()

    @property
    def above(self) -> str:
        """The next tier, or ""."""
        return next(iter(self._above), "")

    @property
    def higher(self) -> bool:
        """Whether the next tier may be asked."""
        return bool(self._above) and self._affords(self.above)

    def next(self, trouble: Unreadable, text: str) -> Rung:
        """The rung for a bad reply."""
        said = text.strip()
        repeated = said in self._seen
        self._seen.add(said)
        if trouble.code == "cut_off" and trouble.partial and not repeated and self._continuations < _CONTINUATIONS:
            return "continue"
        self.bad += 1
        if self.higher and self.bad >= self._enough:
            return "escalate"
        if trouble.code != "cut_off" and not repeated and not self._reasked:
            return "reask"
        if self.resamples < _RESAMPLES:
            return "resample"
        return "escalate" if self.higher else "give_up"

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
            self.bad = 0
        if rung in ("resample", "escalate"):
            self._continuations = 0
