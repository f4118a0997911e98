"""The store of all runs: an SQLite file, or a PostgreSQL server.

Importing this module loads SQLAlchemy; import it where a journal is opened.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select

from agentverse.journal import lease as leases
from agentverse.journal import rows, tables
from agentverse.journal.database import Database, open_database
from agentverse.journal.driver import DrivenRun
from agentverse.journal.events import Entry
from agentverse.journal.follow import Glimpse, follow
from agentverse.journal.fork import copy_run
from agentverse.journal.lease import Lease
from agentverse.journal.protocol import Journal, RunJournal, RunRow
from agentverse.journal.writer import Writer

T = TypeVar("T")


async def open_journal(url_or_path: str | Path) -> Journal:
    """Open the journal at a path (an SQLite file, made when missing) or at a URL ``postgresql://user@host/database``.

    Close it in the end: that gives up the runs still held and commits what is queued.

    Raises:
        JournalUnavailable: it cannot be opened; one sentence says why.
        SettingsError: a URL of another kind.
    """
    return Store(await asyncio.to_thread(open_database, url_or_path))


class Store:
    """See `agentverse.journal.protocol.Journal`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = Writer(database)
        self._owner = leases.this_process()
        self._driven: dict[str, DrivenRun] = {}

    async def create(self, run: str, *, company: str, idea: str, folder: str, parent: str | None = None) -> RunJournal:
        fields = {"id": run, "company": company, "idea": idea, "folder": folder, "parent": parent}
        lease = await self._writer.call(lambda c: leases.create(c, self._owner, time.time(), **fields))
        return self._drive(lease, rows.Past((), 0.0))

    async def drive(self, run: str) -> RunJournal:
        def take(connection: Connection) -> Lease:
            rows.run_named(connection, run)
            return leases.take(connection, run, self._owner, time.time())

        return await self._begin(await self._writer.call(take))

    async def fork(self, run: str, *, new_run: str, folder: str, keep: Sequence[int]) -> RunJournal:
        """See the protocol.

        Raises:
            RunNotFound, UsageError (``new_run`` exists), ValueError (``keep`` names an entry that does not exist).
        """

        def copy(connection: Connection) -> Lease:
            source = rows.run_named(connection, run)
            fields = {"company": source.company, "idea": source.idea, "folder": folder, "parent": run}
            lease = leases.create(connection, self._owner, time.time(), id=new_run, **fields)
            return copy_run(connection, source.ref, lease, keep)

        return await self._begin(await self._writer.call(copy))

    async def runs(self) -> Sequence[RunRow]:
        """All runs, the oldest first."""
        query = select(tables.run).order_by(tables.run.c.created, tables.run.c.ref)
        found = await self._read(lambda c: c.execute(query).all())
        return [rows.run_row(row, time.time(), self._owner) for row in found]

    async def find(self, run: str) -> RunRow:
        row = await self._read(lambda c: rows.run_beginning(c, run))
        return rows.run_row(row, time.time(), self._owner)

    async def read(self, run: str, *, after: int = 0, limit: int | None = None) -> Sequence[Entry]:
        return await self._read(lambda c: rows.entries(c, rows.run_named(c, run).ref, run, after=after, limit=limit))

    def follow(self, run: str, *, after: int = 0) -> AsyncIterator[Entry]:
        def look(after: int) -> Glimpse:
            return self._database.read(lambda c: self._glimpse(c, run, after))

        return follow(lambda: self._driven.get(run), look, after)

    async def blobs(self, run: str, hashes: Sequence[str]) -> Mapping[str, str]:
        return await self._read(lambda c: rows.texts(c, rows.run_named(c, run).ref, hashes))

    async def send(self, run: str, verb: str, body: Mapping[str, Any]) -> None:
        """See the protocol. A run nobody drives finds the command when it is driven again."""
        text = json.dumps(dict(body))

        def leave(connection: Connection) -> None:
            ref = rows.run_named(connection, run).ref
            connection.execute(insert(tables.command).values(run=ref, verb=verb, body=text))

        await self._writer.call(leave)

    async def prune(self, runs: Sequence[str]) -> None:
        """See the protocol. Nothing is forgotten when one of ``runs`` is running or does not exist."""

        def forget(connection: Connection) -> None:
            for run in runs:
                row = rows.run_named(connection, run)
                leases.refuse_live(row, time.time(), self._owner)
                connection.execute(delete(tables.run).where(tables.run.c.ref == row.ref))

        await self._writer.call(forget)
        await self._writer.call(self._database.reclaim)

    async def close(self) -> None:
        """See the protocol.

        Raises:
            RunFenced, JournalUnavailable: a run still held has events that were not written.
        """
        async with AsyncExitStack() as last:
            last.callback(self._database.engine.dispose)
            last.push_async_callback(self._writer.close)
            for run in list(self._driven.values()):
                last.push_async_callback(run.close)

    async def _begin(self, lease: Lease) -> DrivenRun:
        try:
            past = await self._read(lambda c: rows.past(c, lease.ref))
        except BaseException:
            await self._writer.call(lambda c: leases.release(c, lease, "interrupted", time.time()))
            raise
        return self._drive(lease, past)

    def _drive(self, lease: Lease, past: rows.Past) -> DrivenRun:
        driven = DrivenRun(self._database, self._writer, lease, past, lambda run: self._forget(run))
        self._driven[lease.run] = driven
        return driven

    def _forget(self, run: DrivenRun) -> None:
        if self._driven.get(run.run) is run:
            del self._driven[run.run]

    def _glimpse(self, connection: Connection, run: str, after: int) -> Glimpse:
        row = rows.run_named(connection, run)
        entries = rows.entries(connection, row.ref, run, after=after) if row.events > after else ()
        return Glimpse(leases.is_live(row, time.time(), self._owner), entries)

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self._database.read, work)
