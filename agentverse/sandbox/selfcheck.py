"""What every sandbox must hold to, as a suite for tests, ``agentverse doctor`` and the authors of backends.

Each check looks at effects (a file that is not there, a connection that did not come), never at messages.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import tempfile
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentverse.errors import AgentverseError
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.protocol import Limits, Mount, Sandbox, SandboxBackend, Stream

QUICK = Limits(wall=20.0)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing a sandbox must do, and whether it did."""

    name: str
    passed: bool
    detail: str = ""
    """What happened instead; empty when it passed."""


class Broken(Exception):
    """A check saw something that must not be. Its text says what."""


Check = Callable[[Sandbox], Awaitable[None]]
CHECKS: dict[str, Check] = {}


def check(sentence: str) -> Callable[[Check], Check]:
    def register(function: Check) -> Check:
        CHECKS[sentence] = function
        return function

    return register


async def selfcheck(backend: SandboxBackend) -> list[CheckResult]:
    """Run every check, each in a fresh box.

    Returns:
        One result a check, in order. A backend may be used only when all passed.

    Raises:
        SandboxUnavailable: the backend does not work here at all.
    """
    await backend.probe()
    results: list[CheckResult] = []
    for sentence, function in CHECKS.items():
        try:
            async with backend.open(limits=QUICK) as box:
                await function(box)
        except (Broken, AgentverseError, OSError) as problem:
            results.append(CheckResult(sentence, passed=False, detail=f"{type(problem).__name__}: {problem}"))
        else:
            results.append(CheckResult(sentence, passed=True))
    return results


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


async def _python(box: Sandbox, source: str, *, limits: Limits | None = None) -> str:
    """Run a program that must end well; return what it printed."""
    result = await box.exec(["python", "-c", source], limits=limits)
    _must(result.ok, f"a program ended with {result.reason}, {result.exit_code}: {result.stderr[-300:]!r}")
    return result.stdout.decode().strip()


@check("python is the interpreter agentverse runs on")
async def _interpreter(box: Sandbox) -> None:
    version = await _python(box, "import sys, json, sqlite3, asyncio; print(sys.version_info[:2])")
    _must(version == str(sys.version_info[:2]), f"it is {version}")


@check("pytest runs and its results are read")
async def _pytest(box: Sandbox) -> None:
    await box.put({"thing.py": b"one = 1\n", "test_thing.py": b"import thing\ndef test_one(): assert thing.one == 1\n"})
    evidence = await gather(box, ["pytest", "-q"])
    _must(evidence.passed, evidence.reason)
    await box.put({"thing.py": b"one = 2\n"})
    evidence = await gather(box, ["pytest", "-q"])
    _must(not evidence.passed and evidence.tests is not None and evidence.tests.failed == 1, "a failure was not seen")


@check("files go in and come out unchanged")
async def _files(box: Sandbox) -> None:
    content = bytes(range(256))
    await box.put({"a/b/c.bin": content})
    await _python(box, "import shutil; shutil.copy('a/b/c.bin', 'd.bin')")
    _must(await box.get("d.bin") == content, "the bytes differ")
    await box.reset({"new": b""})
    _must(await box.export() == {"new": b""}, "something outlived a reset")


@check("links are not followed out of the workspace")
async def _links(box: Sandbox) -> None:
    await _python(box, "import os; os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'folder'); os.mkfifo('pipe')")
    for path in ("link", "folder/passwd", "pipe", "../etc/passwd", "/etc/passwd"):
        try:
            content = await box.get(path)
        except (AgentverseError, OSError):
            continue
        raise Broken(f"{path} was read: {content[:20]!r}")
    _must(await box.export() == {}, "a link was exported")


@check("nothing outside the workspace and the temporary folders can be written")
async def _read_only(box: Sandbox) -> None:
    places = ["/", "/usr", "/etc", "/opt", "/usr/lib", "/dev", "/proc/sys/kernel"]
    source = f"""
import os
for place in {places!r}:
    try:
        open(os.path.join(place, "written"), "w").close()
        print(place)
    except OSError:
        pass
"""
    _must(not (written := await _python(box, source)), f"these could be: {written}")


@check("files of the host cannot be read")
async def _hidden(box: Sandbox) -> None:
    with _host_folder("secret") as folder:
        for path in (f"{folder}/secret", __file__, "/etc/shadow", f"/proc/{os.getpid()}/environ"):
            result = await box.exec(["cat", path])
            _must(not result.ok or not result.stdout, f"{path} was read")


@check("the environment holds nothing of the host's")
async def _environment(box: Sandbox) -> None:
    source = """
import os
print(dict(os.environ))
try:
    print(open("/proc/1/environ", "rb").read())
except OSError:
    pass
"""
    seen = await _python(box, source)
    for name, value in os.environ.items():
        shared = {"LANG", "TERM", "TZ", "HOME", "USER", "LOGNAME", "PATH", "PWD"} | {"PYTHONPATH", "TMPDIR"}
        long = len(value) > 8 and value in seen
        _must(name in shared or name.startswith("PYTHON") or not long, f"{name} is visible")


