"""``kill -9`` at random instants of recorded runs, many at once; each must resume to the identical tree.

Prints, for every round: runs that ended with the expected tree, calls made, finished calls made twice (must be 0), and
calls in flight that were made again (unavoidable).

    python benchmarks/kill_bench.py [--kills 50] [--runs 20] [--demo NAME] [--seed 1]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote

from agentverse.demos import demos, find_demo
from agentverse.journal.events import Reply, RunEnded
from agentverse.journal.store import open_journal
from agentverse.workspace.repository import GitRepository

CHILD = Path(__file__).with_name("kill_child.py")


def serve(recording: Path, log: Path, port_file: Path) -> subprocess.Popen[bytes]:
    """The recording behind HTTP, in a process of its own that is not killed."""
    code = (
        "import asyncio, sys, pathlib, random\n"
        "from agentverse.models.keys import read_request_id\n"
        "from agentverse.models.recording import Recording\n"
        "from agentverse.testing import ScriptedServer\n"
        "recording = Recording.read(sys.argv[1])\n"
        "async def answer(body, headers):\n"
        "    await asyncio.sleep(random.uniform(0.05, 0.4))\n"
        "    return recording.reply(read_request_id(headers['X-Request-Id'])).text\n"
        "async def main():\n"
        "    async with ScriptedServer(answer, log=sys.argv[2], keep=False) as server:\n"
        "        pathlib.Path(sys.argv[3]).write_text(server.url)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    return subprocess.Popen([sys.executable, "-c", code, str(recording), str(log), str(port_file)])


def wait_for(path: Path) -> str:
    """The text of a file that another process is about to write."""
    while not (path.exists() and path.read_text()):
        time.sleep(0.01)
    return path.read_text()


async def state_of(folder: Path, runs: list[str]) -> tuple[dict[str, str], set[str]]:
    """Run: its final tree, for those that ended; and the keys of all replies on record."""
    journal = await open_journal(folder / "journal.db")
    trees: dict[str, str] = {}
    known: set[str] = set()
    rows = {row.id for row in await journal.runs()}
    for run in runs:
        if run not in rows:
            continue
        entries = await journal.read(run)
        known |= {f"{run}/{entry.key}" for entry in entries if isinstance(entry.event, Reply)}
        ended = next((e.event for e in reversed(entries) if isinstance(e.event, RunEnded)), None)
        if ended is not None and ended.outcome == "succeeded":
            repo = GitRepository.open(folder / "runs" / run / "repository.git")
            trees[run] = repr(sorted(repo.tree(ended.commit).items()))
            repo.close()
    await journal.close()
    return trees, known


def started_calls(log: Path) -> list[str]:
    return [unquote(line.split(" ", 1)[1]) for line in log.read_text().splitlines() if line.startswith("started ")]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--demo", default="units")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    demo = find_demo(options.demo, demos())
    names = [f"r{number}" for number in range(options.runs)]
    with tempfile.TemporaryDirectory(prefix="agentverse-kill-") as place:
        folder = Path(place)
        log = folder / "calls.log"
        log.touch()
        server = serve(demo.path, log, folder / "url")
        try:
            url = wait_for(folder / "url")
            run_once(folder / "alone", url, ["alone"], demo.name, None)
            expected = asyncio.run(state_of(folder / "alone", ["alone"]))[0]["alone"]
            log.write_text("")
            whole = run_once(folder / "warm", url, names, demo.name, None)
            kills = twice = again = calls = rounds = 0
            same = len(names)
            while kills < options.kills or rounds == 0:
                rounds += 1
                log.write_text("")
                together = folder / f"round{rounds}"
                trees: dict[str, str] = {}
                while len(trees) < len(names):
                    before = len(started_calls(log))
                    known: set[str] = asyncio.run(state_of(together, names))[1] if together.exists() else set[str]()
                    assert known <= set(started_calls(log)), "the server's log and the journal must name calls alike"
                    after = chance.uniform(0.1, 0.6) * whole if kills < options.kills else None
                    ended = run_once(together, url, names, demo.name, after)
                    kills += after is not None and ended >= after
                    twice += sum(call in known for call in started_calls(log)[before:])
                    trees, _ = asyncio.run(state_of(together, names))
                same = min(same, report(kills, trees, expected, names))
                made = started_calls(log)
                calls, again = calls + len(made), again + len(made) - len(set(made))
            print(f"kills {kills}, calls {calls}, finished calls made twice {twice}, in flight made again {again}")
            return 0 if same == len(names) and not twice else 1
        finally:
            server.terminate()
            server.wait()


def report(kills: int, trees: dict[str, str], expected: str, names: list[str]) -> int:
    same = sum(tree == expected for tree in trees.values())
    print(f"after {kills} kills: {same} of {len(names)} runs ended with the identical tree", flush=True)
    return same


def run_once(folder: Path, url: str, names: list[str], demo: str, kill_after: float | None) -> float:
    """Drive all runs in one process; kill it after so many seconds, or let it end. Returns the seconds it took."""
    folder.mkdir(exist_ok=True)
    begun = time.monotonic()
    child = subprocess.Popen([sys.executable, str(CHILD), str(folder), url, demo, *names], start_new_session=True)
    try:
        child.wait(kill_after)
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    if kill_after is None and child.returncode:
        raise SystemExit(f"the driver ended with {child.returncode}")
    return time.monotonic() - begun


if __name__ == "__main__":
    raise SystemExit(main())
