"""What memories cost: prompts that stay flat, prefixes that a server can reuse, and bytes for each agent.

Two agents talk for 2,000 turns through the whole engine, over HTTP; prompt tokens are cl100k's, and what could be
reused is counted as in `prompt_bench`. Beside a window that is cut in blocks, in the same run, one that lets go of a
line at a time. Then a thousand agents with every part of a memory hear the same 120 lines.

    python benchmarks/memory_bench.py [--turns 2000] [--agents 1000]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

import bpe_openai
from prompt_bench import Cache

from agentverse.agents.protocol import Segment
from agentverse.api import Company, run
from agentverse.blueprint.company import Limits
from agentverse.memory.memories import Memories
from agentverse.memory.protocol import Answer, Heard, Question
from agentverse.memory.store import StoreSpec
from agentverse.models.embeddings.hashing import HashingEmbedder
from agentverse.models.estimate import tokens
from agentverse.models.keys import read_request_id
from agentverse.testing import Manners, ScriptedServer

COMPANY = """
name: dialogue
phases:
  talk: {{meet: chat, seats: {{one: ceo, two: cto}}, prompt: Talk., memory: {memory}}}
environments:
  chat:
    seats: [one, two]
    rules: {{stop: {{turns: {turns}, circles: false}}}}
"""
WINDOW = 2000
MEMORIES = {
    "window": f"[{{window: {{tokens: {WINDOW}}}}}]",
    "window and summary": f"[{{window: {{tokens: {WINDOW}}}}}, summary]",
    "a line at a time": f"[{{window: {{tokens: {WINDOW}, drop: 0.001}}}}]",
}
WORDS = [
    "we",
    "should",
    "first",
    "agree",
    "what",
    "the",
    "list",
    "holds",
    "then",
    "write",
    "the",
    "parser",
    "and",
    "test",
    "it",
    "with",
    "an",
    "empty",
    "file",
    "again",
]
ALL = ["window", "summary", "recall", "reflection", "plan", {"blackboard": {"every": 40}}]
LINES = 120


class Model:
    """Says something else each time; keeps what it was asked."""

    def __init__(self) -> None:
        self.prompts: list[tuple[str, str]] = []

    def __call__(self, body: Any, headers: Any) -> str:
        key = read_request_id(headers["X-Request-Id"])
        text = "".join(f"<|{message['role']}|>\n{message['content']}" for message in body["messages"])
        self.prompts.append((key, text))
        chance = random.Random(key)
        return f"{len(self.prompts)}. " + " ".join(chance.choices(WORDS, k=25))


async def talk(memory: str, turns: int) -> tuple[list[tuple[str, str]], float]:
    """The prompts of a dialogue, and CPU seconds of a turn."""
    model = Model()
    with tempfile.TemporaryDirectory(prefix="agentverse-memory-") as folder:
        file = Path(folder) / "dialogue.yaml"
        file.write_text(COMPANY.format(memory=memory, turns=turns))
        async with ScriptedServer(model, keep=False, manners=Manners("openai")) as server:
            begun = time.process_time()
            limits = Limits(turns=turns * 2, tokens=10**10, minutes=600)
            handle = await run("talk", Company.load(file), model=server.url, folder=Path(folder), limits=limits)
            result = await handle.result()
            assert result.outcome == "succeeded", result.reason
            return model.prompts, (time.process_time() - begun) / turns


def measure(name: str, turns: int) -> None:
    encode = bpe_openai.get_encoding("cl100k_base").encode
    prompts, cpu = asyncio.run(talk(MEMORIES[name], turns))
    cache, sizes, total, hits = Cache(), list[int](), 0, 0
    for key, text in prompts:
        asked = encode(text)
        hits += cache.hit(asked)
        cache.add(asked)
        total += len(asked)
        if "/memory/" not in key:
            sizes.append(len(asked))
    quarter = turns // 4
    early, late = mean(sizes[quarter : 2 * quarter]), mean(sizes[-quarter:])
    print(
        f"{name:20} {early:6.0f} tokens a prompt in the second quarter, {late:6.0f} in the last: {late / early:.3f} ×; "
        f"most {max(sizes)}; reusable {hits / total:.1%}; {len(prompts) - len(sizes)} calls of its own; "
        f"{cpu * 1e3:.1f} ms CPU a turn, server included"
    )


@dataclass
class Alone:
    """Help for memories without an engine."""

    language: str = "en"
    run: str = "bench"
    embedder: HashingEmbedder = field(default_factory=HashingEmbedder)
    store: StoreSpec = field(default_factory=StoreSpec)
    counts: dict[int, int] = field(default_factory=dict[int, int])

    def room(self, seat: str) -> int:
        return 4000

    async def count(self, seat: str, lines: Sequence[Heard]) -> Sequence[int]:
        return [self.counts.setdefault(line.number, tokens(line.segment.text, 3.4)) for line in lines]

    def past(self, turn: int) -> bool:
        return False

    def recorded(self, key: str) -> Any:
        return None

    async def settle(self, key: str, seat: str, what: str, value: Any) -> Any:
        return value

    async def ask(self, question: Question) -> Answer:
        if question.type == "text":
            return Answer(f"{question.key}: " + " ".join(WORDS), "", question.key)
        name = next(iter(question.type["properties"]))  # type: ignore[index]
        said = {"changes": [{"do": "post", "text": question.key}], "conclusions": [f"{question.key} matters"]}
        return Answer({name: said[name]}, "", question.key)


async def hear(agents: int) -> None:
    chance = random.Random(1)
    heard = [Heard(n, "x", Segment(f"{n}. " + " ".join(chance.choices(WORDS, k=60)))) for n in range(1, LINES + 1)]
    text = sum(len(line.segment.text) for line in heard)
    gc.collect()
    before = resident()
    memories = Memories({f"a{n}": ALL for n in range(agents)}, Alone())
    lists = {f"a{n}": list[Heard]() for n in range(agents)}
    begun, turn = time.process_time(), 0
    for upto in (LINES // 2, LINES):
        step = turn + 1
        for seat, lines in lists.items():
            turn += 1
            lines += heard[len(lines) : upto]
            await memories.shown(seat, turn, step, lines)
    cpu = (time.process_time() - begun) / turn
    gc.collect()
    print(
        f"{agents} agents, {LINES} lines: {(resident() - before) / agents / 1024:.1f} KB for each, what they share "
        f"included, beyond the text of {text // 1024} KB; {cpu * 1e3:.1f} ms CPU to remember before a turn"
    )


def resident() -> int:
    """Bytes of memory this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=2000)
    parser.add_argument("--agents", type=int, default=1000)
    asked = parser.parse_args()
    for name in MEMORIES:
        measure(name, asked.turns)
    asyncio.run(hear(asked.agents))


if __name__ == "__main__":
    main()
