"""Recorded runs with a share of the replies corrupted: how many still end in passing software, and at what cost.

python benchmarks/fault_bench.py [--seeds 20] [--share 0.3] [--at-once 4] [DEMO …]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from pathlib import Path

from agentverse.api import run
from agentverse.demos import Demo, demos, find_demo
from agentverse.testing import ScriptedServer


async def one(demo: Demo, share: float, seed: int, folder: Path) -> tuple[str, int, str]:
    """Outcome, calls and reason of one run."""
    about = demo.recording.about
    async with ScriptedServer(demo.recording, corrupt=share, seed=seed, keep=False) as server:
        handle = await run(about.idea, company=demo.company, model=server.url, language=about.language, folder=folder)
        result = await handle.result()
        return result.outcome, server.started, result.reason


async def measure(options: argparse.Namespace, folder: Path) -> bool:
    chosen = [find_demo(name, demos()) for name in options.demos] or demos()
    gate = asyncio.Semaphore(options.at_once)
    good = True
    print(f"{'demo':12} {'passed':>8} {'calls':>7} {'clean':>6} {'ratio':>6} {'worst':>6}")
    for demo in chosen:
        _, clean, _ = await one(demo, 0.0, 0, folder / f"{demo.name}-clean")

        async def faulty(seed: int, demo: Demo = demo) -> tuple[str, int, str]:
            async with gate:
                return await one(demo, options.share, seed, folder / f"{demo.name}-{seed}")

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(faulty(seed)) for seed in range(1, options.seeds + 1)]
        results = [task.result() for task in tasks]
        passed = sum(outcome == "succeeded" for outcome, _, _ in results)
        calls = [count for _, count, _ in results]
        mean = sum(calls) / len(calls)
        ratio = mean / clean
        worst = max(calls) / clean
        print(f"{demo.name:12} {passed:4}/{options.seeds:<3} {mean:7.1f} {clean:6} {ratio:6.2f} {worst:6.2f}")
        for reason, count in Counter(reason for outcome, _, reason in results if outcome != "succeeded").items():
            print(f"    {count} x {reason}")
        good = good and passed >= 0.95 * options.seeds and ratio <= 1.5
    return good


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("demos", nargs="*")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--at-once", type=int, default=4)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="agentverse-faults-") as folder:
        good = asyncio.run(measure(options, Path(folder)))
    print(f"{time.monotonic() - begun:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
