"""What agentverse asks of a sandbox. Model-written code runs here and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, Self

Reason = Literal["exited", "timeout", "memory", "pids", "disk", "output", "killed", "sandbox_lost"]
Strength = Literal["kernel", "namespaces", "lsm", "none"]
Network = Literal["loopback", "none"]
"""``loopback``: a private network namespace with its own 127.0.0.1 and no way out. Other backends bring other kinds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one command, its children included. Bytes and seconds."""

    wall: float = 60.0
    cpu: int = 60
    memory: int = 1 << 30
    pids: int = 128
    disk: int = 512 << 20
    file: int = 256 << 20
    output: int = 1 << 20
    """Kept of stdout and of stderr each: the first and the last half of it."""
    nofile: int = 1024


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What a command did. A limit that was hit is a result, not an error."""

    argv: tuple[str, ...]
    exit_code: int | None
    signal: int | None
    stdout: bytes
    stderr: bytes
    truncated: bool
    reason: Reason
    wall: float
    cpu: float = 0.0
    max_rss: int = 0
    report: bytes = b""
    """What the command wrote to the file that ``AGENTVERSE_REPORT`` named, when it was run with ``report=True``."""

    @property
    def ok(self) -> bool:
        return self.reason == "exited" and self.exit_code == 0


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    backend: str
    strength: Strength
    enforced: Mapping[str, str] = field(default_factory=dict[str, str])
    """files, network, memory, processes, disk, cpu: how each is held, or "" when it is not."""
    system: str = ""
    """What programs and libraries are those of, when not of the host: the name of an image."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A read-only folder or file of the host shown inside. When we are root it must be readable by everybody."""

    source: Path
    target: str


@dataclass(frozen=True, slots=True)
class Provision:
    """What a product needs besides its own files: its packages, its toolchain. Added to every command that runs it."""

    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    modules: frozenset[str] = frozenset()
    """Names that can be imported from its packages."""


class Line(Protocol):
    """The other end of a running command's stdin and stdout."""

    def connected(self, write: Callable[[bytes], None]) -> None:
        """The command was started; ``write`` sends to its stdin, in order, without waiting."""
        ...

    def heard(self, data: bytes) -> None:
        """It said this. Called from the event loop; must not wait and must not raise."""
        ...


class Stream(Protocol):
    """A connection into the box."""

    async def read(self, most: int = 65536) -> bytes:
        """What has arrived; empty at the end."""
        ...

    async def write(self, data: bytes) -> None: ...

    async def close(self) -> None: ...


class Running(Protocol):
    """A program that goes on while others are run beside it. It dies with the sandbox."""

    name: str

    @property
    def over(self) -> bool: ...

    async def wait(self) -> ExecResult:
        """Its end; what it printed is in the result as `Limits.output` allows."""
        ...

    async def kill(self) -> None:
        """Kill it and all it started."""
        ...

    def printed(self, since: int = 0) -> bytes:
        """What it printed on stdout and stderr so far, without the first ``since`` bytes."""
        ...

    async def write(self, data: bytes) -> None:
        """Send to its stdin."""
        ...

    async def until(self, said: bytes, *, within: float) -> bool:
        """Wait until it printed ``said``; False when it ended, or the seconds passed, before that."""
        ...


class Terminal(Protocol):
    """A program on a terminal of its own, and what its screen shows."""

    columns: int
    rows: int

    @property
    def over(self) -> bool: ...

    def screen(self) -> str:
        """The screen as text, without trailing spaces."""
        ...

    def picture(self) -> bytes:
        """The screen as PNG, with colours."""
        ...

    async def send(self, data: str) -> None:
        """Type this. Keys by name: `agentverse.sandbox.looks.keys`."""
        ...

    async def settle(self, *, quiet: float = 0.15, within: float = 5.0) -> None:
        """Wait until nothing was printed for ``quiet`` seconds, or the program ended."""
        ...

    async def wait(self) -> ExecResult: ...

    async def kill(self) -> None: ...


