"""Where in the product something happened: compilers and stack traces name a file and a line, each in its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath

from agentverse.sandbox.report import LONGEST_FRAME

LINE = re.compile(r"[:(](\d{1,7})(?:[:,]\d{1,5})?\)?:?")
"""After a path: ``main.go:5:12: undefined: x``, ``add.ts(3,5): error TS2322: …``, ``at bad (/work/add.js:2:22)``."""
LONGEST_PATH, LONGEST_SAID = 200, 300
MOST = 2000
"""Mentions looked at in one text."""
HARMLESS = re.compile(r"^(warning|note|info|remark)\b", re.IGNORECASE)
LEVEL = re.compile(r"^(?:fatal )?error(?:\s*(?:TS\d+|\[\w+\]))?:\s*", re.IGNORECASE)
SHOWN = 2
"""Lines of source shown before the one that is meant."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file of the product, and what was said after it."""

    path: str
    line: int
    said: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Places:
    """Finds the product's own files in what a tool printed.

    Args:
        files: the product; what is not in it is some library's.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._named: dict[str, list[str]] = {}
        for path in files:
            self._named.setdefault(PurePosixPath(path).name, []).append(path)

    def first(self, text: str) -> Place | None:
        return next(self.all(text), None)

    def all(self, text: str) -> Iterator[Place]:
        """Every mention of a line, in order."""
        for found in islice(LINE.finditer(text), MOST):
            path = self._own(_path_before(text, found.start()))
            if path is not None and int(found[1]):
                said = text[found.end() : found.end() + LONGEST_SAID].partition("\n")[0]
                yield Place(path, int(found[1]), said.strip())

    def errors(self, text: str) -> list[Place]:
        """What a compiler complains about, once a line; warnings and notes are left out."""
        found = {str(place): place for place in reversed(list(self.all(text))) if _complains(place.said)}
        return [Place(place.path, place.line, LEVEL.sub("", place.said)) for place in reversed(found.values())]

    def frame(self, place: Place) -> str:
        """The place and its source, the line itself marked."""
        lines = self._files[place.path].decode("utf-8", "replace").splitlines()
        first = max(0, place.line - 1 - SHOWN)
        shown = [
            f"{'>' if at == place.line - 1 else ' '} {lines[at]}" for at in range(first, min(place.line, len(lines)))
        ]
        return "\n".join([str(place), *shown])[:LONGEST_FRAME]

    def _own(self, said: str) -> str | None:
        """The file of the product that is meant: by its whole path, by the end of a longer one, or by a unique name."""
        said = said.removeprefix("./")
        if said in self._files:
            return said
        same = self._named.get(PurePosixPath(said).name, [])
        ending = [path for path in same if said.endswith(f"/{path}")]
        if ending:
            return max(ending, key=len)
        return same[0] if len(same) == 1 and "/" not in said else None


def _path_before(text: str, end: int) -> str:
    """The path that ends at ``end``; "" when none does."""
    start = end
    while start > max(0, end - LONGEST_PATH) and (text[start - 1].isalnum() or text[start - 1] in "_./+-"):
        start -= 1
    return text[start:end]


def _complains(said: str) -> bool:
    return bool(said) and said not in (")", ":") and not HARMLESS.match(said)
