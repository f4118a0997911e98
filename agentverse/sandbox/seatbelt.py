"""The backend ``seatbelt``: macOS's own sandbox, through ``sandbox-exec``, with resource limits.

UNTESTED: it is written from Apple's documents and has never run on a Mac; only the profile's text and what happens
around it are tested. It has to be asked for, as Landlock has: ``sandbox.backend = "seatbelt"`` or ``sandbox.minimum =
"lsm"``. There is no namespace: programs reach servers of the host on 127.0.0.1, names of files outside can be seen, a
process that leaves its group outlives its command, and there are no sessions.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import launched, tooling
from agentverse.sandbox.folder import HOME, TEMPORARY, WORK, Direct, FolderBox, Job
from agentverse.sandbox.process import Process
from agentverse.sandbox.protocol import Limits, Network, SandboxInfo
from agentverse.sandbox.registry import backend

SYSTEM = (
    "/usr", "/bin", "/sbin", "/System", "/Library/Apple", "/Library/Frameworks", "/private/etc/ssl",
    "/private/var/db/dyld", "/private/var/db/timezone", "/dev/urandom", "/dev/random", "/dev/zero",
)  # fmt: skip
"""What the host shows for reading. Links are resolved: ``/etc`` is ``/private/etc``."""
DEVICES = ("/dev/null", "/dev/tty", "/dev/dtracehelper")
PROFILE = """\
(version 1)
(deny default)
(allow process-fork)
(allow process-exec)
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow file-read-metadata)
(allow file-read* (literal "/") {read})
(allow file-read* file-write* file-ioctl {devices})
(allow file-read* file-write* {write})
{network}"""
LOOPBACK = """\
(allow network-bind (local ip "localhost:*"))
(allow network-inbound (local ip "localhost:*"))
(allow network-outbound (remote ip "localhost:*"))
"""
BOUNDED = 'cd "$1" && ulimit -c 0 && ulimit -n "$2" && ulimit -f "$3" && ulimit -t "$4" || exit 125; shift 4; exec "$@"'
"""Sets limits and becomes the words after them. Ours, and the same every time."""
BLOCK = 512
"""Bytes in which ``ulimit -f`` counts."""


@dataclass(frozen=True, slots=True)
class Confined:
    """A `agentverse.sandbox.folder.Starter` for ``sandbox-exec``."""

    program: str
    network: Network

    async def start(self, job: Job) -> Direct:
        """Start a job in a sandbox that knows its folders and no others."""
        if job.mounts:
            raise SandboxUnavailable("the sandbox 'seatbelt' cannot show further folders", fix="use a container")
        base, limits = job.place.base, job.limits
        launched.lay_out(base)
        env = {**job.env, **launched.paths(job)}
        write = [base / WORK, job.own / TEMPORARY, job.own / HOME]
        if job.report is not None:
            env[tooling.REPORT_VARIABLE] = str(job.report / "report")
            write.append(job.report)
        read = [*SYSTEM, *launched.installed(), base / launched.LIBRARY, base / launched.PROGRAMS]
        rules = job.own / "profile.sb"
        rules.write_text(profile(read=read, write=write, network=self.network))
        bounds = [str(base / WORK / job.cwd), str(limits.nofile), str(limits.file // BLOCK), str(limits.cpu)]
        variables = [f"{name}={value}" for name, value in env.items()]
        words = ["/usr/bin/env", "-i", *variables, "/bin/sh", "-c", BOUNDED, "sh", *bounds, *job.words]
        status, status_end = os.pipe()
        os.close(status_end)  # nobody but the exit code tells
        return Direct(
            Process(
                [self.program, "-f", str(rules), *words],
                stdin=job.stdin,
                output=limits.output,
                status=status,
                own_code=True,
                own_group=True,
                line=job.line,
            )
        )


def profile(*, read: Iterable[str | Path], write: Iterable[str | Path], network: Network) -> str:
    """The rules, from nothing: what is not named is denied.

    Raises:
        SandboxUnavailable: a path holds what no rule can name.
    """
    return PROFILE.format(
        read=_below(read),
        write=_below(write),
        devices=" ".join(f"(literal {_quoted(path)})" for path in DEVICES),
        network=LOOPBACK if network == "loopback" else "",
    )


def _below(paths: Iterable[str | Path]) -> str:
    return " ".join(f"(subpath {_quoted(path)})" for path in paths)


def _quoted(path: str | Path) -> str:
    """A path as a string of the profile's language, in which only these two characters mean anything else."""
    text = str(path)
    if not text.isprintable():
        raise _unavailable(f"it cannot name the path {text!r}", fix="use folders without control characters")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@backend("seatbelt")
class Seatbelt:
    """Makes boxes with ``sandbox-exec``. macOS only; untested."""

    name = "seatbelt"

    async def probe(self) -> SandboxInfo:
        """Run the interpreter in a real box and see that it cannot read this file.

        Raises:
            SandboxUnavailable: with what went wrong here and what to do about it.
        """
        box = self.open(limits=Limits(wall=20.0))
        await asyncio.to_thread(tooling.compile_tools)
        source = "import sys\ntry: open(sys.argv[1]); print('open')\nexcept OSError: print('ready')"
        async with box:
            result = await box.exec(["python", "-c", source, __file__])
        if result.ok and result.stdout == b"ready\n":
            return box.info
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise _unavailable(said[-1] if said else f"a trial run ended with {result.reason}")

    def open(self, *, network: Network = "loopback", limits: Limits | None = None) -> FolderBox:
        """A fresh box.

        Raises:
            SandboxUnavailable: this is not macOS, or has no ``sandbox-exec``.
        """
        if platform.system() != "Darwin":
            raise _unavailable("it exists for macOS only", fix="use bubblewrap or a container")
        program = shutil.which("sandbox-exec")
        if program is None:
            raise _unavailable("there is no sandbox-exec")
        return FolderBox(info(network), Confined(program, network), limits or Limits())


def info(network: Network) -> SandboxInfo:
    """What is held, which nobody has tried on a Mac."""
    return SandboxInfo(
        backend="seatbelt",
        strength="lsm",
        enforced={
            "files": "Seatbelt (untested), which leaves names open",
            "network": "Seatbelt (untested), which leaves the host's 127.0.0.1 open"
            if network == "loopback"
            else "none",
            "memory": "",
            "processes": "",
            "disk": "",
            "cpu": "RLIMIT_CPU of each process",
            "host's servers": "",
            "own servers": "",
            "folders shown": "",
            "held files": "",
            "sessions": "",
            "terminals": "",
        },
    )


def _unavailable(reason: str, *, fix: str = "use a container") -> SandboxUnavailable:
    return SandboxUnavailable(f"Seatbelt does not work here: {reason}", fix=fix)
