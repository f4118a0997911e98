"""What every store does, as `agentverse.journal.protocol` says."""

import asyncio
import time

import pytest

from agentverse.errors import JournalUnavailable, RunBusy, RunFenced, RunNotFound, UsageError
from agentverse.journal.events import ArtifactMade, Decision, Note, PhaseStarted, Reply

NEW = {"company": "software", "idea": "a converter", "folder": "runs/r"}


def reply(text, **more):
    return Reply(phase="code", visit=1, role="programmer", text=text, **more)


async def test_a_recorded_event_is_read_back_by_another_journal(journal, journals):
    run = await journal.create("r", **NEW)
    entry = await run.record("code#1/1", reply("hello", samples=["other"]), input="abc")
    [read] = await (await journals()).read("r")
    assert read == entry
    assert (read.run, read.seq, read.key, read.input, read.event.text) == ("r", 1, "code#1/1", "abc", "hello")
    assert abs(read.at - time.time()) < 30


async def test_any_text_survives(journal, journals):
    text = "中文 🎉 \x00 \x1b[31m 'quoted' \\ \r\n"
    run = await journal.create("r", **NEW)
    entry = await run.record("k", reply(text), blobs={"h": text})
    assert (await run.blobs(["h"]))["h"] == text
    other = await journals()
    assert (await other.read("r")) == [entry]
    assert await other.blobs("r", ["h", "missing"]) == {"h": text}


async def test_recording_a_key_again_returns_the_first(journal, journals):
    run = await journal.create("r", **NEW)
    first = await run.record("k", Note(text="first"), input="1")
    assert await run.record("k", Note(text="second"), input="2") is first
    run.note("k", Note(text="third"))
    await run.close()
    again = await journal.drive("r")
    assert (await again.record("k", Note(text="fourth"))) == first
    assert await journal.read("r") == [first]


async def test_the_first_of_many_concurrent_writers_wins(journal):
    run = await journal.create("r", **NEW)
    entries = await asyncio.gather(*(run.record("k", Note(text=str(n))) for n in range(50)))
    assert {entry.event.text for entry in entries} == {"0"}
    assert len(await journal.read("r")) == 1


async def test_what_the_store_has_under_a_key_wins_over_the_driver(journal, sql):
    run = await journal.create("r", **NEW)
    await run.record("a", Note(text="mine"))
    body = '{"text":"theirs"}'
    sql(f"INSERT INTO event (run, seq, key, type, v, at, input, body) VALUES (1, 2, 'b', 'note', 1, 5.0, '', '{body}')")
    entry = await run.record("b", Note(text="mine"))
    assert (entry.event.text, entry.at, entry.seq) == ("theirs", 5.0, 2)
    assert run.recall("b") is entry
    await run.record("c", Note(text="next"))
    assert [entry.event.text for entry in run.entries()] == ["mine", "theirs", "next"]
    assert await journal.read("r") == run.entries()


async def test_a_store_changed_by_somebody_else_fences_the_driver(journal, sql):
    run = await journal.create("r", **NEW)
    sql("INSERT INTO event (run, seq, key, type, v, at, input, body) VALUES (1, 1, 'x', 'note', 1, 5.0, '', '{}')")
    with pytest.raises(RunFenced):
        await run.record("b", Note(text="mine"))


async def test_a_cancelled_recorder_does_not_take_the_others_with_it(journal):
    run = await journal.create("r", **NEW)
    tasks = [asyncio.create_task(run.record("k", Note(text="x"))) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1] == results[2] == run.recall("k")


async def test_notes_are_seen_at_once_and_committed_by_the_next_record(journal, journals):
    run = await journal.create("r", **NEW)
    for number in range(100):
        run.note(f"n{number}", PhaseStarted(phase="code", visit=number, kind="ask"))
    assert len(run.entries()) == 100
    assert run.recall("n99").event.visit == 99
    await run.record("k", Note(text="x"))
    read = await (await journals()).read("r")
    assert read == run.entries()
    assert [entry.seq for entry in read] == list(range(1, 102))


async def test_recording_a_known_key_commits_the_notes_before_it(journal, journals):
    run = await journal.create("r", **NEW)
    await run.record("k", Note(text="x"))
    run.note("n", Note(text="y"))
    await run.record("k", Note(text="x"))
    assert [entry.key for entry in await (await journals()).read("r")] == ["k", "n"]


async def test_entries_have_no_gap_while_a_record_is_in_flight(journal):
    run = await journal.create("r", **NEW)
    record = asyncio.create_task(run.record("a", Note(text="1")))
    await asyncio.sleep(0)
    run.note("b", Note(text="2"))
    assert run.recall("a") is None
    assert run.recall("b") is not None
    assert run.entries() == []
    await record
    assert [entry.key for entry in run.entries()] == ["a", "b"]


async def test_an_entry_holds_what_reading_it_back_gives(journal, journals):
    run = await journal.create("r", **NEW)
    entry = await run.record("d", Decision(what="pick", value=(1, {2: "x"})))
    assert entry.event.value == [1, {"2": "x"}]
    assert await (await journals()).read("r") == [entry]


async def test_a_value_that_json_cannot_hold_is_refused_and_the_run_goes_on(journal):
    run = await journal.create("r", **NEW)
    with pytest.raises(ValueError, match="surrogates not allowed"):
        await run.record("a", ArtifactMade(phase="p", visit=1, name="n", kind="text", value="\ud800"))
    await run.record("b", Note(text="x"))
    assert [entry.seq for entry in await journal.read("r")] == [1]


async def test_read_in_pieces(journal):
    run = await journal.create("r", **NEW)
    await asyncio.gather(*(run.record(str(n), Note(text="x")) for n in range(10)))
    assert [entry.seq for entry in await journal.read("r", after=3, limit=4)] == [4, 5, 6, 7]


