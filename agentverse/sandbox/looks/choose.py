"""Which looks a product gets, and how it is started: by what was agreed on and by what lies in the workspace."""

from __future__ import annotations

import ast
import shlex
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from agentverse.blueprint.artifacts import Design, Requirements, ShowKind
from agentverse.sandbox.looks import serving
from agentverse.sandbox.looks.protocol import Start

TOOLKITS: Mapping[str, ShowKind] = {
    "tkinter": "window", "turtle": "window", "pygame": "window", "PyQt5": "window", "PyQt6": "window",
    "PySide6": "window", "arcade": "window", "kivy": "window", "curses": "terminal", "textual": "terminal",
    "urwid": "terminal", "prompt_toolkit": "terminal", "blessed": "terminal",
}  # fmt: skip
"""What a product imports says how it is seen."""
ENDLESS = frozenset({"socketserver"})
"""A product that imports one of these may go on until it is stopped, and nothing says how it could be seen."""
ENTRIES = ("main.py", "app.py", "__main__.py")
LONGEST = 1 << 20


def start_of(files: Mapping[str, bytes], design: Design | None, kind: ShowKind) -> Start | None:
    """How the product is started to be seen as a ``kind``; None when it is nothing that can be.

    Words that a command line would read as its own (options after the file) are left out: looks bring their own. A
    server keeps them.
    """
    if kind == "web":
        return serving.start_of(files, design)
    for words in _candidates(design):
        if len(words) > 1 and words[0] in ("python", "python3") and words[1] in files:
            return Start(("python", words[1]))
    return None


def missing_entry(files: Mapping[str, bytes], design: Design | None) -> str:
    """Path of the file that the design says is started and that is not there; "" when all is well."""
    entry = design.entry if design is not None else ""
    return entry if entry and entry not in files else ""


def kinds_of(
    files: Mapping[str, bytes],
    requirements: Requirements | None,
    design: Design | None,
    *,
    is_test: Callable[[str], bool],
) -> tuple[ShowKind, ...]:
    """The looks that fit; none for a library, and none for what we cannot look at.

    Args:
        is_test: whether the file at a path is a test, which may import what the product does without.
    """
    sources = {path: source for path, source in files.items() if path.endswith(".py") and not is_test(path)}
    imported = {name for source in sources.values() for name in _imports(source)}
    found = {TOOLKITS[name] for name in imported if name in TOOLKITS}
    agreed = requirements.kind if requirements is not None else None
    if "window" in found:
        return ("window",)
    if "terminal" in found or agreed == "terminal":
        return ("terminal",)
    if agreed == "library":
        return ()
    if agreed == "web" or imported & serving.FRAMEWORKS:
        return ("web",)
    if imported & serving.SERVERS:  # a program that is agreed to be a command may have a server for one of its options
        return () if agreed == "command" else ("web",)
    if start_of(files, design, "command") is None and serving.site(files, design) is not None:
        return ("web",)
    return ("command",) if agreed in ("command", None) and not imported & ENDLESS else ()


def _candidates(design: Design | None) -> Iterator[Sequence[str]]:
    if design is not None:
        with suppress(ValueError):
            yield shlex.split(design.start)
        if design.entry:
            yield ("python", design.entry)
    for entry in ENTRIES:
        yield ("python", entry)


def _imports(source: bytes) -> Iterator[str]:
    """Names of the modules that a file imports, each with its top name; nothing for one that does not parse."""
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
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield name
            yield name.partition(".")[0]
