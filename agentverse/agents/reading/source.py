"""Source text: whether it parses, and whether it is all there."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from pathlib import PurePosixPath
from typing import NamedTuple

from agentverse.agents.reading.base import Unreadable

PYTHON = (".py", ".pyi")

_REST = (
    r"rest of|existing|remaining|unchanged|same as|previous|omitted|as before|other \w+|your \w+|implementation|"
    r"其余|其他|剩余|省略|保持不变|同上|不变"
)
_ELIDED = re.compile(
    rf"""^\s*(?:
        (?:\#|//|/\*|<!--|--|;)\s*(?:\.{{3}}|…)\s*.*(?:{_REST}).*      # a comment that begins with dots
      | (?:\#|//|/\*|<!--|--|;)\s*(?:\(|\[)?\s*(?:the\s+)?(?:rest\s+of|remaining|existing|other)\b.{{0,60}}
            (?:unchanged|same|here|omitted|as\ before|\.{{3}}|…).*
      | (?:\#|//|/\*|<!--|--|;)\s*(?:其余|其他|剩余|此处)?.{{0,20}}(?:保持不变|省略|同上).*
      | (?:\#|//|/\*|<!--|--|;)\s*.{{0,40}}(?:unchanged|omitted\ for\ brevity)\s*\W*$
      | (?:\#|//|/\*|<!--|--|;)\s*TODO\b[:\s]*(?:implement|add|fill|complete|write|finish|实现|补充|完成).*
      | (?:\.{{3}}|…)\s*(?:existing|rest|remaining|unchanged|same|其余|省略).*   # dots alone
    )$""",
    re.IGNORECASE | re.VERBOSE,
)


class Fault(NamedTuple):
    """Where and why source does not parse."""

    line: int
    message: str
    text: str


def parse_python(text: str) -> ast.Module | Fault:
    """The syntax tree, or what is wrong. Nothing is run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        line = error.lineno or 1
        source = text.split("\n")
        return Fault(line, error.msg, source[line - 1].strip()[:200] if line <= len(source) else "")
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(1, str(error) or type(error).__name__, "")


def parses(text: str) -> bool:
    return isinstance(parse_python(text), ast.Module)


def check_source(path: str, text: str) -> None:
    """See that a whole file leaves nothing out and, for Python, parses.

    Raises:
        Unreadable: ``elided`` or ``syntax``, with the line.
    """
    gap = elision(path, text)
    if gap is not None:
        raise Unreadable("elided", path=path, line=gap.line, text=gap.text)
    check_syntax(path, text)


def check_syntax(path: str, text: str) -> None:
    """Raises Unreadable ``syntax`` when ``path`` is a Python file and ``text`` does not parse."""
    if PurePosixPath(path).suffix not in PYTHON:
        return
    parsed = parse_python(text)
    if isinstance(parsed, Fault):
        raise Unreadable("syntax", path=path, line=parsed.line, message=parsed.message, text=parsed.text)


def elision(path: str, text: str) -> Fault | None:
    """The first line that stands for code left out, or None."""
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) < 200 and _ELIDED.match(line) and _is_comment(path, text, number, line):
            return Fault(number, "", line.strip())
    return None


def _is_comment(path: str, text: str, number: int, line: str) -> bool:
    """In Python a look-alike inside a string is the program's own text."""
    if PurePosixPath(path).suffix not in PYTHON or not line.lstrip().startswith("#"):
        return True
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (SyntaxError, tokenize.TokenError):
        return True
    return any(token.type == tokenize.COMMENT and token.start[0] == number for token in tokens)
