"""Telling what a model thinks aloud from what it says."""

from __future__ import annotations

import re
from typing import NamedTuple

_OPEN = re.compile(r"^[ \t]*<think(?:ing)?>", re.MULTILINE)
_CLOSE = re.compile(r"</think(?:ing)?>")
_CLOSE_ALONE = re.compile(r"^[ \t]*</think(?:ing)?>|</think(?:ing)?>[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)

OPENERS = ("<think>", "<thinking>")
CLOSERS = ("</think>", "</thinking>")


class Said(NamedTuple):
    text: str
    thinking: str


def split_thinking(reply: str) -> Said:
    """Split a raw reply. A thought that is never closed is all thought; a closing tag that was never opened (the chat
    template opened it) ends a thought that began with the reply. Tags inside fenced code are code.
    """
    if "think" not in reply:
        return Said(reply, "")
    opening = _open_outside_code(reply, 0)
    lone = _CLOSE_ALONE.search(reply)
    if lone is not None and _inside_fence(reply, 0, lone.start()):
        lone = None
    thoughts: list[str] = []
    kept: list[str] = []
    at = 0
    if lone is not None and (opening is None or lone.start() < opening.start()):
        thoughts.append(reply[: lone.start()])
        at = lone.end()
        opening = _open_outside_code(reply, at)
    while opening is not None:
        kept.append(reply[at : opening.start()])
        closing = _CLOSE.search(reply, opening.end())
        if closing is None:
            thoughts.append(reply[opening.end() :])
            at = len(reply)
            break
        thoughts.append(reply[opening.end() : closing.start()])
        at = closing.end()
        opening = _open_outside_code(reply, at)
    if not thoughts:
        return Said(reply, "")
    kept.append(reply[at:])
    text = "\n\n".join(part for part in (piece.strip("\r\n") for piece in kept) if part.strip())
    return Said(text, "\n\n".join(thought.strip() for thought in thoughts if thought.strip()))


def _open_outside_code(reply: str, start: int) -> re.Match[str] | None:
    """The next opening tag at the beginning of a line that no code fence encloses."""
    for match in _OPEN.finditer(reply, start):
        if not _inside_fence(reply, start, match.start()):
            return match
    return None


def _inside_fence(reply: str, start: int, position: int) -> bool:
    fence = ""
    for match in _FENCE.finditer(reply, start, position):
        marks, info = match.group(1), match.group(2)
        if not fence:
            fence = marks
        elif marks.startswith(fence) and not info.strip():
            fence = ""
    return bool(fence)


class ThinkingStream:
    """The same for a reply that arrives in pieces, for those who watch. A thought is known only by its opening tag at
    the very beginning; `split_thinking` has the last word on the whole reply.
    """

    def __init__(self) -> None:
        self._state = "begin"
        self._held = ""

    def feed(self, piece: str) -> Said:
        """What of ``piece``, and of what was held back before, can be shown now."""
        if self._state == "text":
            return Said(piece, "")
        self._held += piece
        if self._state == "begin":
            head = self._held.lstrip()
            tag = next((tag for tag in OPENERS if head.startswith(tag)), None)
            if tag is not None:
                self._state, self._held = "thinking", head[len(tag) :]
            elif not head or any(tag.startswith(head) for tag in OPENERS):
                return Said("", "")
            else:
                self._state = "text"
                return self._release_text()
        return self._think()

    def end(self) -> Said:
        """What was still held back."""
        held, self._held = self._held, ""
        return Said("", held) if self._state == "thinking" else Said(held, "")

    def _think(self) -> Said:
        closing = _CLOSE.search(self._held)
        if closing is not None:
            thought, self._held = self._held[: closing.start()], self._held[closing.end() :].lstrip("\r\n")
            self._state = "text"
            return Said(self._release_text().text, thought)
        longest = min(len(self._held), len(CLOSERS[1]) - 1)
        sizes = range(longest, 0, -1)
        keep = next((size for size in sizes if any(tag.startswith(self._held[-size:]) for tag in CLOSERS)), 0)
        cut = len(self._held) - keep
        thought, self._held = self._held[:cut], self._held[cut:]
        return Said("", thought)

    def _release_text(self) -> Said:
        text, self._held = self._held, ""
        return Said(text, "")
