"""The backend ``landlock``: Landlock, our system call filter and resource limits, with no namespace around them.

It works where bubblewrap cannot, inside a default Docker container for one, and is weaker, so it has to be asked for:
``sandbox.backend = "landlock"`` or ``sandbox.minimum = "lsm"``. There is no bound on memory or disk in sum, no socket
but unix pairs (so a program cannot reach a server of its own), no /tmp or /dev/shm, no /proc, and the names of files
outside are visible where their contents are not.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import platform
import secrets
from pathlib import Path

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import launch, launched, seccomp, tooling
from agentverse.sandbox.bubblewrap import FIRST_USER, USERS
from agentverse.sandbox.folder import FolderBox
from agentverse.sandbox.protocol import Limits, Network, SandboxInfo
from agentverse.sandbox.registry import backend

SIGNALS_HELD = 6
"""From this version on Landlock keeps signals in, which matters while commands share our user."""
NAMED = {"setgid": 6, "setuid": 7}
READ_ALL = 2
"""CAP_DAC_READ_SEARCH."""


@backend("landlock")
class Landlock:
    """Makes boxes with Landlock. Linux 5.13 and later as root, 6.12 and later as any user."""

    name = "landlock"

    def __init__(self) -> None:
        self._users = itertools.count(secrets.randbelow(USERS))

    async def probe(self) -> SandboxInfo:
        """Run the interpreter in a real box and see that it cannot read this file.

        Raises:
            SandboxUnavailable: with what went wrong here and what to do about it.
        """
        await asyncio.to_thread(tooling.compile_tools)
        source = "import sys\ntry: open(sys.argv[1]); print('open')\nexcept PermissionError: print('ready')"
        async with self.open(limits=Limits(wall=20.0)) as box:
            result = await box.exec(["python", "-c", source, __file__])
        if result.ok and result.stdout == b"ready\n":
            return box.info
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise _unavailable(said[-1] if said else f"a trial run ended with {result.reason}")

    def open(self, *, network: Network = "loopback", limits: Limits | None = None) -> FolderBox:
        """A fresh box. ``network`` makes no difference: there is none either way.

        Raises:
            SandboxUnavailable: the kernel cannot do it, or we lack a right that is needed.
        """
        if platform.system() != "Linux":
            raise _unavailable("it exists for Linux only", fix="run agentverse on Linux")
        version = launch.landlock_version()
        if not version:
            raise _unavailable("this kernel has no Landlock", fix="use Linux 5.13 or later, with landlock in lsm=")
        held = _capabilities()
        root = os.geteuid() == 0
        if not root and version < SIGNALS_HELD:
            raise _unavailable(
                "this kernel's Landlock does not keep signals in", fix="use Linux 6.12 or later, or run as root"
            )
        if root and not all(held >> number & 1 for number in NAMED.values()):
            raise _unavailable("root here cannot become another user", fix="run agentverse as an ordinary user")
        owner = FIRST_USER + next(self._users) % USERS if root else None
        keep = root and not all(launched.reachable_by_all(path) for path in _tools())
        if keep and not held >> READ_ALL & 1:
            raise _unavailable(
                f"other users cannot read {tooling.interpreter().executable} or pytest",
                fix="install agentverse where every user can read it, not below /root",
            )
        rules = seccomp.program(families=(seccomp.AF_UNIX,), alone=True)
        starter = launched.Launcher(self.name, rules, owner, keep)
        return FolderBox(_info(root), starter, limits or Limits(), owner)


def _info(root: bool) -> SandboxInfo:
    return SandboxInfo(
        backend="landlock",
        strength="lsm",
        enforced={
            "files": "Landlock" if root else "Landlock, which leaves modes and times of your own files open",
            "network": "no sockets but unix pairs",
            "memory": "address space of each process",
            "processes": "RLIMIT_NPROC",
            "disk": "",
            "cpu": "RLIMIT_CPU of each process",
            "own servers": "",
            "terminals": "",
            "folders shown": "",
            "held files": "",
        },
    )


def _tools() -> list[Path]:
    return [tooling.interpreter().executable, *(path.resolve() for path in tooling.tools().values())]


def _capabilities() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("CapEff:"))


def _unavailable(reason: str, *, fix: str = "use bubblewrap or a container") -> SandboxUnavailable:
    return SandboxUnavailable(f"Landlock does not work here: {reason}", fix=fix)
