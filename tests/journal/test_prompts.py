"""Prompts are recorded as differences and read back exactly."""

import os
import random
import time

import pytest

from agentverse.errors import JournalUnavailable
from agentverse.journal import prompts
from agentverse.journal.events import Note, PromptRef, Reply
from agentverse.journal.prompts import PromptBook, PromptPart, prompt, reading, text_hash
from agentverse.journal.store import open_journal

NEW = {"company": "software", "idea": "a converter", "folder": "runs/r"}


def part(text, role="user", source=None):
    return PromptPart(role, text, source)


async def answer(run, book, key, parts, text, record=True):
    ref, blobs = book.ref(parts)
    return await run.record(key, Reply(phase="p", visit=1, role="cto", text=text, prompt=ref), blobs=blobs)


@pytest.fixture
async def run(journal):
    return await journal.create("r", **NEW)


async def test_a_prompt_is_read_back_exactly_by_its_driver_and_by_others(run, journals):
    book = PromptBook(run)
    first = [part("rules", "system"), part("idea"), part("")]
    one = await answer(run, book, "a", first, "hello")
    second = [*first, part("CTO: hello", source="a"), part("go on")]
    two = await answer(run, book, "b", second, "more")
    other = await reading(await journals(), "r")
    for reader in (run, other):
        assert await prompt(reader, one) == [("system", "rules"), ("user", "idea"), ("user", "")]
        assert await prompt(reader, two) == [(role, text) for role, text, _ in second]


async def test_a_prompt_names_what_it_continues_and_the_replies_it_quotes(run):
    book = PromptBook(run)
    first = [part("rules", "system"), part("idea"), part("as a CTO, answer")]
    await answer(run, book, "a", first, "hello")
    ref, blobs = book.ref([*first[:2], part("CTO: hello", "assistant", "a"), part("next")])
    assert ref == PromptRef(base="a", keep=2, add=[["assistant", "a", "CTO: "], ["user", text_hash("next")]])
    assert blobs == {text_hash("next"): "next"}


async def test_the_longest_common_beginning_is_found(run):
    book = PromptBook(run)
    await answer(run, book, "short", [part("a"), part("x")], "1")
    await answer(run, book, "long", [part("a"), part("b"), part("c")], "2")
    await answer(run, book, "later", [part("a"), part("y")], "3")
    assert book.ref([part("a"), part("b"), part("z")]).ref.base == "long"
    assert book.ref([part("a"), part("b"), part("z")]).ref.keep == 2
    assert book.ref([part("b")]).ref == PromptRef(add=[["user", text_hash("b")]])
    assert book.ref([part("a", role="system")]).ref.base is None
    assert book.ref([]).ref == PromptRef()


async def test_a_prompt_that_is_a_beginning_of_another(run):
    book = PromptBook(run)
    await answer(run, book, "long", [part("a"), part("b"), part("c")], "1")
    entry = await answer(run, book, "short", [part("a"), part("b")], "2")
    assert entry.event.prompt == PromptRef(base="long", keep=2)
    assert await prompt(run, entry) == [("user", "a"), ("user", "b")]


@pytest.mark.parametrize(("text", "source"), [("CTO: hullo", "a"), ("hello", "n"), ("hello", "nobody"), ("x", "empty")])
async def test_a_source_that_is_not_quoted_is_stored_as_text(run, text, source):
    book = PromptBook(run)
    await answer(run, book, "a", [part("x")], "hello")
    await answer(run, book, "empty", [part("x")], "")
    await run.record("n", Note(text="hello"))
    ref, blobs = book.ref([part(text, source=source)])
    assert blobs == ({} if ref.base == "a" else {text_hash(text): text})
    entry = await answer(run, book, "b", [part(text, source=source)], "2")
    assert await prompt(run, entry) == [("user", text)]


async def test_a_book_knows_the_same_after_a_resumption(run, journal):
    book = PromptBook(run)
    parts = [part("a"), part("b")]
    for number in range(10):
        await answer(run, book, f"k{number}", parts, f"reply {number}")
        parts += [part(f"CTO: reply {number}", source=f"k{number}"), part(f"next {number}")]
    await run.close()
    again = await journal.drive("r")
    assert PromptBook(again).ref([*parts, part("end")]) == book.ref([*parts, part("end")])