async def test_two_runs_are_written_at_the_same_time(journal):
    runs = [await journal.create(f"r{n}", **NEW) for n in range(10)]
    await asyncio.gather(*(run.record(f"k{n}", Note(text=run.run)) for run in runs for n in range(30)))
    for run in runs:
        entries = await journal.read(run.run)
        assert [entry.seq for entry in entries] == list(range(1, 31))
        assert {entry.event.text for entry in entries} == {run.run}


async def test_more_than_the_queue_holds_is_written_in_order(journal):
    run = await journal.create("r", **NEW)
    await asyncio.gather(*(run.record(f"{n}", Note(text="x")) for n in range(10_500)))
    assert [entry.key for entry in run.entries()] == [str(n) for n in range(10_500)]


async def test_the_same_text_is_stored_once(journal, sql):
    run = await journal.create("r", **NEW)
    await run.record("a", Note(text="x"), blobs={"h": "text", "i": "other"})
    await run.record("b", Note(text="x"), blobs={"h": "text"})
    await run.close()
    run = await journal.drive("r")
    await run.record("c", Note(text="x"), blobs={"i": "other"})
    assert sql("SELECT count(*) FROM blob")[0][0] == 2


async def test_a_run_exists_once(journal):
    await journal.create("r", **NEW)
    with pytest.raises(UsageError, match="'r' already"):
        await journal.create("r", **NEW)


async def test_runs_tell_their_state(journal, journals):
    for state in ("succeeded", "failed", "stopped", "interrupted"):
        run = await journal.create(state, **NEW)
        await run.record("k", Note(text="x"))
        await run.close(state=state)
        await run.close(state="failed")
    await journal.create("running", **NEW)
    rows = await (await journals()).runs()
    assert [row.id for row in rows] == [row.state for row in rows]
    ended = {row.id: row.ended for row in rows}
    assert ended["running"] is ended["interrupted"] is None
    assert ended["stopped"] >= rows[0].created
    assert [row.events for row in rows] == [1, 1, 1, 1, 0]
    assert rows[0].idea == NEW["idea"]


async def test_a_run_given_up_takes_no_more_events(journal):
    run = await journal.create("r", **NEW)
    await run.close()
    with pytest.raises(JournalUnavailable, match="given up"):
        await run.record("k", Note(text="x"))
    with pytest.raises(JournalUnavailable, match="given up"):
        run.note("k", Note(text="x"))


async def test_closing_the_journal_commits_notes_and_gives_up_runs(journal, journals):
    run = await journal.create("r", **NEW)
    run.note("n", Note(text="x"))
    await journal.close()
    await journal.close()
    other = await journals()
    assert len(await other.read("r")) == 1
    assert (await other.find("r")).state == "interrupted"
    with pytest.raises(JournalUnavailable, match="is closed"):
        await journal.create("s", **NEW)


async def test_find_by_beginning(journal):
    for name in ("converter-a1", "converter-b2", "snake_c3", "snake%c4"):
        await journal.create(name, **NEW)
    assert (await journal.find("converter-b")).id == "converter-b2"
    assert (await journal.find("snake_")).id == "snake_c3"
    with pytest.raises(RunNotFound, match="several runs begin with 'conv': converter-a1, converter-b2"):
        await journal.find("conv")
    with pytest.raises(RunNotFound, match="did you mean converter-a1"):
        await journal.find("convertor-a1")
    with pytest.raises(RunNotFound, match=r"the latest are snake%c4, snake_c3"):
        await journal.find("zzz")


@pytest.mark.parametrize("ask", ["read", "drive", "find", "blobs", "send", "prune", "fork", "follow"])
async def test_a_run_that_is_not_there(journal, ask):
    asked = {
        "read": lambda: journal.read("nope"),
        "drive": lambda: journal.drive("nope"),
        "find": lambda: journal.find("nope"),
        "blobs": lambda: journal.blobs("nope", ["h"]),
        "send": lambda: journal.send("nope", "stop", {}),
        "prune": lambda: journal.prune(["nope"]),
        "fork": lambda: journal.fork("nope", new_run="n", folder="f", keep=[]),
        "follow": lambda: anext(journal.follow("nope")),
    }
    with pytest.raises(RunNotFound, match="there is no run 'nope'; the journal holds no runs yet"):
        await asked[ask]()


async def test_commands_are_taken_once_and_in_order(journal, journals):
    run = await journal.create("r", **NEW)
    other = await journals()
    assert await run.commands() == ()
    await other.send("r", "answer", {"gate": "g", "text": "yes"})
    await journal.send("r", "stop", {})
    taken = await run.commands()
    assert [(command.verb, dict(command.body)) for command in taken] == [
        ("answer", {"gate": "g", "text": "yes"}),
        ("stop", {}),
    ]
    assert await run.commands() == ()


async def test_a_command_waits_for_the_next_driver(journal):
    run = await journal.create("r", **NEW)
    await run.close()
    await journal.send("r", "answer", {"text": "yes"})
    assert len(await (await journal.drive("r")).commands()) == 1


async def test_prune_forgets_all_of_a_run(journal, sql):
    old, live = await journal.create("old", **NEW), await journal.create("live", **NEW)
    for run in (old, live):
        await run.record("k", Note(text="x"), blobs={"h": "text"})
        await journal.send(run.run, "say", {})
    await old.close()
    with pytest.raises(RunBusy):
        await journal.prune(["old", "live"])
    assert len(await journal.runs()) == 2
    await journal.prune(["old"])
    assert [row.id for row in await journal.runs()] == ["live"]
    for table in ("event", "blob", "command"):
        assert sql(f"SELECT count(*) FROM {table}")[0][0] == 1
