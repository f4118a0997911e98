"""How attacks are carried out, and what is looked at afterwards besides what is always looked at."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from agentverse.engine.trust import is_test
from agentverse.errors import PathRefused, SandboxUnavailable
from agentverse.sandbox import report, scrub
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.hollow import hollow
from agentverse.sandbox.protocol import ExecResult
from tests.sandbox.attacks.scene import GotThrough, NotTried, Scene, must, program
from tests.sandbox.attacks.targets import SECRET

Way = Callable[[Scene], Awaitable[None]]
Check = Callable[[Scene, ExecResult], Awaitable[None]]

SLACK = 8
"""Processes: where the kernel counts all of a user, others of the user end while these begin."""
READS = 60
"""Rounds of reading while a program changes what is read."""
HONEST = b"import product\n\n\ndef test_fails():\n    assert product.answer() == 42\n"
PRODUCT = b"def answer():\n    return 41\n"


def once(*checks: Check, report: bool = False, held: tuple[str, ...] = ()) -> Way:
    """Run the program to its end, then check."""

    async def way(scene: Scene) -> None:
        if held:
            await scene.box.put(dict.fromkeys(held, b"as it was"))
        result = await scene.run(report=report, held=held)
        for check in checks:
            await check(scene, result)

    return way


async def while_read(scene: Scene) -> None:
    """The host reads, lists, writes and empties the workspace while the program changes it under its hands."""
    await scene.put()
    running = asyncio.create_task(scene.start())
    try:
        while "ready" not in await _listed(scene):
            if running.done():
                raise NotTried(f"{running.result()}")
        for _ in range(READS):
            for path in ("now/data", "deep/now/data", "file", "now", "g", "a/b/f", "c/f"):
                must(SECRET.encode() not in await _got(scene, path), f"the host read a secret by {path}")
            await _put(scene, "away/data", "now/planted", "deep/now/planted", "file_away", "c/planted")
            exported = await _listed(scene)
            must(all(SECRET.encode() not in content for content in exported.values()), "a secret was exported")
    finally:
        running.cancel()
        await asyncio.wait([running])


async def while_held(scene: Scene) -> None:
    """A program beside a command exchanges what that command is shown read-only for a link to the host's secret."""
    await scene.box.put({"kept/secret": b"harmless"})
    await scene.put()
    running = asyncio.create_task(scene.start())
    try:
        while "ready" not in await _listed(scene):
            if running.done():
                raise NotTried(f"{running.result()}")
        for _ in range(READS if scene.box.info.enforced.get("held files", "") else 3):
            try:
                shown = await scene.box.exec(["cat", "kept/secret"], held=["kept/secret"], limits=scene.limits)
            except (PathRefused, SandboxUnavailable):
                continue
            must(SECRET.encode() not in shown.stdout, "a command was shown a file of the host")
    finally:
        running.cancel()
        await asyncio.wait([running])


async def without_supervisor(scene: Scene) -> None:
    """Kill the program that watches over the command: that is a sandbox lost, and ends all the same."""
    await scene.put()
    running = asyncio.create_task(scene.start())
    while "ready" not in await _listed(scene):
        if running.done():
            raise NotTried(f"{running.result()}")
    for pid in _supervisors():
        os.kill(pid, signal.SIGKILL)
    result = await running
    must(result.reason == "sandbox_lost", f"it was told as {result.reason}")
    must(result.wall < scene.limits.wall, "nobody noticed")


