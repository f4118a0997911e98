"""Joining a reply that was cut off with what came when it was asked to go on."""

from __future__ import annotations

from agentverse.agents.reading.fences import fence_line, open_fence

_OVERLAP = 2000
"""Characters looked at for repeated text."""
_SURE = 8
"""A shorter repetition counts only when it is a whole line begun."""
_PREAMBLE = 3
"""Lines of remark that may stand before a fence that is opened again."""


def join(partial: str, more: str) -> str:
    """The whole reply: ``more`` alone when it starts afresh, otherwise behind ``partial`` without what it repeats."""
    if not more.strip():
        return partial
    if not partial.strip() or _starts_afresh(partial, more):
        return more
    if open_fence(partial, frozenset()):
        more = _without_reopening(more)
    return partial + more[_repeated(partial, more) :]


def _starts_afresh(partial: str, more: str) -> bool:
    if more.lstrip().startswith(partial.strip()):
        return True
    old = [line.strip() for line in partial.split("\n") if line.strip()]
    new = [line.strip() for line in more.split("\n") if line.strip()]
    return len(old) > 2 and new[:2] == old[:2]


def _without_reopening(more: str) -> str:
    """``more`` without a fence that opens again what is open already, and the remark before it."""
    lines = more.split("\n")
    seen = 0
    for number, line in enumerate(lines):
        info = fence_line(line)
        if info:
            return "\n".join(lines[number + 1 :])
        if info == "":
            bare = sum(1 for later in lines[number:] if fence_line(later) == "")
            return more if bare % 2 else "\n".join(lines[number + 1 :])
        if line.strip():
            seen += 1
        if seen == _PREAMBLE:
            break
    return more


def _repeated(partial: str, more: str) -> int:
    """How many characters at the start of ``more`` repeat the end of ``partial``."""
    tail = partial[-_OVERLAP:]
    for size in range(min(len(tail), len(more)), 0, -1):
        if not tail.endswith(more[:size]):
            continue
        piece = more[:size].strip()
        begins_line = size == len(partial) or partial[-size - 1] == "\n"
        if len(piece) >= _SURE or (begins_line and len(piece) >= 3):
            return size
    return 0
