"""A box made with bwrap: one workspace, and commands run in it one by one or side by side."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from agentverse.errors import PathRefused, SandboxUnavailable
from agentverse.sandbox import layout, removal, room, safeio, tooling
from agentverse.sandbox.cgroup import Group, Site, Usage
from agentverse.sandbox.live.boxes import Live
from agentverse.sandbox.outcome import outcome, read_report_in
from agentverse.sandbox.process import Ended, Process
from agentverse.sandbox.protocol import ExecResult, Limits, Line, Mount, SandboxInfo
from agentverse.sandbox.room import Bind, Plan, Room

REPORTS = 16 << 20
"""Bytes that reports may take while their commands run."""
BEAT = 0.25
"""Seconds between looks at the processor time used."""
FULL = 64 << 10
"""A workspace with less room than this is full."""
EMPTYING = 2.0
"""Seconds that a dead tree gets to leave its control group."""
JOIN = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift; exec "$@"'
"""Moves itself into each group named before ``--`` and becomes the words after it. Ours, and the same every time."""
BOUND = '"$1" --pid 1 "$2" && exec "$@"'
"""Bounds the first process of the box, which a command could write to, and then becomes a command so bounded."""


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
        self._holding = False
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
            SandboxUnavailable: the host let us no more, a mount's source is not there, or another command runs beside
                one for which files are held.
            ValueError: there are no words, or one holds a NUL.
        """
        words = tooling.command(argv)
        if not words or any("\0" in word for word in words):
            raise ValueError("a command is one or more words without NUL")
        limits = limits or self._limits
        inside, shown = await self._enter_with(tuple(mounts))
        if not safeio.has_folder(inside.workspace, cwd):
            raise PathRefused(f"there is no folder {cwd!r} in the workspace")
        self._check_held(inside, held)
        variables = {**tooling.ENVIRONMENT, **(env or {})}
        name = self._make_report_folder(inside, variables) if report else ""
        try:
            built = layout.bwrap_words(
                str(self._plan.folder), limits=limits, cwd=cwd, env=variables, shown=shown, report=name, held=held
            )
            group = self._make_group(limits)
            try:
                self._holding = bool(held)
                ended = await self._run(inside, group, built, words, stdin, limits, line)
                usage = group.usage() if group else Usage()
            finally:
                self._holding = False
                self._drop_groups(group)
            said = read_report_in(inside.reports, name) if name else b""
            return outcome(words, ended, report=said, usage=usage, full=_is_full(inside.workspace))
        finally:
            if name:
                await asyncio.to_thread(removal.remove_in, inside.reports, name)

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
            bwrap = [*entry, *self._rlimits(limits, group), self._plan.bwrap, *built, *descriptors, "--"]
            argv = [*bwrap, *self._inner(limits, group), *words]
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
        """Words before bwrap: what it starts inherits these, its first process as well as the command."""
        words = [self._setting.prlimit, "--core=0", f"--nofile={limits.nofile}", f"--fsize={limits.file}"]
        words.append(f"--cpu={limits.cpu}:{limits.cpu + 1}")
        if group is None:
            words.append(f"--as={limits.memory}")
        return words

    def _inner(self, limits: Limits, group: Group | None) -> list[str]:
        """Words before the command, which say so when there is no such command. A bound on processes that counts the
        box alone can be set only in it.
        """
        if group is not None or not self._setting.limit_processes:
            return [self._setting.prlimit, "--core=0", "--"]
        return ["/bin/sh", "-c", BOUND, "sh", self._setting.prlimit, f"--nproc={limits.pids}", "--"]

    def _check_held(self, inside: Room, held: Sequence[str]) -> None:
        """A program beside us could exchange a held file for a link while bwrap mounts it, and be shown the host's."""
        if self._holding or (held and self._running):
            raise SandboxUnavailable(
                "files can be held only while nothing else runs in the box", fix="Open a box of its own for it."
            )
        for path in held:
            if not safeio.has(inside.workspace, path):
                raise PathRefused(f"there is no {path!r} in the workspace to hold")

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


def _is_full(folder: int) -> bool:
    left = os.statvfs(folder)
    return left.f_bavail * left.f_frsize < FULL


async def _watch_cpu(process: Process, group: Group, allowed: float) -> None:
    while True:
        await asyncio.sleep(BEAT)
        if group.cpu() > allowed:
            process.stop("timeout")
