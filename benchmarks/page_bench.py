"""The page in Chromium: how heavy it is, and how it bears a long run.

    python benchmarks/page_bench.py [EVENTS]

The run lies in a real journal and comes over the real server. The page must be built.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, async_playwright

from agentverse.blueprint.load import Library
from agentverse.host import open_store
from agentverse.journal.events import (
    EvidenceSeen,
    FilesChanged,
    PhaseFinished,
    PhaseStarted,
    Reply,
    RunEnded,
    RunStarted,
    Usage,
)
from agentverse.journal.protocol import Journal
from agentverse.sandbox.live.chromium import NAMES
from agentverse.settings import load_settings
from agentverse.web.serve import Place, serving

EVENTS = int(sys.argv[1]) if __name__ == "__main__" and len(sys.argv) > 1 else 10_000
STATIC = Path(__file__).parents[1] / "agentverse" / "web" / "static"
TEXT = "I looked at the parser once more.\n\n```python parser.py\ndef parse(text):\n    return text.split()\n```\n" * 2
PARAGRAPH = "The tests expect spaces to be kept; this is why the last one fails. " * 6


async def long_run(journal: Journal, folder: Path, events: int) -> None:
    """A run of so many events."""
    company = Library.default().company("software")
    run = await journal.create("long", company="software", idea="a long run", folder=str(folder / "long"))
    started = RunStarted(idea="a long run", company=company.model_dump(mode="json"), revision="", clock=0.0)
    run.note("run", started)
    phases = list(company.company.phases)
    for number in range(2, events):
        phase = phases[number // 50 % len(phases)]
        run.note(f"k{number}", body(number, phase, 1 + number // (50 * len(phases))))
    await run.record("end@1", RunEnded(outcome="failed", reason="it was long"))
    await run.close(state="failed")


def body(number: int, phase: str, visit: int):
    """An event as they come in a run."""
    match number % 50:
        case 0:
            return PhaseStarted(phase=phase, visit=visit, kind="ask")
        case 49:
            return PhaseFinished(phase=phase, visit=visit)
        case 20:
            return FilesChanged(phase=phase, visit=visit, author="P", commit="", parents=[], written=[f"f{number}.py"])
        case 30:
            evidence = {"passed": number % 3 == 0, "command": ["pytest"], "kind": "tests"}
            return EvidenceSeen(phase=phase, visit=visit, evidence=evidence)
        case _:
            text, usage = (TEXT if number % 2 else PARAGRAPH), Usage(prompt=900, cached=700, completion=120)
            return Reply(phase=phase, visit=visit, role="programmer", title="Programmer", text=text, usage=usage)


def weight() -> int:
    """Bytes of script, compressed, that the first screen loads."""
    todo, seen = set(re.findall(r"assets/[\w.-]+\.js", (STATIC / "index.html").read_text())), dict[str, int]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        source = (STATIC / name).read_bytes()
        seen[name] = len(gzip.compress(source))
        todo |= {f"assets/{found}" for found in re.findall(r'(?:from|import)\s*"\./([\w.-]+\.js)"', source.decode())}
    return sum(seen.values())


async def shown(page: Page, origin: str) -> list[float]:
    """Milliseconds from the first event to the last, and from there to the whole run on the screen."""
    await page.goto(f"{origin}/#/runs/long")
    await page.get_by_text(f"{EVENTS} / {EVENTS}").wait_for(timeout=600_000)
    return await page.evaluate("[lastEvent - firstEvent, performance.now() - lastEvent]")


async def scrubbed(page: Page) -> list[float]:
    """Milliseconds from a pull at the slider until the page has drawn that moment."""
    return await page.evaluate(
        """async (events) => {
          const slider = document.querySelector('[aria-label=Time] input'), times = [];
          const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
          for (let count = 0; count < 60; count += 1) {
            const began = performance.now();
            put.call(slider, String(1 + Math.floor(events * ((count * 37) % 60) / 60)));
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            times.push(performance.now() - began);
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
          }
          return times;
        }""",
        EVENTS,
    )


MARK = """
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (name, listen) {
    return add.call(this, name, (message) => {
      if (name !== 'entry') return listen(message);
      window.firstEvent ??= performance.now();
      const began = performance.now();
      listen(message);
      window.lastEvent = performance.now();
      window.taken = (window.taken ?? 0) + window.lastEvent - began;
    });
  };
"""


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        os.chdir(project)
        async with open_store(load_settings(project), make=True) as journal:
            await long_run(journal, project, EVENTS)
        links: list[str] = []
        async with serving(Place(project=project), announce=links.append) as web, async_playwright() as playwright:
            program = next(found for name in NAMES if (found := shutil.which(name)))
            browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            page = await browser.new_page(viewport={"width": 1280, "height": 800})
            await page.add_init_script(MARK)
            await page.goto(links[-1])
            came, took = await shown(page, web.address.rstrip("/"))
            nodes = await page.evaluate("document.querySelectorAll('*').length")
            paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
            times = sorted(await scrubbed(page))
            await browser.close()
    print(f"script of the first screen   {weight() / 1000:8.1f} kB compressed (at most 200)")
    print(f"first paint                  {paint or 0:8.0f} ms (at most 1,000)")
    print(f"{EVENTS:,} events came within{'':6}{came:8.0f} ms")
    print(f"and were shown after{'':9}{took:8.0f} ms more (at most 500 together)")
    print(f"elements in the document     {nodes:8,} (at most 1,000)")
    print(f"scrub                        {statistics.median(times):8.1f} ms, p95 {times[56]:.1f} (at most 30)")


if __name__ == "__main__":
    asyncio.run(main())
