"""Choices and regular expressions as grammars of llama.cpp, which has no other word for them."""

from __future__ import annotations

import re
from collections.abc import Iterable


class Untranslatable(ValueError):
    """The pattern uses what a context-free grammar cannot say, such as a look-ahead or a reference back."""


_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\r"}
_CONTROL = {"n": r"\n", "t": r"\t", "r": r"\r"}
_IN_SET = {"[": r"\[", "]": r"\]", "\n": r"\n"}
_ANCHORS = re.compile(r"^(?:\^|\\A)|(?:(?<!\\)\$|\\Z)$")
_TOKEN = re.compile(
    r"""
      (?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])
    | (?P<open>\((?:\?:|(?!\?)))
    | (?P<mark>[)|])
    | (?P<repeat>[*+?]|\{\d+(?:,\d*)?\}|\{,\d+\})(?P<lazy>\??)(?!\+)
    | \\(?P<escape>.)
    | (?P<any>\.)
    | (?P<plain>[^\\\[()*+?|^$.])
    """,
    re.VERBOSE | re.DOTALL,
)


def one_of(options: Iterable[str]) -> str:
    """A grammar whose only texts are ``options``."""
    return "root ::= " + " | ".join(map(_literal, options))


def from_regex(pattern: str) -> str:
    """A grammar of the texts that ``pattern`` matches as a whole.

    Raises:
        Untranslatable.
    """
    try:
        re.compile(pattern)
    except re.error as error:
        raise Untranslatable(f"{pattern!r} is no regular expression: {error}") from None
    pattern = _ANCHORS.sub("", pattern)
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise Untranslatable(f"{pattern[at : at + 12]!r} in {pattern!r} has no counterpart in a grammar")
        parts.append(_part(token))
        at = token.end()
    return "root ::= " + (" ".join(parts) or '""')


def _part(token: re.Match[str]) -> str:
    found = token[0]
    match token.lastgroup:
        case "set":
            return _set(found)
        case "open":
            return "("
        case "mark":
            return found
        case "repeat" | "lazy":
            return token["repeat"].replace("{,", "{0,")
        case "any":
            return r"[^\n]"
        case "escape":
            return _escape(token["escape"])
        case _:
            return _literal(found)


def _escape(char: str) -> str:
    if char in _CLASSES:
        return f"[{_CLASSES[char]}]"
    if char.lower() in _CLASSES:
        return f"[^{_CLASSES[char.lower()]}]"
    if char in _CONTROL:
        return f'"{_CONTROL[char]}"'
    if char.isalnum():
        raise Untranslatable(f"\\{char} has no counterpart in a grammar")
    return _literal(char)


def _set(text: str) -> str:
    """A set of characters: the same in both, but for the classes that may stand inside."""
    inside = text[1:-1]
    out = ""
    if inside.startswith("^"):
        out, inside = "^", inside[1:]
    for found in re.finditer(r"\\.|.", inside, re.DOTALL):
        part = found[0]
        name = part[1:]
        if not name or name in _CONTROL:
            out += _IN_SET.get(part, part)
        elif name in _CLASSES:
            out += _CLASSES[name]
        elif name.isalnum():
            raise Untranslatable(f"{part} in {text} has no counterpart in a grammar")
        else:
            out += f"\\{name}" if name in "\\[]" else f"\\x{ord(name):02x}"
    return f"[{out}]"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
