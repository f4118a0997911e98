"""Reading the store: rows as runs, entries and texts."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Row, select

from agentverse.errors import RunNotFound
from agentverse.journal import tables
from agentverse.journal.commit import Stored
from agentverse.journal.events import Entry
from agentverse.journal.lease import Owner, is_live
from agentverse.journal.protocol import RunRow
from agentverse.journal.upgrade import load

T = TypeVar("T")

CHUNK = 500
"""Values in one SQL statement."""

STORED = tuple(tables.event.c[name] for name in Stored._fields)


class Past(NamedTuple):
    """What a driver starts from."""

    keys: Sequence[str]
    """Of the entries, in order."""
    at: float
    """Time of the last one; 0 when there is none."""


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """``values`` in lists short enough for one SQL statement."""
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def entry(run: str, stored: Stored) -> Entry:
    event = load(stored.type, stored.v, stored.body)
    return Entry(run=run, seq=stored.seq, key=stored.key, at=stored.at, input=stored.input, event=event)


def past(connection: Connection, ref: int) -> Past:
    column = tables.event.c
    keys = connection.execute(select(column.key).where(column.run == ref).order_by(column.seq)).scalars().all()
    last = select(column.at).where(column.run == ref).order_by(column.seq.desc()).limit(1)
    return Past(keys, connection.execute(last).scalar_one_or_none() or 0.0)


def entries(connection: Connection, ref: int, run: str, *, after: int = 0, limit: int | None = None) -> list[Entry]:
    column = tables.event.c
    query = select(*STORED).where(column.run == ref, column.seq > after).order_by(column.seq).limit(limit)
    found = connection.execute(query).all()
    with _no_collection():
        return [entry(run, Stored(*row)) for row in found]


@contextmanager
def _no_collection() -> Generator[None]:
    """Do not look for garbage while making many objects that all stay; it is most of the time of loading a long run."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def texts(connection: Connection, ref: int, hashes: Sequence[str]) -> Mapping[str, str]:
    """The blobs of a run by their hashes; those that are not there are left out."""
    column = tables.blob.c
    found: dict[str, str] = {}
    for some in chunks(dict.fromkeys(hashes)):
        for hash, text in connection.execute(
            select(column.hash, column.text).where(column.run == ref, column.hash.in_(some))
        ):
            found[hash] = text.decode("utf-8", "surrogatepass")
    return found


def run_named(connection: Connection, run: str) -> Row[Any]:
    """The row of the run with exactly this id.

    Raises:
        RunNotFound
    """
    row = connection.execute(select(tables.run).where(tables.run.c.id == run)).one_or_none()
    if row is None:
        raise _not_found(connection, run)
    return row


def run_beginning(connection: Connection, start: str) -> Row[Any]:
    """The row of the run with this id, or of the only one whose id begins so.

    Raises:
        RunNotFound: none or several; the message lists what is near.
    """
    exact = connection.execute(select(tables.run).where(tables.run.c.id == start)).one_or_none()
    if exact is not None:
        return exact
    query = select(tables.run).where(tables.run.c.id.startswith(start, autoescape=True)).order_by(tables.run.c.id)
    found = connection.execute(query).all()
    if not found or not start:
        raise _not_found(connection, start)
    if len(found) > 1:
        raise RunNotFound(
            f"several runs begin with {start!r}: {_listed([row.id for row in found])}", fix="Type more of it."
        )
    return found[0]


def run_row(row: Row[Any], now: float, me: Owner) -> RunRow:
    state = "interrupted" if row.state == "running" and not is_live(row, now, me) else row.state
    return RunRow(
        id=row.id,
        company=row.company,
        idea=row.idea,
        state=state,
        created=row.created,
        ended=row.ended,
        folder=row.folder,
        parent=row.parent,
        events=row.events,
        epoch=row.epoch,
    )


def _not_found(connection: Connection, run: str) -> RunNotFound:
    ids = connection.execute(select(tables.run.c.id).order_by(tables.run.c.created.desc())).scalars().all()
    if not ids:
        return RunNotFound(f"there is no run {run!r}; the journal holds no runs yet")
    near = get_close_matches(run, ids, n=5, cutoff=0.5)
    if near:
        return RunNotFound(f"there is no run {run!r}; did you mean {_listed(near)}?")
    return RunNotFound(f"there is no run {run!r}; the latest are {_listed(ids)}")


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")
