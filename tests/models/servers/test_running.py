from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from agentverse.errors import CannotServe, ServerFailed
from agentverse.models.servers.launch import Launch, News
from agentverse.models.servers.running import Patience, running
from agentverse.testing import ScriptedServer

QUICK = Patience(between=0.05, sick=0.2, pauses=(0.01, 0.02))


async def post(launch: Launch, path: str, text: str = "") -> None:
    async with aiohttp.ClientSession() as client:
        try:
            async with client.post(f"http://127.0.0.1:{launch.port}{path}", data=text):
                pass
        except aiohttp.ClientError:
            assert path == "/die"


def gone(pid: int) -> bool:
    """Whether a process, child or not, ends within ten seconds."""
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([ended], [], [], 10)[0])
    finally:
        os.close(ended)


def pids(log: Path) -> list[int]:
    return [int(line.split()[1]) for line in log.read_text().splitlines() if line.startswith("pid ")]


async def test_a_server_answers_when_it_is_ready_and_is_stopped_in_order(launch: Launch, tmp_path: Path, told) -> None:
    log = tmp_path / "log"
    async with running(launch, log=log, tell=told) as server, aiohttp.ClientSession() as client:
        async with client.get(f"{launch.url}/models") as answer:
            listed = await answer.json()
        assert listed["data"][0]["id"] == "MiniCPM5-2B"
        assert 0 < server.seconds < 20
    assert told.kinds == ["starting", "ready", "stopped"]
    assert log.read_text().splitlines()[-1] == "drained"
    assert gone(pids(log)[0])


async def test_what_it_does_while_it_loads_is_told(launch: Launch, program, tmp_path: Path) -> None:
    lines = [
        "INFO Starting to load model /weights...",
        "\rLoading safetensors checkpoint shards:  50% Completed | 1/2 [00:01<00:01]\r",
        "INFO torch.compile takes 12.8 s in total",
        "INFO GPU KV cache size: 1,048,576 tokens",
        "Capturing CUDA graphs (mixed prefill-decode):  40%|####      | 4/10",
    ]
    program(say=lines, seen=str(tmp_path))
    stages: list[tuple[str, float | None]] = []

    def tell(news: News) -> None:
        if news.kind == "loading":
            (tmp_path / str(len(stages))).touch()
            stages.append((news.text, news.fraction))

    async with running(launch, log=tmp_path / "log", tell=tell):
        pass
    assert stages == [("weights", None), ("weights", 0.5), ("compiles", None), ("memory", None), ("graphs", 0.4)]


async def test_one_that_dies_while_it_loads_says_why_in_its_own_words(launch: Launch, program, tmp_path: Path) -> None:
    program(dies="ValueError: Free memory on device cuda:0 (3.1/24 GiB) is less than desired GPU memory utilization")
    with pytest.raises(ServerFailed, match=r"too little memory: ValueError: Free memory on device cuda:0") as failed:
        async with running(launch, log=tmp_path / "log"):
            raise AssertionError("it never answers")
    assert failed.value.fix is not None
    assert "--context" in failed.value.fix


async def test_one_that_dies_is_started_again_at_the_same_address(launch: Launch, tmp_path: Path, told) -> None:
    log = tmp_path / "log"
    async with running(launch, log=log, tell=told, patience=QUICK):
        await post(launch, "/die", "torch.OutOfMemoryError: CUDA out of memory")
        await told.until(lambda kinds: kinds.count("ready") == 2)
        async with aiohttp.ClientSession() as client, client.get(f"{launch.url}/models") as answer:
            assert answer.status == 200
    died = next(news for news in told.news if news.kind == "died")
    assert "torch.OutOfMemoryError: CUDA out of memory" in died.text
    assert len(set(pids(log))) == 2


async def test_one_that_does_not_come_back_is_given_up_with_its_last_words(
    launch: Launch, program, tmp_path: Path, told
) -> None:
    async with running(launch, log=tmp_path / "log", tell=told, patience=QUICK) as server:
        program(dies="RuntimeError: the card fell off the bus")
        await post(launch, "/die", "CUDA error")
        async with asyncio.timeout(20):
            with pytest.raises(ServerFailed, match="RuntimeError: the card fell off the bus"):
                await server.wait()
    assert told.kinds == ["starting", "ready", "died", "starting", "died", "starting", "gone", "stopped"]


async def test_one_that_says_for_long_that_it_is_unwell_is_started_again(launch: Launch, tmp_path: Path, told) -> None:
    log = tmp_path / "log"
    async with running(launch, log=log, tell=told, patience=QUICK):
        await post(launch, "/sicken")
        await told.until(lambda kinds: kinds.count("ready") == 2)
    died = next(news for news in told.news if news.kind == "died")
    assert "was not well for 0.2 s" in died.text
    assert len(set(pids(log))) == 2


async def test_nothing_it_has_started_is_left_behind(launch: Launch, program, tmp_path: Path) -> None:
    program(child=str(tmp_path / "child"), stubborn=True)
    log = tmp_path / "log"
    async with running(replace(launch, drain=0), log=log, patience=Patience(grace=0.1)):
        child = int((tmp_path / "child").read_text())
        os.kill(child, 0)
    assert gone(child)
    assert gone(pids(log)[0])


def test_a_server_does_not_outlive_the_process_that_started_it(launch: Launch, tmp_path: Path) -> None:
    log = tmp_path / "log"
    source = f"""
import asyncio
from pathlib import Path
from agentverse.models.servers.launch import Launch
from agentverse.models.servers.running import running

async def main():
    async with running(Launch("vllm", "m", {launch.argv!r}, {launch.port}, 4096, 1), log=Path({str(log)!r})):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
    owner = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"ready\n"
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    assert gone(pids(log)[0])


async def test_a_port_that_is_taken_is_found_before_anything_is_started(launch: Launch, tmp_path: Path) -> None:
    async with ScriptedServer([], port=launch.port):
        with pytest.raises(CannotServe, match=f"port {launch.port} is taken") as refused:
            async with running(launch, log=tmp_path / "log"):
                raise AssertionError
    assert f"--model http://127.0.0.1:{launch.port}/v1" in str(refused.value.fix)
    assert not (tmp_path / "log").exists()


async def test_a_program_that_is_not_there_is_an_error_of_one_sentence(launch: Launch, tmp_path: Path) -> None:
    missing = replace(launch, argv=(str(tmp_path / "nothing"), *launch.argv[1:]))
    with pytest.raises(ServerFailed, match="No such file or directory"):
        async with running(missing, log=tmp_path / "log"):
            raise AssertionError


async def test_what_would_make_a_server_ask_for_a_key_is_kept_from_it(
    launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agentverse.models.servers.process import environment

    monkeypatch.setenv("VLLM_API_KEY", "of somebody")
    monkeypatch.setenv("HF_TOKEN", "needed")
    said = environment(launch)
    assert "VLLM_API_KEY" not in said
    assert said["HF_TOKEN"] == "needed"
    assert said["VLLM_HOST_IP"] == "127.0.0.1"
