"""Finding fenced blocks in a reply, by the rules of CommonMark where they help and by what was meant where they do not.

A fence inside a docstring, or inside a Markdown file, must not end the file it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from itertools import accumulate
from pathlib import PurePosixPath

from agentverse.agents.reading.paths import fits, in_comment, in_line, split_info
from agentverse.agents.reading.source import PYTHON, parses

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})(.*)$")
_MARKDOWN = (".md", ".markdown", ".rst")
_CANDIDATES = 6
"""Closing fences tried for a Python file."""
_WRAPPERS = 3
"""Fences around whole replies, one in another."""


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
    return _Scan(text.split("\n"), known, 0).blocks()


def open_fence(text: str, known: Set[str]) -> bool:
    """Whether ``text`` ends inside a fenced block."""
    blocks = find_blocks(text, known)
    return bool(blocks) and blocks[-1].last


def fence_line(line: str) -> str | None:
    """The info string of a line that is a fence ("" for a bare one), or None."""
    found = _fence(line)
    return None if found is None else found.info


class _Scan:
    """One pass over some lines. Each line is looked at once, whatever a reply consists of."""

    def __init__(self, lines: list[str], known: Set[str], depth: int) -> None:
        self._lines = lines
        self._fences = [_fence(line) for line in lines]
        self._known = known
        self._depth = depth
        self._bare: dict[str, list[int]] = {}

    def blocks(self) -> list[Block]:
        blocks: list[Block] = []
        at = free = 0
        while at < len(self._lines):
            fence = self._fences[at]
            if fence is None:
                at += 1
                continue
            found, end = self._block(at, free, fence)
            blocks += found
            at = free = end
        return blocks

    def _block(self, at: int, free: int, fence: _Open) -> tuple[list[Block], int]:
        """The block that opens at ``at``, or those it wraps, and the line to go on from."""
        known = self._known
        language, path = split_info(fence.info, known)
        sure = 2 if path else 0
        if path is None:
            path, sure = self._path_before(free, at, language)
        end, closed = self._end(at, fence, path, language)
        following = end + 1 if closed else end
        inside = self._lines[at + 1 : end]
        content = "\n".join(_dedent(line, fence.indent) for line in inside) if fence.indent else "\n".join(inside)
        if path is None and (path := in_comment(content, known)) is not None:
            path, sure = (path, 2) if fits(language, path, sure=False) else (None, 0)
        if path is None and self._depth < _WRAPPERS and self._wraps(at + 1, end):
            inner = _Scan(inside, known, self._depth + 1).blocks()
            if inner:
                return inner, following
        return [Block(path, sure, language, content, closed, end >= len(self._lines))], following

    def _path_before(self, free: int, at: int, language: str) -> tuple[str | None, int]:
        """The path in the nearest line of text before a fence, at most two lines above it."""
        for above in range(at - 1, max(free, at - 3) - 1, -1):
            if self._lines[above].strip():
                found = in_line(self._lines[above], self._known)
                if found is None or not fits(language, found.path, sure=found.sure):
                    return None, 0
                return found.path, 2 if found.sure else int(bool(language))
        return None, 0

    def _wraps(self, start: int, end: int) -> bool:
        """Whether a block with no path holds fences that name theirs: the whole reply was put into a fence."""
        fences = (fence for fence in self._fences[start:end] if fence is not None and fence.info)
        return any(split_info(fence.info, self._known)[1] for fence in fences)

    def _end(self, start: int, opening: _Open, path: str | None, language: str) -> tuple[int, bool]:
        """Where the block that opens at ``start`` ends, and whether a closing fence ends it there."""
        suffix = PurePosixPath(path).suffix if path else ""
        if suffix in PYTHON or (path is None and language in ("python", "py", "python3")):
            end = self._python_end(start, opening)
            if end is not None:
                return end, True
        document = suffix in _MARKDOWN
        depth = 1
        for at in range(start + 1, len(self._lines)):
            fence = self._fences[at]
            if fence is None or not fence.mark.startswith(opening.mark):
                continue
            later = self._bare_after(at, opening.mark) if document else 0
            if fence.info:
                if depth == 1 and later < 2 and split_info(fence.info, self._known)[1]:
                    return at, False
                depth += 1
            elif depth > 1:
                depth -= 1
            elif later > 1 and at + 1 < len(self._lines) and self._lines[at + 1].strip():
                depth += 1  # in a document, a bare fence with text right below it opens a block of the document's own
            else:
                return at, True
        return len(self._lines), False

    def _bare_after(self, at: int, mark: str) -> int:
        """How many closing fences for ``mark`` come after the line ``at``."""
        counts = self._bare.get(mark)
        if counts is None:
            closes = [fence is not None and not fence.info and fence.mark.startswith(mark) for fence in self._fences]
            counts = self._bare[mark] = list(accumulate(closes, initial=0))
        return counts[-1] - counts[at + 1]

    def _python_end(self, start: int, opening: _Open) -> int | None:
        """The closing fence that leaves the file parseable. Only one can: a fence is no Python outside a string."""
        tried = 0
        for at in range(start + 1, len(self._lines)):
            fence = self._fences[at]
            if fence is not None and not fence.info and fence.mark.startswith(opening.mark):
                if parses("\n".join(_dedent(line, opening.indent) for line in self._lines[start + 1 : at])):
                    return at
                tried += 1
                if tried == _CANDIDATES:
                    return None
        return None


def _fence(line: str) -> _Open | None:
    found = _FENCE.match(line)
    if found is None or (found.group(2)[0] == "`" and "`" in found.group(3)):
        return None
    return _Open(len(found.group(1)), found.group(2), found.group(3).strip())


def _dedent(line: str, indent: int) -> str:
    return line[min(indent, len(line) - len(line.lstrip(" \t"))) :] if indent else line
