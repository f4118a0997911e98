"""Where the journal lives: an SQLite file or a PostgreSQL server behind one SQLAlchemy engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.schema import Table

from agentverse.errors import JournalUnavailable, SettingsError
from agentverse.journal.tables import MIGRATIONS, prepare, stored_version

T = TypeVar("T")

BUSY_MS = 30_000
"""How long a commit waits for the commit of another process."""

_SQLITE_ERRORS = {
    "SQLITE_FULL": ("cannot be written: the disk is full", "Free some space, then resume the run."),
    "SQLITE_READONLY": ("cannot be written: the file or its folder is read-only", "Choose a folder you may write to."),
    "SQLITE_CANTOPEN": (
        "cannot be opened: the folder is missing, full or may not be written",
        "Choose a folder you may write to.",
    ),
    "SQLITE_NOTADB": ("is no journal: the file is not an SQLite database", "Choose another file."),
    "SQLITE_CORRUPT": ("is damaged", "Restore it from a copy; `sqlite3 FILE .recover` may save most of it."),
    "SQLITE_BUSY": (f"is kept locked by another process for over {BUSY_MS // 1000} seconds", None),
    "SQLITE_IOERR": ("cannot be read or written: the disk reports an error", "Check the disk and the space on it."),
}


class Database:
    """One engine and the few things in which the two kinds of store differ.

    Attributes:
        name: how messages call the store; never with a password.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name
        self.remote = engine.dialect.name != "sqlite"

    def write_connection(self) -> Connection:
        """A connection whose transactions take the write lock at once, instead of failing when they first write."""
        return self.engine.connect().execution_options(writes=True)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a read transaction.

        Raises:
            JournalUnavailable: the store cannot be read.
        """
        try:
            with self.engine.connect() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise self.explain(error) from error

    def insert_new(self, table: Table) -> Executable:
        """An INSERT that passes over rows that are there already."""
        kind = postgresql if self.remote else sqlite
        return kind.insert(table).on_conflict_do_nothing()

    def reclaim(self, connection: Connection) -> None:
        """Give the space of deleted rows back to the disk. PostgreSQL does so by itself."""
        if not self.remote:
            connection.exec_driver_sql("PRAGMA incremental_vacuum").close()

    def explain(self, error: Exception) -> JournalUnavailable:
        """``error`` of the database driver as one sentence for the user."""
        origin = error.orig if isinstance(error, DBAPIError) else error
        code = str(getattr(origin, "sqlite_errorname", ""))
        for prefix, (what, fix) in _SQLITE_ERRORS.items():
            if code.startswith(prefix):
                return JournalUnavailable(f"the journal {self.name} {what}", fix=fix)
        lines = str(origin).strip().splitlines() or [type(origin).__name__]
        return JournalUnavailable(f"the journal {self.name} cannot be used: {lines[0]}")


def open_database(place: str | Path) -> Database:
    """Open the store at ``place``, making it or bringing it up to date where needed.

    Args:
        place: path of an SQLite file, or a URL ``postgresql://user:password@host/database``.

    Raises:
        SettingsError: a URL of another kind, or one that cannot be read.
        JournalUnavailable: it cannot be opened; the message says why.
    """
    database = _postgres(place) if isinstance(place, str) and "://" in place else _sqlite(Path(place))
    try:
        with database.write_connection() as connection:
            if stored_version(connection) != 1 + len(MIGRATIONS):
                connection.rollback()
                prepare(connection)
                connection.commit()
    except SQLAlchemyError as error:
        database.engine.dispose()
        raise database.explain(error) from error
    except JournalUnavailable:
        database.engine.dispose()
        raise
    return database


def _sqlite(path: Path) -> Database:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalUnavailable(
            f"the journal {path} cannot be opened: {error.strerror} ({path.parent})",
            fix="Choose a folder you may write to.",
        ) from error
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(path.absolute())), hide_parameters=True)

    def connected(connection: Any, record: object) -> None:
        # The driver must not begin transactions by itself: it begins them without the write lock.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "auto_vacuum=INCREMENTAL",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begin)
    return Database(engine, str(path))


def _postgres(place: str) -> Database:
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise SettingsError(
            "the URL of the journal cannot be read; it looks like postgresql://user@host/name"
        ) from error
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise SettingsError(
            f"the journal is a path of an SQLite file or a URL postgresql://…, not {url.drivername}://…",
        )
    try:
        engine = create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    except ImportError as error:
        raise JournalUnavailable(
            "a journal in PostgreSQL needs the extra agentverse[postgres]", fix='pip install "agentverse[postgres]"'
        ) from error
    return Database(engine, url.render_as_string(hide_password=True))
