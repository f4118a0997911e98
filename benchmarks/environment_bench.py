"""Environments: what a classroom of nine sends, what a turn costs, and a thousand agents in one process.

The classroom's 30 steps are played by a scripted professor who explains, asks and calls on, and students of whom half
raise a hand, each reply of about 35 tokens. AgentVerse's own classroom sends 160k prompt tokens for 30 steps. Beside
it, in the same run, a bare aiohttp client sends the same requests.

    python benchmarks/environment_bench.py [--agents 1000] [--rounds 10] [--window 0]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import bpe_openai
from prompt_bench import Cache

from agentverse.blueprint.company import Limits
from agentverse.blueprint.load import Library
from agentverse.engine.protocol import RunHandle
from agentverse.engine.run import begin
from agentverse.engine.simulate import checked, stage
from agentverse.host import open_host
from agentverse.journal.events import Reply
from agentverse.settings import load_settings
from agentverse.testing import ScriptedServer

PEER_TOKENS = 160_189
SAID = "Let us take one small sentence, and ask for each word which of the others it needs."
WORD = {"explain": f"{SAID} That is all the idea is.", "ask": f"{SAID} Which is hard to place?"}
CROWD = """
name: crowd
params: {{rounds: {rounds}}}
seats:
  one:
    count: {agents}
    memory: {memory}
    prompt: "You are {{{{ names[me] }}}}."
    role: {{title: Person, prompt: You live in a village and like to talk.}}
rules:
  order: {{concurrent: {{rounds: rounds}}}}
  visibility: {{groups: {{size: 10}}}}
  stop: {{turns: {turns}, circles: false}}
"""

_asked = count(1)


def answer(body: Mapping[str, Any], _headers: Mapping[str, str]) -> str:
    """What a scripted agent does: the first that it may of calling on, speaking, asking …"""
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    number = next(_asked)
    if schema is None:
        return f"{SAID[:60]} {number}"
    options = {part["properties"]["action"]["enum"][0]: part["properties"] for part in schema.get("anyOf", [schema])}
    wishes = ["call_on", "speak", "explain" if number % 2 else "ask", "raise_hand" if number % 2 else "pass", *options]
    name = next(wish for wish in wishes if wish in options)
    said: dict[str, Any] = {"action": name}
    if "text" in options[name]:
        said["text"] = f"{WORD.get(name, SAID)} ({number})"
    if "who" in options[name]:
        said["who"] = options[name]["who"]["enum"][0]
    return json.dumps(said)


async def play(url: str, name: str, folder: Path, params: Mapping[str, str] | None = None, seen: Any = None) -> float:
    """Hold a simulation; returns the seconds of CPU that it took in this process."""
    blueprint = stage(Library.default(), name)
    settings = load_settings(folder, env={"OPENAI_BASE_URL": url}).with_folder(folder / "runs")
    async with open_host(settings) as host:
        begun = time.process_time()
        inputs = {**checked(blueprint, params or {}), "seed": "1"}
        handle = await begin(host, blueprint, "bench", inputs=inputs, limits=Limits(tokens=10**9, turns=10**6))
        if seen is not None:
            await seen(handle)
        result = await handle.result()
        assert result.outcome == "succeeded", result.reason
        return time.process_time() - begun


async def tokens_of_a_lesson(folder: Path) -> list[Mapping[str, Any]]:
    """Print what the classroom sends. Returns the requests."""
    async with ScriptedServer(answer) as server:
        await play(server.url, "classroom", folder)
        bodies = [received.body for received in server.requests]
    encode = bpe_openai.get_encoding("cl100k_base").encode
    cache, total, known = Cache(), 0, 0
    for body in bodies:
        text = "".join(f"<|{m['role']}|>\n{m['content']}<|end|>\n" for m in body["messages"]) + "<|assistant|>\n"
        tokens = encode(text)
        known += cache.hit(tokens)
        cache.add(tokens)
        total += len(tokens)
    print(f"classroom of 9, 30 steps: {len(bodies)} calls, {total:,} prompt tokens, {total / PEER_TOKENS:.2f}x")
    print(f"  a prefix that was sent before: {known / total:.1%}   (16-token blocks)")
    return bodies


async def bare(url: str, bodies: Sequence[Mapping[str, Any]]) -> float:
    """Seconds of CPU for the same requests with nothing around them."""
    async with aiohttp.ClientSession() as session:
        begun = time.process_time()
        for body in bodies:
            async with session.post(f"{url}/chat/completions", data=json.dumps(body).encode()) as response:
                json.loads(await response.read())
        return time.process_time() - begun


async def cost_of_a_turn(url: str, bodies: Sequence[Mapping[str, Any]], folder: Path) -> None:
    short = {"lecture": "1", "discussion": "1", "closing": "1"}
    around = min([await play(url, "classroom", folder / f"short{n}", short) for n in range(3)])
    spent = min([await play(url, "classroom", folder / f"whole{n}") for n in range(3)])
    alone = min([await bare(url, bodies) for _ in range(3)]) / len(bodies) * 1e3
    ours = (spent - around) / (len(bodies) - 4) * 1e3
    print(f"CPU of a turn: {ours:.2f} ms, bare client {alone:.2f} ms; {ours - alone:.2f} ms above it   (at most 6)")


def memory() -> float:
    """Megabytes that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def memory_of(window: int) -> str:
    """A seat's memory in YAML."""
    return f"[{{window: {window}}}]" if window else "[]"


