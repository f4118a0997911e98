"""The tables of the store and how an older store is brought up to date.

Ordinary rowid tables: bodies of a kilobyte in a primary B-tree (``WITHOUT ROWID``) made the file three times as large.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from agentverse.errors import JournalUnavailable

metadata = MetaData()

version = Table("schema_version", metadata, Column("version", Integer, nullable=False))

run = Table(
    "run",
    metadata,
    Column("ref", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("company", Text, nullable=False),
    Column("idea", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("parent", Text),
    Column("state", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("ended", Double),
    Column("events", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("machine", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("began", Text, nullable=False),
    Column("beat", Double, nullable=False),
    sqlite_autoincrement=True,
)


def _of_run() -> Column[Any]:
    return Column("run", Integer, ForeignKey("run.ref", ondelete="CASCADE"), nullable=False)


event = Table(
    "event",
    metadata,
    _of_run(),
    Column("seq", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("v", Integer, nullable=False),
    Column("at", Double, nullable=False),
    Column("input", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("run", "seq"),
    UniqueConstraint("run", "key"),
)

# Bytes, because PostgreSQL refuses a NUL character in a text and a prompt may quote one.
blob = Table(
    "blob",
    metadata,
    _of_run(),
    Column("hash", Text, nullable=False),
    Column("text", LargeBinary, nullable=False),
    UniqueConstraint("run", "hash"),
)

command = Table(
    "command",
    metadata,
    Column("id", Integer, primary_key=True),
    _of_run(),
    Column("verb", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("command_run", "run"),
    sqlite_autoincrement=True,
)

Migration = Callable[[Connection], None]

MIGRATIONS: Sequence[Migration] = ()
"""``MIGRATIONS[n]`` takes a store from version ``n + 1`` to ``n + 2``. A new store begins at the newest version."""


def prepare(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Make the tables, or bring them up to date, within the transaction of ``connection``.

    Raises:
        JournalUnavailable: a newer agentverse made the store.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7020911)"))
    newest = 1 + len(migrations)
    found = stored_version(connection)
    if found is None:
        metadata.create_all(connection, checkfirst=False)
        connection.execute(insert(version).values(version=newest))
        return
    if found > newest:
        raise JournalUnavailable(
            f"the journal has schema {found}, and this version of agentverse knows schemas up to {newest}",
            fix="Use the version of agentverse that made it, or a newer one.",
        )
    for migrate in migrations[found - 1 :]:
        migrate(connection)
    if found < newest:
        connection.execute(update(version).values(version=newest))


def stored_version(connection: Connection) -> int | None:
    """The schema version of the store; None when it has no tables yet."""
    if not inspect(connection).has_table(version.name):
        return None
    return connection.execute(select(func.max(version.c.version))).scalar_one()
