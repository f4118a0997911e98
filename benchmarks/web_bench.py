"""What watching costs the server: CPU for each event and viewer, live and replayed; a long journal; a list of runs.

    python benchmarks/web_bench.py

The viewers are another process, so what they cost is not counted; writing without viewers is measured in the same run
and taken off. Live events come 100 a second beside 300 tokens, as the page is meant to bear.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from agentverse.journal.events import Reply, RunStarted
from agentverse.journal.protocol import RunJournal
from agentverse.models.protocol import Delta
from agentverse.web.context import Web
from agentverse.web.serve import Place, serving
from agentverse.web.writing import Writing

TEXT = "A reply of a kilobyte or so. " * 35
VIEWERS, LIVE, RATE, TOKENS = 200, 500, 100, 3
LONG = 10_000


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AGENTVERSE_STATE_HOME"] = os.environ["AGENTVERSE_CONFIG_HOME"] = folder
        links: list[str] = []
        async with serving(Place(project=Path(folder), options=kept_in(folder)), announce=links.append) as web:
            figures = await measure(web, links[0])
    for name, value in figures.items():
        print(f"{name:<64} {value}")


def kept_in(folder: str) -> dict[str, tuple[object, str]]:
    return {"runs.folder": (str(Path(folder) / "runs"), "the benchmark")}


async def measure(web: Web, link: str) -> dict[str, str]:
    cookie = f"{web.door.cookie_name}={web.door.cookie()}"
    alone = await cpu_of(lambda: live(web, "alone", viewers=0, cookie=cookie))
    watched = await cpu_of(lambda: live(web, "watched", viewers=VIEWERS, cookie=cookie))
    journal = await begun(web, "long")
    await write(journal, LONG)
    once = await cpu_of(lambda: viewers(web, "long", 1, LONG, cookie, replay=True))
    again = await cpu_of(lambda: viewers(web, "long", 5, LONG, cookie, replay=True))
    first, second = await listed(web, cookie), await listed(web, cookie)
    return {
        f"CPU per live event and viewer, {VIEWERS} viewers, tokens included": per(watched - alone, LIVE * VIEWERS),
        "CPU per replayed event and viewer": per(again - once, LONG * 4),
        f"the list of runs, {LONG:,} events in one: first; again": f"{first * 1000:.0f} ms; {second * 1000:.1f} ms",
    }


def per(seconds: float, count: int) -> str:
    return f"{seconds / count * 1e6:.1f} µs"


async def cpu_of(work: Callable[[], Awaitable[None]]) -> float:
    before = time.process_time()
    await work()
    return time.process_time() - before


async def begun(web: Web, run: str) -> RunJournal:
    journal = await web.journal.create(run, company="bench", idea="bench", folder=run)
    started = RunStarted(idea="bench", company={}, revision="", clock=0.0)
    await journal.record("run", started)
    return journal


async def write(journal: RunJournal, count: int, *, rate: float = 0.0, writing: Writing | None = None) -> None:
    """So many events, as fast as can be or so many a second; with tokens beside them."""
    began = time.perf_counter()
    for number in range(1, count + 1):
        key = f"code#1/-/{number}.1"
        journal.note(key, Reply(phase="code", visit=1, role="programmer", text=TEXT))
        if writing is not None:
            for _ in range(TOKENS):
                writing(Delta(f"code#1/-/{number + 1}.1", "a token"))
            writing.over(key)
        if rate:
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        elif number % 1000 == 0:
            await asyncio.sleep(0)
    await journal.record("last", Reply(phase="code", visit=1, role="programmer", text=TEXT))


async def live(web: Web, run: str, *, viewers: int, cookie: str) -> None:
    journal = await begun(web, run)
    writing = Writing()
    kept, web.feeds._writing = web.feeds._writing, lambda _: writing
    if not viewers:
        await write(journal, LIVE, rate=RATE, writing=writing)
    else:
        process = await watchers(web, run, viewers, LIVE, cookie)
        assert process.stdout is not None
        await process.stdout.readline()  # all of them are connected
        await write(journal, LIVE, rate=RATE, writing=writing)
        assert await process.wait() == 0
    web.feeds._writing = kept
    await journal.close(state="succeeded")


async def viewers(web: Web, run: str, count: int, events: int, cookie: str, *, replay: bool) -> None:
    process = await watchers(web, run, count, events, cookie)
    assert await process.wait() == 0


async def watchers(web: Web, run: str, count: int, events: int, cookie: str) -> asyncio.subprocess.Process:
    url = f"{web.address}api/runs/{run}/events?watch=true"
    words = [sys.executable, __file__, "watch", url, str(count), str(events), cookie]
    return await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)


async def listed(web: Web, cookie: str) -> float:
    async with aiohttp.ClientSession(headers={"Cookie": cookie}) as session:
        began = time.perf_counter()
        async with session.get(f"{web.address}api/runs") as response:
            assert response.status == 200
            await response.read()
        return time.perf_counter() - began


async def watch(url: str, count: int, events: int, cookie: str) -> None:
    """In the other process: so many viewers, until each has seen so many events."""
    connected = 0

    async def one(session: aiohttp.ClientSession) -> None:
        nonlocal connected
        async with session.get(url) as response:
            assert response.status == 200
            connected += 1
            if connected == count:
                print("connected", flush=True)
            seen, rest = 0, b""
            async for piece in response.content.iter_any():
                whole = rest + piece
                seen += whole.count(b"event: entry\n") - rest.count(b"event: entry\n")
                rest = whole[-12:]
                if seen >= events:
                    return

    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers={"Cookie": cookie}) as session:
        await asyncio.gather(*(one(session) for _ in range(count)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["watch"]:
        asyncio.run(watch(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
    else:
        asyncio.run(main())
