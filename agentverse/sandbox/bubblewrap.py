"""The backend ``bubblewrap``: namespaces by bwrap, our system call filter, a control group where one can be had.

bwrap is a tool and not a policy. The policy is here: a root built from nothing with the system read-only, one writable
folder of fixed size, no way out of a private network, an environment of twelve variables, and a user id of its own.
Nothing needs to be root; where we are, commands run as a user that owns nothing else.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import platform
import secrets
import shutil
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import cgroup, layout, seccomp, tooling
from agentverse.sandbox.box import Box, Setting
from agentverse.sandbox.fixes import bubblewrap_fix
from agentverse.sandbox.protocol import Limits, Network, SandboxInfo
from agentverse.sandbox.registry import backend
from agentverse.sandbox.room import Plan

FIRST_USER, USERS = 61184, 4336
"""User ids that systemd, too, hands out to whoever needs one for a while."""
NEEDED = {"chown": 0, "dac_override": 1, "kill": 5, "setgid": 6, "setuid": 7, "sys_ptrace": 19, "sys_admin": 21}
"""Capabilities that root must really have for us to change to another user."""
COUNTS_PER_NAMESPACE = (5, 14)
"""From this kernel on RLIMIT_NPROC counts the box alone; before, every process of the user."""


@backend("bubblewrap")
class Bubblewrap:
    """Makes boxes with bwrap. Linux only."""

    name = "bubblewrap"

    def __init__(self) -> None:
        self._users = itertools.count(secrets.randbelow(USERS))

    async def probe(self) -> SandboxInfo:
        """Run a program and the interpreter in a real box.

        Raises:
            SandboxUnavailable: with what went wrong here and what to do about it.
        """
        await asyncio.to_thread(tooling.compile_tools)
        limits = Limits(wall=20.0)
        async with self.open(limits=limits) as box:
            result = await box.exec(["python", "-c", "print('ready')"])
        if result.ok and result.stdout == b"ready\n":
            return box.info
        said = result.stderr.decode(errors="replace").strip().splitlines()
        raise _unavailable(said[-1] if said else f"a trial run ended with {result.reason}")

    def open(self, *, network: Network = "loopback", limits: Limits | None = None) -> Box:
        """A fresh box; nothing is started or mounted before it is first used.

        Raises:
            SandboxUnavailable: a program that is needed is not installed.
        """
        plan = self._plan
        if self._privileged:
            plan = replace(plan, owner=FIRST_USER + next(self._users) % USERS)
        return Box(plan, self._setting(network), limits or Limits(), _unavailable)

    @cached_property
    def _privileged(self) -> bool:
        return os.geteuid() == 0 and _has_capabilities()

    @cached_property
    def _plan(self) -> Plan:
        if platform.system() != "Linux":
            raise SandboxUnavailable("bubblewrap exists for Linux only", fix="run agentverse on Linux")
        binds, links, masked = layout.plan_of_room()
        return Plan(
            bwrap=_program("bwrap"),
            nsenter=_program("nsenter"),
            folder=_meeting_point(privileged=self._privileged),
            binds=binds,
            links=links,
            masked=masked,
            owner=None,
        )

    def _setting(self, network: Network) -> Setting:
        site = cgroup.find_site()
        counted = self._privileged or _kernel() >= COUNTS_PER_NAMESPACE
        families = (seccomp.AF_UNIX,) if network == "none" else None
        return Setting(
            filter=seccomp.program() if families is None else seccomp.program(families=families),
            site=site,
            limit_processes=counted,
            prlimit=_program("prlimit"),
            info=SandboxInfo(
                backend=self.name,
                strength="namespaces",
                enforced={
                    "files": "mount namespace with a read-only system",
                    "network": "network namespace with nothing but its own 127.0.0.1"
                    if network == "loopback"
                    else "no internet sockets",
                    "memory": f"cgroup v{site.version}" if site else "address space of each process",
                    "processes": f"cgroup v{site.version}" if site else "RLIMIT_NPROC" if counted else "",
                    "held files": "read-only mounts",
                    "disk": "file systems in memory of fixed size",
                    "cpu": f"cgroup v{site.version}" if site else "RLIMIT_CPU of each process",
                },
            ),
        )


def _unavailable(reason: str) -> SandboxUnavailable:
    return SandboxUnavailable(f"bubblewrap does not work here: {reason}", fix=bubblewrap_fix(reason))


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise _unavailable(f"{name} is not installed")
    return path


def _has_capabilities() -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            held = int(line.split()[1], 16)
            return all(held >> number & 1 for number in NEEDED.values())
    return False


def _kernel() -> tuple[int, int]:
    major, minor = platform.release().split(".")[:2]
    return int(major), int("".join(itertools.takewhile(str.isdigit, minor)))


def _meeting_point(*, privileged: bool) -> Path:
    """An empty folder to mount rooms over, which their user can reach; made once and shared by all rooms."""
    if privileged:
        folder = Path("/run/agentverse")
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "agentverse" / "room"
    try:
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise _unavailable(f"{folder} cannot be made: {error.strerror}") from error
    return folder
