"""A server that is killed in the middle of runs, and one that is asked to stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from agentverse.journal.store import open_journal
from tests.web.conftest import Browser, Model


@asynccontextmanager
async def server(model: Model, port: int = 0) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """``agentverse web`` in a process of its own, and the link it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentverse", "web", "--port", str(port), "--json", "--model", f"{model.url}#scripted",
        stdout=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield process, json.loads(await process.stdout.readline())["url"]
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.timeout(150)  # two servers are started
async def test_a_killed_server_leaves_runs_for_the_next_one_and_a_stopped_one_pauses_them(
    project: Path, model: Model
) -> None:
    release = model.hold("code#1/-/1")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with server(model) as (process, link):
            origin, _, query = link.rpartition("/")
            browser = Browser(session, origin)
            assert (await browser.get(f"/{query}")).status == 303
            begun = await browser.post("/api/runs", {"idea": "add", "name": "cut", "company": "tiny"})
            assert begun.status == 201, begun.body
            await model.reached["code#1/-/1"].wait()
            seen = (await browser.fine("/api/runs/cut/entries"))["entries"]
            instance = (await browser.fine("/api/status"))["instance"]
            process.kill()
        release.set()
        async with server(model, int(origin.rpartition(":")[2])) as (process, _):
            status = await browser.fine("/api/status")
            assert status["instance"] != instance
            assert status["runs"] == {"interrupted": 1}
            assert (await browser.post("/api/runs/cut/resume")).status == 200
            entries = await browser.over("cut")
            assert entries[: len(seen)] == seen
            assert entries[-1]["event"]["outcome"] == "succeeded"
            assert model.asked.count("design#1/-/1.1") == 1

            release = model.hold("design#1/-/1")
            await browser.post("/api/runs", {"idea": "add", "name": "kept", "company": "tiny"})
            await model.reached["design#1/-/1"].wait()
            process.send_signal(signal.SIGINT)
            release.set()  # a reply in flight is waited for
            assert await process.wait() == 0
    journal = await open_journal(project / "agentverse-runs" / "journal.sqlite")
    entries = await journal.read("kept")
    assert (await journal.find("kept")).state == "interrupted"
    await journal.close()
    assert [entry.key for entry in entries if entry.event.type == "reply"] == ["design#1/-/1.1"]
    assert (entries[-1].event.type, entries[-1].event.reason) == ("run.ended", "the run was stopped")
