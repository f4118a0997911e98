"""Wall time of a recorded run on a simulated server, against the same dialogue one call at a time without a cache.

The server is a model of one replica with continuous batching and chunked prefill: an engine step with ``b`` sequences
of mean context ``L`` that decode and ``p`` prompt tokens takes ``t0 + c*b + b*L*kv/bandwidth + p/prefill`` seconds. The
rows are fitted to published figures for these cards (8B in bf16, and 4-bit on the 4090; MiniCPM4.1). What may run at
the same time follows from the company's graph and from the design's dependencies.

    python benchmarks/wall_bench.py [DEMO]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import bpe_openai
import networkx as nx
from prompt_bench import Cache, play

from agentverse.blueprint.load import Library
from agentverse.demos import Demo, demos, find_demo
from agentverse.engine.graph import compile_graph

KV = 32 * 1024
"""Bytes of key-value cache a context token takes (MiniCPM4.1-8B, bf16)."""
STEP_TOKENS = 8192


@dataclass(frozen=True)
class Replica:
    name: str
    t0: float
    each: float
    bandwidth: float
    prefill: float

    def step(self, decoding: int, context: float, prompt: int) -> float:
        return self.t0 + self.each * decoding + decoding * context * KV / self.bandwidth + prompt / self.prefill


REPLICAS = (
    Replica("H200, 8B bf16", 5.3e-3, 25e-6, 3.8e12, 25_000),
    Replica("4090, 8B bf16", 17.4e-3, 60e-6, 0.85e12, 8_000),
    Replica("4090, 8B 4-bit", 6.5e-3, 60e-6, 0.85e12, 7_000),
)


@dataclass
class Call:
    key: str
    prompt: int
    cached: int
    reply: int
    needs: list[int]
    left: int = 0
    context: int = 0
    done: float = field(default=-1.0)


def together(replica: Replica, calls: list[Call], *, cache: bool) -> float:
    """Seconds until all calls are done, each begun as soon as those it needs are."""
    waiting, running, now = list(calls), list[Call](), 0.0
    prefill: dict[str, int] = {}
    for call in calls:
        call.left, call.done = call.reply, -1.0
    while waiting or running:
        for call in [c for c in waiting if all(calls[n].done >= 0 for n in c.needs)]:
            waiting.remove(call)
            running.append(call)
            call.context = call.cached if cache else 0
            prefill[call.key] = max(1, call.prompt - call.context)
        decoding = [c for c in running if not prefill[c.key]]
        room, chunk = STEP_TOKENS - len(decoding), 0
        for call in running:
            take = min(prefill[call.key], room - chunk)
            prefill[call.key] -= take
            call.context += take
            chunk += take
        context = sum(c.context for c in decoding) / len(decoding) if decoding else 0.0
        now += replica.step(len(decoding), context, chunk)
        for call in decoding:
            call.left -= 1
            call.context += 1
            if call.left <= 0:
                call.done = now
                running.remove(call)
    return now


def in_turn(replica: Replica, calls: list[Call]) -> float:
    """Seconds of the same calls one after another, every prompt computed whole."""
    total = 0.0
    for number, call in enumerate(calls):
        alone = Call(call.key, call.prompt, 0, call.reply, [])
        total += together(replica, [alone], cache=False)
        calls[number].needs = list(call.needs)
    return total


def needs_of(keys: list[str], demo: Demo) -> list[list[int]]:
    """For each call, those it waits for: the turn before, the items it depends on, and what earlier phases said."""
    graph = nx.DiGraph(compile_graph(Library.default().company(demo.company).company))
    reply = next(json.loads(r.text) for r in demo.recording.replies if r.key.startswith("design#"))
    depends = {file["path"]: file.get("depends_on", []) for file in reply["files"]}
    needs: list[list[int]] = []
    for number, key in enumerate(keys):
        visit, rest = key.split("/", 1)
        item = rest.rsplit("/", 1)[0]
        phase = visit.split("#", 1)[0]
        before = range(number)
        same = [n for n in before if keys[n].startswith(f"{visit}/{item}/")]
        wanted = {f"{visit}/{other}/" for other in depends.get(item, [])}
        others = [n for n in before if any(keys[n].startswith(prefix) for prefix in wanted)]
        above = nx.ancestors(graph, phase)
        earlier = [n for n in before if (p := keys[n].split("#", 1)[0]) in above and p != phase]
        again = [n for n in before if keys[n].startswith(f"{phase}#") and not keys[n].startswith(f"{visit}/")]
        needs.append(same + others + earlier + again)
    return needs


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("demo", nargs="?", default="formula")
    demo = find_demo(parser.parse_args().demo, demos())
    encode = bpe_openai.get_encoding("cl100k_base").encode
    with tempfile.TemporaryDirectory(prefix="agentverse-wall-") as folder:
        requests = asyncio.run(play(demo.recording, demo.company, Path(folder)))
    keys = [key for key, _ in requests]
    cache, calls = Cache(), list[Call]()
    for (key, body), needs in zip(requests, needs_of(keys, demo), strict=True):
        tokens = encode("".join(f"<|{m['role']}|>\n{m['content']}<|end|>\n" for m in body["messages"]))
        reply = encode(demo.recording.reply(key).text)
        calls.append(Call(key, len(tokens), cache.hit(tokens), len(reply), needs))
        cache.add(tokens + reply)
    prompt, cached, written = (sum(getattr(c, name) for c in calls) for name in ("prompt", "cached", "reply"))
    print(
        f"{demo.name}: {len(calls)} calls, {prompt:,} prompt tokens ({cached / prompt:.0%} cached), {written:,} written"
    )
    print(f"{'':16} {'one by one':>11} {'agentverse':>11} {'faster':>7}   (cache alone, parallel alone)")
    for replica in REPLICAS:
        slow, fast = in_turn(replica, calls), together(replica, calls, cache=True)
        chain = [Call(c.key, c.prompt, c.cached, c.reply, [n - 1] if (n := i) else []) for i, c in enumerate(calls)]
        only_cache, only_parallel = together(replica, chain, cache=True), together(replica, calls, cache=False)
        print(
            f"{replica.name:16} {slow:9.1f} s {fast:9.1f} s {slow / fast:6.2f}x"
            f"   ({slow / only_cache:.2f}x, {slow / only_parallel:.2f}x)"
        )


if __name__ == "__main__":
    main()
