"""Pieces of Markdown in which what models and commands wrote is text and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_MARKUP = re.compile(r"([\\`*_\[\]<>|#!~])")


def table(title: str, head: str, rows: Sequence[Sequence[str]]) -> str:
    """A table under a heading; "" without rows.

    Args:
        head: names of the columns, with ``|`` between them.
    """
    if not rows:
        return ""
    columns = head.count("|") + 1
    lines = [f"| {head} |", "|" + " --- |" * columns]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([f"## {title}", "", *lines])


def plain(text: str) -> str:
    """One line of text with nothing in it that Markdown or a browser would act on."""
    line = _UNSEEN.sub(" ", text).strip()
    return _MARKUP.sub(lambda m: {"<": "&lt;", ">": "&gt;"}.get(m[1], "\\" + m[1]), line.replace("&", "&amp;"))


def code(text: str) -> str:
    """A span of code. Backticks cannot be escaped inside one and become quotes."""
    return "`" + _UNSEEN.sub(" ", text).replace("`", "'").strip() + "`"
