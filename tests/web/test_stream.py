"""The stream of events: live and replayed the same, resumed where it broke off, several runs on one connection."""

from __future__ import annotations

import asyncio

from agentverse.host import open_store
from agentverse.journal.events import GateOpened
from agentverse.testing import Reply
from agentverse.web.serve import Place
from tests.web.conftest import FILES, Browser, Message, Model, Office, opened


def entries(messages: list[Message]) -> list[tuple[str, int]]:
    return [(one.json["run"], one.json["seq"]) for one in messages if one.event == "entry"]


def ended(message: Message) -> bool:
    return message.event == "state" and message.json["state"] not in ("running", "")


async def test_what_was_seen_live_is_what_is_replayed(browser: Browser) -> None:
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})
    live = [one async for one in browser.events("/api/runs/sum/events?end=true")]
    replayed = [one async for one in browser.events("/api/runs/sum/events?end=true")]
    pick = [(one.id, one.data) for one in live if one.event == "entry"]
    assert pick == [(one.id, one.data) for one in replayed if one.event == "entry"]
    assert [int(id) for id, _ in pick] == list(range(1, len(pick) + 1))
    assert live[0].event == "" or live[0].event == "hello"
    (hello,) = [one.json for one in live if one.event == "hello"]
    assert set(hello) == {"version", "instance"}
    assert replayed[-1].json == {"run": "sum", "state": "succeeded", "events": len(pick)}


async def test_a_broken_connection_goes_on_where_it_was(browser: Browser) -> None:
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})
    every = await browser.over("sum")
    path = "/api/runs/sum/events?end=true&after=1"
    rest = [one async for one in browser.events(path, headers={"Last-Event-ID": "5"}) if one.event == "entry"]
    assert [one.json for one in rest] == every[5:]
    odd = [one async for one in browser.events(path, headers={"Last-Event-ID": "../5"}) if one.event == "entry"]
    assert [one.json for one in odd] == every[1:]


async def test_several_runs_share_a_connection_which_is_resumed_by_its_cursor(browser: Browser) -> None:
    for name in ("one", "two"):
        await browser.post("/api/runs", {"idea": "add", "name": name})
        await browser.over(name)
    done: set[str] = set()

    def both(message: Message) -> bool:
        if ended(message):
            done.add(message.json["run"])
        return done == {"one", "two"}

    seen = await browser.until("/api/events?runs=one:0,two:3,nobody:0", both)
    totals = {run["id"]: run["events"] for run in (await browser.fine("/api/runs"))["runs"]}
    assert sorted(entries(seen)) == [
        *(("one", seq) for seq in range(1, totals["one"] + 1)),
        *(("two", seq) for seq in range(4, totals["two"] + 1)),
    ]
    assert [one.json for one in seen if one.event == "gone"] == [{"run": "nobody"}]
    cursor = [one.id for one in seen if one.id][-1]
    assert dict(pair.split(":") for pair in cursor.split(",")) == {run: str(count) for run, count in totals.items()}
    done.clear()
    again: list[Message] = []
    async for message in browser.events("/api/events?runs=one:0,two:0", headers={"Last-Event-ID": cursor}):
        again.append(message)
        if both(message):
            break
    assert entries(again) == []


async def test_tokens_are_seen_as_they_come_also_by_who_comes_late(browser: Browser, model: Model) -> None:
    model.replies["design#1/-/1"] = Reply("{", breaks="stall")
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})

    def delta(message: Message) -> bool:
        return message.event == "delta" and bool(message.json["text"])

    first = await browser.until("/api/runs/sum/events?watch=true", delta)
    late = await browser.until("/api/runs/sum/events?watch=true", delta)
    for seen in (first, late):
        told = seen[-1]
        assert told.id == ""
        assert (told.json["key"], told.json["at"], told.json["text"]) == ("design#1/-/1.1", 0, "{")
    await browser.post("/api/runs/sum/cancel")
    unwatched = [one async for one in browser.events("/api/runs/sum/events?end=true")]
    assert [one for one in unwatched if one.event == "delta"] == []


