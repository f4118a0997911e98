"""Text from models and commands, made safe to print."""

from __future__ import annotations

import re
import unicodedata

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """``text`` with every character that a terminal would act on shown as its number. Line feeds stay, tabs widen."""
    return _UNSAFE.sub(lambda m: f"\\x{ord(m[0]):02x}", text.replace("\r\n", "\n").replace("\t", "    "))


def one_line(text: str, width: int = 0) -> str:
    """`clean`, on one line, cut to ``width`` columns when it is given."""
    line = " ".join(clean(text).split())
    return cut(line, width) if width else line


def cut(line: str, width: int) -> str:
    """``line`` in at most ``width`` columns; wide characters count two."""
    used = 0
    for index, character in enumerate(line):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > width - 1 and (used > width or index < len(line) - 1):
            return line[:index] + "…"
    return line


def columns(line: str) -> int:
    """Columns that ``line`` takes in a terminal; wide characters count two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def pad(line: str, width: int) -> str:
    """``line`` with blanks after it, up to ``width`` columns."""
    return line + " " * (width - columns(line))


def size(count: int) -> str:
    """Bytes as ``12 kB``, ``657 MB``, ``1.6 GB``."""
    if count < 1e6:
        return f"{count / 1e3:.0f} kB"
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def thousands(number: int) -> str:
    """``950``, ``12.4k``, ``3.1M``."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 1_000_000 else f"{number / 1_000_000:.1f}M"
