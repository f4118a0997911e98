"""When the store cannot be had: one clear sentence each."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, select, text

from agentverse.errors import JournalUnavailable, SettingsError
from agentverse.journal.database import open_database
from agentverse.journal.events import Note
from agentverse.journal.store import open_journal
from agentverse.journal.tables import metadata, prepare, run, stored_version

NEW = {"company": "software", "idea": "a converter", "folder": "runs/r"}

needs_bubblewrap = pytest.mark.skipif(
    shutil.which("bwrap") is None, reason="bubblewrap is not installed; try: sudo apt-get install -y bubblewrap"
)


def filled(place, *options):
    """What the program says that fills the journal at ``place``, seeing the files as ``options`` of bubblewrap say."""
    program = str(Path(__file__).parent / "programs" / "fill_the_disk.py")
    command = ["bwrap", "--bind", "/", "/", "--dev", "/dev", *options, sys.executable, program, place]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")


@needs_bubblewrap
async def test_a_full_disk(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    *numbers, last, _ = filled(f"{small}/journal.db", "--size", "1048576", "--tmpfs", str(small))
    assert numbers
    assert last == (
        f"JournalUnavailable: the journal {small}/journal.db cannot be written: the disk is full"
        " | Free some space, then resume the run."
    )


@needs_bubblewrap
@pytest.mark.parametrize("exists", [True, False])
async def test_a_folder_that_may_not_be_written(tmp_path, exists):
    place = tmp_path / "journal.db"
    if exists:
        await (await open_journal(place)).close()
    said, _ = filled(str(place), "--ro-bind", str(tmp_path), str(tmp_path))
    assert said.startswith(f"JournalUnavailable: the journal {place} cannot be ")
    assert said.endswith(" | Choose a folder you may write to.")


async def test_a_place_that_can_hold_no_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(JournalUnavailable, match=r"file/j\.db cannot be opened: (Not a directory|File exists)"):
        await open_journal(tmp_path / "file" / "j.db")


async def test_a_file_of_another_kind(tmp_path):
    (tmp_path / "j.db").write_text("this is no database, " * 100)
    with pytest.raises(JournalUnavailable, match=r"j\.db is no journal: the file is not an SQLite database"):
        await open_journal(tmp_path / "j.db")


@pytest.mark.parametrize("url", ["mysql://u:secret@h/x", "http://h/x", "postgresql+asyncpg://u:secret@h/x"])
async def test_a_url_of_another_kind(url):
    with pytest.raises(SettingsError) as raised:
        await open_journal(url)
    assert "a path of an SQLite file or a URL postgresql://" in str(raised.value)
    assert "secret" not in str(raised.value)


async def test_a_server_that_is_not_there(tmp_path):
    with pytest.raises(JournalUnavailable) as raised:
        await open_journal(f"postgresql://u:secret@/x?host={tmp_path}")
    assert "cannot be used" in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_postgresql_without_its_driver():
    script = """if True:
        import asyncio, sys
        sys.modules["psycopg"] = None
        from agentverse.journal.store import open_journal
        try:
            asyncio.run(open_journal("postgresql://u@h/x"))
        except Exception as error:
            print(type(error).__name__, error, error.fix, sep=": ")
    """
    said = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    assert said == (
        "JournalUnavailable: a journal in PostgreSQL needs the extra agentverse[postgres]: "
        'pip install "agentverse[postgres]"'
    )


async def test_a_note_that_cannot_be_written_surfaces_and_the_run_is_left_interrupted(sqlite_place):
    journal = await open_journal(sqlite_place)
    driven, other = await journal.create("r", **NEW), await journal.create("other", **NEW)
    with sqlite3.connect(sqlite_place) as connection:
        connection.execute(
            "CREATE TRIGGER no BEFORE INSERT ON event WHEN NEW.key = 'bad' BEGIN SELECT RAISE(FAIL, 'no'); END"
        )
    connection.close()
    await driven.record("good", Note(text="x"))
    driven.note("bad", Note(text="x"))
    with pytest.raises(JournalUnavailable, match=r"journal\.db cannot be used: no"):
        await driven.record("next", Note(text="x"))
    with pytest.raises(JournalUnavailable):
        await driven.record("after", Note(text="x"))
    await other.record("k", Note(text="x"))
    await driven.close(state="succeeded")
    assert (await journal.find("r")).state == "interrupted"
    assert [entry.key for entry in await journal.read("r")] == ["good"]
    await journal.close()


async def test_a_store_of_a_newer_version_is_refused(place, sql):
    await (await open_journal(place)).close()
    sql("UPDATE schema_version SET version = 99")
    with pytest.raises(JournalUnavailable, match="has schema 99, and this version of agentverse knows schemas up to 1"):
        await open_journal(place)


def test_an_older_store_is_brought_up_to_date(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    with engine.begin() as connection:
        prepare(connection)
        assert stored_version(connection) == 1
        assert set(inspect(connection).get_table_names()) == set(metadata.tables)

    done = []

    def second(connection):
        connection.execute(text("ALTER TABLE run ADD COLUMN mood TEXT"))

    for _ in range(2):
        with engine.begin() as connection:
            prepare(connection, [second, lambda _: done.append("third")])
    with engine.begin() as connection:
        assert stored_version(connection) == 3
        assert "mood" in {column["name"] for column in inspect(connection).get_columns("run")}
    assert done == ["third"]
    engine.dispose()


OPEN_AND_CREATE = """
import asyncio, sys
from agentverse.journal.store import open_journal

async def main():
    journal = await open_journal(sys.argv[1])
    await journal.create(sys.argv[2], company="c", idea="i", folder="f")
    await journal.close()

asyncio.run(main())
"""


def test_many_processes_open_a_new_store_at_once(place):
    processes = [subprocess.Popen([sys.executable, "-c", OPEN_AND_CREATE, place, f"r{n}"]) for n in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    database = open_database(place)
    assert set(database.read(lambda c: c.execute(select(run.c.id)).scalars())) == {"r0", "r1", "r2"}
    database.engine.dispose()


@pytest.mark.parametrize("name", ["a?b=c#d%20 e.db", ":memory:", "中文.db"])
async def test_a_file_of_any_name(tmp_path, name):
    journal = await open_journal(tmp_path / name)
    await journal.create("r", **NEW)
    await journal.close()
    assert os.listdir(tmp_path) == [name]
