"""How long a run was at work."""

from __future__ import annotations

from collections.abc import Iterable

from agentverse.journal.events import Entry, GateAnswered, GateOpened, RunResumed, RunStarted


class Clock:
    """The time a run was at work at each of its entries: from the start, or a resumption, to the last entry before the
    next, less the time in which it waited for a person.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._at: dict[int, float] = {}
        self._before: float | None = None
        self._waiting: set[str] = set()
        self.total = 0.0
        for entry in entries:
            self.add(entry)
            self._at[entry.seq] = self.total

    def add(self, entry: Entry) -> None:
        """Take up the next entry of the run."""
        if isinstance(entry.event, RunStarted | RunResumed):
            self._waiting.clear()
        elif self._before is not None and not self._waiting:
            self.total += max(entry.at - self._before, 0.0)
        if isinstance(entry.event, GateOpened):
            self._waiting.add(entry.key.rpartition("/")[0])
        elif isinstance(entry.event, GateAnswered):
            self._waiting.discard(entry.key.rpartition("/")[0])
        self._before = entry.at

    def at(self, entry: Entry) -> float:
        """The time at an entry that the clock was made with."""
        return self._at[entry.seq]
