"""A private mount namespace in which the workspace lives, and from which every command's box is built.

The workspace is a file system in memory of a fixed size. It is mounted nowhere else: the host sees it only through an
open folder, no other process can name it, and it is gone when the last descriptor closes, however this process ends.
The same namespace shows an unprivileged user what only we may read (an interpreter in root's home, for one).
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NamedTuple

from agentverse.errors import SandboxUnavailable

SMALL = 1 << 20
READY_WITHIN = 30.0
"""Seconds; it takes a hundredth of one."""
WORK, REPORTS, PYTHON, OURS, SHOWN = "work", "reports", "python", "ours", "shown"
"""Folders of a room: the workspace, reports, the interpreter, our own files, and what single commands are shown."""


class Bind(NamedTuple):
    """A file or folder of the host shown in the room, read-only, by its path below the room."""

    source: Path
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What every room of one backend is made from."""

    bwrap: str
    nsenter: str
    folder: Path
    """An empty folder of the host that the room is mounted over, in its own namespace."""
    binds: tuple[Bind, ...]
    links: tuple[tuple[str, str], ...]
    """Symbolic links by target and path below the room."""
    masked: tuple[str, ...]
    """Folders below the room that are covered by empty ones."""
    owner: int | None
    """User that commands run as, when we are root and can choose; None: our own."""


@dataclass(slots=True)
class Room:
    """Open namespaces and an open workspace."""

    plan: Plan
    workspace: int
    reports: int
    mounts: int
    users: int | None

    @property
    def entry(self) -> list[str]:
        """Words put before a command so that it starts in the room, as the user it is to run as."""
        here = f"/proc/{os.getpid()}/fd"
        words = [self.plan.nsenter, f"--mount={here}/{self.mounts}"]
        if self.users is not None:
            return [*words, f"--user={here}/{self.users}", "--preserve-credentials", "--"]
        return [*words, "-S", str(self.plan.owner), "-G", str(self.plan.owner), "--"]

    def close(self) -> None:
        """Let go of it. The files are freed when the last process in the room is dead."""
        for descriptor in (self.workspace, self.reports, self.mounts, self.users):
            if descriptor is not None:
                os.close(descriptor)


async def build(plan: Plan, *, size: int, reports: int) -> Room:
    """Make a room with an empty workspace of ``size`` bytes, and ``reports`` bytes for reports beside it.

    Raises:
        SandboxUnavailable: the host does not let us.
    """
    base = str(plan.folder)
    words = ["--perms", "0755", "--size", str(SMALL), "--tmpfs", base]
    for name, room in ((WORK, size), (REPORTS, reports)):
        words += ["--perms", "0755", "--size", str(room), "--tmpfs", f"{base}/{name}"]
    folders = {
        SHOWN,
        *(str(PurePath(name).parent) for name in (*(b.name for b in plan.binds), *(n for _, n in plan.links))),
    }
    for name in sorted(folders - {"."}):
        words += ["--perms", "0755", "--dir", f"{base}/{name}"]
    for source, name in plan.binds:
        words += ["--ro-bind", str(source), f"{base}/{name}"]
    for target, name in plan.links:
        words += ["--symlink", target, f"{base}/{name}"]
    for name in plan.masked:
        words += ["--size", "4096", "--perms", "0555", "--tmpfs", f"{base}/{name}", "--remount-ro", f"{base}/{name}"]
    return await _in_thread(lambda: _build(plan, [], words))


async def extend(room: Room, binds: Sequence[Bind]) -> Room:
    """Make a room that shows more, around the same workspace.

    Raises:
        SandboxUnavailable: the host does not let us, or a source is not there.
    """
    words = [word for source, name in binds for word in ("--ro-bind", str(source), f"{room.plan.folder}/{name}")]
    entry = room.entry if room.users is not None else [*room.entry[:2], "--"]
    return await _in_thread(lambda: _build(room.plan, entry, words, fresh=False))


async def _in_thread(make: Callable[[], Room]) -> Room:
    future = asyncio.get_running_loop().run_in_executor(None, make)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        future.add_done_callback(lambda made: None if made.exception() else made.result().close())
        raise


def _build(plan: Plan, entry: Sequence[str], words: Sequence[str], *, fresh: bool = True) -> Room:
    """Mount everything in a short-lived bwrap and keep what it made open past its end."""
    user = ["--unshare-user"] if plan.owner is None else []
    with ExitStack() as done:
        status, status_end = _pipe(done)
        argv = [*entry, plan.bwrap, *user, "--dev-bind", "/", "/", *words, "--json-status-fd", str(status_end)]
        holder = subprocess.Popen(  # noqa: S603, words, never a shell line
            [*argv, "--", "/bin/cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            cwd="/",
            pass_fds=[status_end],
            start_new_session=True,
            bufsize=0,
        )
        done.enter_context(holder)
        _wait_ready(holder)
        pid = json.loads(os.read(status, 4096).split(b"\n")[0])["child-pid"]
        room = _keep(plan, pid)
        if fresh and plan.owner is not None:
            for folder in (room.workspace, room.reports):
                os.fchown(folder, plan.owner, plan.owner)
        return room


def _pipe(done: ExitStack) -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        done.callback(os.close, end)
    return ends


def _wait_ready(holder: subprocess.Popen[bytes]) -> None:
    """Return when cat, and so every mount, is there: it says back what it is told."""
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stderr is not None
    with suppress(BrokenPipeError):  # it failed already; its words follow
        holder.stdin.write(b".")
    if not select.select([holder.stdout], [], [], READY_WITHIN)[0]:
        # A child that lost its parent while it was made holds the pipe open and says nothing, for ever.
        with suppress(ProcessLookupError):
            os.killpg(holder.pid, signal.SIGKILL)
        raise SandboxUnavailable(f"bubblewrap was not ready within {READY_WITHIN:g} seconds", fix="Try again.")
    if holder.stdout.read(1) != b".":
        said = holder.stderr.read().decode(errors="replace").strip()
        raise SandboxUnavailable(said or "bubblewrap ended without a word")


def _keep(plan: Plan, pid: int) -> Room:
    """Open the namespaces and folders that process ``pid`` sees."""
    with ExitStack() as undo:

        def keep(path: str, flags: int = os.O_RDONLY) -> int:
            descriptor = os.open(path, flags | os.O_CLOEXEC)
            undo.callback(os.close, descriptor)
            return descriptor

        seen = f"/proc/{pid}/root{plan.folder}"
        room = Room(
            plan,
            workspace=keep(f"{seen}/{WORK}", os.O_DIRECTORY),
            reports=keep(f"{seen}/{REPORTS}", os.O_DIRECTORY),
            mounts=keep(f"/proc/{pid}/ns/mnt"),
            users=keep(f"/proc/{pid}/ns/user") if plan.owner is None else None,
        )
        undo.pop_all()
        return room
