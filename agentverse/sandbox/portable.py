"""The two things a started program needs that Linux has calls for and others do not."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading


def spool(content: bytes) -> int:
    """An open file without a name that holds ``content``, to be read from its start."""
    if hasattr(os, "memfd_create"):
        file = os.memfd_create("spool", os.MFD_CLOEXEC)
    else:
        with tempfile.TemporaryFile() as made:
            file = os.dup(made.fileno())
    with open(file, "wb", closefd=False) as writing:
        writing.write(content)
    os.lseek(file, 0, os.SEEK_SET)
    return file


def exit_notice(process: subprocess.Popen[bytes]) -> int:
    """A descriptor that can be read once ``process`` is dead."""
    if hasattr(os, "pidfd_open"):
        return os.pidfd_open(process.pid)
    reading, writing = os.pipe()

    def wait() -> None:
        process.wait()
        os.close(writing)

    threading.Thread(target=wait, name="exit notice", daemon=True).start()
    return reading
