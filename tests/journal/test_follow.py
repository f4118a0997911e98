"""Watching a run while it is written."""

import asyncio

import pytest

from agentverse.journal.events import Note

NEW = {"company": "software", "idea": "a converter", "folder": "runs/r"}


async def test_a_follower_sees_each_entry_once_and_ends_with_the_run(journal, journals):
    run = await journal.create("r", **NEW)
    run.note("0", Note(text="x"))

    async def watch(where):
        return [entry.key async for entry in where.follow("r")]

    async with asyncio.TaskGroup() as tasks:
        watchers = [tasks.create_task(watch(journal)), tasks.create_task(watch(await journals()))]
        for number in range(1, 50):
            await run.record(str(number), Note(text="x"))
        run.note("50", Note(text="x"))
        await run.close(state="succeeded")
    for watcher in watchers:
        assert watcher.result() == [str(number) for number in range(51)]


async def test_a_follower_in_the_same_process_is_told_before_the_recorder_goes_on(journal):
    run = await journal.create("r", **NEW)
    following = journal.follow("r")
    for number in range(20):
        awaited = asyncio.create_task(anext(following))
        await asyncio.sleep(0)
        entry = await run.record(str(number), Note(text="x"))
        assert await asyncio.wait_for(awaited, 0.15) is entry


async def test_a_follower_sees_only_what_is_committed(journal):
    run = await journal.create("r", **NEW)
    following = journal.follow("r")
    run.note("n", Note(text="x"))
    assert run.committed(0) == []
    assert (await anext(following)).key == "n"
    assert len(run.committed(0)) == 1


async def test_following_from_the_middle_of_an_ended_run(journal):
    run = await journal.create("r", **NEW)
    await asyncio.gather(*(run.record(str(n), Note(text="x")) for n in range(5)))
    await run.close(state="failed")
    assert [entry.seq async for entry in journal.follow("r", after=3)] == [4, 5]


async def test_a_follower_goes_on_while_another_driver_takes_over(journal, journals):
    run = await journal.create("r", **NEW)
    following = journal.follow("r")
    await run.record("a", Note(text="x"))
    assert (await anext(following)).key == "a"
    await run.close()
    again = await (await journals()).drive("r")
    awaited = asyncio.create_task(anext(following))
    await again.record("b", Note(text="x"))
    assert (await awaited).key == "b"


async def test_a_cancelled_follower_does_not_disturb_the_others(journal):
    run = await journal.create("r", **NEW)
    first, second = (asyncio.create_task(anext(journal.follow("r"))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    entry = await run.record("a", Note(text="x"))
    assert await second is entry


@pytest.mark.parametrize("end", ["ended", "killed"])
async def test_following_a_run_of_another_process(journal, started, end):
    other = started("drive_in_steps.py")
    assert other.stdout.readline() == b"created\n"
    following = journal.follow("far")
    for key in ("one", "two", "three"):
        other.stdin.write(f"{key}\n".encode())
        other.stdin.flush()
        assert (await anext(following)).key == key
    if end == "killed":
        other.kill()
    else:
        other.stdin.close()
    assert [entry async for entry in following] == []
    assert (await journal.find("far")).state == ("interrupted" if end == "killed" else "succeeded")
