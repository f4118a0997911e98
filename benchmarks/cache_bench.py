"""How much of a company's prompts vLLM takes from its prefix cache, and what sixteen samples of one reply cost.

Counted by a real vLLM on the processor (``make vllm`` installs it), on a model made on the spot. Recorded runs are
played through the real engine: every prompt goes to vLLM in the order and at the time at which the run sends it,
vLLM reads it and writes one token, and the run goes on with the recorded reply. Each run has a cache of its own,
empty at its start. "At best" is the share of text in lines that an earlier prompt of the run held, wherever. Tokens
are those of this model, about two characters each, in blocks of 32: as many characters as the 16 tokens of a real
model's block.

    python benchmarks/cache_bench.py [--share 0.3] [DEMO ...]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from agentverse.api import run
from agentverse.demos import Demo, demos, find_demo
from agentverse.errors import RecordingExhausted
from agentverse.models.catalogue import probe
from agentverse.models.keys import REQUEST_HEADER, read_request_id
from agentverse.models.servers import vllm
from agentverse.models.servers.launch import Launch
from agentverse.models.servers.ports import free_port
from agentverse.models.servers.running import running
from agentverse.testing import Reply, ScriptedServer, fault, tiny_folder

ASKED_CACHED, ASKED_SAMPLES, SAMPLES = 0.75, 1.5, 16
CONTEXT = 32768
SAMPLED = """\
name: sampled
limits: {tokens: 2000000, minutes: 20, turns: 20}
phases:
  note: {ask: programmer, SAMPLES prompt: "PROMPT", produces: {note: {choice: [red, green]}}}
