"""Writing events in a transaction: the fence, the numbers without gaps, the first writer who wins.

`write_together` is the common case: several runs in one transaction, nothing read. When anything does not fit, it is
rolled back and each run is written alone by `write_alone`, which first reads what is there. That happens after a commit
whose acknowledgement was lost, when another driver took a run over, or when one run's data cannot be stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from agentverse.errors import JournalUnavailable
from agentverse.journal import tables
from agentverse.journal.database import Database
from agentverse.journal.lease import Lease, fenced


class Stored(NamedTuple):
    """An event as a row of the store."""

    seq: int
    key: str
    type: str
    v: int
    at: float
    input: str
    body: str


@dataclass(slots=True, eq=False)
class Write:
    """An event on its way into the store.

    Attributes:
        done: called on the event loop when it is committed or has failed.
        error: why it could not be written.
        first: what was recorded under its key by somebody else, who was first.
    """

    lease: Lease
    row: Stored
    blobs: Sequence[tuple[str, bytes]]
    done: Callable[[Write], None]
    error: Exception | None = field(default=None)
    first: Stored | None = field(default=None)


class Disputed(Exception):
    """The store is not as the writer left it."""


_CLAIM = (
    update(tables.run)
    .where(
        tables.run.c.ref == bindparam("of"),
        tables.run.c.epoch == bindparam("held"),
        tables.run.c.events == bindparam("before"),
    )
    .values(events=bindparam("last"))
)
_INSERT = insert(tables.event)
_STORED = [tables.event.c[name] for name in Stored._fields]


def by_run(writes: Sequence[Write]) -> list[list[Write]]:
    """``writes`` sorted out by run, each in order."""
    runs: dict[int, list[Write]] = {}
    for write in writes:
        runs.setdefault(write.lease.ref, []).append(write)
    return list(runs.values())


def write_together(connection: Connection, database: Database, writes: Sequence[Write]) -> None:
    """Write events of any number of runs.

    Raises:
        Disputed: a run has another epoch or other events than its driver believes.
        IntegrityError: a key is there already.
    """
    for mine in by_run(writes):
        lease = mine[0].lease
        claim = {"of": lease.ref, "held": lease.epoch, "before": mine[0].row.seq - 1, "last": mine[-1].row.seq}
        if connection.execute(_CLAIM, claim).rowcount != 1:
            raise Disputed
    connection.execute(_INSERT, [_event_row(write) for write in writes])
    _write_blobs(connection, database, writes)


def write_alone(connection: Connection, database: Database, writes: Sequence[Write]) -> None:
    """Write events of one run, passing over those that are there; their ``first`` says what is.

    Raises:
        RunFenced: another driver has the run.
        JournalUnavailable: an earlier event of the run is missing, because it could not be written.
    """
    lease = writes[0].lease
    first, last = writes[0].row.seq, writes[-1].row.seq
    run = select(tables.run.c.epoch, tables.run.c.events).where(tables.run.c.ref == lease.ref).with_for_update()
    head = connection.execute(run).one_or_none()
    if head is None or head.epoch != lease.epoch:
        raise fenced(lease.run)
    if head.events < first - 1:
        raise JournalUnavailable(f"an earlier event of run {lease.run!r} could not be written")
    there = _recorded(connection, writes)
    for write in writes:
        write.first = there.pop(write.row.seq, None)
        if write.first is not None and write.first.key != write.row.key:
            raise fenced(lease.run)
    if there or head.events > last:
        raise fenced(lease.run)
    missing = [write for write in writes if write.first is None]
    if missing:
        connection.execute(_INSERT, [_event_row(write) for write in missing])
        _write_blobs(connection, database, missing)
    connection.execute(update(tables.run).where(tables.run.c.ref == lease.ref).values(events=last))


def _recorded(connection: Connection, writes: Sequence[Write]) -> dict[int, Stored]:
    """What the store holds under the numbers or the keys of ``writes``, by number."""
    first, last = writes[0].row.seq, writes[-1].row.seq
    keys = [write.row.key for write in writes]
    column = tables.event.c
    found = connection.execute(
        select(*_STORED).where(
            column.run == writes[0].lease.ref, or_(column.seq.between(first, last), column.key.in_(keys))
        )
    )
    return {row.seq: Stored(*row) for row in found}


def _event_row(write: Write) -> dict[str, Any]:
    return {"run": write.lease.ref, **write.row._asdict()}


def _write_blobs(connection: Connection, database: Database, writes: Sequence[Write]) -> None:
    rows = [{"run": write.lease.ref, "hash": hash, "text": text} for write in writes for hash, text in write.blobs]
    if rows:
        connection.execute(database.insert_new(tables.blob), rows)
