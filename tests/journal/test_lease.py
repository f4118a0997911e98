"""One driver a run: who may take it over, and what becomes of the one it is taken from."""

import asyncio
import os

import pytest
from sqlalchemy import select

from agentverse.errors import RunBusy, RunFenced
from agentverse.journal.database import open_database
from agentverse.journal.events import Note
from agentverse.journal.lease import create, process_start, this_process
from agentverse.journal.tables import run as run_table
from agentverse.journal.writer import Writer

NEW = {"company": "software", "idea": "a converter", "folder": "runs/r"}

GONE = "UPDATE run SET host = 'elsewhere', machine = 'another', pid = 1, beat = beat - 21"


async def test_a_live_run_is_refused_with_host_and_pid(journal, journals):
    await journal.create("r", **NEW)
    owner = this_process()
    for other in (journal, await journals()):
        with pytest.raises(RunBusy, match=rf"'r' is driven by another process \(pid {os.getpid()} on {owner.host}\)"):
            await other.drive("r")


async def test_a_run_given_up_can_be_driven_again(journal, journals):
    run = await journal.create("r", **NEW)
    await run.record("k", Note(text="x"))
    await run.close(state="stopped")
    again = await (await journals()).drive("r")
    assert (again.epoch, len(again.entries())) == (2, 1)
    assert (await journal.find("r")).state == "running"
    assert (await journal.find("r")).ended is None


async def test_a_driver_elsewhere_is_waited_for_as_long_as_its_heart_beats(journal, journals, sql):
    await journal.create("r", **NEW)
    sql(GONE.replace("- 21", "- 15"))
    other = await journals()
    with pytest.raises(RunBusy, match="pid 1 on elsewhere"):
        await other.drive("r")
    sql("UPDATE run SET beat = beat - 6")
    assert (await other.find("r")).state == "interrupted"
    assert (await other.drive("r")).epoch == 2


async def test_a_fenced_driver_writes_nothing_more(journal, journals, sql):
    run = await journal.create("r", **NEW)
    await run.record("a", Note(text="before"))
    sql(GONE)
    other = await (await journals()).drive("r")
    run.note("note", Note(text="lost"))
    with pytest.raises(RunFenced, match="taken over run 'r'"):
        await run.record("b", Note(text="late"))
    await journal.send("r", "stop", {})
    with pytest.raises(RunFenced):
        await run.commands()
    assert len(await other.commands()) == 1
    with pytest.raises(RunFenced):
        await run.record("c", Note(text="later"))
    await run.close(state="failed")
    entry = await other.record("b", Note(text="theirs"))
    assert [e.event.text for e in await journal.read("r")] == ["before", "theirs"]
    assert entry.seq == 2
    assert (await journal.find("r")).state == "running"


async def test_a_lost_note_surfaces_when_the_run_is_closed(journal, journals, sql):
    run = await journal.create("r", **NEW)
    sql(GONE)
    await (await journals()).drive("r")
    run.note("n", Note(text="lost"))
    with pytest.raises(RunFenced):
        await run.close()
    await run.close()


async def test_a_fenced_run_does_not_touch_the_others_in_the_same_commit(journal, journals, sql):
    lost, kept = await journal.create("lost", **NEW), await journal.create("kept", **NEW)
    sql(GONE + " WHERE id = 'lost'")
    await (await journals()).drive("lost")
    results = await asyncio.gather(
        *(run.record(f"k{n}", Note(text="x")) for n in range(20) for run in (lost, kept)), return_exceptions=True
    )
    assert all(isinstance(result, RunFenced) for result in results[::2])
    assert [result.seq for result in results[1::2]] == list(range(1, 21))


async def test_two_drivers_race_for_a_run_and_one_gets_it(journal, journals):
    run = await journal.create("r", **NEW)
    await run.close()
    rivals = [await journals() for _ in range(4)]
    results = await asyncio.gather(*(rival.drive("r") for rival in rivals), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["DrivenRun", "RunBusy", "RunBusy", "RunBusy"]


async def test_the_run_of_a_dead_process_is_taken_over_at_once(journal, started):
    other = started("drive_in_steps.py")
    assert other.stdout.readline() == b"created\n"
    with pytest.raises(RunBusy, match=f"pid {other.pid}"):
        await journal.drive("far")
    other.kill()
    await asyncio.to_thread(os.waitid, os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # dead, and still a zombie
    assert (await journal.find("far")).state == "interrupted"
    assert (await journal.drive("far")).epoch == 2


async def test_the_heart_of_a_run_beats_while_it_is_held_and_whatever_the_loop_does(place):
    database = open_database(place)
    writer = Writer(database, beat=0.005)
    fields = {"id": "r", "parent": None, **NEW}
    lease = await writer.call(lambda connection: create(connection, this_process(), 1.0, **fields))
    writer.hold(lease)
    seen = {1.0}
    while len(seen) < 4:  # the loop does nothing else
        seen.add(database.read(lambda connection: connection.execute(select(run_table.c.beat)).scalar_one()))
    assert max(seen) > 1_000_000_000
    await writer.close()
    database.engine.dispose()


def test_a_process_is_told_from_a_later_one_with_its_number():
    me = this_process()
    assert me.began == process_start(me.pid)
    assert process_start(2**22 + 1) is None
    assert process_start(os.getppid()) is not None
