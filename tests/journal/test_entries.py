"""A driven run keeps its newest entries in memory; the older ones are read from the store, and are the same."""

import asyncio
import random

import pytest

from agentverse.journal import driver, entries
from agentverse.journal.entries import stream
from agentverse.journal.events import Note

NEW = {"company": "software", "idea": "a converter", "folder": "runs/r"}
COUNT = 200


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    """Little is kept, so that a short run has old entries."""
    for name, value in (("NEWEST", 20), ("_SPARE", 5), ("PAGE", 8), ("_PAGES", 2)):
        monkeypatch.setattr(entries, name, value)
    monkeypatch.setattr(driver, "PAGE", 8)


async def filled(journal):
    run = await journal.create("r", **NEW)
    for number in range(1, COUNT + 1):
        if number % 3:
            run.note(f"k{number}", Note(text=str(number)))
        else:
            await run.record(f"k{number}", Note(text=str(number)))
    await run.record("last", Note(text="last"))
    return run


async def test_what_is_recalled_is_what_was_recorded_however_long_ago(journal):
    run = await filled(journal)
    numbers = [*range(1, COUNT + 1), *random.Random(1).sample(range(1, COUNT + 1), COUNT)]
    assert [run.recall(f"k{number}").event.text for number in numbers] == [str(number) for number in numbers]
    assert [run.recall(f"k{number}").seq for number in numbers] == numbers
    assert run.recall("k0") is None


async def test_all_entries_are_there_in_order_and_in_parts(journal):
    run = await filled(journal)
    stored = await journal.read("r")
    assert run.entries() == stored
    assert list(stream(run)) == stored
    assert list(stream(run, after=150)) == stored[150:]
    for after, most in ((0, 3), (175, 20), (190, None), (COUNT, 5), (COUNT + 1, 5)):
        assert run.entries(after, most) == stored[after : None if most is None else after + most]


async def test_a_key_that_was_used_long_ago_is_not_written_again(journal):
    run = await filled(journal)
    assert (await run.record("k7", Note(text="other"))).event.text == "7"
    run.note("k8", Note(text="other"))
    assert len(run.entries()) == COUNT + 1


async def test_only_the_newest_entries_are_kept_in_memory(journal):
    run = await filled(journal)
    again = await read_again(journal, run)
    for held in (run, again):
        first, last = held.recall("k1"), held.recall("last")
        for number in range(50, COUNT, 8):
            held.recall(f"k{number}")
        assert held.recall("k1") is not first
        assert held.recall("k1") == first
        assert held is again or held.recall("last") is last


async def read_again(journal, run):
    """The run as another driver has it, once this one has given it up."""
    await run.close()
    return await journal.drive("r")


async def test_a_resumed_run_goes_on_behind_what_the_store_holds(journal):
    again = await read_again(journal, await filled(journal))
    assert (await again.record("more", Note(text="more"))).seq == COUNT + 2
    assert [again.recall(key).event.text for key in ("k3", "last", "more")] == ["3", "last", "more"]


async def test_who_follows_from_the_beginning_is_told_everything_in_order(journal):
    run = await filled(journal)

    async def followed():
        return [entry async for entry in journal.follow("r")]

    task = asyncio.create_task(followed())
    await asyncio.gather(*(run.record(f"m{number}", Note(text="m")) for number in range(30)))
    await run.close(state="succeeded")
    assert await task == await journal.read("r")
