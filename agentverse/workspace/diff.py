"""Unified diffs as ``git apply`` takes them."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from itertools import takewhile

from dulwich.objects import Blob

from agentverse.workspace.objects import EXECUTABLE, FILE, Entry

_LINES_COMPARED = 2000
"""Lines on one side, apart from what both sides begin and end with; above that a file is replaced as one block."""
_NOTHING = "0" * 40


def file_diff(path: str, old: tuple[Entry, bytes] | None, new: tuple[Entry, bytes] | None) -> str:
    """The diff of one file; None stands for no such file. Text that is not UTF-8 travels as git's binary patch."""
    yesterday, before = old or (None, b"")
    today, after = new or (None, b"")
    lines = [f"diff --git a/{path} b/{path}\n"]
    if yesterday is None and today:
        lines.append(f"new file mode {today.mode:o}\n")
    elif today is None and yesterday:
        lines.append(f"deleted file mode {yesterday.mode:o}\n")
    elif today and yesterday and today.mode != yesterday.mode:
        lines.append(f"old mode {yesterday.mode:o}\nnew mode {today.mode:o}\n")
    if before == after and yesterday and today:
        return "".join(lines)
    ids = (yesterday.id if yesterday else _NOTHING, today.id if today else _NOTHING)
    mode = f" {today.mode:o}" if yesterday and today and yesterday.mode == today.mode else ""
    texts = _text(before), _text(after)
    if texts[0] is None or texts[1] is None:
        lines.append(f"index {ids[0]}..{ids[1]}{mode}\n")
        lines.append(f"GIT binary patch\n{_literal(after)}\n{_literal(before)}\n")
        return "".join(lines)
    lines.append(f"index {ids[0][:7]}..{ids[1][:7]}{mode}\n")
    hunks = list(_hunks(texts[0], texts[1]))
    if hunks:
        # A tab ends a name that holds a space, as git writes it.
        end = "\t\n" if " " in path else "\n"
        lines.append(f"--- a/{path}{end}" if yesterday else "--- /dev/null\n")
        lines.append(f"+++ b/{path}{end}" if today else "+++ /dev/null\n")
    return "".join(lines + hunks)


def files_diff(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> str:
    """The diff of two sets of files."""
    parts: list[str] = []
    for path in sorted(old.keys() | new.keys()):
        one, two = old.get(path), new.get(path)
        if one != two:
            parts.append(file_diff(path, _side(one), _side(two)))
    return "".join(parts)


def _side(content: bytes | None) -> tuple[Entry, bytes] | None:
    if content is None:
        return None
    mode = EXECUTABLE if content.startswith(b"#!") else FILE
    return Entry(mode, Blob.from_string(content).id.decode()), content


def _text(content: bytes) -> str | None:
    """None when it is not text."""
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _lines(text: str) -> list[str]:
    """Lines with their ends; unlike `str.splitlines` only a line feed ends one."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _hunks(before: str, after: str) -> Iterator[str]:
    old, new = _lines(before), _lines(after)
    compared = unified_diff(old, new) if _comparable(old, new) else _one_block(old, new)
    for line in list(compared)[2:]:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _comparable(old: list[str], new: list[str]) -> bool:
    """Whether comparing line by line stays quick; at worst the time grows with the square of what differs."""
    shorter = min(len(old), len(new))
    head = _same(zip(old, new, strict=False))
    tail = min(_same(zip(reversed(old), reversed(new), strict=False)), shorter - head)
    return max(len(old), len(new)) - head - tail <= _LINES_COMPARED


def _same(pairs: Iterable[tuple[str, str]]) -> int:
    """How many pairs are equal before the first that is not."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _one_block(old: list[str], new: list[str]) -> Iterator[str]:
    ranges = [f"{min(1, len(side))},{len(side)}" for side in (old, new)]
    yield from ("---", "+++", f"@@ -{ranges[0]} +{ranges[1]} @@\n")
    yield from ("-" + line for line in old)
    yield from ("+" + line for line in new)


def _literal(content: bytes) -> str:
    """Git's ``literal`` block: deflated, in base 85, at most 52 bytes a line."""
    packed = zlib.compress(content)
    lines = [f"literal {len(content)}\n"]
    for at in range(0, len(packed), 52):
        piece = packed[at : at + 52]
        length = chr(ord("A") + len(piece) - 1 if len(piece) <= 26 else ord("a") + len(piece) - 27)
        lines.append(f"{length}{base64.b85encode(piece, pad=True).decode()}\n")
    return "".join(lines)
