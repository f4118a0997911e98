"""Prompt tokens of a recorded run, and the part of them that no earlier request had sent as a prefix.

A prefix cache without end, of 16-token blocks, that also holds what was generated: what a server with automatic prefix
caching can reuse. Tokens are cl100k's, four more for each message, as for the published figure of ChatDev 1.0 (19,497
prompt tokens, 76.5 % of them not cached, for a product of this size with the same incidents).

    python benchmarks/prompt_bench.py [DEMO]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpe_openai

from agentverse.api import run
from agentverse.demos import demos, find_demo
from agentverse.models.recording import Recording
from agentverse.testing import ScriptedServer

BLOCK = 16
PEER_TOTAL, PEER_UNCACHED = 19_497, 14_915


class Cache:
    """Blocks of tokens that were sent or generated, each under the whole prefix before it."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int]] = set()

    def hit(self, tokens: list[int]) -> int:
        """How many tokens from the start are known, in whole blocks."""
        state, hits = 0, 0
        for start in range(0, len(tokens) - BLOCK + 1, BLOCK):
            state = hash((state, tuple(tokens[start : start + BLOCK])))
            if (start, state) not in self._known:
                break
            hits = start + BLOCK
        return hits

    def add(self, tokens: list[int]) -> None:
        state = 0
        for start in range(0, len(tokens) - BLOCK + 1, BLOCK):
            state = hash((state, tuple(tokens[start : start + BLOCK])))
            self._known.add((start, state))


async def play(recording: Recording, company: str, folder: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """The requests of a run of the recording over HTTP, in the order in which they came."""
    about = recording.about
    async with ScriptedServer(recording) as server:
        handle = await run(about.idea, company=company, model=server.url, language=about.language, folder=folder)
        result = await handle.result()
        assert result.outcome == "succeeded", result.reason
        return [(received.key, received.body) for received in server.requests]


def without_objection(recording: Recording) -> Recording:
    """The same run with the requirements agreed on at once: the last proposal first, and then the agreement."""
    turns = {reply.key: reply for reply in recording.replies if reply.key.startswith("demand#1/-/")}
    keys = list(turns)
    if len(keys) <= 2:
        return recording
    at_once = {keys[0]: turns[keys[-2]].text, keys[1]: turns[keys[-1]].text}
    kept = [
        reply.model_copy(update={"text": at_once.get(reply.key, reply.text)})
        for reply in recording.replies
        if reply.key not in keys[2:]
    ]
    return Recording(about=recording.about, replies=kept)


def measure(recording: Recording, company: str) -> None:
    encode = bpe_openai.get_encoding("cl100k_base").encode
    with tempfile.TemporaryDirectory(prefix="agentverse-prompts-") as folder:
        requests = asyncio.run(play(recording, company, Path(folder)))
    cache, total, fresh, written = Cache(), 0, 0, 0
    print(f"{'call':44} {'prompt':>7} {'new':>6} {'reply':>6}")
    for key, body in requests:
        text = "".join(f"<|{m['role']}|>\n{m['content']}<|end|>\n" for m in body["messages"]) + "<|assistant|>\n"
        tokens = encode(text)
        prompt = sum(len(encode(m["content"])) + 4 for m in body["messages"])
        new = max(0, prompt - cache.hit(tokens))
        reply = encode(recording.reply(key).text)
        cache.add(tokens + reply)
        total, fresh, written = total + prompt, fresh + new, written + len(reply)
        print(f"{key:44} {prompt:7,} {new:6,} {len(reply):6,}")
    print(f"{f'{len(requests)} calls':44} {total:7,} {fresh:6,} {written:6,}")
    print(f"against ChatDev 1.0: prompt {total / PEER_TOTAL:.2f}x, not cached {fresh / PEER_UNCACHED:.2f}x")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("demo", nargs="?", default="units")
    demo = find_demo(parser.parse_args().demo, demos())
    measure(demo.recording, demo.company)
    shorter = without_objection(demo.recording)
    if shorter is not demo.recording:
        print("\nthe same with the requirements agreed on at once")
        measure(shorter, demo.company)


if __name__ == "__main__":
    main()
