"""What is acknowledged is there, whatever becomes of the process, the server or the disk."""

import asyncio
import random

import psycopg
import pytest
from sqlalchemy import make_url

from agentverse.journal.commit import Disputed, Stored, Write, write_alone, write_together
from agentverse.journal.database import open_database
from agentverse.journal.events import Note
from agentverse.journal.lease import Lease, create, this_process
from agentverse.journal.rows import entries
from agentverse.journal.store import open_journal

NEW = {"company": "software", "idea": "a converter", "folder": "runs/r"}


async def test_kill_at_random_instants_loses_nothing_acknowledged(journal, started):
    acknowledged, random_instant = [], random.Random(7)
    for _ in range(4):
        writer = started("record_until_killed.py")
        for _ in range(random_instant.randint(1, 1500)):
            acknowledged.append(writer.stdout.readline().decode().strip())
        writer.kill()
        acknowledged += writer.stdout.read().decode().split()
    stored = (await journal.drive("r")).entries()
    by_key = {entry.key: entry for entry in stored}
    assert [entry.seq for entry in stored] == list(range(1, len(stored) + 1))
    assert len(by_key) == len(stored)
    assert len(set(acknowledged)) == len(acknowledged)
    assert {key: by_key[key].event.text for key in acknowledged} == {
        key: f"reply of {key}" * 20 for key in acknowledged
    }
    for key in acknowledged:
        assert by_key[f"{key}/started"].seq < by_key[key].seq
    assert await journal.read("r") == stored


async def test_a_dropped_connection_is_opened_again(postgres_place):
    journal = await open_journal(postgres_place)
    run = await journal.create("r", **NEW)
    await run.record("a", Note(text="x"))
    others = "pid != pg_backend_pid() AND datname = current_database()"
    drop = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
    with psycopg.connect(postgres_place, autocommit=True) as server:
        server.execute(drop)
        await run.record("b", Note(text="x"))
        server.execute(drop)
        assert [entry.key for entry in await journal.read("r")] == ["a", "b"]
        await journal.send("r", "stop", {})
        server.execute(drop)
        assert len(await run.commands()) == 1
    await journal.close()


async def test_a_server_that_is_away_for_a_moment_is_waited_for(postgres_place, postgres_server):
    journal = await open_journal(postgres_place)
    run = await journal.create("r", **NEW)
    name = make_url(postgres_place).database
    with psycopg.connect(f"host={postgres_server} user=agent dbname=postgres", autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        record = asyncio.create_task(run.record("a", Note(text="x")))
        await asyncio.wait([record], timeout=0.1)
        assert not record.done()
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert (await record).seq == 1
    await journal.close()


async def test_a_commit_whose_acknowledgement_was_lost_is_not_made_twice(sqlite_place):
    database = open_database(sqlite_place)
    lease = Lease(1, "r", 1, 0)
    writes = [
        Write(lease, Stored(n, f"k{n}", "note", 1, 5.0, "", '{"text":"x"}'), [("h", b"x")], print) for n in range(1, 5)
    ]
    with database.write_connection() as connection:
        with connection.begin():
            create(connection, this_process(), 1.0, id="r", parent=None, **NEW)
        with connection.begin():
            write_together(connection, database, writes[:3])
        with pytest.raises(Disputed), connection.begin():
            write_together(connection, database, writes)
        with connection.begin():
            write_alone(connection, database, writes)
    assert [write.first for write in writes] == [*(write.row for write in writes[:3]), None]
    assert [entry.key for entry in database.read(lambda c: entries(c, 1, "r"))] == ["k1", "k2", "k3", "k4"]
    database.engine.dispose()