@pytest.mark.parametrize(("known", "segments"), [(4096, 30_000), (3, 30_000), (4096, 5)])
async def test_random_prompts_are_read_back_exactly(run, monkeypatch, known, segments):
    """However much of them the book knows by heart."""
    monkeypatch.setattr(prompts, "PROMPTS", known)
    monkeypatch.setattr(prompts, "NODES", segments)
    book, pick = PromptBook(run), random.Random(3)
    sent = {}
    for number in range(150):
        parts = list(pick.choice(list(sent.values()))) if sent and pick.random() < 0.9 else []
        del parts[pick.randint(0, len(parts)) :]
        for _ in range(pick.randint(0, 4)):
            source = pick.choice(list(sent)) if sent and pick.random() < 0.5 else None
            text = f"{pick.choice('ABC')}: {run.recall(source).event.text}" if source else f"text {pick.randint(0, 20)}"
            parts.append(PromptPart(pick.choice(["user", "assistant"]), text, source))
        await answer(run, book, f"k{number}", parts, f"reply {number % 40}")
        sent[f"k{number}"] = parts
    for key, parts in sent.items():
        assert await prompt(run, run.recall(key)) == [(role, text) for role, text, _ in parts]


async def test_a_growing_dialogue_costs_what_is_new(run, journal):
    book = PromptBook(run)
    parts = [part("rules " * 200, "system"), part("idea " * 200)]
    added, hashed, cpu = 0, 0, 0.0
    for number in range(200):
        begun = time.process_time()
        ref, blobs = book.ref([*parts, part(f"as {number % 7}, say what is next")])
        cpu += time.process_time() - begun
        added += len(ref.add)
        hashed += sum(map(len, blobs.values()))
        text = f"reply {number} " * 100
        await run.record(f"k{number}", Reply(phase="p", visit=1, role="cto", text=text, prompt=ref), blobs=blobs)
        parts.append(part(f"Nr {number}: {text}", source=f"k{number}"))
    assert added < 2 * 200 + 3
    assert hashed < 10_000
    assert cpu < 0.3
    assert await prompt(run, run.recall("k199")) == [
        *((role, text) for role, text, _ in parts[:-1]),
        ("user", f"as {199 % 7}, say what is next"),
    ]


async def test_a_thousand_turns_stay_below_three_times_their_messages(sqlite_place):
    journal = await open_journal(sqlite_place)
    run = await journal.create("r", **NEW)
    book, pick = PromptBook(run), random.Random(1)
    parts, messages = [part("rules", "system"), part("idea")], 0
    for number in range(1000):
        key = f"code#1/main.py/{number}"
        text = "".join(pick.choices("abcdefghij \n", k=1000))
        messages += len(text)
        ref, blobs = book.ref([*parts, part("Now you. Answer as the programmer.")])
        run.note(f"{key}/phase", Note(text="begun"))
        await run.record(key, Reply(phase="code", visit=1, role="programmer", text=text, prompt=ref), blobs=blobs)
        parts.append(part(f"Programmer: {text}", source=key))
    await run.close(state="succeeded")
    await journal.close()
    sizes = {file.name: file.stat().st_size for file in os.scandir(os.path.dirname(sqlite_place))}
    assert list(sizes) == ["journal.db"]
    assert sizes["journal.db"] < 2.5 * messages


async def test_a_journal_that_lacks_what_a_prompt_needs_says_so(run):
    lost = await run.record(
        "a", Reply(phase="p", visit=1, role="cto", text="x", prompt=PromptRef(add=[["user", "00"]]))
    )
    with pytest.raises(JournalUnavailable, match="lacks the text 00"):
        await prompt(run, lost)
    base = PromptRef(base="nobody", keep=1)
    entry = await run.record("b", Reply(phase="p", visit=1, role="cto", text="x", prompt=base))
    with pytest.raises(JournalUnavailable, match="lacks the reply 'nobody'"):
        await prompt(run, entry)
    with pytest.raises(ValueError, match="is no reply"):
        await prompt(run, await run.record("n", Note(text="x")))
