"""One program outside the box and the whole tree inside it, watched by the event loop from start to last death.

No threads and no child watcher: descriptors only. Everything is cleaned up by the loop's own callbacks, so that a
cancelled task cannot leave a process, a pipe or a zombie behind.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from agentverse.sandbox import portable
from agentverse.sandbox.capture import Capture
from agentverse.sandbox.protocol import Line, Reason

ENDLESS = 64
"""A stream may run to this many times what is kept of it; then it will not end by itself."""
STARTING = 0.5
"""Seconds that the program outside gets to name the tree inside before it is killed blindly."""
CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process tree came to its end."""

    exit_code: int | None
    """Of the command inside, by the shell's convention for signals; None when it never ran to an end."""
    stopped: Reason | None
    """Why we stopped it; None when it ended by itself."""
    stdout: bytes
    stderr: bytes
    truncated: bool
    wall: float


class Process:
    """A started program. `stop` kills it and everything inside; `ended` is set when all of it is dead."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes,
        output: int,
        status: int,
        pass_fds: Sequence[int] = (),
        own_code: bool = False,
        own_group: bool = False,
        line: Line | None = None,
        lost: Callable[[], None] | None = None,
    ) -> None:
        """Start ``argv`` with an empty environment, from the thread that runs the event loop and outlives the tree.

        Args:
            argv: the program outside and its arguments.
            stdin: everything the command can read.
            output: bytes kept of stdout and of stderr each.
            status: read end of a pipe on which the program outside reports, as bwrap's ``--json-status-fd`` does.
                Owned from now on.
            pass_fds: descriptors that the program outside inherits, by the same numbers.
            own_code: the program outside ends with the command's exit code, and says nothing on ``status``.
            own_group: what is to be killed is the group of the program outside; nothing better is known of its tree.
            line: gets stdout as it comes, and gives stdin as it likes, in place of the ``stdin`` above.
            lost: called when the program outside is dead and has not said how the command ended, so that nobody but
                the caller can end what is left of it.
        """
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[Ended] = self._loop.create_future()
        self._stdout, self._stderr = Capture(output), Capture(output)
        self._endless = output * ENDLESS
        self._stopped: Reason | None = None
        self._status = status
        self._status_text = b""
        self._exit_code: int | None = None
        self._own_code, self._own_group = own_code, own_group
        self._lost = lost
        self._inner: int | None = None
        self._open: set[int] = set()
        self._given = -1
        self._unsent = bytearray()
        self._started = time.monotonic()
        with ExitStack() as undo, ExitStack() as ends:
            undo.callback(os.close, status)
            out, out_end = os.pipe()
            ends.callback(os.close, out_end)
            undo.callback(os.close, out)
            err, err_end = os.pipe()
            ends.callback(os.close, err_end)
            undo.callback(os.close, err)
            if line is None:
                source = portable.spool(stdin)
            else:
                source, given = os.pipe()
                undo.callback(os.close, given)
                os.set_blocking(given, False)
                self._given = given
            ends.callback(os.close, source)
            self._popen = subprocess.Popen(  # noqa: S603, words, never a shell line
                list(argv),
                stdin=source,
                stdout=out_end,
                stderr=err_end,
                env={},
                cwd="/",
                pass_fds=pass_fds,
                start_new_session=True,
            )
            undo.pop_all()
        self._watch(portable.exit_notice(self._popen), self._on_exit)
        self._watch(status, self._on_status)
        if line is None:
            self._watch(out, lambda fd: self._on_output(fd, self._stdout))
        else:
            self._watch(out, lambda fd: self._on_line(fd, line))
            line.connected(self._write)
        self._watch(err, lambda fd: self._on_output(fd, self._stderr))

    def stop(self, reason: Reason) -> None:
        """Kill everything now. The first reason given stands; after the end this does nothing."""
        if self._stopped is None and not self.ended.done():
            self._stopped = reason
            if self._inner is not None:
                self._kill_inner()
            elif self._status in self._open:
                # The tree inside dies with its first process, so that is the one to kill: it is named in a moment.
                self._loop.call_later(STARTING, self._kill_outer)
            else:
                self._kill_outer()

    def _kill_inner(self) -> None:
        if self._inner is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._inner, signal.SIGKILL)

    def _kill_outer(self) -> None:
        if self._own_group:
            with suppress(ProcessLookupError, PermissionError):  # macOS refuses where only the dead are left
                os.killpg(self._popen.pid, signal.SIGKILL)
        elif self._popen.returncode is None:
            self._popen.kill()

    def _watch(self, fd: int, ready: Callable[[int], None]) -> None:
        os.set_blocking(fd, False)
        self._open.add(fd)
        self._loop.add_reader(fd, ready, fd)

    def _close(self, fd: int) -> None:
        self._loop.remove_reader(fd)
        self._open.discard(fd)
        os.close(fd)
        if not self._open and not self.ended.done():
            self.ended.set_result(
                Ended(
                    exit_code=_shell_code(self._popen.returncode) if self._own_code else self._exit_code,
                    stopped=self._stopped,
                    stdout=self._stdout.bytes(),
                    stderr=self._stderr.bytes(),
                    truncated=self._stdout.truncated or self._stderr.truncated,
                    wall=time.monotonic() - self._started,
                )
            )

    def _on_output(self, fd: int, capture: Capture) -> None:
        data = _read(fd)
        if data:
            capture.feed(data)
            if capture.total > self._endless:
                self.stop("output")
        elif data is not None:
            self._close(fd)

    def _on_line(self, fd: int, line: Line) -> None:
        data = _read(fd)
        if data:
            line.heard(data)
        elif data is not None:
            self._close(fd)

    def _write(self, data: bytes) -> None:
        """Send to stdin what it takes now, and the rest when it takes more."""
        if self._given < 0:
            return
        waiting = bool(self._unsent)
        self._unsent += data
        if not waiting:
            self._on_writable()
            if self._unsent and self._given >= 0:
                self._loop.add_writer(self._given, self._on_writable)

    def _on_writable(self) -> None:
        try:
            del self._unsent[: os.write(self._given, self._unsent)]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._close_given()
            return
        if not self._unsent:
            self._loop.remove_writer(self._given)

    def _close_given(self) -> None:
        if self._given >= 0:
            self._loop.remove_writer(self._given)
            os.close(self._given)
            self._given = -1

    def _on_exit(self, fd: int) -> None:
        if self._own_group:  # while the dead leader keeps its number from being another's
            self._kill_outer()
        self._popen.wait()
        self._close_given()
        if self._status in self._open:
            self._on_status(self._status)
        self._kill_inner()
        if self._lost is not None and self._exit_code is None:
            self._lost()
        self._close(fd)

    def _on_status(self, fd: int) -> None:
        """Read what bwrap says, a JSON document a line: first the process id of the tree, last the exit code."""
        data = _read(fd)
        while data:
            self._status_text += data
            data = _read(fd)
        *lines, self._status_text = self._status_text.split(b"\n")
        for line in lines:
            said = json.loads(line)
            if "child-pid" in said:
                self._meet_inner(said["child-pid"], said.get("pid-namespace"))
            if "exit-code" in said:
                self._exit_code = said["exit-code"]
        if data is not None:
            self._close(fd)

    def _meet_inner(self, pid: int, namespace: int | None) -> None:
        """Hold the first process inside. Its end is the end of all: the kernel sees to that before it is announced."""
        try:
            inner = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        try:
            same = namespace is None or os.stat(f"/proc/{pid}/ns/pid").st_ino == namespace
        except OSError:
            same = True  # on its way out: it has left its namespaces already
        if not same:
            os.close(inner)  # gone, and its number is another's now
            return
        self._inner = inner
        self._watch(inner, self._on_inner_end)
        if self._stopped is not None:
            self._kill_inner()

    def _on_inner_end(self, fd: int) -> None:
        self._inner = None
        self._close(fd)


def _shell_code(code: int | None) -> int | None:
    return code if code is None or code >= 0 else 128 - code


def _read(fd: int) -> bytes | None:
    """What is there now; empty at the end; None when nothing is there yet."""
    try:
        return os.read(fd, CHUNK)
    except BlockingIOError:
        return None
