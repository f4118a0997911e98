"""What a server does while it loads, read from what it prints."""

from __future__ import annotations

import re
import resource
from pathlib import Path
from typing import NamedTuple


class Stage(NamedTuple):
    """``name`` is a key of the words that users read."""

    name: str
    fraction: float | None = None


_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(sign, re.IGNORECASE), name)
    for sign, name in (
        (r"capturing cuda graphs?.*?(\d+)%", "graphs"),
        (r"loading (?:safetensors|pt|weights).*?(\d+)%", "weights"),
        (r"capturing cuda graph|graph capturing", "graphs"),
        (r"(?<!disabling )torch\.compile|dynamo|compiling", "compiles"),
        (r"gpu kv cache size|available kv cache memory|kv cache", "memory"),
        (r"starting to load model|loading model weights", "weights"),
    )
)


def stage_of(line: str) -> Stage | None:
    """The stage that a line of a log tells of; None when it tells of none."""
    for sign, name in _SIGNS:
        match = sign.search(line)
        if match:
            return Stage(name, int(match[1]) / 100 if sign.groups else None)
    return None


def stage_in(said: str) -> Stage | None:
    """The latest stage that was told of. Progress bars overwrite a line with carriage returns."""
    for line in reversed(said.replace("\r", "\n").splitlines()):
        if (stage := stage_of(line)) is not None:
            return stage
    return None


def loaded(pid: int, weights: int) -> float | None:
    """Share of the weights that a process has in its memory; None where the system does not say."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return min(1.0, pages * resource.getpagesize() / weights) if weights else None