"""


@dataclass
class Read:
    """What vLLM has counted: tokens of prompts, those of them found in its cache, and requests."""

    queried: float = 0
    hit: float = 0
    calls: float = 0

    def __add__(self, other: Read) -> Read:
        return Read(self.queried + other.queried, self.hit + other.hit, self.calls + other.calls)

    def __sub__(self, other: Read) -> Read:
        return Read(self.queried - other.queried, self.hit - other.hit, self.calls - other.calls)

    @property
    def computed(self) -> float:
        return self.queried - self.hit

    @property
    def share(self) -> float:
        return self.hit / self.queried if self.queried else 0.0


class Sent:
    """The prompts of a run, by line: how much of them an earlier prompt held, in whatever place."""

    def __init__(self) -> None:
        self._lines: set[str] = set()
        self.characters = self.new = 0

    def add(self, messages: Sequence[Mapping[str, str]]) -> None:
        for text in (message["content"] for message in messages):
            lines = text.splitlines(keepends=True)
            self.characters += len(text)
            self.new += sum(len(line) for line in set(lines) - self._lines)
            self._lines.update(lines)

    @property
    def best(self) -> float:
        """Share that was sent before."""
        return 1 - self.new / self.characters


class Engine:
    """The server, as this benchmark uses it."""

    def __init__(self, launch: Launch, client: aiohttp.ClientSession) -> None:
        self.launch, self._client = launch, client

    async def read(self) -> Read:
        async with self._client.get(self.launch.url.removesuffix("/v1") + "/metrics") as answer:
            page = await answer.text()
        said: dict[str, float] = {}
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                said[sample.name] = said.get(sample.name, 0.0) + sample.value
        names = ("vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total", "vllm:request_success_total")
        return Read(*(said[name] for name in names))

    async def spent(self, work: Awaitable[Any]) -> Read:
        """What ``work`` made it read."""
        before = await self.read()
        await work
        return await self.read() - before

    async def see(self, messages: object, salt: str) -> None:
        """Let it read a prompt."""
        body = {"model": self.launch.model, "messages": messages, "max_tokens": 1, "cache_salt": salt}
        async with self._client.post(f"{self.launch.url}/chat/completions", json=body) as answer:
            assert answer.status == 200, await answer.text()


async def play(engine: Engine, demo: Demo, folder: Path, sent: Sent, *, share: float = 0.0, seed: int = 0) -> None:
    """A recorded run whose prompts vLLM reads. ``share`` of the replies are corrupted, as small models fail."""
    about, recording = demo.recording.about, demo.recording
    salt = folder.name

    async def answer(body: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
        sent.add(body["messages"])
        await engine.see(body["messages"], salt)
        try:
            return Reply(recording.reply(read_request_id(headers[REQUEST_HEADER])).text)
        except RecordingExhausted as error:
            return fault("400", message=str(error))

    async with ScriptedServer(answer, corrupt=share, seed=seed, keep=False) as server:
        model = {"base_url": server.url, "context": CONTEXT}
        handle = await run(about.idea, company=demo.company, model=model, language=about.language, folder=folder)
        result = await handle.result()
    if not share:
        assert result.outcome == "succeeded", result.reason


async def sample(engine: Engine, folder: Path, *, samples: int, prompt: str) -> None:
    """A phase that takes so many samples."""
    model = {"base_url": engine.launch.url, "max_tokens": 40, "cache_salt": folder.name}
    handle = await run("anything", sampled(folder, samples, prompt), model=model, folder=folder / "run")
    result = await handle.result()
    assert result.outcome == "succeeded", result.reason


def sampled(folder: Path, samples: int, prompt: str) -> Path:
    """A company of one phase."""
    many = f"samples: {samples}, pick: vote," if samples > 1 else ""
    folder.mkdir()
    file = folder / "sampled.yaml"
    file.write_text(SAMPLED.replace("SAMPLES", many).replace("PROMPT", prompt), encoding="utf-8")
    return file


async def measure(engine: Engine, options: argparse.Namespace, folder: Path) -> None:
    for name, words in (("short", 10), ("usual", 600), ("long", 2400)):
        await compare(engine, folder, name, "Say in one line what follows from this. " * (words // 10))
    chosen = [find_demo(name, demos()) for name in options.demos] or demos()
    print(f"\n{'run':44} {'calls':>6} {'prompt':>8} {'computed':>9} {'cached':>7} {'at best':>8}")
    for share in (0.0, options.share):
        whole, all_sent = Read(), Sent()
        for seed, demo in enumerate(chosen):
            sent = Sent()
            played = play(engine, demo, folder / f"{demo.name}-{share}", sent, share=share, seed=seed)
            one = await engine.spent(played)
            whole += one
            all_sent.characters, all_sent.new = all_sent.characters + sent.characters, all_sent.new + sent.new
            show(demo.name, one, sent)
        show(f"all, {share:.0%} of the replies corrupted", whole, all_sent)
    print(f"asked for: {ASKED_CACHED:.0%} cached")


async def compare(engine: Engine, folder: Path, name: str, prompt: str) -> None:
    """Prompt tokens that one and many samples make vLLM compute."""
    one, many = [
        await engine.spent(sample(engine, folder / f"{name}-{samples}", samples=samples, prompt=prompt))
        for samples in (1, SAMPLES)
    ]
    ratio = many.computed / one.computed
    print(
        f"a {name} prompt of {one.queried:,.0f} tokens: {SAMPLES} samples compute {ratio:.2f} x one's "
        f"(asked for: < {ASKED_SAMPLES})",
        flush=True,
    )


def show(name: str, read: Read, sent: Sent) -> None:
    counted = f"{read.calls:6,.0f} {read.queried:8,.0f} {read.computed:9,.0f} {read.share:7.1%}"
    print(f"{name:44} {counted} {sent.best:8.1%}", flush=True)


async def with_engine(options: argparse.Namespace, work: Callable[..., Awaitable[None]]) -> None:
    with tempfile.TemporaryDirectory(prefix="agentverse-cache-") as name:
        folder = Path(name)
        model = tiny_folder.bigram(folder / "model", context=CONTEXT)
        entry = tiny_folder.entry("MiniCPM5-1B", model)
        launch = vllm.launch(entry, model, probe(), port=free_port(), context=CONTEXT)
        async with running(launch, log=folder / "log"), aiohttp.ClientSession() as client:
            await work(Engine(launch, client), options, folder)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("demos", nargs="*", metavar="DEMO")
    parser.add_argument("--share", type=float, default=0.3, help="of the replies, corrupted in the second round")
    options = parser.parse_args()
    own = Path(os.environ.get("VLLM_VENV") or ".venv-vllm").absolute() / "bin"
    os.environ["PATH"] = f"{own}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("vllm") is None:
        print("not measured: there is no vLLM here; make vllm installs one")
        return 0
    asyncio.run(with_engine(options, measure))
    return 0


if __name__ == "__main__":
    sys.exit(main())