@check("services of the host cannot be reached, its own can")
async def _network(box: Sandbox) -> None:
    met: list[str] = []
    server = await asyncio.start_server(lambda _reader, writer: (met.append("met"), writer.close())[1], "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        source = f"import socket\ntry: socket.create_connection(('127.0.0.1', {port}), 2)\nexcept OSError: print('no')"
        said = await _python(box, source)
    _must(not met and said == "no", "a program reached a server of the host")
    own = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); socket.create_connection(s.getsockname()); print(1)"
    )
    _must(await _python(box, own) == "1", "a program cannot reach its own server")


@check("a command that does not end is ended, with all that it started")
async def _wall(box: Sandbox) -> None:
    mark = f"agentverse-{secrets.token_hex(6)}"
    source = f"""
import os, signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["python", "-c", "import time; time.sleep(60)", "{mark}"], start_new_session=True)
time.sleep(60)
"""
    result = await box.exec(["python", "-c", source], limits=Limits(wall=1.0))
    _must(result.reason == "timeout" and result.wall < 3.0, f"{result.reason} after {result.wall:.1f} s")
    _must(not _host_processes(mark), "a process outlived its command")


@check("a process in the background ends with its command")
async def _background(box: Sandbox) -> None:
    mark = f"agentverse-{secrets.token_hex(6)}"
    await _python(box, f"import subprocess; subprocess.Popen(['sh', '-c', 'sleep 60; true', '{mark}'])")
    _must(not _host_processes(mark), "a process outlived its command")


@check("endless output is cut and ended")
async def _output(box: Sandbox) -> None:
    result = await box.exec(["python", "-c", "while True: print('x' * 1000)"], limits=Limits(wall=15.0, output=10_000))
    _must(result.reason == "output" and result.truncated, f"it ended with {result.reason}")
    _must(len(result.stdout) < 11_000, f"{len(result.stdout)} bytes were kept")


@check("a program that takes too much memory is stopped")
async def _memory(box: Sandbox) -> None:
    limits = Limits(wall=15.0, memory=256 << 20)
    result = await box.exec(["python", "-c", "x = b'x' * (1 << 30); print('kept')"], limits=limits)
    _must(not result.ok and b"kept" not in result.stdout, "it could have a gigabyte")


@check("a workspace cannot grow past its limit")
async def _disk(box: Sandbox) -> None:
    source = "for n in range(100):\n with open(f'big{n}', 'wb') as file: file.write(bytes(16 << 20))"
    result = await box.exec(["python", "-c", source])
    _must(not result.ok, "it could have 1,600 megabytes")


@check("folders shown are read-only")
async def _mounts(box: Sandbox) -> None:
    with _host_folder("given") as folder:
        mounts = [Mount(folder, "/shown")]
        result = await box.exec(["cat", "/shown/given"], mounts=mounts)
        _must(result.stdout == b"given", f"it cannot be read: {result.stderr!r}")
        await box.exec(["sh", "-c", "echo x > /shown/given; echo x > /shown/more; rm /shown/given"], mounts=mounts)
        result = await box.exec(["sh", "-c", "cd /shown; ls; cat given"], mounts=mounts)
        _must(result.stdout == b"given\ngiven", "it was written to")


@check("a handler of the host is reached from inside")
async def _handler(box: Sandbox) -> None:
    async def serve(stream: Stream) -> None:
        await stream.write(await stream.read())

    await box.listen(3128, serve)
    source = "import socket; s = socket.create_connection(('127.0.0.1', 3128)); s.sendall(b'echo'); print(s.recv(9))"
    result = await box.warm(["python", "-c", source])
    _must(result.stdout == b"b'echo'\n", f"it said {result.stdout!r} {result.stderr!r}")


@check("a command can be cancelled, and nothing of it is left")
async def _cancel(box: Sandbox) -> None:
    mark = f"agentverse-{secrets.token_hex(6)}"
    task = asyncio.create_task(box.exec(["sh", "-c", f"touch started; sleep 60; true {mark}"]))
    for _ in range(2000):
        if "started" in await box.export():
            break
    task.cancel()
    await asyncio.wait([task])
    _must(task.cancelled(), "it was not")
    _must(not _host_processes(mark), "a process is left")


@contextmanager
def _host_folder(name: str) -> Generator[Path]:
    """A folder of the host, readable by everybody, with one file that holds its own name."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103, the check is about what the box hides, not about modes
        file = Path(folder, name)
        file.write_text(name)
        file.chmod(0o644)
        yield Path(folder)


def _host_processes(mark: str) -> list[int]:
    """Processes of the host whose words hold ``mark``. Empty where the host has no /proc."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in words and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found
