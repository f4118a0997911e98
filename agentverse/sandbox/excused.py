"""Which undefined names may be bound after all. A name is called undefined only when it is certain that it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

DYNAMIC = frozenset({"globals", "exec", "vars", "__builtins__", "builtins", "modules", "_convert_", "install"})
"""Where one of these is used, names may come from anywhere. ``install`` is gettext's."""

VERSIONS = frozenset({"version_info", "version", "hexversion", "PY2", "PY3", "TYPE_CHECKING"})


def bound_from_outside(trees: Iterable[ast.Module]) -> frozenset[str]:
    """Names that some file sets as an attribute of anything but ``self``: it may be another module."""
    return frozenset(
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    )


def certain(tree: ast.Module, names: Iterable[str]) -> set[str]:
    """Those of ``names`` that are read where nothing excuses it.

    Excused are annotations and text, which may never be evaluated, and uses in a ``try`` or for another version of
    Python, whose author knows that the name may be missing. In a file that makes names at run time all are.

    Args:
        names: what ruff found undefined in the file.
    """
    if _words(tree) & DYNAMIC:
        return set()
    excused = {id(node) for node in _excused(tree)}
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in excused}
    return {name for name in names if name in read and name != "_" and not name.startswith("__")}


def _words(tree: ast.AST) -> set[str]:
    """Every name and attribute in it."""
    words: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.alias):
            words.add(node.name)
    return words


def _excused(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        match node:
            case ast.Try() if node.handlers:
                parts = [*node.body]
            case ast.With() if any("suppress" in _words(item) for item in node.items):
                parts = [*node.body]
            case ast.If() if _words(node.test) & VERSIONS:
                parts = [*node.body, *node.orelse]
            case ast.IfExp() if _words(node.test) & VERSIONS:
                parts = [node.body, node.orelse]
            case ast.AnnAssign() | ast.arg():
                parts = [node.annotation]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                parts = [node.returns]
            case _:
                continue
        for part in parts:
            yield from ast.walk(part) if part is not None else ()
