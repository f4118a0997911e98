"""Finding the lines an edit means, though a small model may not have copied them exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_ALIKE = 0.9
_COMPARED = 30
_NEAR = 4
"""Lines shown to the agent beyond as many as it searched for."""
_LONGEST = 4000
"""Windows of a longer file are not compared: that costs more than asking again."""
_FEW = 3
"""Of more lines than these, half must be there as they are before the rest is compared."""


class Place(NamedTuple):
    """Where the lines are (``end`` is behind the last), what to put there, and how they were found."""

    start: int
    end: int
    replace: Sequence[str]
    how: str


class Many(NamedTuple):
    """The lines are in several places."""

    places: int


def find(lines: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> Place | Many | None:
    """Find ``search`` in ``lines``: exactly, then but for trailing blanks, indentation, blank lines, last by likeness.

    A looser way is tried only where the stricter found nothing; several places in one way are `Many`.
    """
    for way in (_exact, _trailing, _shifted, _blank_lines, _alike):
        found = way(lines, search, replace)
        if len(found) == 1:
            return found[0]
        if found:
            return Many(len(found))
    return None


def nearest(lines: Sequence[str], search: Sequence[str]) -> list[str]:
    """The lines that look most like ``search``, to be shown to the agent."""
    lines, search = lines[:_LONGEST], search[:_COMPARED]
    size = min(len(lines), len(search) + _NEAR)
    wanted = "\n".join(line.strip() for line in search)
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    best, score = 0, -1.0
    for start in range(max(1, len(lines) - len(search) + 1)):
        window = "\n".join(line.strip() for line in lines[start : start + len(search)])
        matcher.set_seq1(window)
        if matcher.real_quick_ratio() > score and matcher.quick_ratio() > score:
            ratio = matcher.quick_ratio()
            if ratio > score:
                best, score = start, ratio
    first = max(0, min(best - _NEAR // 2, len(lines) - size))
    return list(lines[first : first + size])


def _windows(lines: Sequence[str], search: Sequence[str], key: Callable[[str], str]) -> list[int]:
    wanted = [key(line) for line in search]
    have = [key(line) for line in lines]
    size = len(wanted)
    return [at for at in range(len(have) - size + 1) if have[at] == wanted[0] and have[at : at + size] == wanted]


def _exact(lines: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> list[Place]:
    return [Place(at, at + len(search), replace, "") for at in _windows(lines, search, str)]


def _trailing(lines: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> list[Place]:
    found = _windows(lines, search, str.rstrip)
    return [Place(at, at + len(search), replace, "trailing blanks") for at in found]


def _shifted(lines: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> list[Place]:
    places: list[Place] = []
    for at in _windows(lines, search, str.strip):
        window = lines[at : at + len(search)]
        if (moved := _reindent(search, window, replace)) is not None:
            places.append(Place(at, at + len(search), moved, "indentation"))
    return places


def _blank_lines(lines: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> list[Place]:
    wanted = [line for line in search if line.strip()]
    solid = [number for number, line in enumerate(lines) if line.strip()]
    if not wanted:
        return []
    trimmed = _trim_as(search, replace)
    places: list[Place] = []
    for at in _windows([lines[number] for number in solid], wanted, str.strip):
        window = [lines[number] for number in solid[at : at + len(wanted)]]
        if (moved := _reindent(wanted, window, trimmed)) is not None:
            places.append(Place(solid[at], solid[at + len(wanted) - 1] + 1, moved, "blank lines"))
    return places


def _alike(lines: Sequence[str], search: Sequence[str], replace: Sequence[str]) -> list[Place]:
    wanted = [line for line in search if line.strip()]
    if not wanted or len(lines) > _LONGEST:
        return []
    matcher = SequenceMatcher(b="\n".join(line.strip() for line in wanted), autojunk=False)
    same = _running_count(lines, {line.strip() for line in wanted})
    fewest = len(wanted) // 2 if len(wanted) > _FEW else 0
    scored: list[tuple[float, int, int]] = []
    for size in range(max(1, len(wanted) - 1), len(search) + 2):
        for start in range(len(lines) - size + 1):
            if same[start + size] - same[start] < fewest:
                continue
            window = lines[start : start + size]
            if not window[0].strip() or not window[-1].strip():
                continue
            matcher.set_seq1("\n".join(line.strip() for line in window if line.strip()))
            if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
                continue
            if (ratio := matcher.ratio()) >= _ALIKE:
                scored.append((ratio, start, start + size))
    places: list[Place] = []
    for _, start, end in sorted(scored, key=lambda score: (-score[0], score[1])):
        if all(end <= place.start or start >= place.end for place in places):
            window = [line for line in lines[start:end] if line.strip()]
            moved = _reindent(wanted[:1], window[:1], _trim_as(search, replace))
            places.append(Place(start, end, moved if moved is not None else replace, "likeness"))
    return places


def _running_count(lines: Sequence[str], wanted: set[str]) -> list[int]:
    """How many of the lines before each place are among ``wanted``: a cheap look before an expensive one."""
    counts = [0]
    for line in lines:
        counts.append(counts[-1] + (line.strip() in wanted))
    return counts


def _reindent(search: Sequence[str], window: Sequence[str], replace: Sequence[str]) -> list[str] | None:
    """``replace`` moved as ``window`` is against ``search``; None when they are not moved as one."""
    shifts = {(_indent(old), _indent(new)) for old, new in zip(search, window, strict=False) if old.strip()}
    moves = {_move(old, new) for old, new in shifts}
    if len(moves) != 1:
        return None
    take, give = moves.pop()
    moved: list[str] = []
    for line in replace:
        if not line.strip():
            moved.append(line)
        elif line.startswith(take):
            moved.append(give + line[len(take) :])
        else:
            moved.append(give + line.lstrip())
    return moved


def _move(old: str, new: str) -> tuple[str, str]:
    """What to take off the front of a line and what to put there."""
    if new.endswith(old):
        return "", new[: len(new) - len(old)]
    if old.endswith(new):
        return old[: len(old) - len(new)], ""
    return old, new


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _trim_as(search: Sequence[str], replace: Sequence[str]) -> list[str]:
    """``replace`` without the blank lines at its ends that ``search`` has at its own and the file may not."""
    out = list(replace)
    if search and not search[0].strip():
        while out and not out[0].strip():
            out.pop(0)
    if search and not search[-1].strip():
        while out and not out[-1].strip():
            out.pop()
    return out
