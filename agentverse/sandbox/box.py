"""A box made with bwrap: one workspace, and commands run in it one by one or side by side."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from agentverse.errors import PathRefused, SandboxUnavailable
from agentverse.sandbox import layout, room, safeio, tooling
from agentverse.sandbox.cgroup import Group, Site, Usage
from agentverse.sandbox.live.boxes import Live
from agentverse.sandbox.process import Ended, Process
from agentverse.sandbox.protocol import ExecResult, Limits, Line, Mount, Reason, SandboxInfo
from agentverse.sandbox.room import Bind, Plan, Room

REPORTS = 16 << 20
"""Bytes that reports may take while their commands run."""
LONGEST_REPORT = 8 << 20
BEAT = 0.25
"""Seconds between looks at the processor time used."""
FULL = 64 << 10
"""A workspace with less room than this is full."""
EMPTYING = 2.0
"""Seconds that a dead tree gets to leave its control group."""
JOIN = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift; exec "$@"'
"""Moves itself into each group named before ``--`` and becomes the words after it. Ours, and the same every time."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all boxes of one backend and network share."""

    filter: bytes
    site: Site | None
    limit_processes: bool
    prlimit: str
    info: SandboxInfo


class Box(Live):
    """A `agentverse.sandbox.protocol.Sandbox`. Its disk is fixed when it is made; other limits go by command."""

    def __init__(
        self, plan: Plan, setting: Setting, limits: Limits, unavailable: Callable[[str], SandboxUnavailable]
    ) -> None:
        self.info = setting.info
        self._plan, self._setting, self._limits, self._unavailable = plan, setting, limits, unavailable
        Live.__init__(self, limits)
        self._room: Room | None = None
        self._wider: dict[tuple[Mount, ...], tuple[Room, list[tuple[str, str]]]] = {}
        self._building = asyncio.Lock()
        self._running: set[Process] = set()
        self._groups: list[Group] = []
        self._serial = itertools.count(1)
        self._closed = False

    async def __aenter__(self) -> Self:
        await self._enter()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def exec(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        mounts: Sequence[Mount] = (),
        report: bool = False,
        held: Sequence[str] = (),
        line: Line | None = None,
    ) -> ExecResult:
        """Run one command; see the protocol.

        Raises:
            PathRefused: ``cwd`` is not a folder of the workspace, or what is to be held is not there.
            SandboxUnavailable: the host let us no more, or a mount's source is not there.
            ValueError: there are no words, or one holds a NUL.
        """
        words = tooling.command(argv)
        if not words or any("\0" in word for word in words):
            raise ValueError("a command is one or more words without NUL")
        limits = limits or self._limits
        inside, shown = await self._enter_with(tuple(mounts))
        if not safeio.has_folder(inside.workspace, cwd):
            raise PathRefused(f"there is no folder {cwd!r} in the workspace")
        for path in held:
            if not safeio.has(inside.workspace, path):
                raise PathRefused(f"there is no {path!r} in the workspace to hold")
        variables = {**tooling.ENVIRONMENT, **(env or {})}
        name = self._make_report_folder(inside, variables) if report else ""
        try:
            built = layout.bwrap_words(
                str(self._plan.folder), limits=limits, cwd=cwd, env=variables, shown=shown, report=name, held=held
            )
            group = self._make_group(limits)
            try:
                ended = await self._run(inside, group, built, words, stdin, limits, line)
                usage = group.usage() if group else Usage()
            finally:
                self._drop_groups(group)
            return self._result(words, ended, usage, inside, _read_report(inside, name))
        finally:
            if name:
                shutil.rmtree(name, ignore_errors=True, dir_fd=inside.reports)

    async def put(self, files: Mapping[str, bytes]) -> None:
        inside = await self._enter()
        await asyncio.to_thread(safeio.write, inside.workspace, dict(files), owner=self._plan.owner)

    async def get(self, path: str, *, max_bytes: int = 10 << 20) -> bytes:
        inside = await self._enter()
        return await asyncio.to_thread(safeio.read, inside.workspace, path, max_bytes=max_bytes)

    async def export(self, *, max_bytes: int = 64 << 20, max_files: int = 5000) -> dict[str, bytes]:
        inside = await self._enter()
        return await asyncio.to_thread(safeio.walk, inside.workspace, max_bytes=max_bytes, max_files=max_files)

    async def copy_out(self, path: str, to: Path, *, max_bytes: int, max_files: int) -> None:
        workspace = (await self._enter()).workspace
        await asyncio.to_thread(safeio.copy_out, workspace, path, to, max_bytes=max_bytes, max_files=max_files)

    async def reset(self, files: Mapping[str, bytes]) -> None:
        """Kill what runs, throw the workspace away, take a new one."""
        await self._stop_all()
        self._leave()
        await self.put(files)

    async def is_empty(self) -> bool:
        inside = await self._enter()
        return not await asyncio.to_thread(os.listdir, inside.workspace)

    async def close(self) -> None:
        self._closed = True
        await self._stop_all()
        self._leave()

    async def _enter(self) -> Room:
        if self._closed:
            raise RuntimeError("this sandbox is closed")
        async with self._building:
            if self._room is None:
                try:
                    self._room = await room.build(self._plan, size=self._limits.disk, reports=REPORTS)
                except SandboxUnavailable as error:
                    raise self._unavailable(str(error)) from error
            return self._room

    async def _enter_with(self, mounts: tuple[Mount, ...]) -> tuple[Room, list[tuple[str, str]]]:
        """A room that shows these mounts, and where they are in it and in the box.

        What the box's user can read anyway is shown from where it is, which takes no time; a wider room takes some.
        """
        inside = await self._enter()
        if all(self._reaches(mount.source) for mount in mounts):
            return inside, [(str(mount.source.absolute()), mount.target) for mount in mounts]
        async with self._building:
            if mounts not in self._wider:
                start = next(self._serial)
                names = [f"{room.SHOWN}/{start}-{index}" for index in range(len(mounts))]
                binds = [Bind(mount.source.absolute(), name) for mount, name in zip(mounts, names, strict=True)]
                wider = await room.extend(inside, binds)
                shown = [(f"{self._plan.folder}/{name}", m.target) for name, m in zip(names, mounts, strict=True)]
                self._wider[mounts] = wider, shown
            return self._wider[mounts]

    def _reaches(self, source: Path) -> bool:
        return source.exists() if self._plan.owner is None else layout.readable_by_all(source)

    def _leave(self) -> None:
        for wider, _ in self._wider.values():
            wider.close()
        self._wider.clear()
        if self._room is not None:
            self._room.close()
            self._room = None

    async def _run(
        self,
        inside: Room,
        group: Group | None,
        built: Sequence[str],
        words: Sequence[str],
        stdin: bytes,
        limits: Limits,
        line: Line | None,
    ) -> Ended:
        """Start the command and wait until it, and all that it started, is dead."""
        entry = ["/bin/sh", "-c", JOIN, "sh", *group.entrances, "--", *inside.entry] if group else inside.entry
        rules = os.memfd_create("filter", os.MFD_CLOEXEC)
        status, status_end = os.pipe()
        try:
            os.write(rules, self._setting.filter)
            os.lseek(rules, 0, os.SEEK_SET)
            descriptors = ["--seccomp", str(rules), "--json-status-fd", str(status_end)]
            argv = [*entry, self._plan.bwrap, *built, *descriptors, "--", *self._rlimits(limits, group), *words]
            passed = (rules, status_end)
            process = Process(argv, stdin=stdin, output=limits.output, status=status, pass_fds=passed, line=line)
        finally:
            os.close(rules)
            os.close(status_end)
        self._running.add(process)
        process.ended.add_done_callback(lambda _: self._running.discard(process))
        loop = asyncio.get_running_loop()
        wall = loop.call_later(limits.wall, process.stop, "timeout")
        watch = loop.create_task(_watch_cpu(process, group, limits.cpu)) if group else None
        try:
            return await asyncio.shield(process.ended)
        finally:
            wall.cancel()
            if watch is not None:
                watch.cancel()
            process.stop("killed")
            await asyncio.shield(process.ended)

    def _rlimits(self, limits: Limits, group: Group | None) -> list[str]:
        words = [self._setting.prlimit, "--core=0", f"--nofile={limits.nofile}", f"--fsize={limits.file}"]
        words.append(f"--cpu={limits.cpu}:{limits.cpu + 1}")
        if group is None:
            words.append(f"--as={limits.memory}")
        if self._setting.limit_processes:
            words.append(f"--nproc={limits.pids}")
        return words

    def _make_group(self, limits: Limits) -> Group | None:
        try:
            return self._setting.site.make(limits) if self._setting.site else None
        except OSError as error:
            raise self._unavailable(f"no control group could be made: {error}") from error

    def _drop_groups(self, group: Group | None = None) -> None:
        """Remove groups whose processes are dead. One that is still emptying is removed another time."""
        if group is not None:
            self._groups.append(group)
        self._groups = [left for left in self._groups if not left.remove()]

    async def _stop_all(self) -> None:
        await self.end_session()
        while self._running:
            ending = [process.ended for process in self._running]
            for process in tuple(self._running):
                process.stop("killed")
            await asyncio.wait(ending)
        deadline = asyncio.get_running_loop().time() + EMPTYING
        self._drop_groups()
        while self._groups and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.005)
            self._drop_groups()

    def _make_report_folder(self, inside: Room, variables: dict[str, str]) -> str:
        name = str(next(self._serial))
        os.mkdir(name, 0o755, dir_fd=inside.reports)
        if self._plan.owner is not None:
            os.chown(name, self._plan.owner, self._plan.owner, dir_fd=inside.reports)
        variables[tooling.REPORT_VARIABLE] = f"{tooling.REPORT_FOLDER}/report"
        return name

    def _result(self, words: tuple[str, ...], ended: Ended, usage: Usage, inside: Room, report: bytes) -> ExecResult:
        code = ended.exit_code
        number = int(signal.SIGKILL) if ended.stopped or code is None else code - 128 if 128 < code <= 192 else None
        return ExecResult(
            argv=words,
            exit_code=None if number is not None else code,
            signal=number,
            stdout=ended.stdout,
            stderr=ended.stderr,
            truncated=ended.truncated,
            reason=_reason(ended, usage, number, inside),
            wall=ended.wall,
            cpu=usage.cpu,
            max_rss=usage.peak_memory,
            report=report,
        )


def _reason(ended: Ended, usage: Usage, number: int | None, inside: Room) -> Reason:
    if ended.stopped is not None:
        return ended.stopped
    if ended.exit_code == 0:
        return "exited"
    if usage.out_of_memory:
        return "memory"
    if ended.exit_code is None:
        return "sandbox_lost"
    if usage.out_of_pids:
        return "pids"
    if number == signal.SIGXCPU:
        return "timeout"
    room_left = os.statvfs(inside.workspace)
    if number == signal.SIGXFSZ or room_left.f_bavail * room_left.f_frsize < FULL:
        return "disk"
    return "exited" if number is None else "killed"


def _read_report(inside: Room, name: str) -> bytes:
    """What was reported; nothing when the report is absent, too long or no plain file: the reader must miss it."""
    if not name:
        return b""
    try:
        return safeio.read(inside.reports, f"{name}/report", max_bytes=LONGEST_REPORT)
    except (FileNotFoundError, PathRefused):
        return b""


async def _watch_cpu(process: Process, group: Group, allowed: float) -> None:
    while True:
        await asyncio.sleep(BEAT)
        if group.cpu() > allowed:
            process.stop("timeout")
