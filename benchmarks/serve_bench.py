"""Seconds until llama.cpp answers: in a process of its own, as agentverse starts it, and inside this one.

    python benchmarks/serve_bench.py [--json]

The model is made on the spot and has next to no weights, so what is left is what starting costs beyond loading them.
Prints the medians side by side. Exits with 1 when the budget is exceeded.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agentverse.models.catalogue import probe
from agentverse.models.servers.choose import plan_for
from agentverse.models.servers.ports import free_port
from agentverse.models.servers.running import running
from agentverse.testing import tiny

TIMES = 5
BUDGET = 1.0
INSIDE = """
import sys, time
begun = time.perf_counter()
import xllamacpp
wanted = xllamacpp.CommonParams()
wanted.model.path = sys.argv[1]
wanted.port, wanted.n_ctx, wanted.n_parallel, wanted.verbosity = 0, 8192, 4, 1
wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(wanted)
print(time.perf_counter() - begun)
"""


async def apart(model: Path) -> float:
    launch = plan_for(str(model), probe()).launch(model, probe(), port=free_port(), context=2048)
    async with running(launch, log=model.with_suffix(".log")) as server:
        return server.seconds


def inside(model: Path) -> float:
    done = subprocess.run([sys.executable, "-c", INSIDE, str(model)], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def stopped(model: Path) -> float:
    """Seconds until it is gone."""

    async def stop() -> float:
        launch = plan_for(str(model), probe()).launch(model, probe(), port=free_port(), context=2048)
        async with running(launch, log=model.with_suffix(".log")):
            begun = time.perf_counter()
        return time.perf_counter() - begun

    return asyncio.run(stop())


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        model = tiny.noise(Path(folder) / "noise.gguf")
        asyncio.run(apart(model))  # compiles what is not compiled yet
        figures = {
            "ready, in a process of its own": [asyncio.run(apart(model)) for _ in range(TIMES)],
            "ready, inside this one": [inside(model) for _ in range(TIMES)],
            "stopped": [stopped(model) for _ in range(TIMES)],
        }
    medians = {name: round(statistics.median(taken), 3) for name, taken in figures.items()}
    kept = medians["ready, in a process of its own"] <= BUDGET
    if "--json" in sys.argv:
        print(json.dumps({"seconds": medians, "budget": BUDGET, "kept": kept}, indent=2))
    else:
        for name, seconds in medians.items():
            print(f"{name:<34} {seconds:.3f} s")
        print(f"{'budget':<34} {BUDGET:.3f} s" + ("" if kept else "  EXCEEDED"))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
