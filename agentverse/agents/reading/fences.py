"""Finding fenced blocks in a reply, by the rules of CommonMark where they help and by what was meant where they do not.

A fence inside a docstring, or inside a Markdown file, must not end the file it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from pathlib import PurePosixPath

from agentverse.agents.reading.paths import fits, in_comment, in_line, split_info
from agentverse.agents.reading.source import PYTHON, parses

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})(.*)$")
_MARKDOWN = (".md", ".markdown", ".rst")
_CANDIDATES = 6
"""Closing fences tried for a Python file."""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        sure: 2 when the block itself or a heading names the path, 1 and 0 when prose before it mentions one.
        closed: False when the reply ends, or the next file begins, before the block does.
        last: the reply ends inside the block.
    """

    path: str | None
    sure: int
    language: str
    content: str
    closed: bool
    last: bool
    line: int


@dataclass(frozen=True, slots=True)
class _Open:
    indent: int
    mark: str
    info: str


def find_blocks(text: str, known: Set[str]) -> list[Block]:
    """All fenced blocks of ``text`` in order, each with the path it is for, if any.

    Args:
        text: with line feeds only.
        known: paths that are expected or exist, which need not look like paths.
    """
    return _scan(text.split("\n"), known, 0)


def open_fence(text: str, known: Set[str]) -> bool:
    """Whether ``text`` ends inside a fenced block."""
    blocks = find_blocks(text, known)
    return bool(blocks) and blocks[-1].last


def fence_line(line: str) -> str | None:
    """The info string of a line that is a fence ("" for a bare one), or None."""
    found = _fence(line)
    return None if found is None else found.info


def _scan(lines: list[str], known: Set[str], offset: int) -> list[Block]:
    blocks: list[Block] = []
    at, free = 0, 0
    while at < len(lines):
        fence = _fence(lines[at])
        if fence is None:
            at += 1
            continue
        language, path = split_info(fence.info, known)
        sure = 2 if path else 0
        if path is None:
            path, sure = _path_before(lines, free, at, language, known)
        end, closed = _find_end(lines, at, fence, path, language, known)
        content = "\n".join(_dedent(line, fence.indent) for line in lines[at + 1 : end])
        if path is None and (path := in_comment(content, known)) is not None:
            path, sure = (path, 2) if fits(language, path, sure=False) else (None, 0)
        inner = (
            _scan(lines[at + 1 : end], known, offset + at + 1)
            if path is None and _wraps(lines[at + 1 : end], known)
            else []
        )
        if inner:
            blocks += inner
        else:
            blocks.append(Block(path, sure, language, content, closed, end >= len(lines), offset + at))
        at = free = end + 1 if closed else end
    return blocks


def _fence(line: str) -> _Open | None:
    found = _FENCE.match(line)
    if found is None or (found.group(2)[0] == "`" and "`" in found.group(3)):
        return None
    return _Open(len(found.group(1)), found.group(2), found.group(3).strip())


def _same_kind(fence: _Open | None, opening: _Open) -> bool:
    return fence is not None and fence.mark.startswith(opening.mark)


def _dedent(line: str, indent: int) -> str:
    return line[min(indent, len(line) - len(line.lstrip(" \t"))) :] if indent else line


def _path_before(lines: list[str], free: int, at: int, language: str, known: Set[str]) -> tuple[str | None, int]:
    """The path in the nearest line of text before a fence, at most two lines above it."""
    for above in range(at - 1, max(free, at - 3) - 1, -1):
        if lines[above].strip():
            found = in_line(lines[above], known)
            if found is None or not fits(language, found.path, sure=found.sure):
                return None, 0
            return found.path, 2 if found.sure else int(bool(language))
    return None, 0


def _wraps(lines: list[str], known: Set[str]) -> bool:
    """Whether a block with no path holds fences that name theirs: the whole reply was put into a fence."""
    return any(fence.info and split_info(fence.info, known)[1] for line in lines if (fence := _fence(line)))


def _find_end(
    lines: list[str], start: int, opening: _Open, path: str | None, language: str, known: Set[str]
) -> tuple[int, bool]:
    """Where the block that opens at ``start`` ends, and whether a closing fence ends it there."""
    suffix = PurePosixPath(path).suffix if path else ""
    if suffix in PYTHON or (path is None and language in ("python", "py", "python3")):
        end = _python_end(lines, start, opening)
        if end is not None:
            return end, True
    later = _count_bare(lines, start, opening) if suffix in _MARKDOWN else 0
    depth = 1
    for at in range(start + 1, len(lines)):
        fence = _fence(lines[at])
        if fence is None or not _same_kind(fence, opening):
            continue
        if fence.info:
            if depth == 1 and later < 2 and split_info(fence.info, known)[1]:
                return at, False
            depth += 1
            continue
        later -= 1
        if depth > 1:
            depth -= 1
        elif later > 1 and at + 1 < len(lines) and lines[at + 1].strip():
            depth += 1  # in a document, a bare fence with text right below it opens a block of the document's own
        else:
            return at, True
    return len(lines), False


def _count_bare(lines: list[str], start: int, opening: _Open) -> int:
    fences = (_fence(line) for line in lines[start + 1 :])
    return sum(1 for fence in fences if fence is not None and not fence.info and _same_kind(fence, opening))


def _python_end(lines: list[str], start: int, opening: _Open) -> int | None:
    """The closing fence that leaves the file parseable. Only one can: a fence is no Python outside a string."""
    tried = 0
    for at in range(start + 1, len(lines)):
        fence = _fence(lines[at])
        if fence is not None and not fence.info and _same_kind(fence, opening):
            content = "\n".join(_dedent(line, opening.indent) for line in lines[start + 1 : at])
            if parses(content):
                return at
            tried += 1
            if tried == _CANDIDATES:
                return None
    return None
