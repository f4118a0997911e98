"""A fork stands on its own: the entries kept, and all that their prompts need."""

import pytest

from agentverse.errors import RunBusy, UsageError
from agentverse.journal.events import Note, Reply
from agentverse.journal.prompts import PromptBook, PromptPart, prompt

NEW = {"company": "software", "idea": "a converter", "folder": "runs/r"}


def part(text, source=None):
    return PromptPart("user", text, source)


async def answer(run, book, key, parts, text):
    ref, blobs = book.ref(parts)
    return await run.record(key, Reply(phase="p", visit=1, role="cto", text=text, prompt=ref), blobs=blobs)


async def test_a_fork_has_the_entries_kept_renumbered(journal, journals):
    run = await journal.create("r", **NEW)
    for number in range(1, 1201):
        run.note(f"k{number}", Note(text=str(number)))
    await run.record("last", Note(text="last"), input="abc")
    keep = [*range(1, 1200, 2), 1201]
    fork = await journal.fork("r", new_run="f", folder="runs/f", keep=reversed(keep))
    assert [entry.seq for entry in fork.entries()] == list(range(1, len(keep) + 1))
    originals = {entry.key: entry for entry in run.entries()}
    for entry in fork.entries():
        original = originals[entry.key]
        assert (entry.event, entry.at, entry.input) == (original.event, original.at, original.input)
    row = await (await journals()).find("f")
    assert (row.parent, row.folder, row.idea, row.events, row.state) == ("r", "runs/f", NEW["idea"], 601, "running")
    new = await fork.record("k2", Note(text="another"))
    assert new.seq == 602
    assert run.recall("k2").event.text == "2"
    assert len(await journal.read("r")) == 1201


async def test_a_fork_outlives_its_parent_though_prompts_continued_what_it_dropped(journal, sql):
    run = await journal.create("r", **NEW)
    book = PromptBook(run)
    shared = [part("rules"), part("idea")]
    await answer(run, book, "design", [*shared, part("be a CTO")], "the design")
    plan = part("CTO: the design", "design")
    await answer(run, book, "code", [*shared, plan, part("code hint"), part("code it")], "the code")
    code = part("Programmer: the code", "code")
    await answer(run, book, "tests/1", [*shared, plan, part("code hint"), part("test it")], "the tests")
    await answer(run, book, "tests/2", [*shared, plan, part("code hint"), code, part("test again")], "more tests")
    await run.record("other", Note(text="x"), blobs={"kept": "a text of another event"})
    await answer(run, book, "dropped", [part("only in what is dropped")], "gone")
    expected = {key: await prompt(run, run.recall(key)) for key in ("design", "tests/1", "tests/2")}
    await run.close()

    keep = [entry.seq for entry in run.entries() if entry.key not in ("code", "dropped")]
    fork = await journal.fork("r", new_run="f", folder="runs/f", keep=keep)
    await journal.prune(["r"])
    assert {key: await prompt(fork, fork.recall(key)) for key in expected} == expected
    assert await fork.blobs(["kept"]) == {"kept": "a text of another event"}
    stored = {bytes(text) for (text,) in sql("SELECT text FROM blob")}
    assert b"test again" in stored
    assert not stored & {b"only in what is dropped", b"code it"}
    entry = await answer(fork, PromptBook(fork), "code", [*shared, plan, part("code hint"), part("anew")], "new code")
    assert entry.event.prompt.keep == 4


async def test_forks_of_forks(journal):
    run = await journal.create("r", **NEW)
    book = PromptBook(run)
    parts = [part("rules")]
    for number in range(12):
        await answer(run, book, f"k{number}", [*parts, part("you")], f"reply {number}")
        parts.append(part(f"reply {number}", f"k{number}"))
    expected = await prompt(run, run.recall("k11"))
    for name, keep in (("f1", [1, 3, 5, 7, 9, 11, 12]), ("f2", [2, 4, 7]), ("f3", [3])):
        parent = run.run
        run = await journal.fork(parent, new_run=name, folder="f", keep=keep)
    assert await prompt(run, run.recall("k11")) == expected
    assert [row.parent for row in await journal.runs()] == [None, "r", "f1", "f2"]


async def test_a_fork_refuses_what_is_not_there_and_leaves_nothing(journal):
    run = await journal.create("r", **NEW)
    await run.record("k", Note(text="x"))
    with pytest.raises(ValueError, match="does not have"):
        await journal.fork("r", new_run="f", folder="f", keep=[1, 2])
    with pytest.raises(UsageError, match="'r' already"):
        await journal.fork("r", new_run="r", folder="f", keep=[1])
    assert len(await journal.runs()) == 1


async def test_a_fork_is_driven_by_whoever_made_it(journal, journals):
    await journal.create("r", **NEW)
    await journal.fork("r", new_run="f", folder="f", keep=[])
    with pytest.raises(RunBusy):
        await (await journals()).drive("f")