async def test_a_new_run_is_told_to_who_watches_the_list(browser: Browser) -> None:
    stream = browser.events("/api/events")
    assert (await anext(stream)).event in ("", "hello")
    await browser.post("/api/runs", {"idea": "add", "name": "new"})
    async for message in stream:
        if message.event == "runs":
            break
    else:
        raise AssertionError("nobody was told")
    await browser.over("new")


async def waits(browser: Browser, run: str) -> list[str]:
    """Questions of a run, once whoever watches the list is told of one."""
    async for message in browser.events("/api/events"):
        if message.event == "runs":
            listed = (await browser.fine("/api/runs"))["runs"]
            if found := [one["question"] for row in listed if row["id"] == run for one in row["waiting"]]:
                return found
    raise AssertionError("nobody was told")


async def test_a_question_is_told_to_who_watches_the_list(browser: Browser) -> None:
    told = asyncio.create_task(waits(browser, "asks"))
    await browser.post("/api/runs", {"idea": "add", "name": "asks", "company": "gated"})
    assert len(await told) == 1


async def test_a_question_of_a_run_that_is_driven_elsewhere_is_told_as_well(browser: Browser, office: Office) -> None:
    async with open_store(office.web.settings(), make=False) as other:
        run = await other.create("away", company="tiny", idea="add", folder="away")
        told = asyncio.create_task(waits(browser, "away"))
        await run.record("agree#1/-/gate", GateOpened(phase="agree", visit=1, question="Big?"))
        assert await told == ["Big?"]
        await run.close()


async def test_a_run_that_is_resumed_goes_on_in_the_same_stream(browser: Browser, model: Model) -> None:
    model.hold("code#1/-/1")
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})
    await model.reached["code#1/-/1"].wait()
    states: list[str] = []
    stream = browser.events("/api/runs/sum/events")
    await browser.post("/api/runs/sum/pause")
    model.holds["code#1/-/1"].set()
    async for message in stream:
        if message.event == "state":
            states.append(message.json["state"])
            if states[-1] == "paused":
                await browser.post("/api/runs/sum/resume")
            if states[-1] == "succeeded":
                break
    assert states[0] == "running"
    assert states[-1] == "succeeded"


async def test_twenty_runs_at_once_come_to_their_ends(browser: Browser, model: Model, office: Office) -> None:
    model.replies["code#1/-/1"] = FILES
    names = [f"run{number}" for number in range(20)]
    answers = await asyncio.gather(*(browser.post("/api/runs", {"idea": "add", "name": name}) for name in names))
    assert {answer.status for answer in answers} == {201}
    over: set[str] = set()
    query = ",".join(f"{name}:0" for name in names)
    seen: list[Message] = []
    async for message in browser.events(f"/api/events?runs={query}"):
        seen.append(message)
        if ended(message):
            over.add(message.json["run"])
        if len(over) == 20:
            break
    told = entries(seen)
    assert len(told) == len(set(told))
    assert {run["state"] for run in (await browser.fine("/api/runs"))["runs"]} == {"succeeded"}


async def test_a_run_is_counted_once_however_many_ask_at_the_same_time(browser: Browser, office: Office) -> None:
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})
    await browser.over("sum")
    async with opened(Place(project=office.web.project, options=office.web.options)) as fresh:
        web, reads = fresh.web, list[int]()
        row = await web.row("sum")
        read = web.journal.read

        async def noted(run: str, *, after: int = 0, limit: int | None = None):
            reads.append(after)
            return await read(run, after=after, limit=limit)

        web.journal.read = noted
        tallies = await asyncio.gather(*(web.tally(row) for _ in range(5)))
        assert reads == [0]
        assert len({id(tally) for tally in tallies}) == 1
        assert tallies[0].seq == row.events
