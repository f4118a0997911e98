"""What a command sees: the words that have bwrap build its root from nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePath

from agentverse.sandbox import room, tooling
from agentverse.sandbox.protocol import Limits
from agentverse.sandbox.room import Bind

WORK = "/work"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32")
SETTINGS = ("alternatives", "fonts", "ld.so.cache", "ssl/certs")
"""The host's settings that programs need and that say nothing about the host's people, below /etc."""
OWN_SETTINGS = ("group", "hosts", "passwd")
NAMESPACES = (
    "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try",
    "--disable-userns", "--die-with-parent", "--new-session", "--hostname", "box", "--uid", "1000", "--gid", "1000",
    "--clearenv",
)  # fmt: skip
SHARED_MEMORY, RUN = 64 << 20, 1 << 20


@cache
def _system() -> tuple[str, ...]:
    words: list[str] = []
    for folder in SYSTEM:
        if os.path.islink(folder):
            words += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            words += ["--ro-bind", folder, folder]
    for name in settings():
        words += ["--symlink", f"{tooling.OURS}/etc/{name}", f"/etc/{name}"]
    return tuple(words)


@cache
def settings() -> dict[str, Path]:
    """What stands in /etc of the box: name there to path on the host."""
    given = {name: Path("/etc", name) for name in SETTINGS if os.path.exists(f"/etc/{name}")}
    return given | {name: tooling.INSIDE / "etc" / name for name in OWN_SETTINGS}


@cache
def plan_of_room() -> tuple[tuple[Bind, ...], tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Binds, links and covered folders that a room needs for the words below to work.

    Many mounts at once are made here, where it is done once, and shown by one word in every command.
    """
    python = tooling.interpreter()
    binds = [Bind(source, f"{room.OURS}/lib/{name}") for name, source in tooling.tools().items()]
    binds += [Bind(source, f"{room.OURS}/etc/{name}") for name, source in settings().items()]
    masked: list[str] = []
    if python.prefix is not None:
        binds.append(Bind(python.prefix, room.PYTHON))
        masked = [f"{room.PYTHON}/{folder.relative_to(python.prefix)}" for folder in python.masked]
    links = [(str(python.executable), f"{room.OURS}/bin/{name}") for name in ("python", "python3")]
    return tuple(binds), tuple(links), tuple(masked)


@cache
def _python(base: str) -> tuple[str, ...]:
    """The interpreter and our files, from a room at ``base``."""
    python = tooling.interpreter()
    words = ["--ro-bind", f"{base}/{room.OURS}", tooling.OURS]
    if python.prefix is not None:
        return (*words, "--ro-bind", f"{base}/{room.PYTHON}", str(python.prefix))
    for folder in python.masked:
        words += ["--size", "4096", "--perms", "0555", "--tmpfs", str(folder), "--remount-ro", str(folder)]
    return tuple(words)


def readable_by_all(path: Path) -> bool:
    """Whether a user that owns nothing can get to ``path``, through no link, and read it."""
    path = path.absolute()
    try:
        mode, *steps = (step.lstat().st_mode for step in (path, *path.parents))
    except OSError:
        return False
    needed = 0o005 if stat.S_ISDIR(mode) else 0o004
    return all(step & 0o001 and not stat.S_ISLNK(step) for step in steps) and mode & needed == needed


def bwrap_words(
    base: str,
    *,
    limits: Limits,
    cwd: str,
    env: Mapping[str, str],
    shown: Sequence[tuple[str, str]],
    report: str,
    held: Sequence[str] = (),
) -> list[str]:
    """Arguments of bwrap up to, but without, the descriptors and the command.

    Args:
        base: where the room is mounted.
        limits: ``disk`` bounds the temporary folders too.
        cwd: folder in the workspace to start in.
        env: the whole environment.
        shown: further read-only mounts, as path outside and path in the box.
        report: name of the folder for the report in the room; empty for none.
        held: paths in the workspace that can be read but not changed.
    """
    words = [*NAMESPACES, *_system(), "--proc", "/proc", "--dev", "/dev"]
    sizes = {"/tmp": limits.disk // 2, "/dev/shm": SHARED_MEMORY, "/run": RUN, tooling.HOME: limits.disk // 4}  # noqa: S108
    for folder, size in sizes.items():
        words += ["--perms", "1777" if folder in ("/tmp", "/dev/shm") else "0755"]  # noqa: S108
        words += ["--size", str(max(size, 4096)), "--tmpfs", folder]
    words += ["--bind", f"{base}/{room.WORK}", WORK, *_python(base)]
    for kind, path in _holding(held):
        words += [kind, f"{base}/{room.WORK}/{path}", f"{WORK}/{path}"]
    for name, target in shown:
        words += ["--ro-bind", name, target]
    if report:
        words += ["--bind", f"{base}/{room.REPORTS}/{report}", tooling.REPORT_FOLDER]
    for key, value in env.items():
        words += ["--setenv", key, value]
    # Without a size of their own these would be a way around the limit.
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK if cwd == "." else f"{WORK}/{cwd}"]
    return words


def _holding(held: Sequence[str]) -> list[tuple[str, str]]:
    """Mounts that hold these paths: each read-only, and the folders it lies in as mounts too, for those cannot be
    renamed and made anew.
    """
    kept = set(held)
    above = {str(folder) for path in held for folder in PurePath(path).parents} - {"."}
    free = [path for path in sorted(above) if not kept & {path, *map(str, PurePath(path).parents)}]
    return [*(("--bind", path) for path in free), *(("--ro-bind", path) for path in held)]
