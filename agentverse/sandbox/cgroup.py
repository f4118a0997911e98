"""Control groups: the only bound on the memory and the processes of a whole tree.

Version 2 where the groups around us are ours to divide (root, or a systemd user session), version 1 where root may
write its hierarchies, else none, and the caller says so in `SandboxInfo.enforced`.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agentverse.sandbox.protocol import Limits

V1_CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")
"""``cpu`` needs no setting: a group of its own competes for the processor as one program, however many it holds."""
_serial = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a group used, and which of its bounds were hit."""

    cpu: float = 0.0
    peak_memory: int = 0
    out_of_memory: bool = False
    out_of_pids: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """Where groups can be made: controller name to folder. Version 2 has the one key ``unified``."""

    folders: Mapping[str, Path]

    @property
    def version(self) -> int:
        return 2 if "unified" in self.folders else 1

    def make(self, limits: Limits) -> Group:
        """Make a group with these bounds. Raises OSError when the host no longer lets us."""
        name = f"agentverse-{os.getpid()}-{next(_serial)}"
        group = Group({controller: folder / name for controller, folder in self.folders.items()})
        try:
            for folder in set(group.folders.values()):
                folder.mkdir()
            if self.version == 2:
                _write(group.folders["unified"], _v2_settings(limits))
            else:
                for controller, settings in _v1_settings(limits).items():
                    if controller in group.folders:
                        _write(group.folders[controller], settings)
        except OSError:
            group.remove()
            raise
        return group


def _v2_settings(limits: Limits) -> dict[str, str]:
    return {
        "memory.max": str(limits.memory),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": str(limits.pids),
    }


def _v1_settings(limits: Limits) -> dict[str, dict[str, str]]:
    return {
        "memory": {"memory.limit_in_bytes": str(limits.memory), "memory.memsw.limit_in_bytes": str(limits.memory)},
        "pids": {"pids.max": str(limits.pids)},
    }


OPTIONAL = frozenset({"memory.swap.max", "memory.memsw.limit_in_bytes"})
"""Absent from kernels without swap accounting."""


def _write(folder: Path, settings: Mapping[str, str]) -> None:
    for name, value in settings.items():
        if name in OPTIONAL and not (folder / name).exists():
            continue
        (folder / name).write_text(value)


@dataclass(frozen=True, slots=True)
class Group:
    """The group of one command."""

    folders: Mapping[str, Path]

    @property
    def entrances(self) -> list[str]:
        """Files that a process writes ``0`` to in order to move itself in."""
        return sorted({str(folder / "cgroup.procs") for folder in self.folders.values()})

    def usage(self) -> Usage:
        if "unified" in self.folders:
            folder = self.folders["unified"]
            return Usage(
                cpu=_number(folder / "cpu.stat", "usage_usec") / 1e6,
                peak_memory=_number(folder / "memory.peak"),
                out_of_memory=_number(folder / "memory.events", "oom_kill") > 0,
                out_of_pids=_number(folder / "pids.events", "max") > 0,
            )
        memory, pids = self.folders["memory"], self.folders["pids"]
        return Usage(
            cpu=self.cpu(),
            peak_memory=_number(memory / "memory.max_usage_in_bytes"),
            out_of_memory=_number(memory / "memory.oom_control", "oom_kill") > 0,
            out_of_pids=_number(pids / "pids.events", "max") > 0,
        )

    def cpu(self) -> float:
        """Seconds of processor time used so far by the whole tree; 0.0 where nobody counts them."""
        if "unified" in self.folders:
            return _number(self.folders["unified"] / "cpu.stat", "usage_usec") / 1e6
        if "cpuacct" in self.folders:
            return _number(self.folders["cpuacct"] / "cpuacct.usage") / 1e9
        return 0.0

    def remove(self) -> bool:
        """Take the group away. False while a process is still in it."""
        for folder in set(self.folders.values()):
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                return False
        return True


def _number(file: Path, key: str = "") -> int:
    """A number in a cgroup file, after ``key`` where there are several; 0 when this kernel does not report it."""
    try:
        text = file.read_text()
    except OSError:
        return 0
    found = re.search(rf"^{re.escape(key)}\s*(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


@cache
def find_site() -> Site | None:
    """Find where this process may make groups; None when nowhere. Tried for real, once per process."""
    own = _own_groups()
    for site in (_v2_site(own), _v1_site(own)):
        if site is None:
            continue
        _sweep(site)
        try:
            group = site.make(Limits())
        except OSError:
            continue
        group.remove()
        return site
    return None


def _own_groups() -> dict[str, str]:
    """Controller (version 2: "unified") to the path of our own group in its hierarchy."""
    own: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                own[controller or "unified"] = path
    return own


def _mounts(kind: str) -> list[tuple[str, Path, list[str]]]:
    """Root within the hierarchy, mount point and options of every mount of a file system kind."""
    found: list[tuple[str, Path, list[str]]] = []
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text().splitlines():
            before, _, after = line.partition(" - ")
            filesystem, _, options = after.split(" ", 2)
            if filesystem == kind:
                fields = before.split(" ")
                found.append((fields[3], Path(fields[4]), options.split(",")))
    return found


def _below(mount: Path, root: str, path: str) -> Path:
    """Folder of the group ``path`` under a mount that shows the hierarchy from ``root`` on."""
    inside = path.removeprefix(root.rstrip("/")) if path.startswith(root) else "/"
    return mount / inside.strip("/")


def _v2_site(own: Mapping[str, str]) -> Site | None:
    if "unified" not in own:
        return None
    for root, mount, _ in _mounts("cgroup2"):
        here = _below(mount, root, own["unified"])
        # Processes live in leaves only, so new groups go beside our own; at the very top they go below it.
        parent = here if here == mount else here.parent
        with contextlib.suppress(OSError):
            given = (parent / "cgroup.subtree_control").read_text().split()
            if {"memory", "pids"} <= set(given) and os.access(parent / "cgroup.procs", os.W_OK):
                return Site({"unified": parent})
    return None


def _v1_site(own: Mapping[str, str]) -> Site | None:
    folders: dict[str, Path] = {}
    for root, mount, options in _mounts("cgroup"):
        for controller in V1_CONTROLLERS:
            if controller in options and controller in own and os.access(mount, os.W_OK):
                folders.setdefault(controller, _below(mount, root, own[controller]))
    return Site(folders) if {"memory", "pids"} <= set(folders) else None


def _sweep(site: Site) -> None:
    """Remove empty groups that a killed process of ours left behind. One that is in use cannot be removed."""
    for folder in set(site.folders.values()):
        for left in folder.glob("agentverse-*-*"):
            if not Path("/proc", left.name.split("-")[1]).exists():
                with contextlib.suppress(OSError):
                    left.rmdir()
