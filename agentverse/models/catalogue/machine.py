"""What this machine has for a model to run on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from agentverse.models.catalogue.nvidia import Gpu, look

UNBOUNDED = 1 << 60
"""Version 1 of control groups writes a number near 2⁶³ for no limit."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Bytes throughout."""

    ram: int
    """What programs here may use in all: the computer's, or less where a container says so."""
    available: int
    """What is free of it."""
    gpus: tuple[Gpu, ...] = ()
    trouble: str = ""
    """Why no graphics card can be used; empty when one can."""
    fix: str = ""


def probe(*, timeout: float = 5.0, root: Path = Path("/")) -> Machine:
    """Look at this machine. Never raises.

    Args:
        timeout: seconds the graphics driver has to answer; one that does not is a trouble.
        root: where ``/proc`` and ``/sys`` lie.
    """
    total, available = _memory(root)
    for limit, used in _limits(root):
        if limit < total:
            total, available = limit, min(available, max(limit - used, 0))
    found = look(timeout=timeout, root=root, visible=os.environ.get("CUDA_VISIBLE_DEVICES"), memory=total)
    return Machine(total, available, found.gpus, found.trouble, found.fix)


def _memory(root: Path) -> tuple[int, int]:
    """All memory and what is available of it."""
    lines = _read(root / "proc/meminfo").splitlines()
    said = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    total, available = (int(said[name][0]) << 10 if name in said else 0 for name in ("MemTotal", "MemAvailable"))
    return total, available


def _limits(root: Path) -> list[tuple[int, int]]:
    """Limit and use of every control group this process is in, its own and those around it."""
    found: list[tuple[int, int]] = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory") and "memory" not in controllers.split(","):
            continue
        base, limit, used = (
            (root / "sys/fs/cgroup", "memory.max", "memory.current")
            if controllers == ""
            else (root / "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes")
        )
        group = base / path.lstrip("/")
        for folder in (group, *(parent for parent in group.parents if parent.is_relative_to(base))):
            bound = _number(folder / limit)
            if 0 < bound < UNBOUNDED:
                found.append((bound, _number(folder / used)))
    return found


def _number(path: Path) -> int:
    text = _read(path).strip()
    return int(text) if text.isdecimal() else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
