"""What a command gets, and how it ends."""

from __future__ import annotations

import asyncio
import secrets
import sys

from agentverse.sandbox.evidence import gather
from agentverse.sandbox.protocol import Limits, Sandbox
from agentverse.sandbox.selfcheck.suite import check, host_processes, must, python


@check("python is the interpreter agentverse runs on")
async def _interpreter(box: Sandbox) -> None:
    version = await python(box, "import sys, json, sqlite3, asyncio; print(sys.version_info[:2])")
    must(version == str(sys.version_info[:2]), f"it is {version}")


@check("pytest runs and its results are read")
async def _pytest(box: Sandbox) -> None:
    await box.put({"thing.py": b"one = 1\n", "test_thing.py": b"import thing\ndef test_one(): assert thing.one == 1\n"})
    evidence = await gather(box, ["pytest", "-q"])
    must(evidence.passed, evidence.reason)
    await box.put({"thing.py": b"one = 2\n"})
    evidence = await gather(box, ["pytest", "-q"])
    must(not evidence.passed and evidence.tests is not None and evidence.tests.failed == 1, "a failure was not seen")


@check("files go in and come out unchanged")
async def _files(box: Sandbox) -> None:
    content = bytes(range(256))
    await box.put({"a/b/c.bin": content})
    await python(box, "import shutil; shutil.copy('a/b/c.bin', 'd.bin')")
    must(await box.get("d.bin") == content, "the bytes differ")
    await box.reset({"new": b""})
    must(await box.export() == {"new": b""}, "something outlived a reset")


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
    must(result.reason == "timeout" and result.wall < 3.0, f"{result.reason} after {result.wall:.1f} s")
    must(not host_processes(mark), "a process outlived its command")


@check("a process in the background ends with its command")
async def _background(box: Sandbox) -> None:
    mark = f"agentverse-{secrets.token_hex(6)}"
    await python(box, f"import subprocess; subprocess.Popen(['sh', '-c', 'sleep 60; true', '{mark}'])")
    must(not host_processes(mark), "a process outlived its command")


@check("endless output is cut and ended")
async def _output(box: Sandbox) -> None:
    result = await box.exec(["python", "-c", "while True: print('x' * 1000)"], limits=Limits(wall=15.0, output=10_000))
    must(result.reason == "output" and result.truncated, f"it ended with {result.reason}")
    must(len(result.stdout) < 11_000, f"{len(result.stdout)} bytes were kept")


@check("a command can be cancelled, and nothing of it is left")
async def _cancel(box: Sandbox) -> None:
    mark = f"agentverse-{secrets.token_hex(6)}"
    task = asyncio.create_task(box.exec(["sh", "-c", f"touch started; sleep 60; true {mark}"]))
    for _ in range(2000):
        if "started" in await box.export():
            break
    task.cancel()
    await asyncio.wait([task])
    must(task.cancelled(), "it was not")
    must(not host_processes(mark), "a process is left")


@check("a report comes back when it is a plain file, and temporary folders are each command's own")
async def _report(box: Sandbox) -> None:
    source = 'echo said > "$AGENTVERSE_REPORT"; touch "$HOME/left" "$TMPDIR/left"'
    result = await box.exec(["sh", "-c", source], report=True)
    must(result.report == b"said\n", f"it was {result.report[:80]!r}: {result.stderr[-200:]!r}")
    result = await box.exec(["sh", "-c", 'ln -s /etc/passwd "$AGENTVERSE_REPORT"; ls "$HOME" "$TMPDIR"'], report=True)
    must(result.report == b"", "a link was read")
    must(b"left" not in result.stdout, "what one command leaves there, the next one finds")
