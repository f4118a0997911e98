"""What a command gets, and how its end is reported."""

import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from agentverse.errors import PathRefused, SandboxUnavailable
from agentverse.sandbox.capture import LEFT_OUT
from agentverse.sandbox.protocol import Limits, Mount
from tests.sandbox.attacks.targets import living


async def test_output_input_and_exit_code(box):
    source = "import sys; print(sys.stdin.read().upper()); print('no', file=sys.stderr); sys.exit(3)"
    result = await box.exec(["python", "-c", source], stdin=b"hello")
    assert (result.exit_code, result.signal, result.reason) == (3, None, "exited")
    assert (result.stdout, result.stderr, result.truncated) == (b"HELLO\n", b"no\n", False)
    assert not result.ok


async def test_words_are_not_a_shell_line(box):
    result = await box.exec(["echo", "$HOME; touch x `id` *"])
    assert result.stdout == b"$HOME; touch x `id` *\n"
    assert await box.export() == {}


async def test_the_whole_environment_is_ours(box, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    result = await box.exec(["env"], env={"EXTRA": "1"})
    variables = dict(line.split("=", 1) for line in result.stdout.decode().splitlines())
    assert variables.pop("EXTRA") == "1"
    assert variables["HOME"] == "/home/user"
    assert variables["PYTHONHASHSEED"] == "0"
    assert set(variables) <= {
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "TZ", "TERM", "PWD",
        "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
    }  # fmt: skip


async def test_python_is_ours_without_our_packages(box):
    source = "import sys, pytest, pluggy, sqlite3; print(sys.version_info[:2]); import pydantic"
    for name in ("python", "python3"):
        result = await box.exec([name, "-c", source])
        assert result.stdout.decode().strip() == str(sys.version_info[:2])
        assert b"No module named 'pydantic'" in result.stderr


async def test_pytest_is_started_as_a_module_so_that_the_product_can_be_imported(box):
    await box.put({"product.py": b"x = 1", "tests/test_it.py": b"import product\ndef test(): assert product.x == 1"})
    result = await box.exec(["pytest", "-q"])
    assert result.argv == ("python", "-m", "pytest", "-q")
    assert result.ok, result.stdout


async def test_working_directory(box):
    await box.put({"deep/er/file": b""})
    assert (await box.exec(["ls"], cwd="deep/er")).stdout == b"file\n"
    for cwd in ("missing", "..", "/etc", "deep/er/file"):
        with pytest.raises(PathRefused):
            await box.exec(["ls"], cwd=cwd)


async def test_a_signal_is_told_from_an_exit_code(box):
    result = await box.exec(["sh", "-c", "kill -SEGV $$"])
    assert (result.exit_code, result.signal, result.reason) == (None, signal.SIGSEGV, "killed")


async def test_processor_time_is_limited(box):
    result = await box.exec(["sh", "-c", "while :; do :; done"], limits=Limits(wall=20.0, cpu=1))
    assert result.reason == "timeout"
    assert result.wall < 10


async def test_one_file_is_limited(box):
    result = await box.exec(["sh", "-c", "head -c 20000000 /dev/zero > big"], limits=Limits(file=1 << 20))
    assert result.reason == "disk"
    assert len(await box.get("big")) == 1 << 20


async def test_long_output_keeps_both_ends(box):
    result = await box.exec(["seq", "10000"], limits=Limits(output=1000))
    assert result.reason == "exited"
    assert result.truncated
    assert result.stdout.startswith(b"1\n2\n")
    assert result.stdout.endswith(b"\n10000\n")
    assert LEFT_OUT in result.stdout
    assert len(result.stdout) == 1000 + len(LEFT_OUT)


async def test_a_command_that_is_not_there(box):
    result = await box.exec(["no-such-command"])
    assert result.exit_code == 127
    assert b"no-such-command" in result.stderr


async def test_words_that_cannot_be_a_command(box):
    for words in ([], ["echo", "a\0b"]):
        with pytest.raises(ValueError, match="words"):
            await box.exec(words)


async def test_commands_side_by_side_share_the_workspace_and_nothing_else(box):
    await box.put(
        {"go.sh": b"echo $1 > $1; echo $1 > /tmp/x; cat /tmp/x; ls /tmp; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"}
    )
    results = await asyncio.gather(*(box.exec(["sh", "go.sh", str(number)]) for number in range(6)))
    for number, result in enumerate(results):
        assert result.stdout.startswith(f"{number}\nx\n".encode())
        seen = {other for other in range(6) if f"sh go.sh {other} ".encode() in result.stdout}
        assert seen == {number}
    assert set(await box.export()) == {"go.sh", *map(str, range(6))}


async def test_two_boxes_do_not_see_each_other(backend, box):
    await box.put({"mine": b"1"})
    async with backend.open() as other:
        assert (await other.exec(["ls", "-A"])).stdout == b""


async def test_the_network_may_be_left_out(backend):
    source = "import socket; socket.socketpair(); socket.socket()"
    async with backend.open(network="none") as box:
        result = await box.exec(["python", "-c", source])
    assert b"Address family not supported" in result.stderr


@pytest.fixture(params=["only we can reach it", "everybody can reach it"])
def folder(request, tmp_path):
    """A folder of the host, in one that is closed to other users or is not."""
    if request.param == "only we can reach it":
        tmp_path.chmod(0o755)
        yield tmp_path
    else:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as open_to_all:
            Path(open_to_all).chmod(0o755)
            yield Path(open_to_all)


async def test_mounts_are_seen_read_only_and_only_by_their_command(box, folder):
    (folder / "given").write_text("content")
    (folder / "given").chmod(0o644)
    shown = [Mount(folder, "/given"), Mount(folder / "given", "/opt/one")]
    await box.put({"own": b""})
    result = await box.exec(["sh", "-c", "cat /given/given /opt/one; ls; touch /given/x; touch out"], mounts=shown)
    assert result.stdout == b"contentcontentown\n"
    assert not (folder / "x").exists()
    assert "out" in await box.export()
    assert (await box.exec(["ls", "/given"])).exit_code == 2


async def test_a_mount_of_what_is_not_there_is_an_error(box, tmp_path):
    with pytest.raises(SandboxUnavailable):
        await box.exec(["true"], mounts=[Mount(tmp_path / "missing", "/given")])


async def test_a_report_comes_back_and_is_not_in_the_workspace(box):
    result = await box.exec(["sh", "-c", "echo hello > $AGENTVERSE_REPORT"], report=True)
    assert result.report == b"hello\n"
    result = await box.exec(["sh", "-c", "ln -s /etc/passwd $AGENTVERSE_REPORT"], report=True)
    assert result.report == b""
    assert await box.export() == {}


async def test_cancelling_kills_the_tree_at_once(box):
    task = asyncio.create_task(box.exec(["sh", "-c", "touch started; sleep 61; true mark-of-cancel"]))
    while "started" not in await box.export():
        assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 2)
    assert living("mark-of-cancel") == []


