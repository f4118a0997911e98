"""A YAML tree with positions, put together from the parser's events.

PyYAML's own composer recurses without bound and lets a later duplicate key win; this one does neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import ReaderError

MOST_DEPTH = 40


class YamlFault(Exception):
    """The text is no YAML that agentverse reads. ``line`` and ``column`` count from 1."""

    def __init__(self, line: int, column: int, what: str, fix: str | None = None) -> None:
        super().__init__(what)
        self.line, self.column, self.what, self.fix = line, column, what, fix


@dataclass(slots=True)
class ScalarNode:
    text: str
    line: int
    column: int
    style: str = ""
    """``""`` when it is not quoted, else ``'``, ``"``, ``|`` or ``>``."""
    body_column: int = 0
    """Column of the text below a ``|`` or ``>``."""
    verbatim: bool = False
    """The text stands in the file on one line, letter for letter."""


@dataclass(slots=True)
class SequenceNode:
    line: int
    column: int
    items: list[Node] = field(default_factory=list["Node"])


@dataclass(slots=True)
class MappingNode:
    line: int
    column: int
    pairs: list[tuple[ScalarNode, Node]] = field(default_factory=list[tuple[ScalarNode, "Node"]])


Node = ScalarNode | SequenceNode | MappingNode

_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map")}
_PLAIN: dict[str, str] = {
    "mapping values are not allowed here": "a ':' is not expected here; check the indentation, or quote the text.",
    "could not find expected ':'": "this key has no ':' and no value.",
    "found unexpected end of stream": "a quoted text is not closed.",
    "expected ',' or ']', but got '?'": "a text with a '?' needs quotes inside [ ].",
    "expected ',' or '}', but got '?'": "a text with a '?' needs quotes inside { }.",
    "expected ',' or ']'": "the list in [ ] is not closed, or a ',' is missing.",
    "expected ',' or '}'": "the mapping in { } is not closed, or a ',' is missing.",
    "expected <block end>, but found": "this line does not fit the lines above; is the indentation right?",
    "expected the node content, but found '<stream end>'": "the file ends here, but a [ ] or { } is not closed.",
    "expected the node content": "a value is missing here.",
    "found character '\\t'": "a tab cannot indent YAML; use spaces.",
    "found character": "a text that begins with this character needs quotes.",
    "found undefined alias": "the alias refers to an anchor that is not defined above.",
}


def compose(text: str) -> Node:
    """Compose the one document in ``text``.

    Raises:
        YamlFault: a syntax error, a feature that is not read, or more depth than is allowed.
    """
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        raise _fault(error) from None
    except ReaderError as error:
        bad: str | int = error.character
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        number = ord(bad) if isinstance(bad, str) else bad
        raise YamlFault(line, column, f"the character U+{number:04X} may not be in YAML.") from None


def _fault(error: yaml.MarkedYAMLError) -> YamlFault:
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem or "this is not YAML")
    what = next((plain for start, plain in _PLAIN.items() if problem.startswith(start)), f"{problem}.")
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    opened = error.context_mark
    if opened is not None and "not closed" in what:
        line, column = opened.line + 1, opened.column + 1
    return YamlFault(line, column, what)


class _Composer:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self.anchors: dict[str, Node | None] = {}

    def document(self) -> Node:
        next(self.events)  # the stream's start
        first = next(self.events)
        if isinstance(first, yaml.StreamEndEvent):
            raise YamlFault(1, 1, "the file is empty; a mapping of keys to values was expected.")
        root = self._node(next(self.events), 0)
        next(self.events)  # the document's end
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise YamlFault(*_start(after), "a second document begins here; a file holds one.")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if depth > MOST_DEPTH:
            raise YamlFault(*_start(event), f"this is nested deeper than {MOST_DEPTH} levels.")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None and event.tag not in _TAGS and event.tag != "!":
            raise YamlFault(*_start(event), f"the tag {event.tag!r} is not read; write the plain value.")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        node = self._content(event, depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _content(self, event: Any, depth: int) -> Node:
        line, column = _start(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
                items.append(self._node(item, depth + 1))
            return SequenceNode(line, column, items)
        pairs: list[tuple[ScalarNode, Node]] = []
        while not isinstance(begin := next(self.events), yaml.MappingEndEvent):
            key = self._node(begin, depth + 1)
            if not isinstance(key, ScalarNode):
                raise YamlFault(
                    *_start(begin), "a key must be a word.", "A text that begins with '{' or '[' needs quotes."
                )
            if not key.text and not key.style:
                raise YamlFault(key.line, key.column, "a key is missing here.")
            if key.text == "<<" and not key.style:
                raise YamlFault(key.line, key.column, "'<<' merges are not read; write the keys out.")
            pairs.append((key, self._node(next(self.events), depth + 1)))
        return MappingNode(line, column, pairs)

    def _alias(self, event: Any) -> Node:
        node = self.anchors.get(event.anchor)
        if node is None:
            why = "refers to itself" if event.anchor in self.anchors else "is not defined above"
            raise YamlFault(*_start(event), f"the alias '*{event.anchor}' {why}.")
        return node

    def _scalar(self, event: Any) -> ScalarNode:
        line, column = _start(event)
        style = event.style or ""
        if style in ("|", ">"):
            return ScalarNode(event.value, line, column, style, self._body_column(line))
        raw = self.lines[line - 1] if line <= len(self.lines) else ""
        verbatim = raw.startswith(event.value, column - 1 + len(style))
        return ScalarNode(event.value, line, column, style or ("!" if event.tag else ""), verbatim=verbatim)

    def _body_column(self, line: int) -> int:
        """Column of a block text's first line with content; ``line`` is the one with its ``|``."""
        for below in self.lines[line:]:
            if below.strip():
                return len(below) - len(below.lstrip(" ")) + 1
        return 1


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
