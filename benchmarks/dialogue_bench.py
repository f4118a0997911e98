"""CPU of a turn with everything in it: graph, conversation, prompt, client, reading, journal.

Two agents talk for 200 turns, each hearing all that was said, against an instant server in another process. Beside it,
in the same run, a bare aiohttp client that sends prompts as long.

    python benchmarks/dialogue_bench.py [--turns 200]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from agentverse.api import Company, run
from agentverse.blueprint.company import Limits

COMPANY = """
name: dialogue
phases:
  talk: {{meet: chat, seats: {{one: ceo, two: cto}}, prompt: Talk., produces: {{said: text}}}}
environments:
  chat:
    seats: {{one: {{writes: product}}, two: {{}}}}
    rules: {{order: alternate, stop: {{turns: {turns}, circles: false}}}}
"""
REPLY = "A reply of the length that agents in a software company usually give one another, a little over a line. " * 2


async def company_turns(url: str, turns: int, folder: Path) -> tuple[float, float]:
    """CPU seconds of a run of so many turns, and of one of no turn at all: starting, checking, delivering."""
    file = folder / "dialogue.yaml"
    file.write_text(COMPANY.format(turns=turns))
    company = Company.load(file)
    warm = await run("warm up", company, model=url, folder=folder, limits=Limits(turns=4))
    await warm.result()
    begun = time.process_time()
    handle = await run("begin and end", company, model=url, folder=folder, limits=Limits(turns=1))
    await handle.result()
    around = time.process_time() - begun
    begun = time.process_time()
    handle = await run("talk", company, model=url, folder=folder, limits=Limits(turns=turns + 1, tokens=10**9))
    result = await handle.result()
    spent = time.process_time() - begun
    assert result.turns == turns, result.reason
    return spent, around


async def bare_turns(url: str, turns: int) -> float:
    """CPU seconds of the same number of requests, as long, with nothing around them."""
    said: list[str] = []
    async with aiohttp.ClientSession() as session:
        begun = time.process_time()
        for _ in range(turns):
            body = {"model": "scripted", "messages": [{"role": "user", "content": "\n\n".join(said)}]}
            async with session.post(f"{url}/chat/completions", data=json.dumps(body).encode()) as response:
                said.append(json.loads(await response.read())["choices"][0]["message"]["content"])
        return time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=200)
    turns = parser.parse_args().turns
    server = subprocess.Popen(
        [sys.executable, "-m", "agentverse.testing", "--reply", REPLY], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        with tempfile.TemporaryDirectory(prefix="agentverse-dialogue-") as folder:
            bare = asyncio.run(bare_turns(url, turns)) / turns * 1e3
            spent, around = asyncio.run(company_turns(url, turns, Path(folder)))
    finally:
        server.terminate()
        server.wait()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"bare client  {bare:6.2f} ms CPU a turn")
    ours = (spent - around) / (turns - 1) * 1e3
    print(f"agentverse   {ours:6.2f} ms CPU a turn, {ours / bare:.1f}x, over {turns} turns")
    print(f"             {around * 1e3:6.0f} ms CPU once a run, with its first turn; peak RSS {peak:.0f} MB")


if __name__ == "__main__":
    main()
