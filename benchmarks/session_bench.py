"""What sessions save and what looking costs: each row measures two ways to the same end in turn, in one run.

    python benchmarks/session_bench.py [--rounds 20] [--json]

The first way of a row is what there would be without it: a fresh box for a command, tests that nobody counts lines of.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable

from sandbox_bench import TESTS, compare, product

from agentverse.blueprint.artifacts import Step
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.looks import command, terminal, window
from agentverse.sandbox.looks.protocol import Look, Looks, Start
from agentverse.sandbox.protocol import Limits, Sandbox, SandboxBackend
from agentverse.sandbox.registry import choose

SAMPLES = 8
LIMITS = Limits(wall=60.0)
TARGETS = {"a command": 3.0, f"{TESTS} tests": 40.0}
"""Milliseconds that the second way may take."""
START = Start(("python", "main.py"))
CURSES = b"""
import curses
def main(screen):
    while True:
        screen.addstr(1, 2, "ready")
        if screen.getch() == ord("q"): return
curses.wrapper(main)
"""
WINDOW = b"""
import tkinter
root = tkinter.Tk()
tkinter.Label(root, text="ready", font=("DejaVu Sans", 40)).pack()
root.bind("q", lambda event: root.destroy())
root.mainloop()
"""
Way = Callable[[], Awaitable[object]]


async def measure(rounds: int) -> list[dict[str, object]]:
    backend = await choose()
    few = max(3, rounds // 4)
    rows: list[dict[str, object]] = []

    async def row(name: str, plain: Way, other: Way, times: int) -> None:
        found = await compare(name, plain, other, times)
        rows.append({**found, "target_ms": TARGETS.get(name)})

    async with backend.open(limits=LIMITS) as fresh, backend.open(limits=LIMITS) as live:
        for box in (fresh, live):
            await box.put(product())
        await row("a command", lambda: run(fresh, warm=False), lambda: run(live, warm=True), rounds)
        await row(f"{TESTS} tests", lambda: judge(fresh), lambda: judge(live, warm=True), rounds)
        await row("tests held read-only", lambda: judge(fresh), lambda: judge(fresh, held=True), rounds)
        await row("lines counted", lambda: judge(fresh), lambda: judge(fresh, counted=True), rounds)
    await row(f"{SAMPLES} samples of {TESTS} tests", lambda: each_fresh(backend), lambda: in_one(backend), few)
    for name, look, source in (("terminal", terminal.look, CURSES), ("window", window.look, WINDOW)):
        plain: Way = lambda: seen(backend, command.look, b"print('ready')")  # noqa: E731
        await row(f"a look at a {name}", plain, lambda look=look, source=source: seen(backend, look, source, "q"), few)
    return rows


async def run(box: Sandbox, *, warm: bool) -> None:
    assert (await (box.warm if warm else box.exec)(["true"])).ok


async def judge(box: Sandbox, *, warm: bool = False, held: bool = False, counted: bool = False) -> None:
    files = product()
    measured = {"product.py": files["product.py"]} if counted else {}
    names = ["test_product.py"] if held else []
    shown = await gather(box, ["pytest", "-q"], limits=LIMITS, warm=warm, held=names, measured=measured)
    assert shown.passed
    assert (shown.coverage is not None) == counted


async def each_fresh(backend: SandboxBackend) -> None:
    for _ in range(SAMPLES):
        async with backend.open(limits=LIMITS) as box:
            await box.put(product())
            await judge(box)


async def in_one(backend: SandboxBackend) -> None:
    """One session for all but the first, and a fresh box for that and for the one that is picked."""
    async with backend.open(limits=LIMITS) as live:
        for number in range(SAMPLES + 1):
            if 0 < number < SAMPLES:
                await live.renew(product())
                await judge(live, warm=True)
                continue
            async with backend.open(limits=LIMITS) as box:
                await box.put(product())
                await judge(box)


async def seen(backend: SandboxBackend, look: Looks, source: bytes, key: str = "") -> None:
    async with backend.open(limits=LIMITS) as box:
        await box.put({"main.py": source})
        found: Look = await look(box, START, [Step(do="key", what=key)] if key else [], limits=LIMITS)
        assert found.show.passed, found.show.reason


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = asyncio.run(measure(options.rounds))
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{'':28} {'without':>8} {'with':>8} {'ratio':>6}   (medians, ms; minima in brackets)")
    for row in rows:
        target = f"  target {row['target_ms']:g}" if row["target_ms"] else ""
        times = f"{row['bare_ms']:8} {row['box_ms']:8} {row['ratio']:6}"
        print(f"{row['what']:28} {times}   [{row['bare_min_ms']} / {row['box_min_ms']}]{target}")


if __name__ == "__main__":
    main()
