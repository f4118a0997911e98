"""The journal beside a bare sqlite3 connection on the same disk, in the same run.

    python benchmarks/journal_bench.py [postgresql://user@host/database]

With a URL the journal is measured there, and the bare connection still on this machine's disk.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentverse.journal.events import Reply
from agentverse.journal.prompts import PromptBook, PromptPart
from agentverse.journal.store import open_journal

TEXT = "A reply of a kilobyte or so. " * 35
SEQUENTIAL = 500
TOTAL = 10_000
ROUNDS = 3
FACTS = {"company": "bench", "idea": "bench", "folder": "."}


@dataclass
class Spent:
    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def measured() -> Iterator[Spent]:
    spent, wall, cpu = Spent(), time.perf_counter(), time.process_time()
    yield spent
    spent.wall, spent.cpu = time.perf_counter() - wall, time.process_time() - cpu


def reply() -> Reply:
    return Reply(phase="code", visit=1, role="programmer", text=TEXT)


class Bare:
    """The least that could store the same rows: one table, no fence, no other process."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("CREATE TABLE event (run INT, seq INT, key TEXT, body TEXT, UNIQUE (run, key))")

    def insert(self, rows: list[tuple[int, str]]) -> None:
        body = json.dumps({"phase": "code", "visit": 1, "role": "programmer", "text": TEXT})
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO event VALUES (1, ?, ?, ?)", [(*row, body) for row in rows])
        self.connection.execute("COMMIT")

    def load(self) -> list[dict[str, object]]:
        return [json.loads(body) for (body,) in self.connection.execute("SELECT body FROM event ORDER BY seq")]


def bare_figures(path: Path) -> dict[str, float]:
    bare = Bare(path)
    with measured() as one:
        for n in range(SEQUENTIAL):
            bare.insert([(n, f"a/{n}")])
    rest = [(n, f"b/{n}") for n in range(SEQUENTIAL, TOTAL)]
    with measured() as many:
        for start in range(0, len(rest), 512):
            bare.insert(rest[start : start + 512])
    with measured() as load:
        bare.load()
    bare.connection.close()
    return figures(one, many, load)


async def journal_figures(place: str, name: str) -> dict[str, float]:
    journal = await open_journal(place)
    run = await journal.create(name, **FACTS)
    with measured() as one:
        for n in range(SEQUENTIAL):
            await run.record(f"a/{n}", reply())
    with measured() as many:
        await asyncio.gather(*(run.record(f"b/{n}", reply()) for n in range(SEQUENTIAL, TOTAL)))
    await run.close()
    with measured() as load:
        run = await journal.drive(name)
    assert len(run.entries()) == TOTAL
    await run.close(state="stopped")
    await journal.prune([name])
    await journal.close()
    return figures(one, many, load)


def figures(one: Spent, many: Spent, load: Spent) -> dict[str, float]:
    return {
        "ms a step, one after another": one.wall / SEQUENTIAL * 1e3,
        "CPU ms a step, one after another": one.cpu / SEQUENTIAL * 1e3,
        "us a step, all at once (512 a commit)": many.wall / (TOTAL - SEQUENTIAL) * 1e6,
        f"ms to load {TOTAL} events": load.wall * 1e3,
    }


async def dialogue_cpu(turns: int) -> float:
    """CPU ms a turn of recording the prompts and replies of a growing dialogue."""
    with tempfile.TemporaryDirectory() as folder:
        journal = await open_journal(Path(folder) / "j.db")
        run = await journal.create("r", **FACTS)
        book, parts = PromptBook(run), [PromptPart("system", TEXT)]
        with measured() as spent:
            for n in range(turns):
                ref, blobs = book.ref([*parts, PromptPart("user", "It is your turn.")])
                text = f"{n} {TEXT}"
                event = Reply(phase="talk", visit=1, role="ceo", text=text, prompt=ref)
                await run.record(f"talk#1/{n}", event, blobs=blobs)
                parts.append(PromptPart("user", f"CEO: {text}", f"talk#1/{n}"))
        await journal.close()
    return spent.cpu / turns * 1e3


async def best_of(measure: Callable[[int], Awaitable[dict[str, float]]]) -> dict[str, float]:
    rounds = [await measure(n) for n in range(ROUNDS)]
    return {name: min(figure[name] for figure in rounds) for name in rounds[0]}


async def main(url: str | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        async def bare(n: int) -> dict[str, float]:
            return bare_figures(folder / f"bare{n}.db")

        async def journal(n: int) -> dict[str, float]:
            return await journal_figures(url or str(folder / f"journal{n}.db"), f"bench-{n}")

        left, right = await best_of(bare), await best_of(journal)
    print(f"{'best of ' + str(ROUNDS):40} {'sqlite3':>10} {'journal':>10} {'ratio':>7}")
    for what, value in left.items():
        print(f"{what:40} {value:10.3f} {right[what]:10.3f} {right[what] / value:6.1f}x")
    at_once = right["us a step, all at once (512 a commit)"]
    print(f"{'steps a second, all at once':40} {'':10} {1e6 / at_once:10.0f}")
    short, long = await dialogue_cpu(50), await dialogue_cpu(200)
    print(f"{'CPU ms a turn, dialogue of 50 turns':40} {'':10} {short:10.3f}")
    print(f"{'CPU ms a turn, dialogue of 200 turns':40} {'':10} {long:10.3f} {long / short:6.1f}x")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else None))
