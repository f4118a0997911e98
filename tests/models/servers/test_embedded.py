from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agentverse.errors import CannotServe, ModelDenied, ServerFailed
from agentverse.models.catalogue import Machine, find, probe
from agentverse.models.constraint import JsonSchema
from agentverse.models.openai import OpenAIModel
from agentverse.models.protocol import Message, Request, Sampling
from agentverse.models.servers import embedded
from agentverse.models.servers.choose import plan_for
from agentverse.models.servers.launch import Launch
from agentverse.models.servers.ports import free_port
from agentverse.models.servers.running import Patience, running
from agentverse.models.spec import ModelSpec
from agentverse.testing import tiny

GB = 10**9
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "passed": {"type": "boolean"},
        "files": {"type": "array", "maxItems": 2},
    },
    "required": ["name", "passed", "files"],
    "additionalProperties": False,
}
DOCUMENT = JsonSchema("document", SCHEMA)


def launch_of(path: Path, *, key: str = "", context: int = 2048) -> Launch:
    return plan_for(str(path), probe()).launch(path, probe(), port=free_port(), context=context, key=key)


async def ask(launch: Launch, *, key: str = "", constraint: JsonSchema | None = None) -> str:
    model = OpenAIModel(ModelSpec.model_validate({"base_url": launch.url, "api_key": key}))
    try:
        facts = await model.contact()
        assert (facts["server"], facts["context"]) == ("llama.cpp", launch.context)
        said = Request(
            (Message("user", "hello"),),
            key="x",
            constraint=constraint,
            sampling=Sampling(max_tokens=200, seed=3, temperature=0.8),
        )
        return (await model.complete(said)).choices[0].text
    finally:
        await model.close()


@pytest.mark.parametrize("architecture", ["llama", "minicpm"])
async def test_a_model_of_either_architecture_is_served(architecture: tiny.Architecture, tmp_path: Path) -> None:
    path = tiny.noise(tmp_path / "MiniCPM5-noise.gguf", architecture=architecture)
    launch = launch_of(path)
    async with running(launch, log=tmp_path / "log") as server:
        assert await ask(launch)
        assert server.seconds < 30


async def test_what_it_says_follows_the_schema(bigram: Path, tmp_path: Path) -> None:
    launch = launch_of(bigram)
    async with running(launch, log=tmp_path / "log"):
        said = json.loads(await ask(launch, constraint=DOCUMENT))
    assert set(said) == {"name", "passed", "files"}


async def test_a_server_for_one_run_answers_only_to_its_key(bigram: Path, tmp_path: Path) -> None:
    launch = launch_of(bigram, key="sk-of-this-run")
    assert "sk-of-this-run" not in " ".join(launch.argv)
    async with running(launch, log=tmp_path / "log"):
        assert await ask(launch, key="sk-of-this-run")
        with pytest.raises(ModelDenied):
            await ask(launch)


async def test_a_crash_of_native_code_is_survived(bigram: Path, tmp_path: Path, told) -> None:
    launch = launch_of(bigram)
    patience = Patience(between=0.05, pauses=(0.01,))
    async with running(launch, log=tmp_path / "log", tell=told, patience=patience):
        os.kill(listener(launch.port), signal.SIGSEGV)
        await told.until(lambda kinds: kinds.count("ready") == 2)
        assert await ask(launch)
    died = next(one for one in told.news if one.kind == "died")
    assert "it ended with SIGSEGV" in died.text


def listener(port: int) -> int:
    """The process that listens on a port, as /proc tells."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(line[9] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A")
    for folder in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(folder) == f"socket:[{inode}]":
                return int(folder.parts[2])
        except OSError:
            continue
    raise AssertionError(f"nothing listens on {port}")


@pytest.fixture
def half(bigram: Path, tmp_path: Path) -> Path:
    path = tmp_path / "MiniCPM5-half.gguf"
    path.write_bytes(bigram.read_bytes()[: bigram.stat().st_size // 2])
    return path


async def test_half_a_file_is_told_as_such(half: Path, tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="damaged or only half there") as failed:
        async with running(launch_of(half), log=tmp_path / "log"):
            raise AssertionError
    assert "models pull" in str(failed.value.fix)


@pytest.mark.parametrize(
    ("ram", "name", "size"),
    [
        (64, "MiniCPM5-2B", (32768, 4)),
        (16, "MiniCPM5-1B", (32768, 4)),
        (8, "MiniCPM5-1B", (16384, 4)),
        (4, "MiniCPM5-1B", (16384, 2)),
    ],
)
def test_slots_and_context_are_what_memory_holds(ram: int, name: str, size: tuple[int, int]) -> None:
    machine = Machine(ram * GB, ram * GB)
    got = embedded.size_for(find(name), machine, context=None, least=0, most=131072)
    assert (got.context, got.slots) == size


def test_memory_that_others_use_does_not_count() -> None:
    with pytest.raises(CannotServe, match=r"MiniCPM5-2B needs .* this machine has 1\.5 GB for it"):
        embedded.size_for(find("MiniCPM5-2B"), Machine(16 * GB, 3 * GB // 2), context=None, least=0, most=131072)


def test_a_context_below_what_is_needed_is_not_served(laptop: Machine) -> None:
    with pytest.raises(CannotServe, match="takes 4,096 tokens of context, and 5,000 are needed"):
        embedded.size_for(find("MiniCPM5-1B"), laptop, context=None, least=5000, most=4096)
    with pytest.raises(CannotServe, match="with 16,384 tokens"):
        embedded.size_for(find("MiniCPM5-1B"), replace(laptop, available=GB), context=None, least=10000, most=131072)


def test_a_library_that_the_system_lacks_is_named_with_what_installs_it() -> None:
    """In a box in which it is an empty file."""
    ctypes.CDLL(embedded.LIBRARY)
    maps = Path("/proc/self/maps").read_text().splitlines()
    there = next(line.split()[-1] for line in maps if Path(line.split()[-1]).name.startswith(embedded.LIBRARY))
    said = (
        "from agentverse.errors import CannotServe\nfrom agentverse.models.servers import embedded\n"
        "try: embedded.require()\nexcept CannotServe as error: print(error, error.fix, sep='|')"
    )
    box = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", "/dev/null", there, sys.executable, "-c", said]
    told = subprocess.run(box, capture_output=True, text=True, check=True, timeout=60).stdout
    what, fix = told.strip().split("|")
    assert what == "llama.cpp needs libgomp.so.1, which this system lacks"
    assert fix.startswith("Install it: sudo apt-get install -y libgomp1")
    assert embedded.lacks() == ""
