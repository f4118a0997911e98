"""A run's journal in memory, for what is not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentverse.journal.events import EVENTS, Entry, Event
from agentverse.journal.protocol import Command


class Notebook:
    """See `agentverse.journal.protocol.RunJournal`; nothing is written anywhere."""

    epoch = 1

    def __init__(self, run: str) -> None:
        self.run = run
        self._entries: list[Entry] = []
        self._known: dict[str, Entry] = {}
        self._blobs: dict[str, str] = {}

    def recall(self, key: str) -> Entry | None:
        return self._known.get(key)

    async def record(self, key: str, event: Event, *, input: str = "", blobs: Mapping[str, str] | None = None) -> Entry:
        self._blobs.update(blobs or {})
        return self._put(key, event, input)

    def note(self, key: str, event: Event) -> None:
        self._put(key, event, "")

    def entries(self, after: int = 0, most: int | None = None) -> Sequence[Entry]:
        return self._entries[after : None if most is None else after + most]

    async def blobs(self, hashes: Sequence[str]) -> Mapping[str, str]:
        return {hash: self._blobs[hash] for hash in hashes if hash in self._blobs}

    async def commands(self) -> Sequence[Command]:
        return ()

    async def close(self, *, state: str = "interrupted") -> None:
        pass

    def _put(self, key: str, event: Event, input: str) -> Entry:
        if key not in self._known:
            known = EVENTS.validate_python(event)
            entry = Entry(run=self.run, seq=len(self._entries) + 1, key=key, at=0.0, input=input, event=known)
            self._entries.append(entry)
            self._known[key] = entry
        return self._known[key]
