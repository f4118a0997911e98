"""The same hostile programs against every other backend: what gets through must be what the backend says it lets."""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentverse.errors import PathRefused
from agentverse.sandbox.protocol import Limits
from agentverse.sandbox.selfcheck import CHECKS, selfcheck

SECRET = "the-secret-of-the-host"
NOT_HELD = {
    "a workspace cannot grow past its limit": "disk",
    "services of the host cannot be reached, its own can": "own servers",
    "folders shown are read-only": "folders shown",
    "a handler of the host is reached from inside": "own servers",
}
"""Checks that may fail, and what a backend must then say it does not hold."""


def _planted(folder: str) -> bool:
    return os.path.exists(f"{folder}/planted")


def _status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


@pytest.fixture
def secret_files(tmp_path: Path) -> Iterator[list[Path]]:
    in_tmp = tmp_path / "secret"
    in_home = Path.home() / f".secret-{secrets.token_hex(4)}"
    for file in (in_tmp, in_home):
        file.write_text(SECRET)
        file.chmod(0o644)
    yield [in_tmp, in_home]
    in_home.unlink()


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process of the host, with a secret in its words and its environment."""
    words = [sys.executable, "-c", "import time; time.sleep(60)", SECRET]
    process = subprocess.Popen(words, env={"API_KEY": SECRET})
    yield process
    process.kill()
    process.wait()


async def test_the_contract_is_kept_but_for_what_is_said_not_to_be_held(other):
    info = await other.probe()
    results = await selfcheck(other)
    failed = {result.name for result in results if not result.passed}
    allowed = {name for name, what in NOT_HELD.items() if info.enforced.get(what, "held") == ""}
    assert failed == allowed, [result for result in results if not result.passed]
    assert [result.name for result in results] == list(CHECKS)


async def test_files_of_the_host_cannot_be_read(other_box, other_attack, secret_files):
    result = await other_attack("steal", *map(str, secret_files), "/etc/shadow", "/etc/machine-id", __file__)
    assert result.ok, result.stderr
    assert await other_box.get("loot") == b""


async def test_environment_and_processes_of_the_host_cannot_be_seen(other_box, other_attack, bystander):
    await other_attack("look_around")
    loot = await other_box.get("loot")
    assert b"AGENTVERSE" not in loot
    assert b"PYTHONHASHSEED" in loot
    assert SECRET.encode() not in loot


async def test_host_cannot_be_reached(other_attack, tmp_path):
    received: list[bytes] = []
    name = f"agentverse-{secrets.token_hex(4)}"

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read(100))
        writer.close()

    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp = await asyncio.start_server(meet, "127.0.0.1", 0)
    port = tcp.sockets[0].getsockname()[1]
    datagrams.bind(("127.0.0.1", port))
    datagrams.setblocking(False)
    by_path = await asyncio.start_unix_server(meet, tmp_path / "s")
    by_name = await asyncio.start_unix_server(meet, f"\0{name}")
    os.chmod(tmp_path / "s", 0o777)
    async with tcp, by_path, by_name:
        result = await other_attack("connect", str(port), str(tmp_path / "s"), name)
    with datagrams, pytest.raises(BlockingIOError):
        datagrams.recv(100)
    assert received == []
    assert b"route" not in result.stdout


async def test_nothing_is_written_outside(other_attack, tmp_path):
    tmp_path.chmod(0o777)
    places = [str(tmp_path), str(Path.home()), "/etc", "/usr/local/bin", "/var/tmp", "/dev/shm", "/tmp"]
    await other_attack("write_outside", *places)
    assert not [place for place in places if _planted(place)]


async def test_links_and_pipes_are_not_followed_or_waited_for(other_box, other_attack, secret_files):
    result = await other_attack("plant_links", str(secret_files[0]))
    assert result.ok, result.stderr
    for path in ("link", "folder/secret", "environ", "chain", "pipe", "hard", str(secret_files[0])):
        with pytest.raises((PathRefused, FileNotFoundError)):
            await other_box.get(path)
    assert set(await other_box.export()) == {"plant_links.py", "honest.py"}


async def test_fork_bomb_is_held(other_box, other_attack, host_words):
    result = await other_attack("fork_bomb", limits=Limits(wall=20.0, pids=40))
    assert int(await other_box.get("made")) < 40
    assert result.reason in ("pids", "exited")
    assert "fork_bomb.py" not in host_words()


@pytest.mark.parametrize("how", ["stay", "leave"])
async def test_nothing_outlives_its_command(other_box, other_attack, host_words, how):
    mark = f"agentverse-{secrets.token_hex(6)}"
    result = await other_attack("outlive", mark, how, limits=Limits(wall=2.0))
    assert "started" in await other_box.export()
    assert result.reason == ("timeout" if how == "stay" else "exited")
    assert mark not in host_words()


async def test_no_rights_can_be_gained_and_no_host_process_is_touched(other_box, other_attack, bystander):
    result = await other_attack("climb", str(bystander.pid))
    assert result.stdout == b""
    assert bystander.poll() is None
    assert "TracerPid:\t0\n" in _status(bystander.pid)


async def test_memory_is_held_in_sum_where_that_is_said(other_box, other_attack):
    in_sum = "group" in other_box.info.enforced["memory"]
    result = await other_attack("memory_bomb", limits=Limits(wall=20.0, memory=200 << 20))
    assert result.ok is not in_sum


async def test_commands_run_side_by_side_and_results_are_kept_apart(other_box):
    results = await asyncio.gather(*(other_box.exec(["echo", str(n)]) for n in range(8)))
    assert [result.stdout for result in results] == [f"{n}\n".encode() for n in range(8)]
    assert all(result.ok for result in results)


@pytest.mark.parametrize(
    ("words", "code", "signal", "reason"),
    [
        (["sh", "-c", "exit 3"], 3, None, "exited"),
        (["sh", "-c", "exit 125"], 125, None, "exited"),
        (["sh", "-c", "kill -SEGV $$"], None, 11, "killed"),
        (["no-such-program"], 127, None, "exited"),
    ],
)
async def test_the_end_of_a_command_is_told_as_it_was(other_box, words, code, signal, reason):
    result = await other_box.exec(words)
    assert (result.exit_code, result.signal, result.reason) == (code, signal, reason)


async def test_a_full_report_comes_back_and_a_closed_box_leaves_nothing(other):
    async with other.open() as box:
        await box.put({"sub/in.txt": b"here"})
        said = await box.exec(
            ["sh", "-c", 'cat; cat in.txt; cp in.txt "$AGENTVERSE_REPORT"'], stdin=b"given ", cwd="sub", report=True
        )
        base = box._place.base
        await box.exec(["sh", "-c", "mkdir -p a/b; chmod 000 a/b; chmod 000 a"])
    assert (said.stdout, said.report) == (b"given here", b"here")
    assert not base.exists()
    with pytest.raises(RuntimeError, match="closed"):
        await box.exec(["true"])
