"""Which looks a product gets, and how it is started: by what was agreed on and by what lies in the workspace."""

from __future__ import annotations

import ast
import shlex
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from agentverse.blueprint.artifacts import Design, Requirements, ShowKind
from agentverse.sandbox.looks.protocol import Start

TOOLKITS: Mapping[str, ShowKind] = {
    "tkinter": "window", "turtle": "window", "pygame": "window", "PyQt5": "window", "PyQt6": "window",
    "PySide6": "window", "arcade": "window", "kivy": "window", "curses": "terminal", "textual": "terminal",
    "urwid": "terminal", "prompt_toolkit": "terminal", "blessed": "terminal",
}  # fmt: skip
"""What a product imports says how it is seen."""
SERVERS = frozenset({"flask", "fastapi", "django", "bottle", "aiohttp", "http", "socketserver", "uvicorn", "tornado"})
"""A product that imports one of these goes on until it is stopped; no look is made for those yet."""
ENTRIES = ("main.py", "app.py", "__main__.py")
LONGEST = 1 << 20


def start_of(files: Mapping[str, bytes], design: Design | None) -> Start | None:
    """How the product is started; None when it is nothing that can be.

    Words that a command line would read as its own (options after the file) are left out: looks bring their own.
    """
    for words in _candidates(design):
        if len(words) > 1 and words[0] in ("python", "python3") and words[1] in files:
            return Start(("python", words[1]))
    return None


def missing_entry(files: Mapping[str, bytes], design: Design | None) -> str:
    """Path of the file that the design says is started and that is not there; "" when all is well."""
    entry = design.entry if design is not None else ""
    return entry if entry and entry not in files else ""


def kinds_of(files: Mapping[str, bytes], requirements: Requirements | None) -> tuple[ShowKind, ...]:
    """The looks that fit; none for a library, and none for what we cannot look at."""
    imported = {name for path, source in files.items() if path.endswith(".py") for name in _imports(source)}
    found = {TOOLKITS[name] for name in imported if name in TOOLKITS}
    if "window" in found:
        return ("window",)
    if "terminal" in found:
        return ("terminal",)
    agreed = requirements.kind if requirements is not None else "command"
    if agreed == "terminal":
        return ("terminal",)
    return ("command",) if agreed == "command" and not imported & SERVERS else ()


def _candidates(design: Design | None) -> Iterator[Sequence[str]]:
    if design is not None:
        with suppress(ValueError):
            yield shlex.split(design.start)
        if design.entry:
            yield ("python", design.entry)
    for entry in ENTRIES:
        yield ("python", entry)


def _imports(source: bytes) -> Iterator[str]:
    """Top names of the modules that a file imports; nothing for one that does not parse."""
    if len(source) > LONGEST:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
