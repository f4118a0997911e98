"""The stream of events: live and replayed the same, resumed where it broke off, several runs on one connection."""

from __future__ import annotations

import asyncio

from agentverse.testing import Reply
from tests.web.conftest import FILES, Browser, Message, Model, Office


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


async def test_a_question_is_told_to_who_watches_the_list(browser: Browser) -> None:
    waiting = 0
    async for message in browser.events("/api/events"):
        if message.event == "hello":
            await browser.post("/api/runs", {"idea": "add", "company": "gated", "name": "asks"})
        if message.event == "runs" and not waiting:
            waiting = len((await browser.fine("/api/runs"))["runs"][0]["waiting"])
            if waiting:
                await browser.post("/api/runs/asks/cancel")
        elif message.event == "runs":
            break
    assert waiting == 1


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
