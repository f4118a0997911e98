"""Ends what a command left behind when the program that was to see to that was itself killed. Linux only."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

ROUNDS = 200
"""Looks at all processes. They cannot multiply faster than they are found: they are few by their limit."""


def end_orphans(base: Path, user: int | None) -> None:
    """Kill every process of a box.

    Args:
        base: the box's folder. Processes that run as we do are known by it: they work in it, hold a file of it open or
            were given its path. One that hides from all three is not found.
        user: the user that belongs to the box alone, when there is one. Nobody hides from that.
    """
    for _ in range(ROUNDS):
        found = [pid for pid in _processes() if _is_left(pid, base, user)]
        if not found:
            return
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _processes() -> Iterator[int]:
    own = os.getpid()
    return (int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != own)


def _is_left(pid: int, base: Path, user: int | None) -> bool:
    try:
        if os.stat(f"/proc/{pid}").st_uid != (os.getuid() if user is None else user) or _is_dead(pid):
            return False
        return user is not None or any(str(base) in word for word in _words(pid))
    except OSError:
        return False


def _is_dead(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] in "ZX"


def _words(pid: int) -> Iterator[str]:
    """Where a process is, what it holds open, and what it was given."""
    yield os.readlink(f"/proc/{pid}/cwd")
    for name in os.listdir(f"/proc/{pid}/fd"):
        with suppress(OSError):
            yield os.readlink(f"/proc/{pid}/fd/{name}")
    yield Path(f"/proc/{pid}/environ").read_text(errors="replace")
