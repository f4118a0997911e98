"""CPU of one call around a growing dialogue, against a server in another process that answers at once.

    python benchmarks/client_bench.py [--turns 200] [--json]

The dialogue grows to ``turns`` turns (twice as many messages and a system text); every client sends the same messages.
Compared: agentverse's client (streaming and not), bare aiohttp, and the SDK's ``chat.completions.create``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable

TURN = "Move the parsing of units into its own module, and keep the history in a file of its own. " * 3
REPLY = "I moved it; the tests pass. " * 12
ROUNDS = 3

Client = Callable[[list[dict[str, str]]], Awaitable[str]]


def dialogue(turns: int) -> list[dict[str, str]]:
    said = [{"role": "system", "content": TURN}]
    for number in range(turns):
        said += [
            {"role": "user", "content": f"{number}: {TURN}"},
            {"role": "assistant", "content": f"{number}: {REPLY}"},
        ]
    return said


async def measure(client: Client, said: list[dict[str, str]], turns: int) -> float:
    """Milliseconds of CPU of a call, the mean over the whole dialogue; the best of a few rounds."""
    for _ in range(10):
        await client(said[:2])
    rounds: list[float] = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for number in range(turns):
            assert await client(said[: 2 * number + 2]) == REPLY
        rounds.append((time.process_time() - begun) / turns * 1000)
    return min(rounds)


async def ours(url: str, *, watched: bool) -> tuple[Client, Callable[[], Awaitable[None]]]:
    from agentverse.models.protocol import Delta, Message, Request
    from agentverse.models.registry import open_model

    model = await open_model({"base_url": url, "model": "scripted", "context": 1_000_000})

    def watch(_delta: Delta) -> None:
        pass

    made: dict[int, Message] = {}

    async def call(said: list[dict[str, str]]) -> str:
        messages = tuple(made.setdefault(id(one), Message(one["role"], one["content"])) for one in said)  # type: ignore[arg-type]
        on_delta = watch if watched else None
        response = await model.complete(Request(messages, key="code#1/1.1", run="bench", on_delta=on_delta))
        return response.choices[0].text

    return call, model.close


async def bare(url: str) -> tuple[Client, Callable[[], Awaitable[None]]]:
    import aiohttp
    import jiter
    from pydantic_core import to_json

    session = aiohttp.ClientSession()
    headers = {"Content-Type": "application/json"}

    async def call(said: list[dict[str, str]]) -> str:
        body = to_json({"model": "scripted", "messages": said})
        async with session.post(f"{url}/chat/completions", data=body, headers=headers) as response:
            return jiter.from_json(await response.read())["choices"][0]["message"]["content"]

    return call, session.close


async def sdk(url: str) -> tuple[Client, Callable[[], Awaitable[None]]]:
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=url, api_key="none")

    async def call(said: list[dict[str, str]]) -> str:
        done = await client.chat.completions.create(model="scripted", messages=said)  # type: ignore[arg-type]
        return done.choices[0].message.content or ""

    return call, client.close


async def run(turns: int) -> dict[str, float]:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentverse.testing", "--reply", REPLY, stdout=asyncio.subprocess.PIPE
    )
    assert server.stdout is not None
    url = (await server.stdout.readline()).decode().strip()
    said = dialogue(turns)
    figures: dict[str, float] = {}
    try:
        for name, opening in (
            ("bare aiohttp", bare(url)),
            ("agentverse", ours(url, watched=False)),
            ("agentverse, streamed", ours(url, watched=True)),
            ("openai SDK", sdk(url)),
        ):
            client, close = await opening
            figures[name] = await measure(client, said, turns)
            await close()
    finally:
        server.terminate()
        await server.wait()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = asyncio.run(run(options.turns))
    if options.json:
        print(json.dumps(figures))
        return
    least = figures["bare aiohttp"]
    print(f"CPU ms per call, mean over a dialogue growing to {options.turns} turns")
    for name, figure in figures.items():
        print(f"  {name:22} {figure:8.2f}   {figure / least:6.1f} x bare")
    print(f"  the SDK costs {figures['openai SDK'] / figures['agentverse']:.1f} x agentverse")


if __name__ == "__main__":
    main()
