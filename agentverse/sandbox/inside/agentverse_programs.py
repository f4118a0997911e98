"""How a session's first program starts others, and how it finds and kills what they started. Standard library only."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pty
import resource
import signal
import struct
import termios
from contextlib import suppress
from typing import Any

import agentverse_warm as warm

STDIN, STDOUT, STDERR, TO_PIPE, FROM_PIPE = range(5)
DUMPABLE = 4
WAITS_AT = 3
"""Descriptor on which a process that waits for tests hears of them."""
LIMITS = {
    "core": resource.RLIMIT_CORE,
    "nofile": resource.RLIMIT_NOFILE,
    "fsize": resource.RLIMIT_FSIZE,
    "cpu": resource.RLIMIT_CPU,
    "as": resource.RLIMIT_AS,
}


def streams(order: dict[str, Any]) -> tuple[dict[int, int], dict[int, int]]:
    """Pipes or a terminal for a program: our ends by stream, its ends by descriptor."""
    near: dict[int, int] = {}
    far: dict[int, int] = {}
    if size := order.get("terminal"):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        return {STDOUT: master, STDIN: os.dup(master)}, {0: slave, 1: slave, 2: slave}
    wanted = [(STDIN, 0, True), (STDOUT, 1, False), (STDERR, 2, False)]
    if order.get("pipes"):
        wanted += [(TO_PIPE, 3, True), (FROM_PIPE, 4, False)]
    for stream, descriptor, given in wanted:
        reading, writing = os.pipe()
        near[stream], far[descriptor] = (writing, reading) if given else (reading, writing)
    return near, far


def fork(order: dict[str, Any], environment: dict[str, str], far: dict[int, int]) -> int:
    """A new process that turns into the program of an order."""
    pid = os.fork()
    if pid == 0:
        become(order, environment, far)
    for descriptor in {*far.values()}:
        os.close(descriptor)
    return pid


def become(order: dict[str, Any], environment: dict[str, str], far: dict[int, int]) -> None:
    """In the child: turn into the program. Never returns."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        high = {descriptor: fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for descriptor, fd in far.items()}
        os.closerange(3, 64)
        for descriptor, fd in high.items():
            os.dup2(fd, descriptor)
        os.closerange(64, 4096)
        if order.get("terminal"):
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        os.chdir(order["cwd"])
        argv = order["argv"]
        if order.get("waits"):
            os._exit(warm.wait_and_run(argv, environment, WAITS_AT, limit))
        limit(order.get("limits", {}))
        if not order.get("warm"):
            os.execvpe(argv[0], argv, environment)  # noqa: S606, words, never a shell line
        os._exit(warm.run_tests(argv, environment))
    except BaseException as error:
        missing = isinstance(error, FileNotFoundError)
        os.write(2, f"{order['argv'][0]}: {error.strerror if isinstance(error, OSError) else error!r}\n".encode())
        os._exit(127 if missing else 126)


def limit(limits: dict[str, Any]) -> None:
    """Bound a forked process, which is no part of the agent any more."""
    for name, value in limits.items():
        resource.setrlimit(LIMITS[name], tuple(value))
    ctypes.CDLL(None).prctl(DUMPABLE, 1, 0, 0, 0)


def descendants(of: set[int]) -> set[int]:
    """Processes below these, by /proc; none where that is not shown."""
    parents: dict[int, int] = {}
    try:
        entries = os.listdir("/proc")
    except OSError:
        return set()
    for name in entries:
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
    found = set(of)
    while grown := {pid for pid, parent in parents.items() if parent in found and pid not in found}:
        found |= grown
    return found - of


def end(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGKILL)