class Display(Protocol):
    """An X server in the box, with keyboard and mouse."""

    name: str
    """``:N``, for DISPLAY."""

    async def windows(self) -> Sequence[str]:
        """Titles of the windows that are mapped now."""
        ...

    async def area(self) -> tuple[int, int, int, int] | None:
        """Where the window on top is: left, top, right and bottom in pixels; None when there is none."""
        ...

    async def screenshot(self) -> bytes:
        """The whole screen as PNG."""
        ...

    async def key(self, name: str) -> None: ...

    async def type(self, text: str) -> None: ...

    async def click(self, x: int, y: int) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong on a page.

    Attributes:
        kind: an error that nothing caught, one that the page wrote to its console, a request that was not answered, or
            one that was answered with a status from 400 on.
        text: what happened, one line.
        url: what was asked for.
        status: of the answer.
        resource: what it was asked for as: ``Document``, ``Script``, ``Fetch`` …
    """

    kind: Literal["error", "console", "unanswered", "status"]
    text: str
    url: str = ""
    status: int = 0
    resource: str = ""


class PageError(Exception):
    """A page cannot be opened, or has not what is to be used on it; the text says which."""


class Browser(Protocol):
    """A web browser in the box with one page. No wait is without end; dialogs are answered with yes.

    Everything here raises ConnectionError when the browser is gone or its page does not answer any more.
    """

    @property
    def troubles(self) -> Sequence[Trouble]:
        """Of all pages so far, the oldest first."""
        ...

    @property
    def dialogs(self) -> Sequence[str]:
        """What dialogs said so far."""
        ...

    async def goto(self, url: str) -> int:
        """Open a page and wait until it is loaded.

        Returns:
            The HTTP status; 0 when there is none.

        Raises:
            PageError: it could not be reached, or is not loaded in time.
        """
        ...

    async def text(self) -> str:
        """What can be read on the page: its title, its text, and what is written in its fields."""
        ...

    async def screenshot(self) -> bytes:
        """What the window shows, as PNG."""
        ...

    async def click(self, what: str) -> None:
        """Click a button, a link or whatever else is so called, a CSS selector, or ``x,y``.

        Raises:
            PageError: there is none.
        """
        ...

    async def type(self, field: str, text: str) -> None:
        """Write into the field of that label, placeholder or name instead of what is there; "" is the field in use.

        Raises:
            PageError: there is none, or it has no such choice.
        """
        ...

    async def key(self, name: str) -> None:
        """Press a key. Keys by name: `agentverse.sandbox.looks.keys`."""
        ...

    async def settle(self, *, quiet: float = 0.1, within: float = 3.0) -> None:
        """Wait until nothing was asked of a server for ``quiet`` seconds and every answer is there.

        For ``within`` seconds, or longer when it is a page that is still to come; without an answer that is a trouble.
        """
        ...

    async def close(self) -> None: ...


class Sandbox(Protocol):
    """One workspace in a box, as an async context manager. Inside it is ``/work``.

    `exec` starts from nothing every time: its verdicts count. `spawn`, `warm`, `connect`, `terminal`, `display`
    and `browser` share one session, whose programs see each other and the same 127.0.0.1; what is heard from there is
    only as good as the worst program in it.
    """

    info: SandboxInfo

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
        """Run one command to its end and kill everything it started. ``argv`` is words, never a shell line.

        Args:
            report: give the command a file outside the workspace to write to; it comes back in the result.
            held: files and folders of the workspace that the command can read but not change, where the backend can
                (``info.enforced["held files"]``).
            line: talk to the command while it runs; then ``stdin`` is not used and stdout is not kept.
        """
        ...

    async def spawn(
        self,
        argv: Sequence[str],
        *,
        name: str,
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        mounts: Sequence[Mount] = (),
    ) -> Running:
        """Start a program in the session and return at once.

        Raises:
            SandboxUnavailable: the session cannot be started, or broke down.
        """
        ...

    async def warm(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        mounts: Sequence[Mount] = (),
    ) -> ExecResult:
        """Run a command in the session, in a few milliseconds where `exec` takes tens. ``pytest …`` is forked from a
        process that has imported it, and reports. Good for many tries; not for a verdict.
        """
        ...

    async def connect(self, port: int) -> Stream:
        """Connect to a server in the session.

        Raises:
            ConnectionError: nothing listens there.
        """
        ...

    async def listen(
        self, port: int, serve: Callable[[Stream], Awaitable[None]], *, mounts: Sequence[Mount] = ()
    ) -> None:
        """Have the host serve what programs in the session ask on a port of their 127.0.0.1: their only way out.

        Args:
            serve: called for every connection, with it; it is closed when that returns.

        Raises:
            ConnectionError: the port is taken.
        """
        ...

    async def publish(self, port: int) -> str:
        """Let the user's own browser reach a server in the session, until the sandbox closes.

        Returns:
            A URL on the host's 127.0.0.1.
        """
        ...

    async def terminal(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        mounts: Sequence[Mount] = (),
    ) -> Terminal: ...

    async def display(self, width: int = 800, height: int = 600, *, mounts: Sequence[Mount] = ()) -> Display: ...

    async def browser(self, width: int = 1000, height: int = 700) -> Browser: ...

    async def put(self, files: Mapping[str, bytes]) -> None:
        """Write files, whole or not at all, never through a link."""
        ...

    async def get(self, path: str, *, max_bytes: int = 10 << 20) -> bytes:
        """Read a plain file beneath the workspace; never follows a link."""
        ...

    async def export(self, *, max_bytes: int = 64 << 20, max_files: int = 5000) -> dict[str, bytes]:
        """All plain files, without links, devices, ``.git``, ``*.pth``, bytecode and caches."""
        ...

    async def copy_out(self, path: str, to: Path, *, max_bytes: int, max_files: int) -> None:
        """Copy the plain files beneath a folder of the workspace to a folder of the host that nobody else writes.

        Raises:
            PathRefused: there is no such folder, or it holds more.
        """
        ...

    async def reset(self, files: Mapping[str, bytes]) -> None:
        """Empty the workspace and `put` these."""
        ...

    async def renew(self, files: Mapping[str, bytes]) -> None:
        """Like `reset`, but the session goes on, if it still does what it is told: nothing of the old files, of its
        temporary folders or of its programs is left for what is run in it next.
        """
        ...

    async def close(self) -> None:
        """Kill every process and wait until none is left."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


class SandboxBackend(Protocol):
    """Makes sandboxes. Registered with `agentverse.sandbox.registry.backend`."""

    name: str

    async def probe(self) -> SandboxInfo:
        """Try it for real.

        Raises:
            SandboxUnavailable: with the reason and the exact fix.
        """
        ...

    def open(self, *, network: Network = "loopback", limits: Limits | None = None) -> Sandbox:
        """A fresh, empty box."""
        ...
