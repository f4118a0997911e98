"""The one thread that writes to the store.

Whatever has queued up when a commit ends goes into the next one, up to ``GROUP`` events, with no added delay: a lone
event is committed at once, a thousand concurrent ones share a few disk flushes.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from agentverse.errors import JournalUnavailable
from agentverse.journal import tables
from agentverse.journal.commit import Disputed, Write, by_run, write_alone, write_together
from agentverse.journal.database import Database
from agentverse.journal.lease import BEAT, Lease

T = TypeVar("T")

GROUP = 512
"""Events in one commit."""
QUEUE = 10_000
"""Events that may wait for their commit before recording waits too."""
RECONNECT = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds to wait before each further try when the server has dropped the connection."""


@dataclass(slots=True, eq=False)
class _Call:
    """A transaction of its own among the events."""

    work: Callable[[Connection], Any]
    future: asyncio.Future[Any]


_BEAT = (
    update(tables.run)
    .where(tables.run.c.ref == bindparam("of"), tables.run.c.epoch == bindparam("held"))
    .values(beat=bindparam("now"))
)


class Writer:
    """Owns the writing connection. To be used from the event loop it was made in.

    Args:
        beat: seconds between heartbeats of the runs held.
    """

    def __init__(self, database: Database, *, beat: float = BEAT) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[Write | _Call | None] = queue.SimpleQueue()
        self._waiting = 0
        self._room = asyncio.Event()
        self._room.set()
        self._held: dict[int, Lease] = {}
        self._connection: Connection | None = None
        self._every = beat
        self._next_beat = time.monotonic() + beat
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def room(self) -> None:
        """Wait while the queue is full."""
        while not self._room.is_set():
            await self._room.wait()

    def put(self, write: Write) -> None:
        """Queue an event. Events are committed in this order."""
        self._check_open()
        self._waiting += 1
        if self._waiting >= QUEUE:
            self._room.clear()
        self._queue.put(write)

    async def call(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction of its own, after all that is queued.

        Raises:
            JournalUnavailable: the store failed.
        """
        self._check_open()
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Call(work, future))
        return await future

    def hold(self, lease: Lease) -> None:
        """Keep the heartbeat of ``lease`` going."""
        self._held[lease.ref] = lease

    def let_go(self, lease: Lease) -> None:
        self._held.pop(lease.ref, None)

    async def close(self) -> None:
        """Commit what is queued and end the thread."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _check_open(self) -> None:
        if self._closed:
            raise JournalUnavailable(f"the journal {self._database.name} is closed")

    # From here on: in the thread.

    def _work(self) -> None:
        going = True
        while going:
            writes: list[Write] = []
            following = self._gather(writes)
            if writes:
                self._commit(writes)
                self._tell(self._settled, writes)
            if isinstance(following, _Call):
                self._run_call(following)
            going = following is not None
            self._beat()
        self._disconnect()

    def _gather(self, writes: list[Write]) -> _Call | bool | None:
        """Fill ``writes`` with what has queued. Returns the call that comes after them, None at the end, else True."""
        try:
            item = self._queue.get(timeout=max(0.0, self._next_beat - time.monotonic()))
            while isinstance(item, Write):
                writes.append(item)
                if len(writes) >= GROUP:
                    return True
                item = self._queue.get_nowait()
        except queue.Empty:
            return True
        return item

    def _commit(self, writes: list[Write]) -> None:
        try:
            self._transaction(lambda connection: write_together(connection, self._database, writes))
        except (Disputed, IntegrityError):
            self._commit_apart(writes)
        except Exception as error:
            runs = by_run(writes)
            if len(runs) > 1:
                self._commit_apart(writes)
            else:
                self._fail(writes, error)

    def _commit_apart(self, writes: list[Write]) -> None:
        """One transaction a run, so that the trouble of one does not touch the others."""
        for mine in by_run(writes):
            try:
                self._transaction(lambda connection, mine=mine: write_alone(connection, self._database, mine))
            except Exception as error:
                self._fail(mine, error)

    def _fail(self, writes: list[Write], error: Exception) -> None:
        for write in writes:
            write.error = self._explained(error)

    def _run_call(self, call: _Call) -> None:
        try:
            self._ping()
            result = self._transaction(call.work, tries=1)
        except Exception as error:
            self._tell(_finish, call.future, None, self._explained(error))
        else:
            self._tell(_finish, call.future, result, None)

    def _transaction(self, work: Callable[[Connection], T], *, tries: int = len(RECONNECT)) -> T:
        """Run ``work`` and commit. A dropped connection is opened again and the work done again: it must bear that."""
        for pause in RECONNECT[: tries - 1]:
            try:
                return self._once(work)
            except DBAPIError:
                if not self._database.remote or self._connection is not None:
                    raise
            time.sleep(pause)
        return self._once(work)

    def _once(self, work: Callable[[Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._database.write_connection()
            with self._connection.begin():
                return work(self._connection)
        except DBAPIError as error:
            if error.connection_invalidated:
                self._disconnect()
            raise

    def _ping(self) -> None:
        """Have a connection that answers. A call is not done twice, so it must not meet a dropped one."""
        if self._database.remote:
            self._transaction(lambda connection: connection.execute(select(1)))

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _beat(self) -> None:
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + self._every
        held = [{"of": lease.ref, "held": lease.epoch, "now": time.time()} for lease in list(self._held.values())]
        if held:
            try:
                self._transaction(lambda connection: connection.execute(_BEAT, held), tries=1)
            except SQLAlchemyError:
                # The store is in trouble, which the next event says to whoever waits for it. If it is only this beat
                # that fails, the worst is that another driver takes over, and the fence says so.
                return

    def _explained(self, error: Exception) -> Exception:
        return self._database.explain(error) if isinstance(error, SQLAlchemyError) else error

    def _tell(self, done: Callable[..., None], *results: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(done, *results)
        except RuntimeError:
            # The loop was closed without closing the journal: nobody waits any more. What is queued is still written.
            return

    # On the loop.

    def _settled(self, writes: list[Write]) -> None:
        self._waiting -= len(writes)
        if self._waiting < QUEUE:
            self._room.set()
        for write in writes:
            write.done(write)


def _finish(future: asyncio.Future[Any], result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
