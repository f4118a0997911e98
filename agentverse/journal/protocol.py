"""What the rest of agentverse asks of a journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from agentverse.journal.events import Entry, Event


@dataclass(frozen=True, slots=True)
class RunRow:
    """One line of ``agentverse runs``."""

    id: str
    company: str
    idea: str
    state: str
    """``running`` (a live driver holds it), ``interrupted`` (unfinished, nobody drives it), ``succeeded``, ``failed``,
    ``stopped``."""
    created: float
    ended: float | None
    folder: str
    parent: str | None
    events: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Command:
    """Something another process asks of the driver of a run: answer a gate, cancel, pause, resume, say."""

    id: int
    verb: str
    body: Mapping[str, Any]


class RunJournal(Protocol):
    """The journal of one run, held by its one driver."""

    run: str
    epoch: int

    def recall(self, key: str) -> Entry | None:
        """The entry recorded under ``key``; None when it has not happened yet. What happened lately is in memory."""
        ...

    async def record(self, key: str, event: Event, *, input: str = "", blobs: Mapping[str, str] | None = None) -> Entry:
        """Write one event under ``key`` and return once it is committed. The first writer wins: when ``key`` is there
        already, nothing is written and what is there is returned.

        Args:
            input: hash of what the step was given; kept with it.
            blobs: texts by hash that the event refers to, written in the same transaction.

        Raises:
            RunFenced: another driver took the run over.
        """
        ...

    def note(self, key: str, event: Event) -> None:
        """As `record`, without waiting: it is committed in order, no later than the next `record` that returns."""
        ...

    def entries(self, after: int = 0, most: int | None = None) -> Sequence[Entry]:
        """The entries so far with numbers above ``after``, in order, at most so many. Not to be changed. Old ones are
        read from the store: whoever goes through all of them takes so many at a time.
        """
        ...

    async def blobs(self, hashes: Sequence[str]) -> Mapping[str, str]: ...

    async def commands(self) -> Sequence[Command]:
        """Commands not yet taken, taken by this call."""
        ...

    async def close(self, *, state: str = "interrupted") -> None:
        """Flush, write the run's ``state``, give the run up. Safe to call twice."""
        ...


class Journal(Protocol):
    """The store of all runs."""

    async def create(
        self, run: str, *, company: str, idea: str, folder: str, parent: str | None = None
    ) -> RunJournal: ...

    async def drive(self, run: str) -> RunJournal:
        """Take an existing run to go on with it.

        Raises:
            RunNotFound, RunBusy (a live driver has it).
        """
        ...

    async def fork(self, run: str, *, new_run: str, folder: str, keep: Sequence[int]) -> RunJournal:
        """A new run that begins with copies of the entries with the sequence numbers ``keep``, renumbered in order."""
        ...

    async def runs(self) -> Sequence[RunRow]: ...

    async def find(self, run: str) -> RunRow:
        """A run by its id or by an unambiguous beginning of it.

        Raises:
            RunNotFound: none or several; the message lists what is near.
        """
        ...

    async def read(self, run: str, *, after: int = 0, limit: int | None = None) -> Sequence[Entry]: ...

    def follow(self, run: str, *, after: int = 0) -> AsyncIterator[Entry]:
        """Entries as they are committed, also from another process; ends when the run is no longer running."""
        ...

    async def blobs(self, run: str, hashes: Sequence[str]) -> Mapping[str, str]: ...

    async def send(self, run: str, verb: str, body: Mapping[str, Any]) -> None:
        """Leave a command for the driver of ``run``."""
        ...

    async def prune(self, runs: Sequence[str]) -> None:
        """Forget runs. A running one is refused (RunBusy)."""
        ...

    async def close(self) -> None: ...
