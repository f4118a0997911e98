"""What the sandbox costs above a bare process, both measured in turn in one run.

    python benchmarks/sandbox_bench.py [--rounds 30] [--at-once 50] [--json]

Each row runs the same words bare and in the box, one after the other, so that load on the machine hits both alike. The
last line is about many boxes at once: each tests a product of its own, and no result may be lost or another's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from agentverse.sandbox import tooling
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.protocol import Limits
from agentverse.sandbox.registry import choose

TESTS = 16
TARGETS = {"true": 15.0, "python -c pass": 10.0}
"""Milliseconds above the bare process that we allow ourselves."""


def product() -> dict[str, bytes]:
    source = "def double(x):\n    return 2 * x\n"
    tests = "".join(f"def test_{n}():\n    assert double({n}) == {2 * n}\n\n" for n in range(TESTS))
    return {"product.py": source.encode(), "test_product.py": f"from product import double\n\n{tests}".encode()}


def write(folder: str) -> None:
    for name, content in product().items():
        Path(folder, name).write_bytes(content)


def run_bare(argv: list[str], folder: str) -> None:
    """The same interpreter with the same environment variables, without any isolation."""
    environment = {**tooling.ENVIRONMENT, "PATH": os.environ["PATH"], "HOME": folder}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
    subprocess.run(argv, cwd=folder, env=environment, capture_output=True, check=True)


async def timed(action: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await action()
    return (time.perf_counter() - begun) * 1000


async def measure(rounds: int) -> list[dict[str, object]]:
    backend = await choose()
    # Without the packages installed beside the interpreter, and so without their start-up hooks, as in the box.
    python = [str(tooling.interpreter().executable), "-S"]
    quiet = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    commands = {
        "true": (["true"], ["true"]),
        "python -c pass": ([*python, "-c", "import site"], ["python", "-c", "pass"]),
        f"pytest, {TESTS} tests": ([*python, *quiet], ["python", *quiet]),
    }
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        write(folder)
        async with backend.open() as box:
            await box.put(product())
            for name, (bare_words, words) in commands.items():

                async def bare(words: list[str] = bare_words) -> None:
                    run_bare(words, folder)

                async def boxed(words: list[str] = words) -> None:
                    assert (await box.exec(words)).ok

                rows.append(await compare(name, bare, boxed, rounds if "pytest" not in name else max(3, rounds // 3)))

        async def evidence() -> None:
            async with backend.open() as fresh:
                await fresh.put(product())
                assert (await gather(fresh, ["pytest", "-q"])).passed

        async def bare_tests() -> None:
            run_bare([*python, *quiet], folder)

        rows.append(await compare("fresh box, files in, evidence out", bare_tests, evidence, max(3, rounds // 3)))
    return rows


@dataclass(frozen=True)
class Crowd:
    """What became of boxes that were open all at once."""

    boxes: int
    right: int
    """Those whose evidence was what it had to be."""
    seconds: float
    each: float
    """Seconds that one takes alone, measured before and after."""


async def crowd(boxes: int) -> Crowd:
    """Test a product in each of so many boxes at once; every third has a failing test, and no two print the same."""
    backend = await choose()

    async def one(number: int) -> bool:
        async with backend.open() as box:
            wrong = number % 3 == 0
            await box.put(
                {**product(), "test_own.py": f"def test_own():\n    assert {number} != {number * wrong}\n".encode()}
            )
            evidence = await gather(box, ["pytest", "-q"], limits=Limits(wall=600.0))
            shown = await box.exec(["echo", str(number)], limits=Limits(wall=600.0))
        tests = evidence.tests
        counted = tests is not None and (tests.passed, tests.failed) == (TESTS + (not wrong), int(wrong))
        return counted and evidence.passed is not wrong and shown.stdout == f"{number}\n".encode()

    alone = [await timed(lambda: one(1))]
    begun = time.perf_counter()
    right = await asyncio.gather(*map(one, range(1, boxes + 1)))
    seconds = time.perf_counter() - begun
    alone.append(await timed(lambda: one(1)))
    return Crowd(boxes, sum(right), round(seconds, 2), round(statistics.median(alone) / 1000, 2))


async def compare(
    name: str, bare: Callable[[], Awaitable[object]], boxed: Callable[[], Awaitable[object]], rounds: int
) -> dict[str, object]:
    """Median and minimum of both in milliseconds, taken in turn after one unmeasured round."""
    await bare()
    await boxed()
    pairs = [(await timed(bare), await timed(boxed)) for _ in range(rounds)]
    plain, box = ([pair[side] for pair in pairs] for side in (0, 1))
    above = statistics.median(b - p for p, b in pairs)
    return {
        "what": name,
        "bare_ms": round(statistics.median(plain), 1),
        "box_ms": round(statistics.median(box), 1),
        "bare_min_ms": round(min(plain), 1),
        "box_min_ms": round(min(box), 1),
        "above_ms": round(above, 1),
        "ratio": round(statistics.median(box) / statistics.median(plain), 2),
        "target_ms": TARGETS.get(name),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = asyncio.run(measure(options.rounds))
    together = asyncio.run(crowd(options.at_once))
    if options.json:
        print(json.dumps({"rows": rows, "crowd": asdict(together)}, indent=1))
        return
    print(f"{'':34} {'bare':>8} {'box':>8} {'above':>8} {'ratio':>6}   (medians, ms; minima in brackets)")
    for row in rows:
        target = f"  target {row['target_ms']:g}" if row["target_ms"] else ""
        times = f"{row['bare_ms']:8} {row['box_ms']:8} {row['above_ms']:8} {row['ratio']:6}"
        print(f"{row['what']:34} {times}   [{row['bare_min_ms']} / {row['box_min_ms']}]{target}")
    lost = together.boxes - together.right
    took = f"{together.seconds:g} s on {os.cpu_count()} cores (one alone: {together.each:g} s)"
    print(f"{together.boxes} boxes at once: {together.right} results right, {lost} lost or wrong, {took}")


if __name__ == "__main__":
    main()
