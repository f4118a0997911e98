"""YAML text as plain data in which every key and value remembers where it stands.

YAML 1.2's core rules: only ``true`` and ``false`` are booleans, so that ``on``, ``yes`` and ``no`` stay text; there are
no dates, no tags of other languages, no merge keys. Keys are always text. Size, depth and what aliases may expand to
are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentverse.blueprint.nodes import MOST_DEPTH, MappingNode, Node, ScalarNode, SequenceNode, YamlFault, compose
from agentverse.errors import Problem

MOST_BYTES = 1_000_000
MOST_NODES = 50_000

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands. Lines and columns count from 1.

    Attributes:
        line, column: of the value; of its key when the value is a mapping or a list.
        key_line, key_column: of the key; the same as the value's for a list item.
        style: how the text is quoted: "" plain, ``'``, ``"``, ``|``, ``>``.
        body_column: column of the text below a ``|``.
        verbatim: the text stands on one line of the file, letter for letter.
    """

    file: str
    line: int
    column: int
    key_line: int
    key_column: int
    style: str = ""
    body_column: int = 0
    verbatim: bool = False

    def inside(self, text: str, line: int, needle: str) -> tuple[int, int]:
        """The line and column in the file of ``needle``, which is on the given line (from 1) of the value ``text``.

        What cannot be told exactly, as in folded text, is the place of the value.
        """
        lines = text.split("\n")
        shown = lines[line - 1] if 0 < line <= len(lines) else ""
        found = re.search(rf"(?<![\w.]){re.escape(needle)}(?!\w)", shown) if needle else None
        offset = found.start() if found else -1
        if self.style == "|":
            return self.line + line, self.body_column + max(offset, 0)
        if self.verbatim and offset >= 0:
            return self.line, self.column + len(self.style) + offset
        return self.line, self.column


@dataclass(slots=True)
class Document:
    """A file that was read. ``data`` is None when it could not be."""

    file: str
    data: Any = None
    places: dict[FieldPath, Place] = field(default_factory=dict[FieldPath, Place])
    problems: list[Problem] = field(default_factory=list[Problem])

    def place(self, path: FieldPath) -> Place:
        """The place of the field at ``path``, or of the nearest field around it that is there."""
        return nearest_place(self.places, path) or Place(self.file, 1, 1, 1, 1)

    def problem(self, path: FieldPath, what: str, fix: str | None = None, *, at_key: bool = False) -> Problem:
        place = self.place(path)
        line, column = (place.key_line, place.key_column) if at_key else (place.line, place.column)
        return Problem(place.file, line, column, dotted(path), what, fix)


def nearest_place(places: dict[FieldPath, Place], path: FieldPath) -> Place | None:
    """The place of ``path`` or of the longest beginning of it that has one."""
    for length in range(len(path), -1, -1):
        place = places.get(path[:length])
        if place is not None:
            return place
    return None


def dotted(path: FieldPath) -> str:
    """``("phases", "check", "after", 0)`` as ``phases.check.after[0]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read_file(path: Path, shown: str) -> Document:
    """Read a YAML file. ``shown`` is how the file is called in problems.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return Document(shown, problems=[Problem(shown, 1, 1, "", f"the file is larger than {MOST_BYTES:,} bytes.")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        return Document(shown, problems=[Problem(shown, line, column, "", "the file is not UTF-8 text.")])
    return read_text(text, shown)


def read_text(text: str, shown: str) -> Document:
    """Read YAML text; see `read_file`."""
    document = Document(shown)
    if len(text) > MOST_BYTES:
        document.problems.append(Problem(shown, 1, 1, "", f"the file is larger than {MOST_BYTES:,} bytes."))
        return document
    try:
        document.data = _Construction(document).value(compose(text), ())
    except YamlFault as fault:
        document.data = None
        document.problems.append(Problem(shown, fault.line, fault.column, "", fault.what, fault.fix))
    return document


_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OTHER_INT = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MOST_DIGITS = 100


def plain_value(text: str) -> str | int | float | bool | None:
    """What an unquoted word means."""
    if _NULL.fullmatch(text):
        return None
    if text in _BOOL:
        return _BOOL[text]
    if len(text) > _MOST_DIGITS:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _OTHER_INT.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


class _Construction:
    """Turns nodes into data, noting places and duplicate keys. Counts nodes, so that aliases cannot explode."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0

    def value(self, node: Node, path: FieldPath, key: ScalarNode | None = None) -> Any:
        self.count += 1
        if self.count > MOST_NODES:
            raise YamlFault(node.line, node.column, f"the file has more than {MOST_NODES:,} values.")
        if len(path) > MOST_DEPTH:
            raise YamlFault(node.line, node.column, f"this is nested deeper than {MOST_DEPTH} levels.")
        self.document.places[path] = self._place(node, key or node)
        if isinstance(node, ScalarNode):
            return node.text if node.style else plain_value(node.text)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.items)]
        return self._mapping(node, path)

    def _mapping(self, node: MappingNode, path: FieldPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.pairs:
            if key.text in data:
                what = f"the key {key.text!r} is given twice; the first is on line {lines[key.text]}."
                where = dotted((*path, key.text))
                self.document.problems.append(Problem(self.document.file, key.line, key.column, where, what))
                continue
            lines[key.text] = key.line
            data[key.text] = self.value(value, (*path, key.text), key)
        return data

    def _place(self, node: Node, key: Node) -> Place:
        file = self.document.file
        if isinstance(node, ScalarNode):
            shape = (node.style, node.body_column, node.verbatim)
            return Place(file, node.line, node.column, key.line, key.column, *shape)
        return Place(file, key.line, key.column, key.line, key.column)
