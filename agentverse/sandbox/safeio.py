"""The host's reads and writes beneath a folder that hostile code may be changing at the same moment.

No path is trusted twice: every access resolves it in one step from an open folder, never through a link, never
upwards. Linux does this in the kernel (``openat2``); elsewhere the path is walked with ``O_NOFOLLOW``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import stat
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from agentverse.errors import PathRefused

RESOLVE = 0x01 | 0x02 | 0x04 | 0x08
"""No other file systems, no magic links, no links, nothing above the folder."""
OPENAT2 = 437
DEEPEST = 64
PIECE = 1 << 20
CHANGED = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})
"""What a listed file may answer that is gone or has become a link, a pipe or a socket since: none of them counts."""
IGNORED_NAMES = frozenset({".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"})
IGNORED_ENDINGS = (".pth", ".pyc", ".pyo")
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_libc = ctypes.CDLL(None, use_errno=True)


def check(path: str) -> tuple[str, ...]:
    """Return the parts of a relative path.

    Raises:
        PathRefused: it is empty, absolute, climbs, is too deep or long, or holds a NUL or a lone surrogate.
    """
    parts = tuple(path.split("/"))
    if not path or any(part in ("", ".", "..") for part in parts) or "\0" in path or len(parts) > DEEPEST:
        raise PathRefused(f"{path!r} is not a plain path inside the workspace")
    try:
        long = any(len(part.encode()) > 255 for part in parts)
    except UnicodeEncodeError as error:
        raise PathRefused(f"{path!r} is not valid text") from error
    if long:
        raise PathRefused(f"{path[:60]!r}… is too long a name")
    return parts


def read(root: int, path: str, *, max_bytes: int) -> bytes:
    """Read a plain file beneath the open folder ``root``.

    Raises:
        FileNotFoundError: nothing is there.
        PathRefused: it is a link, passes through one, is no plain file, or is larger than ``max_bytes``.
    """
    check(path)
    try:
        descriptor = _open(root, path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise PathRefused(f"{path!r} cannot be read: {_why(error)}") from error
    return _take(descriptor, path, max_bytes)


def has_folder(root: int, path: str) -> bool:
    """Whether ``path`` is a folder beneath ``root``, reached through no link."""
    if path == ".":
        return True
    check(path)
    try:
        os.close(_open(root, path, FOLDER))
    except OSError:
        return False
    return True


def has(root: int, path: str) -> bool:
    """Whether ``path`` is a plain file or a folder beneath ``root``, reached through no link."""
    check(path)
    try:
        found = _open(root, path, os.O_PATH | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        mode = os.fstat(found).st_mode
        return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
    finally:
        os.close(found)


def write(root: int, files: Mapping[str, bytes], *, owner: int | None = None) -> None:
    """Write files beneath ``root``, each whole or not at all, replacing links rather than following them.

    Args:
        root: an open folder.
        files: relative paths and contents. All paths are checked before the first byte is written.
        owner: user and group that new files and folders are given to; the caller's own when None.

    Raises:
        PathRefused: a path is not acceptable, leads through a link or a file, or names a folder; or there is no room.
    """
    for path in files:
        check(path)
    for path, content in files.items():
        try:
            _write_one(root, path, content, owner)
        except OSError as error:
            raise PathRefused(f"{path!r} cannot be written: {_why(error)}") from error


def walk(root: int, *, max_bytes: int, max_files: int) -> dict[str, bytes]:
    """Read every plain file beneath ``root``, by path, sorted.

    Left out: links, devices, pipes, sockets, names that are not UTF-8, and what tools leave behind (``.git``,
    bytecode, caches, ``*.pth``).

    Raises:
        PathRefused: there is more than asked for, or something that should be there cannot be read.
    """
    found: dict[str, bytes] = {}
    room = max_bytes
    for path, descriptor in _plain_files(root, "", 0):
        content = _take(descriptor, path, room, total=max_bytes)
        found[path] = content
        room -= len(content)
        if len(found) > max_files:
            raise PathRefused(f"the workspace holds more than {max_files} files")
    return dict(sorted(found.items()))


def copy_out(root: int, path: str, to: Path, *, max_bytes: int, max_files: int) -> None:
    """Copy the plain files beneath a folder of ``root`` to the folder ``to``, which nobody else writes and which is
    made. Links, devices, pipes, sockets and names that are not UTF-8 are left out.

    Raises:
        PathRefused: there is more than asked for, or something that should be there cannot be read.
        OSError: it cannot be written.
    """
    check(path)
    try:
        folder = _open(root, path, FOLDER)
    except OSError as error:
        raise PathRefused(f"{path!r} cannot be read: {_why(error)}") from error
    to.mkdir(parents=True, exist_ok=True)
    room, count = max_bytes, 0
    try:
        for name, descriptor in _plain_files(folder, "", 0, whole=True):
            with open(descriptor, "rb") as source:
                mode = os.fstat(descriptor).st_mode
                target = to / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with open(target, "xb") as file:
                    while piece := source.read(PIECE):
                        room -= file.write(piece)
                        if room < 0:
                            raise PathRefused(f"{path!r} holds more than {max_bytes} bytes")
                target.chmod(0o555 if mode & 0o100 else 0o444)
            count += 1
            if count > max_files:
                raise PathRefused(f"{path!r} holds more than {max_files} files")
    finally:
        os.close(folder)


def _plain_files(folder: int, prefix: str, depth: int, *, whole: bool = False) -> Iterator[tuple[str, int]]:
    """Every plain file under a folder: its path, and a descriptor that the caller closes.

    Args:
        whole: with what tools leave behind.
    """
    if depth > DEEPEST:
        raise PathRefused(f"{prefix[:60]!r}… is nested too deep")
    for name in sorted(os.listdir(folder)):
        ignored = name in IGNORED_NAMES or name.endswith(IGNORED_ENDINGS)
        if (ignored and not whole) or not _is_text(name):
            continue
        path = prefix + name
        try:
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                inner = os.open(name, FOLDER, dir_fd=folder)
                try:
                    yield from _plain_files(inner, path + "/", depth + 1, whole=whole)
                finally:
                    os.close(inner)
            elif stat.S_ISREG(mode):
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
                yield path, os.open(name, flags, dir_fd=folder)
        except OSError as error:
            if error.errno in CHANGED:
                continue
            raise PathRefused(f"{path!r} cannot be read: {_why(error)}") from error


def _take(descriptor: int, path: str, max_bytes: int, *, total: int | None = None) -> bytes:
    """Read and close a descriptor that must be a plain file of at most ``max_bytes``."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise PathRefused(f"{path!r} is not a plain file")
    with open(descriptor, "rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) <= max_bytes:
        return content
    if total is None:
        raise PathRefused(f"{path!r} is larger than {max_bytes} bytes")
    raise PathRefused(f"the workspace holds more than {total} bytes")


def _write_one(root: int, path: str, content: bytes, owner: int | None) -> None:
    *folders, name = check(path)
    current = os.dup(root)
    try:
        for folder in folders:
            inner = _enter(current, folder, owner)
            os.close(current)
            current = inner
        if _is_folder(current, name):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # A fixed prefix and a random rest: nothing inside can guess the name and have us write through its link.
        temporary = f".agentverse-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, 0o644, dir_fd=current)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                if owner is not None:
                    os.fchown(descriptor, owner, owner)
            os.rename(temporary, name, src_dir_fd=current, dst_dir_fd=current)
        except BaseException:
            os.unlink(temporary, dir_fd=current)
            raise
    finally:
        os.close(current)


def _enter(parent: int, name: str, owner: int | None) -> int:
    """Open the folder ``name``, made if it is not there."""
    try:
        os.mkdir(name, 0o755, dir_fd=parent)
        made = True
    except FileExistsError:
        made = False
    descriptor = os.open(name, FOLDER, dir_fd=parent)
    if made and owner is not None:
        os.fchown(descriptor, owner, owner)
    return descriptor


def _is_folder(parent: int, name: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _why(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.EXDEV):
        return "it leads through a link"
    return (error.strerror or type(error).__name__).lower()


def _open(root: int, path: str, flags: int) -> int:
    """Open ``path`` beneath the folder ``root``, through no link. Raises OSError."""
    flags |= os.O_CLOEXEC | os.O_NOFOLLOW
    if sys.platform == "linux":
        how = struct.pack("QQQ", flags, 0, RESOLVE)
        descriptor = int(_libc.syscall(OPENAT2, root, os.fsencode(path), how, ctypes.c_size_t(len(how))))
        if descriptor >= 0:
            return descriptor
        code = ctypes.get_errno()
        if code not in (errno.ENOSYS, errno.EPERM):
            raise OSError(code, os.strerror(code), path)
    return walk_open(root, path, flags)


def walk_open(root: int, path: str, flags: int) -> int:
    """`_open` for kernels without ``openat2``, or where a filter hides it: step by step. Raises OSError."""
    *folders, name = check(path)
    current = os.dup(root)
    try:
        for folder in folders:
            inner = os.open(folder, FOLDER, dir_fd=current)
            os.close(current)
            current = inner
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=current)
    finally:
        os.close(current)