def files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def crowd(url: str, agents: int, rounds: int, window: int, folder: Path) -> None:
    """Many agents in one process, in groups of ten who hear one another and remember ``window`` lines; 0 is all."""
    file = folder / "crowd.yaml"
    file.write_text(CROWD.format(agents=agents, rounds=rounds, turns=agents * rounds, memory=memory_of(window)))
    await play(url, str(file), folder / "warm", {"rounds": "1"})
    before, marks, text = memory(), list[tuple[float, int]](), 0

    async def watch(handle: RunHandle) -> None:
        nonlocal text
        replies = 0
        async for entry in handle:
            if isinstance(entry.event, Reply):
                replies += 1
                text += len(entry.event.text)
                if replies % agents == 0:
                    marks.append((memory(), files()))

    wall = time.monotonic()
    spent = await play(url, str(file), folder / "crowd", seen=watch)
    wall = time.monotonic() - wall
    turns = agents * rounds
    (early, early_files), (late, late_files) = marks[min(1, rounds - 1)], marks[-1]
    print(f"{agents} agents, {rounds} turns each, an instant server: {turns / spent:.0f} turns per second of CPU,")
    print(f"  {turns / wall:.0f} of time   (at least 150); {late:.0f} MB in all   (at most 500)")
    print(f"  memory per agent {(late - before) * 1024 / agents:.0f} KB, {text / agents / 1024:.1f} of them its text")
    kept = (late - early) * 1024 / (turns - 2 * agents) if rounds > 2 else 0.0
    print(
        f"  from the second round to the last: {kept:.1f} KB kept of a turn, open files {early_files} to {late_files}"
    )
    some = ", ".join(f"{held:.0f}/{count}" for held, count in marks[:: max(1, rounds // 10)])
    print(f"  MB and open files, round by round: {some}; {memory():.0f} MB once its report is written")


async def _serve() -> None:
    async with ScriptedServer(answer, keep=False) as server:
        print(server.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--agents", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--window", type=int, default=0, help="lines that each of them is shown; all when 0")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(_serve())
        return
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory(prefix="agentverse-environment-") as name:
            folder = Path(name)
            bodies = asyncio.run(tokens_of_a_lesson(folder / "tokens"))
            asyncio.run(cost_of_a_turn(url, bodies, folder))
            asyncio.run(crowd(url, options.agents, options.rounds, options.window, folder))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
