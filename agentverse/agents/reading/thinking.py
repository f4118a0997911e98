"""Telling thoughts from the answer."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAMES = r"(?:think|thinking|thought|thoughts|reasoning)"
_OPENING = re.compile(rf"\s*<({_NAMES})>", re.IGNORECASE)
_CLOSING = re.compile(rf"</{_NAMES}>", re.IGNORECASE)
_LONE_CLOSING = re.compile(rf"^[ \t]*</{_NAMES}>|</{_NAMES}>[ \t]*$", re.IGNORECASE | re.MULTILINE)
_TAGGED_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^\n`]*[\w/.-]+\.\w+[^\n`]*$", re.MULTILINE)


class Said(NamedTuple):
    text: str
    thinking: str


def split_thinking(reply: str) -> Said:
    """Split a raw reply. Thoughts stand at its start; one that is never closed is all thought, and a closing tag with
    no opening one ends a thought that the chat template opened. Tags inside a file are the file's own.
    """
    thoughts: list[str] = []
    text = reply
    while opening := _OPENING.match(text):
        closing = re.compile(rf"</{opening.group(1)}>", re.IGNORECASE).search(text, opening.end())
        if closing is None:
            thoughts.append(text[opening.end() :])
            text = ""
            break
        thoughts.append(text[opening.end() : closing.start()])
        text = text[closing.end() :]
    if not thoughts and _CLOSING.search(text):
        lone = next((found for found in _LONE_CLOSING.finditer(text) if not _in_file(text, found.start())), None)
        if lone is not None:
            thoughts.append(text[: lone.start()])
            text = text[lone.end() :]
    if not thoughts:
        return Said(reply, "")
    return Said(text.lstrip("\r\n"), "\n\n".join(thought.strip() for thought in thoughts if thought.strip()))


def _in_file(text: str, position: int) -> bool:
    """Whether a fence that names a path is open at ``position``."""
    opened = ""
    for line in text[:position].split("\n"):
        stripped = line.strip()
        if opened:
            if stripped.startswith(opened) and not stripped.strip(opened[0]):
                opened = ""
        elif found := _TAGGED_FENCE.match(line):
            opened = found.group(1)
    return bool(opened)
