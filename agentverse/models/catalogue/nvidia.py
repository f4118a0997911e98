"""NVIDIA's graphics cards, as ``nvidia-smi`` tells of them."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

VENDOR = "0x10de"
FIELDS = ("index", "uuid", "name", "memory.total", "memory.free", "driver_version", "compute_cap")
OLD = FIELDS[:-1]
"""What drivers before 2021 can be asked."""


@dataclass(frozen=True, slots=True)
class Gpu:
    name: str
    memory: int
    """Bytes."""
    free: int
    """Bytes that nothing uses."""
    driver: str = ""
    capability: float = 0.0
    """CUDA compute capability; 0 when the driver does not say."""


@dataclass(frozen=True, slots=True)
class Look:
    """Cards, or why there are none."""

    gpus: tuple[Gpu, ...] = ()
    trouble: str = ""
    fix: str = ""


def look(*, timeout: float, root: Path, visible: str | None, memory: int) -> Look:
    """The cards that programs started here may use.

    Args:
        visible: ``CUDA_VISIBLE_DEVICES``; None when it is not set.
        memory: bytes of main memory; cards that share it do not say how much they have.
    """
    program = shutil.which("nvidia-smi")
    if program is None:
        return _without_driver(root)
    try:
        rows = _ask(program, FIELDS, timeout) or _ask(program, OLD, timeout)
    except subprocess.TimeoutExpired:
        return Look(
            trouble=f"the graphics driver did not answer within {timeout:g} s",
            fix="Restart the machine, or see what hangs: nvidia-smi",
        )
    except _NoAnswer as failed:
        return Look(trouble=f"nvidia-smi says: {failed}", fix="Install the driver anew, or restart after its update.")
    except OSError as error:
        return Look(trouble=f"nvidia-smi cannot be run: {error.strerror or error}", fix="Install the driver anew.")
    seen = [row for row in rows if visible is None or _is_visible(row, visible)]
    if rows and not seen:
        return Look(trouble=f"CUDA_VISIBLE_DEVICES={visible!r} hides every card", fix="Unset CUDA_VISIBLE_DEVICES.")
    if not rows:
        return Look(trouble="nvidia-smi finds no card")
    return Look(tuple(_gpu(row, memory) for row in seen))


class _NoAnswer(Exception):
    """What the program said instead."""


def _ask(program: str, fields: Sequence[str], timeout: float) -> list[dict[str, str]]:
    """One row a card; empty when the driver does not know one of the fields."""
    query = [program, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
    done = subprocess.run(  # noqa: S603, words, never a shell line
        query, capture_output=True, text=True, errors="replace", timeout=timeout, check=False
    )
    said = (done.stdout.strip() or done.stderr.strip()).splitlines()
    if done.returncode:
        if "is not a valid field" in done.stdout + done.stderr and fields is not OLD:
            return []
        raise _NoAnswer(said[0][:200] if said else f"nothing, with exit code {done.returncode}")
    rows = [[cell.strip() for cell in row] for row in csv.reader(done.stdout.splitlines()) if row]
    return [dict(zip(fields, row, strict=True)) for row in rows if len(row) == len(fields)]


def _gpu(row: dict[str, str], memory: int) -> Gpu:
    total = _mib(row["memory.total"]) or memory
    return Gpu(
        name=row["name"],
        memory=total,
        free=_mib(row["memory.free"]) or (0 if _mib(row["memory.total"]) else total),
        driver=row["driver_version"],
        capability=_decimal(row.get("compute_cap", "")),
    )


def _is_visible(row: dict[str, str], visible: str) -> bool:
    for one in visible.split(","):
        one = one.strip()
        if one == row["index"] or (one.startswith("GPU-") and row["uuid"].startswith(one)):
            return True
    return False


def _mib(text: str) -> int:
    """Bytes; 0 for what is no number, such as ``[N/A]``."""
    return int(_decimal(text) * (1 << 20))


def _decimal(text: str) -> float:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0.0


def _without_driver(root: Path) -> Look:
    if (root / "proc/driver/nvidia/version").exists():
        return Look(
            trouble="there is an NVIDIA driver, but not its program nvidia-smi",
            fix="Install nvidia-utils; in a container, start it with --gpus all.",
        )
    for device in sorted((root / "sys/bus/pci/devices").glob("*")):
        if _word(device / "vendor") == VENDOR and _word(device / "class").startswith("0x03"):
            return Look(
                trouble="there is an NVIDIA card, but no driver for it",
                fix="Install NVIDIA's driver; in a container, start it with --gpus all.",
            )
    return Look(trouble="no NVIDIA card was found")


def _word(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
