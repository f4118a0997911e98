"""From how a process tree ended to what a command did, in one way for every kind of box."""

from __future__ import annotations

import os
import signal

from agentverse.errors import PathRefused
from agentverse.sandbox import safeio
from agentverse.sandbox.cgroup import Usage
from agentverse.sandbox.process import Ended
from agentverse.sandbox.protocol import ExecResult, Reason

LONGEST_REPORT = 8 << 20
NOTHING = Usage()


def outcome(
    words: tuple[str, ...],
    ended: Ended,
    *,
    report: bytes,
    usage: Usage = NOTHING,
    hit: Reason | None = None,
    full: bool = False,
) -> ExecResult:
    """Put together a result.

    Args:
        words: the command.
        ended: how its tree came to its end.
        report: what it reported.
        usage: what its control group counted, where it had one.
        hit: the limit that was hit, where the backend knows.
        full: the disk was full at the end.
    """
    code = ended.exit_code
    number = int(signal.SIGKILL) if ended.stopped or code is None else code - 128 if 128 < code <= 192 else None
    return ExecResult(
        argv=words,
        exit_code=None if number is not None else code,
        signal=number,
        stdout=ended.stdout,
        stderr=ended.stderr,
        truncated=ended.truncated,
        reason=ended.stopped or hit or _reason(code, number, usage, full=full),
        wall=ended.wall,
        cpu=usage.cpu,
        max_rss=usage.peak_memory,
        report=report,
    )


def _reason(code: int | None, number: int | None, usage: Usage, *, full: bool) -> Reason:
    if code == 0:
        return "exited"
    if usage.out_of_memory:
        return "memory"
    if code is None:  # whoever was to tell is dead
        return "sandbox_lost"
    if usage.out_of_pids:
        return "pids"
    if number == signal.SIGXCPU:
        return "timeout"
    if number == signal.SIGXFSZ or full:
        return "disk"
    return "exited" if number is None else "killed"


def read_report(folder: int) -> bytes:
    """What was reported in this open folder; nothing when the report is absent, too long or no plain file: the reader
    must miss it.
    """
    try:
        return safeio.read(folder, "report", max_bytes=LONGEST_REPORT)
    except (FileNotFoundError, PathRefused):
        return b""


def read_report_in(parent: int, name: str) -> bytes:
    """`read_report` of the folder ``name`` in an open folder that only we write to."""
    folder = os.open(name, safeio.FOLDER, dir_fd=parent)
    try:
        return read_report(folder)
    finally:
        os.close(folder)
