"""Starts commands through `agentverse.sandbox.launch`, with Landlock and the filter or without."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import portable, tooling
from agentverse.sandbox.folder import HOME, TEMPORARY, WORK, Direct, Job
from agentverse.sandbox.orphans import end_orphans
from agentverse.sandbox.process import Process

LAUNCHER = Path(__file__).with_name("launch.py")
LIBRARY, PROGRAMS = "lib", "bin"
SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32",
    "/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/certs", "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip
"""What the host shows for reading."""
DEVICES = ("/dev/null", "/dev/full")
"""What may be written besides the box's own folders."""


@dataclass(frozen=True, slots=True)
class Launcher:
    """A `agentverse.sandbox.folder.Starter` that adds no namespaces.

    Attributes:
        owner: user that commands become, when we are root.
        keep_reading: that user could not reach the interpreter or pytest otherwise.
        filter: the system call filter; with Landlock, or both left out.
    """

    name: str
    filter: bytes = b""
    owner: int | None = None
    keep_reading: bool = False

    async def start(self, job: Job) -> Direct:
        if job.mounts:
            raise SandboxUnavailable(
                f"the sandbox {self.name!r} cannot show further folders", fix="use bubblewrap or a container"
            )
        base = job.place.base
        lay_out(base)
        env = {**job.env, **paths(job)}
        write = [str(base / WORK), str(job.own / TEMPORARY), str(job.own / HOME), *DEVICES]
        if job.report is not None:
            env[tooling.REPORT_VARIABLE] = str(job.report / "report")
            write.append(str(job.report))
        limits = job.limits
        orders = {
            "argv": list(job.words),
            "env": env,
            "cwd": str(base / WORK / job.cwd),
            "rlimits": {
                "CORE": [0, 0],
                "NOFILE": [limits.nofile, limits.nofile],
                "FSIZE": [limits.file, limits.file],
                "CPU": [limits.cpu, limits.cpu + 1],
                "AS": [limits.memory, limits.memory],
            },
            "processes": limits.pids,
            "user": self.owner,
            "keep_reading": self.keep_reading,
            "landlock": bool(self.filter),
            "filter": base64.b64encode(self.filter).decode(),
            "read": [*readable(), str(base / LIBRARY), str(base / PROGRAMS)],
            "write": write,
        }
        return Direct(_launch(orders, job, partial(end_orphans, base, self.owner)))


def _launch(orders: Mapping[str, object], job: Job, lost: Callable[[], None]) -> Process:
    status, status_end = os.pipe()
    given = portable.spool(json.dumps({**orders, "status": status_end}).encode())
    try:
        argv = [str(tooling.interpreter().executable), "-I", "-S", str(LAUNCHER), str(given)]
        return Process(
            argv,
            stdin=job.stdin,
            output=job.limits.output,
            status=status,
            pass_fds=(given, status_end),
            line=job.line,
            lost=lost,
        )
    finally:
        os.close(given)
        os.close(status_end)


@cache
def readable() -> tuple[str, ...]:
    """Paths of the host that programs need, for reading and running."""
    return (*SYSTEM, *installed())


def installed() -> tuple[str, ...]:
    """The interpreter, pytest and our reporter, for reading and running."""
    python = tooling.interpreter()
    prefix = [] if python.prefix is None else [str(python.prefix)]
    return (*prefix, *(str(path.resolve()) for path in tooling.tools().values()))


def reachable_by_all(path: Path) -> bool:
    """Whether a user that owns nothing can get to ``path`` and read it."""
    steps = [parent.stat().st_mode & 0o001 for parent in path.parents]
    return all(steps) and bool(path.stat().st_mode & 0o004)


def lay_out(base: Path) -> None:
    """Folders for PATH and PYTHONPATH with the interpreter, pytest and our reporter, as links."""
    if (base / LIBRARY).exists():
        return
    python = tooling.interpreter().executable
    links: dict[str, Callable[[], dict[str, Path]]] = {
        LIBRARY: lambda: {name: path.resolve() for name, path in tooling.tools().items()},
        PROGRAMS: lambda: {"python": python, "python3": python},
    }
    for folder, entries in links.items():
        (base / folder).mkdir(0o755)
        for name, target in entries().items():
            (base / folder / name).symlink_to(target)


def paths(job: Job) -> dict[str, str]:
    """Variables that name our folders in a box, by the folders' paths here."""
    base, env = job.place.base, job.env
    places = {
        "PATH": env["PATH"].replace(f"{tooling.OURS}/bin", str(base / PROGRAMS)),
        "PYTHONPATH": env["PYTHONPATH"].replace(f"{tooling.OURS}/lib", str(base / LIBRARY)),
    }
    folders = {"HOME": str(job.own / HOME), "TMPDIR": str(job.own / TEMPORARY)}
    return places | {name: value for name, value in folders.items() if env[name] == tooling.ENVIRONMENT[name]}
