"""The journals that are being watched: each is read once, and each entry made into bytes once, for all who watch it."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from agentverse.errors import AgentverseError, RunNotFound
from agentverse.journal.audience import Audience
from agentverse.journal.events import Entry, RunEnded
from agentverse.journal.protocol import Journal, RunRow
from agentverse.web.tally import state_of
from agentverse.web.writing import Writing

PAGE = 500
"""Entries read at once for who is behind."""
KEPT, KEPT_BYTES = 2000, 8 << 20
"""Latest entries that are kept as bytes, and how many bytes."""
LOOK = 1.0
"""Seconds between looks at whether a run that nobody drives is taken up again."""
Look = Callable[[RunRow], Awaitable[Audience]]
"""Says who reads a run here: somebody who watches, or who plays a part in it."""


class Packed(NamedTuple):
    """An entry as a message of the stream, without its id; ``b""`` when it is not for whoever looks."""

    seq: int
    data: bytes


def pack(entry: Entry, audience: Audience) -> Packed:
    seen = audience.seen(entry)
    if seen is None:
        return Packed(entry.seq, b"")
    return Packed(entry.seq, b"event: entry\ndata: " + seen.model_dump_json().encode() + b"\n\n")


def message(event: str, data: object) -> bytes:
    """A message without an id."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode("utf-8", "replace")


@dataclass(eq=False)
class Feed:
    """One run, as long as somebody watches it."""

    journal: Journal
    run: str
    last: int
    """The number of the latest entry; those that are not kept are read from the store."""
    writing: Callable[[str], Writing | None]
    """Of a run, when this process drives it."""
    look: Look
    audience: Audience
    state: str = ""
    gone: bool = False
    """It is not read any more: there is no such run, or ``trouble`` says what is wrong."""
    trouble: str = ""
    told: set[Callable[[], None]] = field(default_factory=set[Callable[[], None]])
    _kept: deque[Packed] = field(default_factory=deque[Packed])
    _bytes: int = 0
    _veiled: bool = False
    """What is kept was made for somebody who plays."""

    def since(self, after: int) -> Sequence[Packed] | None:
        """What came after the entry ``after``; None when not all of it is at hand any more."""
        self._look_again()
        begin = self._kept[0].seq if self._kept else self.last + 1
        return list(islice(self._kept, after + 1 - begin, None)) if after + 1 >= begin else None

    def _keep(self, entry: Entry) -> None:
        self._look_again()
        packed = pack(entry, self.audience)
        self._kept.append(packed)
        self._bytes += len(packed.data)
        self.last = packed.seq
        while len(self._kept) > KEPT or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._kept.popleft().data)

    async def page(self, after: int) -> Sequence[Packed]:
        """What came after the entry ``after``, from the store."""
        return [pack(entry, self.audience) for entry in await self.journal.read(self.run, after=after, limit=PAGE)]

    async def read(self) -> None:
        """Take up what is committed, until cancelled."""
        with suppress(asyncio.CancelledError):
            try:
                while True:
                    async for entry in self.journal.follow(self.run, after=self.last):
                        self.audience.note(entry)
                        self._keep(entry)
                        self._tell()
                    await self._wait_for_more()
            except RunNotFound:
                self.gone = True
                self._tell()
            except AgentverseError as error:
                self.trouble, self.gone = str(error), True
                self._tell()

    async def _wait_for_more(self) -> None:
        while True:
            row = await self.journal.find(self.run)
            if row.id != self.run:
                raise RunNotFound(f"there is no run {self.run!r}")
            await self.now(row)
            if row.state == "running" or row.events > self.last:
                return
            await asyncio.sleep(LOOK)

    async def now(self, row: RunRow) -> None:
        """Take note of the run's state, and of whether anything is still kept from whoever looks."""
        state, veiled = await self._state(row), self.audience.playing
        self.audience = await self.look(row)
        if (state, veiled) != (self.state, self.audience.playing):
            self.state = state
            self._tell()

    def _look_again(self) -> None:
        """Forget what was made into bytes for a player's eyes when nobody plays any more, or the reverse. The audience
        is shared with other readers of the run, so it may have changed at any time.
        """
        if self._veiled != self.audience.playing:
            self._veiled = self.audience.playing
            self._kept.clear()
            self._bytes = 0

    async def _state(self, row: RunRow) -> str:
        """As people see it; whether an unfinished run ended in order, its last entry says."""
        if row.state != "interrupted" or not row.events:
            return row.state
        last = [entry.event for entry in await self.journal.read(self.run, after=row.events - 1)]
        return state_of(row, last[-1] if last and isinstance(last[-1], RunEnded) else None)

    def _tell(self) -> None:
        for tell in self.told:
            tell()


class Feeds:
    """The feeds of one journal.

    Args:
        writing: of a run, when this process drives it.
    """

    def __init__(self, journal: Journal, writing: Callable[[str], Writing | None], look: Look) -> None:
        self._journal, self._writing, self._look = journal, writing, look
        self._feeds: dict[str, tuple[Feed, asyncio.Task[None]]] = {}
        self.listeners: set[Callable[[], None]] = set()
        """Called when the list of runs is another one."""
        self.changes = 0
        """How often it was."""

    async def join(self, run: str, tell: Callable[[], None]) -> Feed:
        """The feed of a run; ``tell`` is called when there is more in it.

        Raises:
            RunNotFound.
        """
        row = await self._journal.find(run)
        if row.id != run:
            raise RunNotFound(f"there is no run {run!r}")
        if run not in self._feeds:
            feed = Feed(self._journal, run, row.events, self._writing, self._look, await self._look(row))
            self._feeds[run] = feed, asyncio.create_task(feed.read(), name=f"feed {run}")
        feed = self._feeds[run][0]
        feed.told.add(tell)
        await feed.now(row)
        return feed

    def leave(self, feed: Feed, tell: Callable[[], None]) -> None:
        feed.told.discard(tell)
        if not feed.told and (known := self._feeds.get(feed.run)) is not None and known[0] is feed:
            del self._feeds[feed.run]
            known[1].cancel()

    def changed(self) -> None:
        """The list of runs reads differently: a run began, ended or was removed, or a question was put or answered."""
        self.changes += 1
        for tell in self.listeners:
            tell()

    async def close(self) -> None:
        tasks = [task for _, task in self._feeds.values()]
        self._feeds.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
