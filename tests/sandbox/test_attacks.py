"""Hostile programs, run for real. What counts is what happened to the host, not what the program was told."""

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

SECRET = "the-secret-of-the-host"


def _names(folder: str) -> list[str]:
    return os.listdir(folder) if os.path.isdir(folder) else []


def _tracer_of(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("TracerPid:"))


@pytest.fixture
def secret_files(tmp_path: Path) -> Iterator[list[Path]]:
    """A readable secret in a temporary folder, and one in the home folder where keys are kept."""
    in_tmp = tmp_path / "secret"
    in_home = Path.home() / f".secret-{secrets.token_hex(4)}"
    for file in (in_tmp, in_home):
        file.write_text(SECRET)
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


async def test_files_of_the_host_cannot_be_read(box, attack, secret_files):
    result = await attack(
        "steal", *map(str, secret_files), "/etc/shadow", str(Path.home() / ".bashrc"), "/etc/hostname"
    )
    assert result.ok
    assert await box.get("loot") == b""


async def test_environment_and_processes_of_the_host_cannot_be_seen(box, attack, bystander, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    result = await attack("look_around")
    loot = await box.get("loot")
    assert b"look_around" in loot
    assert SECRET.encode() not in loot
    assert result.stdout == b"[0, 1, 2]\n"  # no descriptor of ours is left open in there


async def test_host_cannot_be_reached(attack, tmp_path):
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
        result = await attack("connect", str(port), str(tmp_path / "s"), name)
    with datagrams, pytest.raises(BlockingIOError):
        datagrams.recv(100)
    assert received == []
    opened = {line for line in result.stdout.decode().splitlines() if line.startswith("family")}
    assert b"route" not in result.stdout
    assert opened == {
        f"family {family:d}" for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
    }


async def test_nothing_is_written_outside(attack, tmp_path):
    places = [
        str(tmp_path),
        str(Path.home()),
        "/etc",
        "/usr/local/bin",
        "/var/tmp",
        "/opt/agentverse/lib",
        "/run/agentverse",
    ]
    await attack("write_outside", *places)
    assert not [place for place in places if "planted" in _names(place)]


async def test_links_pipes_and_planted_files_are_not_followed_waited_for_or_exported(box, attack, secret_files):
    result = await attack("plant_links", str(secret_files[0]))
    assert result.ok
    for path in (
        "link",
        "folder/secret",
        "environ",
        "chain",
        "pipe",
        "hard",
        f"../{secret_files[0]}",
        str(secret_files[0]),
    ):
        with pytest.raises((PathRefused, FileNotFoundError)):
            await box.get(path)
    exported = await box.export()
    assert set(exported) == {"plant_links.py", "honest.py"}


async def test_a_folder_swapped_for_a_link_in_mid_read_never_leads_outside(box, attack, tmp_path):
    (tmp_path / "data").write_text(SECRET)
    os.chmod(tmp_path, 0o755)
    running = asyncio.create_task(attack("swap", str(tmp_path), limits=Limits(wall=20.0)))
    while "ready" not in await box.export():
        assert not running.done()
    answers = set()
    for _ in range(400):
        try:
            answers.add(await box.get("now/data"))
        except (PathRefused, FileNotFoundError):
            answers.add(b"refused")
        with pytest.raises(PathRefused):
            await box.put({"away/data": b"x", "now/../../data": b"x"})
        answers |= {content for path, content in (await box.export()).items() if path.endswith("data")}
    running.cancel()
    await asyncio.wait([running])
    assert answers == {b"harmless", b"refused"}
    assert (tmp_path / "data").read_text() == SECRET


async def test_fork_bomb_is_held(box, attack, host_words):
    result = await attack("fork_bomb", limits=Limits(wall=20.0, pids=40))
    assert int(await box.get("made")) < 40
    assert result.reason in ("pids", "exited")
    assert "fork_bomb.py" not in host_words()


async def test_memory_is_held_in_sum(box, attack):
    if not box.info.enforced["memory"].startswith("cgroup"):
        pytest.skip("this host gives us no control group")
    result = await attack("memory_bomb", limits=Limits(wall=20.0, memory=200 << 20))
    assert result.reason == "memory"
    assert result.max_rss <= 200 << 20


async def test_disk_is_held_in_sum(backend, attack):
    async with backend.open(limits=Limits(disk=32 << 20)) as small:
        program = Path(__file__).with_name("attacks") / "fill_disk.py"
        await small.put({"fill_disk.py": program.read_bytes()})
        result = await small.exec(["python", "fill_disk.py"])
        written = await small.export()
    assert result.reason == "disk"
    assert sum(map(len, written.values())) <= 32 << 20


@pytest.mark.parametrize("how", ["stay", "leave"])
async def test_nothing_outlives_its_command(box, attack, host_words, how):
    mark = f"agentverse-{secrets.token_hex(6)}"
    result = await attack("outlive", mark, how, limits=Limits(wall=2.0))
    assert "started" in await box.export()
    assert result.reason == ("timeout" if how == "stay" else "exited")
    assert result.wall < 2.5
    assert mark not in host_words()


async def test_no_rights_can_be_gained_and_no_host_process_is_touched(box, attack, bystander):
    result = await attack("climb", str(bystander.pid))
    assert result.stdout == b""
    assert result.ok, result.stderr
    assert bystander.poll() is None
    assert _tracer_of(bystander.pid) == 0
    assert await box.get("shell")  # it was made, and belongs to nobody of importance


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to be")
async def test_root_does_not_lend_its_user_to_the_box(box):
    await box.exec(["sh", "-c", "cp /bin/sh shell; chmod 6755 shell; touch mine"])
    seen = await box.exec(["sh", "-c", "id -u; stat -c %u mine"])
    owner = os.stat("mine", dir_fd=(await box._enter()).workspace).st_uid
    assert seen.stdout == b"1000\n1000\n"
    assert owner >= 61184


async def test_endless_output_does_not_fill_our_memory(box):
    result = await box.exec(["yes"], limits=Limits(wall=20.0, output=1 << 16))
    assert result.reason == "output"
    assert len(result.stdout) < (1 << 16) + 100
