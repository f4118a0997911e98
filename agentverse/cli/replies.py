"""Replies as people read them: values as lists, code as file names with a count of lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from agentverse.cli.text import clean, one_line
from agentverse.cli.words import word

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\n]*)$")
_EDIT = re.compile(r"^<{5,9} ?SEARCH\b")
_EDIT_END = re.compile(r"^>{5,9} ?REPLACE\b")


def readable(text: str, language: str, *, full: bool = False) -> list[str]:
    """The lines of a reply, clean. With ``full`` nothing of it is collapsed."""
    body = text.strip()
    if not body:
        return [word("nothing_said", language)]
    if full:
        return clean(body).split("\n")
    value = _as_json(body)
    if value is not None:
        return readable_value(value)
    return [_shown(part, language) for part in _parts(body.split("\n"))]


def readable_value(value: Any, depth: int = 0) -> list[str]:
    """A JSON value as indented lines, clean."""
    pad = "  " * depth
    if isinstance(value, Mapping):
        return _mapping(cast("Mapping[str, Any]", value), depth)
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [pad + one_line(_scalar(value))]
    lines: list[str] = []
    for item in cast("Sequence[Any]", value):
        if isinstance(item, Mapping):
            lines.append(f"{pad}- {_row(cast('Mapping[str, Any]', item))}")
        else:
            lines += [f"{pad}- {line.strip()}" for line in readable_value(item)]
    return lines


def _mapping(value: Mapping[str, Any], depth: int) -> list[str]:
    pad = "  " * depth
    lines: list[str] = []
    for name, inner in value.items():
        if inner in (None, "", [], {}):
            continue
        if isinstance(inner, list) and all(not isinstance(i, dict | list) for i in cast("list[Any]", inner)):
            inner = _scalar(inner)
        if isinstance(inner, dict | list):
            lines.append(f"{pad}{one_line(name)}:")
            lines += readable_value(inner, depth + 1)
        else:
            lines.append(f"{pad}{one_line(name)}: {one_line(_scalar(inner))}")
    return lines


def _row(item: Mapping[str, Any]) -> str:
    """One item of a list: its first value leads, the others follow in brackets when they are short."""
    said = [one_line(_scalar(value)) for value in item.values() if value not in (None, "", [], {}, 0)]
    return said[0] + (": " + " · ".join(said[1:]) if len(said) > 1 else "") if said else ""


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_scalar(item) for item in cast("list[Any]", value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_json(text: str) -> Any:
    """The value when the whole reply is one JSON object or array, also inside one fence."""
    lines = text.split("\n")
    if len(lines) > 2 and _FENCE.match(lines[0]) and _FENCE.match(lines[-1]):
        text = "\n".join(lines[1:-1])
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@dataclass(slots=True)
class _Part:
    """A line of prose, a block of code (name, lines), or edits of one file (path, how many)."""

    kind: Literal["prose", "code", "edits"]
    text: str
    count: int = 0


def _parts(lines: Sequence[str]) -> list[_Part]:
    parts: list[_Part] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        fence = _FENCE.match(line)
        if _EDIT.match(line):
            index = _past(lines, index)
            _add_edit(parts)
        elif fence:
            end = _end_of_block(lines, index, fence[1])
            inner = lines[index + 1 : end]
            if any(_EDIT.match(one) for one in inner):
                parts += _parts(inner)
            else:
                parts.append(_Part("code", fence[2].strip().split(" ")[-1], len(inner)))
            index = end + 1
        else:
            if line.strip():
                parts.append(_Part("prose", line))
            index += 1
    return parts


def _shown(part: _Part, language: str) -> str:
    if part.kind == "code":
        return "▸ " + word("lines", language, path=clean(part.text) or word("code_block", language), lines=part.count)
    if part.kind == "edits":
        return "▸ " + word("edits_to", language, path=clean(part.text), count=part.count)
    return clean(part.text)


def _end_of_block(lines: Sequence[str], start: int, mark: str) -> int:
    for index in range(start + 1, len(lines)):
        closing = _FENCE.match(lines[index])
        if closing and not closing[2].strip() and closing[1].startswith(mark):
            return index
    return len(lines)


def _past(lines: Sequence[str], start: int) -> int:
    for index in range(start, len(lines)):
        if _EDIT_END.match(lines[index]):
            return index + 1
    return len(lines)


def _add_edit(parts: list[_Part]) -> None:
    """Count one more edit. The line before the first edit of a file is its path."""
    if parts and parts[-1].kind == "prose":
        parts[-1] = _Part("edits", parts[-1].text.strip().strip("`*:"), 1)
    elif parts and parts[-1].kind == "edits":
        parts[-1].count += 1
    else:
        parts.append(_Part("edits", "", 1))
