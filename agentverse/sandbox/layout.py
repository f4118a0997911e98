"""What a command sees: the words that have bwrap build its root from nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache

from agentverse.sandbox import room, tooling
from agentverse.sandbox.protocol import Limits

WORK = "/work"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32")
SETTINGS = (
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/ssl/certs",
    "/etc/terminfo",
)
"""The host's settings that programs need and that say nothing about the host's people."""
OWN_SETTINGS = ("passwd", "group", "hosts")
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
    for path in SETTINGS:
        if os.path.exists(path):
            words += ["--ro-bind", path, path]
    return tuple(words)


@cache
def _python(base: str) -> tuple[str, ...]:
    """The interpreter and the tools, from a room at ``base``."""
    python = tooling.interpreter()
    words: list[str] = []
    if python.prefix is not None:
        words += ["--ro-bind", f"{base}/{room.PYTHON}", str(python.prefix)]
    for folder in python.masked:
        words += ["--size", "4096", "--perms", "0555", "--tmpfs", str(folder), "--remount-ro", str(folder)]
    for name in ("python", "python3"):
        words += ["--symlink", str(python.executable), f"{tooling.OURS}/bin/{name}"]
    return (*words, "--ro-bind", f"{base}/{room.LIBRARY}", f"{tooling.OURS}/lib")


def bwrap_words(
    base: str, *, limits: Limits, cwd: str, env: Mapping[str, str], shown: Sequence[tuple[str, str]], report: str
) -> list[str]:
    """Arguments of bwrap up to, but without, the descriptors and the command.

    Args:
        base: where the room is mounted.
        limits: ``disk`` bounds the temporary folders too.
        cwd: folder in the workspace to start in.
        env: the whole environment.
        shown: further read-only mounts, as path below ``base`` and path in the box.
        report: name of the folder for the report in the room; empty for none.
    """
    words = [*NAMESPACES, *_system()]
    for name in OWN_SETTINGS:
        words += ["--ro-bind", f"{base}/{room.ETC}/{name}", f"/etc/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    sizes = {"/tmp": limits.disk // 2, "/dev/shm": SHARED_MEMORY, "/run": RUN, tooling.HOME: limits.disk // 4}  # noqa: S108
    for folder, size in sizes.items():
        words += ["--perms", "1777" if folder in ("/tmp", "/dev/shm") else "0755"]  # noqa: S108
        words += ["--size", str(max(size, 4096)), "--tmpfs", folder]
    words += ["--bind", f"{base}/{room.WORK}", WORK, *_python(base)]
    for name, target in shown:
        words += ["--ro-bind", f"{base}/{name}", target]
    if report:
        words += ["--bind", f"{base}/{room.REPORTS}/{report}", tooling.REPORT_FOLDER]
    for key, value in env.items():
        words += ["--setenv", key, value]
    # Without a size of their own these would be a way around the limit.
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORK if cwd == "." else f"{WORK}/{cwd}"]
    return words
