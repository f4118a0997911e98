"""Runs that are paused, cancelled, answered and spoken to, wherever they are at work."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.web.conftest import FILES, Browser, Message, Model

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def event(kind: str):
    return lambda message: message.event == "entry" and message.json["event"]["type"] == kind


def said(text: str):
    return lambda message: event("said")(message) and message.json["event"]["text"] == text


def state(name: str):
    return lambda message: message.event == "state" and message.json["state"] == name


@asynccontextmanager
async def command_line(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command line, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentverse", *arguments, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_a_paused_run_is_resumed_and_asks_nothing_twice(browser: Browser, model: Model) -> None:
    release = model.hold("code#1/-/1")
    await browser.post("/api/runs", {"idea": "add", "name": "slow"})
    await model.reached["code#1/-/1"].wait()
    busy = await browser.post("/api/runs/slow/resume")
    assert (busy.status, busy.code) == (409, "RunBusy")
    kept = await browser.ask("DELETE", "/api/runs/slow")
    assert (kept.status, kept.code) == (409, "running")
    assert (await browser.post("/api/runs/slow/pause")).status == 202
    release.set()  # a reply in flight is waited for
    await browser.over("slow")
    brief = (await browser.fine("/api/runs"))["runs"][0]
    assert (brief["state"], brief["turns"], brief["here"]) == ("paused", 2, False)
    assert (await browser.fine("/api/runs?state=paused"))["runs"]
    again = await browser.post("/api/runs/slow/pause")
    assert (again.status, again.code) == (409, "not_running")
    assert (await browser.post("/api/runs/slow/resume")).status == 200
    entries = await browser.over("slow")
    assert entries[-1]["event"]["outcome"] == "succeeded"
    assert sorted(model.asked) == ["code#1/-/1.1", "design#1/-/1.1"]


async def test_a_cancelled_run_is_stopped_for_good(browser: Browser, model: Model) -> None:
    model.hold("design#1/-/1")
    await browser.post("/api/runs", {"idea": "add", "name": "never"})
    await model.reached["design#1/-/1"].wait()
    assert (await browser.post("/api/runs/never/cancel")).status == 202
    entries = await browser.over("never")
    assert entries[-1]["event"]["reason"] == "the run was cancelled"
    assert (await browser.fine("/api/runs/never"))["state"] == "stopped"


async def test_a_question_is_answered_with_a_choice_and_files(browser: Browser, model: Model) -> None:
    await browser.post("/api/runs", {"idea": "add", "company": "gated", "name": "asks"})
    seen = await browser.until("/api/runs/asks/events", event("gate.opened"))
    gate = seen[-1].json["key"]
    (waiting,) = (await browser.fine("/api/runs/asks"))["waiting"]
    assert (waiting["gate"], waiting["choices"]) == (gate, ["big", "small"])
    assert waiting["question"].startswith("Shall it be\x1b[31m big?")
    wrong = await browser.post("/api/runs/asks/answer", {"gate": gate, "choice": "huge"})
    assert (wrong.status, wrong.code) == (400, "UsageError")
    for path in ("../out.txt", "/etc/passwd", ".git/config", "a\x00b", "C:/x"):
        out = {"gate": gate, "choice": "big", "files": [{"path": path, "content": "aGk="}]}
        refused = await browser.post("/api/runs/asks/answer", out)
        assert (refused.status, refused.code) == (400, "PathRefused"), path
    garbled = {"gate": gate, "choice": "big", "files": [{"path": "a.txt", "content": "no base64!"}]}
    assert (await browser.post("/api/runs/asks/answer", garbled)).status == 422
    files = [
        {"path": "data/prices.csv", "content": base64.b64encode("价格,1\n".encode()).decode()},
        {"path": "logo.png", "content": base64.b64encode(PNG).decode()},
    ]
    answer = {"gate": gate, "choice": "big", "files": files}
    assert (await browser.post("/api/runs/asks/answer", answer)).status == 202
    await browser.over("asks")
    brief = await browser.fine("/api/runs/asks")
    assert (brief["state"], brief["waiting"]) == ("succeeded", [])
    assert "价格,1" in model.prompts["code#1/-/1"]
    raw = await browser.get("/api/runs/asks/file?path=logo.png&raw=true")
    assert raw.body == PNG
    authors = {file["path"]: file["author"] for file in (await browser.fine("/api/runs/asks/files"))["files"]}
    assert authors["data/prices.csv"] == "you"
    late = await browser.post("/api/runs/asks/answer", {"gate": gate, "choice": "small"})
    assert (late.status, late.code) == (400, "UsageError")


async def test_what_is_said_to_a_role_is_read_by_its_next_turn(browser: Browser, model: Model) -> None:
    release = model.hold("design#1/-/1")
    await browser.post("/api/runs", {"idea": "add", "name": "told"})
    await model.reached["design#1/-/1"].wait()
    nobody = await browser.post("/api/runs/told/say", {"text": "hello", "role": "nobody"})
    assert (nobody.status, nobody.code) == (400, "UsageError")
    assert "programmer" in nobody.json["error"]["fix"]
    assert (await browser.post("/api/runs/told/say", {"text": "Use integers.", "role": "programmer"})).status == 202
    release.set()
    entries = await browser.over("told")
    assert "Use integers." in model.prompts["code#1/-/1"]
    assert "Use integers." not in model.prompts["design#1/-/1"]
    kinds = [entry["event"]["type"] for entry in entries]
    assert "said" in kinds
    (heard,) = [e for e in entries if e["event"]["type"] == "decision" and e["event"]["what"] == "heard"]
    assert heard["key"] == "code#1/-/1/heard"
    over = await browser.post("/api/runs/told/say", {"text": "late"})
    assert (over.status, over.code) == (409, "not_running")


async def test_a_run_of_the_command_line_is_followed_and_steered_from_the_page(browser: Browser, model: Model) -> None:
    spec = f"{model.url}#scripted"
    begin = ["run", "add", "--company", "gated", "--model", spec, "--name", "theirs", "--quiet"]
    async with command_line(*begin) as process:
        listed = [message async for message in _until_listed(browser, "theirs")]
        assert listed
        seen = await browser.until("/api/runs/theirs/events?watch=true", event("gate.opened"))
        assert (await browser.fine("/api/runs/theirs"))["here"] is False
        assert (await browser.post("/api/runs/theirs/say", {"text": "Be brief."})).status == 202
        answer = {"gate": seen[-1].json["key"], "choice": "small", "files": [{"path": "a.txt", "content": "aGk="}]}
        assert (await browser.post("/api/runs/theirs/answer", answer)).status == 202
        entries = await browser.over("theirs")
        assert await process.wait() == 0
    assert entries[-1]["event"]["outcome"] == "succeeded"
    assert "Be brief." in model.prompts["code#1/-/1"]
    assert "a.txt" in [file["path"] for file in (await browser.fine("/api/runs/theirs/files"))["files"]]


async def _until_listed(browser: Browser, run: str) -> AsyncIterator[Message]:
    """Look at the list until the run is in it and its journal has begun."""
    while True:
        runs = (await browser.fine("/api/runs"))["runs"]
        if any(one["id"] == run and one["events"] for one in runs):
            yield Message("listed", "", "")
            return


async def test_the_command_line_steers_a_run_of_the_page(browser: Browser, model: Model) -> None:
    release = model.hold("design#1/-/1")
    model.replies["code#1/-/1"] = FILES
    await browser.post("/api/runs", {"idea": "add", "name": "ours"})
    await model.reached["design#1/-/1"].wait()
    async with command_line("say", "ours", "Mind the gap.", "--to", "programmer") as process:
        assert await process.wait() == 0
    await browser.until("/api/runs/ours/events", event("said"))
    async with command_line("stop", "ours") as process:
        assert await process.wait() == 0
    # Commands are heeded in order: once this is heard, so was the stop, and the design's reply is the last.
    async with command_line("say", "ours", "Over to you.", "--to", "programmer") as process:
        assert await process.wait() == 0
    await browser.until("/api/runs/ours/events", said("Over to you."))
    release.set()
    await browser.over("ours")
    assert (await browser.fine("/api/runs/ours"))["state"] == "paused"
    await browser.post("/api/runs/ours/resume")
    await browser.until("/api/runs/ours/events", state("succeeded"))
    assert "Mind the gap." in model.prompts["code#1/-/1"]