def _supervisors() -> list[int]:
    """Our children, but for the targets among them."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"cat" not in (folder / "comm").read_bytes():
                found.append(int(folder.name))
    return found


def forging(place: str, *, beside: bool = True) -> Way:
    """Put the program into a product whose tests fail, as the file ``place``; nobody may believe that they pass."""

    async def way(scene: Scene) -> None:
        files = {"product.py": PRODUCT, "test_honest.py": HONEST} if beside else {}
        files[place] = files.get(place, b"") + program(scene.name)
        await scene.box.put(files)
        evidence = await gather(scene.box, ["pytest", "-q"], limits=scene.limits)
        if not evidence.passed:
            return
        await scene.box.reset(hollow(files, [path for path in files if is_test(path)]))
        again = await gather(scene.box, ["pytest", "-q"], limits=scene.limits)
        must(again.passed, "tests that fail were believed to pass")

    return way


async def shown_as_evidence(scene: Scene) -> None:
    """What the program prints is shown to people: no character of it may act on a terminal or hide a word."""
    await scene.put()
    evidence = await gather(scene.box, ["python", f"{scene.name}.py"], limits=scene.limits)
    for text in (evidence.head, evidence.tail, evidence.reason):
        bad = [c for c in text if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or scrub.UNSEEN.match(c)]
        must(not bad, f"evidence holds {bad[:5]!r}")
    must("owned" not in evidence.head, "a title was shown as text")
    if "TRIED" not in evidence.head:
        raise NotTried(evidence.reason)


# ---------------------------------------------------------------------- checks


async def nothing_taken(scene: Scene, result: ExecResult) -> None:
    """All that was asked for is the host's, so nothing at all may have come."""
    loot = await scene.box.get("loot")
    must(loot == b"", f"{len(loot)} bytes of the host's files were read")


async def few_were_made(scene: Scene, result: ExecResult) -> None:
    made = int(await scene.text("made"))
    must(made < scene.limits.pids + SLACK, f"{made} processes were made, and {scene.limits.pids} are allowed")


async def output_is_cut(scene: Scene, result: ExecResult) -> None:
    must(result.reason == "output", f"it ended by {result.reason}")
    must(len(result.stdout) <= scene.limits.output + 100, f"{len(result.stdout)} bytes were kept")


async def held_in_time(scene: Scene, result: ExecResult) -> None:
    must(result.reason in ("timeout", "killed"), f"it ended by {result.reason}")


async def report_is_bounded(scene: Scene, result: ExecResult) -> None:
    must(len(result.report) <= 8 << 20, f"{len(result.report)} bytes of report came")
    must(SECRET.encode() not in result.report, "a secret came as the report")
    seen = report.parse(result.report)
    must(not seen.cases or not seen.whole or seen.exit_code is None, "a report made of nonsense was believed")


async def files_are_small(scene: Scene, result: ExecResult) -> None:
    """Each file keeps to its limit, and their sum to the disk's."""
    folder = await scene.workspace()
    sizes = [os.stat(name, dir_fd=folder, follow_symlinks=False).st_size for name in os.listdir(folder)]
    must(max(sizes) <= scene.limits.file, f"a file has {max(sizes)} bytes, and {scene.limits.file} are allowed")


async def disk_is_held(scene: Scene, result: ExecResult) -> None:
    folder = await scene.workspace()
    used = sum(os.stat(name, dir_fd=folder, follow_symlinks=False).st_blocks * 512 for name in os.listdir(folder))
    must(used <= scene.limits.disk, f"{used >> 20} MiB were written, and {scene.limits.disk >> 20} are allowed")


async def no_image_of_memory(scene: Scene, result: ExecResult) -> None:
    left = [
        name for name in os.listdir(await scene.workspace()) if "core" in name.split(".") and name != "core_dump.py"
    ]
    must(not left, f"{left} was left")


async def kept_as_it_was(scene: Scene, result: ExecResult) -> None:
    for path in ("kept/held.txt",):
        must(await scene.box.get(path) == b"as it was", f"{path} was changed")


async def nothing_starts_later(scene: Scene, result: ExecResult) -> None:
    """What was planted must not be run by the next command, which did not ask for it."""
    after = await scene.box.exec(["python", "-c", "print('fine')"], limits=scene.limits)
    if after.stdout != b"fine\n":
        raise GotThrough(f"a planted file ran in the next command: {after.stdout[:80]!r}")


async def _listed(scene: Scene) -> dict[str, bytes]:
    try:
        return await scene.box.export()
    except PathRefused:
        return {}


async def _got(scene: Scene, path: str) -> bytes:
    try:
        return await scene.box.get(path)
    except (PathRefused, FileNotFoundError):
        return b""


async def _put(scene: Scene, *paths: str) -> None:
    for path in paths:
        try:
            await scene.box.put({path: b"x"})
        except PathRefused:
            continue
