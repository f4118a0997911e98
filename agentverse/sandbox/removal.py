"""Deletes what hostile programs leave behind: folders thousands deep, without rights, full of odd things.

Recursion runs out of stack there, and paths out of length. So nothing here goes deeper than one folder: what lies in it
is moved up first.
"""

from __future__ import annotations

import itertools
import os
import stat
from pathlib import Path

OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove(folder: Path) -> None:
    """Delete a folder of the host and all that is in it; links are never followed.

    Raises:
        OSError: something cannot be deleted.
    """
    top = os.open(folder, OPEN)
    try:
        _empty(top)
    finally:
        os.close(top)
    folder.rmdir()


def remove_in(parent: int, name: str) -> None:
    """`remove` for the folder ``name`` in an open folder.

    Raises:
        OSError: something cannot be deleted.
    """
    top = os.open(name, OPEN, dir_fd=parent)
    try:
        _empty(top)
    finally:
        os.close(top)
    os.rmdir(name, dir_fd=parent)


def _empty(top: int) -> None:
    taken = set(os.listdir(top))
    fresh = (name for name in map(str, itertools.count()) if name not in taken)
    waiting = [name for name in taken if not _unlink(top, name)]
    while waiting:
        name = waiting.pop()
        _open_up(top, name)
        inner = os.open(name, OPEN, dir_fd=top)
        try:
            for entry in os.listdir(inner):
                if not _unlink(inner, entry):
                    _open_up(inner, entry)
                    waiting.append(next(fresh))
                    os.rename(entry, waiting[-1], src_dir_fd=inner, dst_dir_fd=top)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)


def _unlink(folder: int, name: str) -> bool:
    """Delete what is no folder. Returns False for a folder."""
    if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        return False
    os.unlink(name, dir_fd=folder)
    return True


def _open_up(parent: int, name: str) -> None:
    """Give a folder's owner every right to it."""
    if os.chmod in os.supports_follow_symlinks:
        os.chmod(name, 0o700, dir_fd=parent, follow_symlinks=False)
        return
    place = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        os.chmod(f"/proc/self/fd/{place}", 0o700)
    finally:
        os.close(place)
