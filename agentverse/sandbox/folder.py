"""A box whose workspace is a temporary folder of the host. What is around it is for each backend to say."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from agentverse.errors import PathRefused
from agentverse.sandbox import removal, safeio, tooling
from agentverse.sandbox.live.boxes import Live
from agentverse.sandbox.outcome import outcome, read_report_in
from agentverse.sandbox.process import Ended, Process
from agentverse.sandbox.protocol import ExecResult, Limits, Line, Mount, Reason, SandboxInfo

WORK, COMMANDS, TEMPORARY, HOME, REPORT = "work", "commands", "tmp", "home", "report"
NO_SPACE = b"No space left on device"


@dataclass(frozen=True, slots=True)
class Place:
    """Folders of one box on the host."""

    base: Path
    workspace: int
    """The workspace, open."""


@dataclass(frozen=True, slots=True)
class Job:
    """One command for a backend to start."""

    words: tuple[str, ...]
    stdin: bytes
    cwd: str
    env: dict[str, str]
    limits: Limits
    mounts: tuple[Mount, ...]
    line: Line | None
    place: Place
    own: Path
    """A folder of the host for this command alone, with `TEMPORARY` and `HOME` in it; gone when the command is."""
    report: Path | None
    """Where in ``own`` the report goes, if there is to be one; its path for the command is the backend's to give."""


class Running(Protocol):
    """A started command."""

    process: Process

    async def stop(self) -> None:
        """Kill all of it. Called at the end of every command, whether or not it has ended by itself."""
        ...

    async def reason(self, ended: Ended) -> Reason | None:
        """A limit that was hit, if the backend knows; None leaves it to the exit code."""
        ...


class Starter(Protocol):
    """The part of a backend that a box needs."""

    async def start(self, job: Job) -> Running: ...


@dataclass(slots=True)
class Direct:
    """A command whose `Process` is all there is to it."""

    process: Process

    async def stop(self) -> None:
        self.process.stop("killed")

    async def reason(self, ended: Ended) -> Reason | None:
        return None


@dataclass
class FolderBox(Live):
    """A `agentverse.sandbox.protocol.Sandbox` around a folder.

    Attributes:
        owner: user that commands run as, when we are root and can choose; it owns the workspace.
    """

    info: SandboxInfo
    starter: Starter
    limits: Limits
    owner: int | None = None
    _place: Place | None = None
    _running: set[asyncio.Task[ExecResult]] = field(default_factory=set[asyncio.Task[ExecResult]])
    _processes: set[Process] = field(default_factory=set[Process])
    _serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _closed: bool = False

    def __post_init__(self) -> None:
        Live.__init__(self, self.limits)

    async def __aenter__(self) -> Self:
        self._enter()
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
            PathRefused: ``cwd`` is not a folder of the workspace.
            SandboxUnavailable: the backend can run nothing now, or cannot do what is asked.
            ValueError: there are no words, or one holds a NUL.
        """
        words = tooling.command(argv)
        if not words or any("\0" in word for word in words):
            raise ValueError("a command is one or more words without NUL")
        place = self._enter()
        if not safeio.has_folder(place.workspace, cwd):
            raise PathRefused(f"there is no folder {cwd!r} in the workspace")
        variables = {**tooling.ENVIRONMENT, **(env or {})}
        own = self._make_own(place, report=report)
        told = own / REPORT if report else None
        job = Job(words, stdin, cwd, variables, limits or self.limits, tuple(mounts), line, place, own, told)
        task = asyncio.create_task(self._run(job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])
            raise

    async def put(self, files: Mapping[str, bytes]) -> None:
        await asyncio.to_thread(safeio.write, self._enter().workspace, dict(files), owner=self.owner)

    async def get(self, path: str, *, max_bytes: int = 10 << 20) -> bytes:
        return await asyncio.to_thread(safeio.read, self._enter().workspace, path, max_bytes=max_bytes)

    async def export(self, *, max_bytes: int = 64 << 20, max_files: int = 5000) -> dict[str, bytes]:
        workspace = self._enter().workspace
        return await asyncio.to_thread(safeio.walk, workspace, max_bytes=max_bytes, max_files=max_files)

    async def copy_out(self, path: str, to: Path, *, max_bytes: int, max_files: int) -> None:
        workspace = self._enter().workspace
        await asyncio.to_thread(safeio.copy_out, workspace, path, to, max_bytes=max_bytes, max_files=max_files)

    async def reset(self, files: Mapping[str, bytes]) -> None:
        await self._stop_all()
        await self._leave()
        await self.put(files)

    async def is_empty(self) -> bool:
        return not await asyncio.to_thread(os.listdir, self._enter().workspace)

    async def close(self) -> None:
        self._closed = True
        await self._stop_all()
        await self._leave()

    def _enter(self) -> Place:
        if self._closed:
            raise RuntimeError("this sandbox is closed")
        if self._place is None:
            base = Path(tempfile.mkdtemp(prefix="agentverse-box-")).resolve()
            base.chmod(self._through)
            self._make(base / WORK)
            (base / COMMANDS).mkdir(self._through)
            self._place = Place(base, os.open(base / WORK, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        return self._place

    async def _leave(self) -> None:
        if self._place is not None:
            place, self._place = self._place, None
            os.close(place.workspace)
            await asyncio.to_thread(removal.remove, place.base)

    @property
    def _through(self) -> int:
        """Mode of the folders around the workspace: only a user of its own needs to get through. Others could run
        what a command leaves there in its user's name.
        """
        return 0o700 if self.owner is None else 0o711

    def _make_own(self, place: Place, *, report: bool) -> Path:
        own = place.base / COMMANDS / str(next(self._serial))
        own.mkdir(self._through)
        for name in (TEMPORARY, HOME, *([REPORT] if report else [])):
            self._make(own / name)
        return own

    def _make(self, folder: Path) -> Path:
        folder.mkdir(0o700)
        if self.owner is not None:
            os.chown(folder, self.owner, self.owner)
        return folder

    async def _run(self, job: Job) -> ExecResult:
        try:
            running = await self.starter.start(job)
            ended = await self._watch(running, job.limits.wall)
            hit = await running.reason(ended)
            full = bool(ended.exit_code) and NO_SPACE in ended.stderr[-4000:]
            return outcome(job.words, ended, report=_read_report(job), hit=hit, full=full)
        finally:
            await asyncio.to_thread(removal.remove, job.own)

    async def _watch(self, running: Running, wall: float) -> Ended:
        """Wait for the end of a command, which comes after ``wall`` seconds at the latest, and of all it started."""
        process = running.process
        self._processes.add(process)
        stop = asyncio.get_running_loop().call_later(wall, process.stop, "timeout")
        try:
            return await asyncio.shield(process.ended)
        finally:
            stop.cancel()
            self._processes.discard(process)
            process.stop("killed")
            await _surely(_end(running))

    async def _stop_all(self) -> None:
        """End every command; whoever waits for one gets its result, ``killed``."""
        await self.end_session()
        for process in tuple(self._processes):
            process.stop("killed")
        if self._running:
            await asyncio.wait(set(self._running))


async def _end(running: Running) -> None:
    await running.stop()
    await running.process.ended


async def _surely(ending: Coroutine[None, None, None]) -> None:
    """Wait for the end even while being cancelled; the cancellation goes on afterwards."""
    task = asyncio.create_task(ending)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled


def _read_report(job: Job) -> bytes:
    if job.report is None:
        return b""
    folder = os.open(job.own, safeio.FOLDER)
    try:
        return read_report_in(folder, job.report.name)
    finally:
        os.close(folder)