async def test_closing_ends_what_runs(backend):
    box = backend.open()
    task = asyncio.create_task(box.exec(["sh", "-c", "touch started; sleep 61; true mark-of-close"]))
    while "started" not in await box.export():
        assert not task.done()
    await box.close()
    assert (await task).reason == "killed"
    assert living("mark-of-close") == []
    with pytest.raises(RuntimeError, match="closed"):
        await box.exec(["true"])


def _traces() -> tuple[int, list[Path]]:
    """How many descriptors we hold open, and our control groups."""
    groups = Path("/sys/fs/cgroup").glob(f"**/agentverse-{os.getpid()}-*")
    return len(os.listdir("/proc/self/fd")), list(groups)


async def test_nothing_is_left_on_the_host(backend, tmp_path):
    async with backend.open() as box:
        await box.put({"x": b"1"})  # starts the threads that stay
    before = _traces()
    for _ in range(3):
        async with backend.open() as box:
            await box.put({"x": b"1"})
            await box.exec(["true"], mounts=[Mount(tmp_path, "/s")])
            await box.exec(["sleep", "60"], limits=Limits(wall=0.05))
    assert _traces() == (before[0], [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to be")
async def test_root_does_not_lend_its_user_to_the_box(box):
    await box.exec(["sh", "-c", "cp /bin/sh shell; chmod 6755 shell; touch mine"])
    seen = await box.exec(["sh", "-c", "id -u; stat -c %u mine"])
    owner = os.stat("mine", dir_fd=(await box._enter()).workspace).st_uid
    assert seen.stdout == b"1000\n1000\n"
    assert owner >= 61184


async def test_memory_is_named_and_measured_where_a_control_group_counts_it(box):
    if not box.info.enforced["memory"].startswith("cgroup"):
        pytest.skip("this host gives us no control group")
    result = await box.exec(["python", "-c", "x = b'x' * (1 << 30)"], limits=Limits(wall=20.0, memory=200 << 20))
    assert result.reason == "memory"
    assert 0 < result.max_rss <= 200 << 20


async def test_files_are_held_only_while_nothing_else_runs(box):
    await box.put({"kept/a.txt": b"1"})
    running = asyncio.create_task(box.exec(["sh", "-c", "touch started; sleep 60"]))
    while "started" not in await box.export():
        assert not running.done()
    with pytest.raises(SandboxUnavailable, match="only while nothing else runs"):
        await box.exec(["true"], held=["kept/a.txt"])
    running.cancel()
    await asyncio.wait([running])
    held = asyncio.create_task(box.exec(["sh", "-c", "touch held; sleep 60"], held=["kept/a.txt"]))
    while "held" not in await box.export():
        assert not held.done()
    with pytest.raises(SandboxUnavailable, match="only while nothing else runs"):
        await box.exec(["true"])
    held.cancel()
    await asyncio.wait([held])
    assert (await box.exec(["cat", "kept/a.txt"], held=["kept/a.txt", "kept"])).stdout == b"1"
