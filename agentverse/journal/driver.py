"""The journal of one run, held by its one driver."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select

from agentverse.errors import JournalUnavailable, RunFenced
from agentverse.journal import lease as leases
from agentverse.journal import rows, tables
from agentverse.journal.commit import Stored, Write
from agentverse.journal.database import Database
from agentverse.journal.entries import PAGE, Entries
from agentverse.journal.events import Entry, Event
from agentverse.journal.lease import Lease
from agentverse.journal.protocol import Command
from agentverse.journal.upgrade import dump, type_of
from agentverse.journal.writer import Writer

_HASHES = 10_000
"""Texts that are remembered as written; one that is written again is passed over by the store."""


@dataclass(slots=True, eq=False)
class _Pending:
    """An event that is not committed yet."""

    entry: Entry
    shown: bool
    """A note is seen at once, a record when it is committed."""
    waiters: list[asyncio.Future[None]] = field(default_factory=list[asyncio.Future[None]])


class DrivenRun:
    """See `agentverse.journal.protocol.RunJournal`. Made by the store.

    An entry holds what reading it back gives, so that a run and its resumption see the same values: a tuple in a free
    field is a list from the start.
    """

    def __init__(
        self, database: Database, writer: Writer, lease: Lease, past: rows.Past, on_close: Callable[[DrivenRun], None]
    ) -> None:
        self.run = lease.run
        self.epoch = lease.epoch
        self.closed = False
        self._database = database
        self._writer = writer
        self._lease = lease
        self._entries = Entries(past.keys, self._stored)
        self._known = self._entries.numbers
        self._committed = len(self._entries)
        self._clock = past.at
        self._next = len(self._entries) + 1
        self._hashes: set[str] = set()
        self._pending: dict[str, _Pending] = {}
        self._unseen: deque[_Pending] = deque()
        self._failure: Exception | None = None
        self._failure_told = False
        self._changed = asyncio.Event()
        self._on_close = on_close
        writer.hold(lease)

    def recall(self, key: str) -> Entry | None:
        number = self._known.get(key)
        return None if number is None else self._numbered(number)

    def entries(self, after: int = 0, most: int | None = None) -> Sequence[Entry]:
        return self._entries.after(after, most)

    def committed(self, after: int) -> Sequence[Entry]:
        """The first committed entries with numbers above ``after``; none when there are none."""
        return self._entries.after(after, min(self._committed - after, PAGE))

    async def changed(self) -> None:
        """Wait until more is committed or the run is given up."""
        await self._changed.wait()

    async def record(self, key: str, event: Event, *, input: str = "", blobs: Mapping[str, str] | None = None) -> Entry:
        await self._writer.room()
        self._check()
        pending = self._pending.get(key)
        try:
            if pending is None and key in self._known:
                # Nothing to write, but the notes made before must be committed when this returns.
                await self._flush()
            else:
                await self._commit_of(pending or self._enqueue(key, event, input, blobs or {}, shown=False))
        except (RunFenced, JournalUnavailable):
            self._failure_told = True
            raise
        return self._numbered(self._known[key])

    def note(self, key: str, event: Event) -> None:
        self._check_open()
        if self._failure is None and key not in self._known and key not in self._pending:
            self._enqueue(key, event, "", {}, shown=True)

    async def blobs(self, hashes: Sequence[str]) -> Mapping[str, str]:
        return await asyncio.to_thread(self._database.read, lambda c: rows.texts(c, self._lease.ref, hashes))

    async def commands(self) -> Sequence[Command]:
        """See the protocol. Costs a read while there are none, so it may be asked every second."""
        waiting = select(tables.command.c.id).where(tables.command.c.run == self._lease.ref).limit(1)
        if await asyncio.to_thread(self._database.read, lambda c: c.execute(waiting).first()) is None:
            return ()
        return await self._writer.call(self._take_commands)

    async def close(self, *, state: str = "interrupted") -> None:
        """See the protocol. A run whose last events are lost is left ``interrupted``, whatever ``state`` says.

        Raises:
            RunFenced, JournalUnavailable: something was not written, and no `record` has said so yet.
        """
        if self.closed:
            return
        self.closed = True
        self._writer.let_go(self._lease)
        try:
            await self._flush()
            end = "interrupted" if self._failure else state
            await self._writer.call(lambda c: leases.release(c, self._lease, end, time.time()))
        except Exception as error:
            self._failure = self._failure or error
        finally:
            self._on_close(self)
            self._changed.set()
        if self._failure is not None and not self._failure_told:
            raise self._failure

    def _check(self) -> None:
        if self._failure is not None:
            self._failure_told = True
            raise self._failure
        self._check_open()

    def _check_open(self) -> None:
        if self.closed:
            raise JournalUnavailable(f"run {self.run!r} was given up by this process")

    def _enqueue(self, key: str, event: Event, input: str, blobs: Mapping[str, str], *, shown: bool) -> _Pending:
        self._clock = max(time.time(), self._clock)
        stored = Stored(self._next, key, type_of(event), event.v, self._clock, input, dump(event))
        pending = _Pending(rows.entry(self.run, stored), shown)
        new = [
            (hash, text.encode("utf-8", "surrogatepass")) for hash, text in blobs.items() if hash not in self._hashes
        ]
        self._writer.put(Write(self._lease, stored, new, self._done))
        self._next += 1
        if len(self._hashes) > _HASHES:
            self._hashes.clear()
        self._hashes.update(hash for hash, _ in new)
        self._pending[key] = pending
        self._unseen.append(pending)
        if shown:
            self._known[key] = pending.entry.seq
            self._show()
        return pending

    def _show(self) -> None:
        """Make visible what may be seen, in order: a note behind a record waits for it."""
        while self._unseen and self._unseen[0].shown:
            self._entries.add(self._unseen.popleft().entry)

    def _numbered(self, number: int) -> Entry:
        behind = number - len(self._entries)
        return self._entries.at(number) if behind <= 0 else self._unseen[behind - 1].entry

    def _stored(self, after: int, most: int) -> Sequence[Entry]:
        # Read on the loop: whoever recalls a step goes on from what it was, and pages make it one read for many steps.
        ref = self._lease.ref
        return self._database.read(lambda c: rows.entries(c, ref, self.run, after=after, limit=most))

    async def _flush(self) -> None:
        """Wait until all that was made so far is committed."""
        last = next(reversed(self._pending.values()), None)
        if last is not None:
            await self._commit_of(last)

    async def _commit_of(self, pending: _Pending) -> None:
        # Each caller waits on a future of its own: one that is cancelled must not cancel the others.
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        pending.waiters.append(waiter)
        await waiter

    def _done(self, write: Write) -> None:
        pending = self._pending.pop(write.row.key)
        waiters = [waiter for waiter in pending.waiters if not waiter.done()]
        if write.error is not None:
            self._failure = self._failure or write.error
            for waiter in waiters:
                waiter.set_exception(write.error)
            return
        self._committed += 1
        if write.first is not None and write.first != write.row:
            self._replace(pending, rows.entry(self.run, write.first))
        self._known[write.row.key] = pending.entry.seq
        if not pending.shown:
            pending.shown = True
            self._show()
        self._entries.let_go(self._committed)
        for waiter in waiters:
            waiter.set_result(None)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _replace(self, pending: _Pending, first: Entry) -> None:
        """Somebody else was first under this key: what they recorded counts."""
        pending.entry = first
        if pending.shown and first.seq <= len(self._entries):
            self._entries.replace(first)

    def _take_commands(self, connection: Connection) -> Sequence[Command]:
        leases.require(connection, self._lease)
        column = tables.command.c
        query = select(column.id, column.verb, column.body).where(column.run == self._lease.ref).order_by(column.id)
        found = [Command(row.id, row.verb, json.loads(row.body)) for row in connection.execute(query)]
        for some in rows.chunks(command.id for command in found):
            connection.execute(delete(tables.command).where(column.id.in_(some)))
        return found
