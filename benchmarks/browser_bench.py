"""What a browser in the box costs, beside the same browser started bare for one picture.

    python benchmarks/browser_bench.py [--rounds 10] [--json]

Needs Chromium. All rows of a round are taken one after the other, so that load on the machine hits them alike.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from agentverse.blueprint.artifacts import Step
from agentverse.sandbox.live import chromium
from agentverse.sandbox.looks import serving, web
from agentverse.sandbox.protocol import Browser, Limits
from agentverse.sandbox.registry import choose

T = TypeVar("T")
PAGE = b"<!doctype html><title>Count</title><h1 id=n>0</h1><button onclick='n.textContent++'>Add</button>"
FILES = {"index.html": PAGE}
SITE = "http://127.0.0.1:8000/"
TARGETS = {"a page opened and pictured": 100.0}
"""Milliseconds that we allow ourselves."""


async def measure(rounds: int) -> dict[str, list[float]]:
    backend = await choose()
    times: dict[str, list[float]] = {}

    async def timed(what: str, action: Awaitable[T]) -> T:
        begun = time.perf_counter()
        made = await action
        times.setdefault(what, []).append((time.perf_counter() - begun) * 1000)
        return made

    start = serving.start_of(FILES, None)
    assert start is not None
    tour = [Step(do="click", what="Add", see="1"), Step(do="click", what="Add", see="2")]
    for _ in range(rounds):
        await timed("bare: start, one picture, end", asyncio.to_thread(one_picture))
        async with backend.open() as box:
            await box.put(FILES)
            server = await box.spawn([*start.argv], name="server", env={"PYTHONUNBUFFERED": "1"})
            assert await server.until(b"Serving HTTP", within=30)
            browser = await timed("the browser starts", box.browser())
            await browser.goto(SITE)
            for _ in range(3):
                await timed("a page opened and pictured", visit(browser))
                await timed("a click, and what it led to read", click(browser))
        async with backend.open() as box:
            await box.put(FILES)
            shown = await timed("a look: server, page, two clicks", web.look(box, start, tour, limits=Limits()))
            assert shown.show.passed, shown.show.reason
    return times


def one_picture() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "index.html").write_bytes(PAGE)
        shot = [f"--user-data-dir={folder}/profile", f"--screenshot={folder}/shot.png", f"file://{folder}/index.html"]
        flags = [word for word in chromium.FLAGS if "pipe" not in word and "startup" not in word]
        subprocess.run([chromium.find().program, *flags, *shot], check=True, capture_output=True)


async def visit(browser: Browser) -> None:
    await browser.goto(SITE)
    await browser.screenshot()


async def click(browser: Browser) -> None:
    await browser.click("Add")
    assert "1" in await browser.text()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    times = asyncio.run(measure(options.rounds))
    rows = [
        {"what": what, "ms": round(statistics.median(taken), 1), "min_ms": round(min(taken), 1), "n": len(taken)}
        for what, taken in times.items()
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{'':36} {'median':>8} {'min':>8}   (ms)")
    for row in rows:
        target = f"  target {TARGETS[row['what']]:g}" if row["what"] in TARGETS else ""
        print(f"{row['what']:36} {row['ms']:8} {row['min_ms']:8}{target}")


if __name__ == "__main__":
    main()
