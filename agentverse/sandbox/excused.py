"""Which undefined names may be bound after all. A name is called undefined only when it is certain that it is."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Iterable, Iterator

DYNAMIC = frozenset(
    {"globals", "exec", "vars", "__builtins__", "builtins", "modules", "_convert_", "global_enum", "install"}
)
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


def certain(source: str, tree: ast.Module, names: Iterable[str]) -> set[str]:
    """Those of ``names`` that are undefined wherever the file is entered and whatever it does first.

    Excused are annotations and text, which may never be evaluated; names that are read in a ``try`` or for another
    version of Python, whose author knows that they may be missing; names that the same scope binds further down, as in
    a loop; and all names of a file that makes some at run time.

    Args:
        source: of a file that parses.
        tree: the same, parsed.
        names: what ruff found undefined in it.
    """
    if _words(tree) & DYNAMIC:
        return set()
    unsure = {id(node) for node in _annotations(tree)}
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in unsure}
    guarded = {node.id for node in _guarded(tree) if isinstance(node, ast.Name)}
    suspects = {name for name in names if name != "_" and not name.startswith("__")}
    suspects &= read - guarded
    return suspects & _unbound(source) if suspects else suspects


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


def _unbound(source: str) -> set[str]:
    """Names that some scope reads as globals, and that are bound neither at the top nor by a ``global`` statement."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            top = symtable.symtable(source, "file.py", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()  # Python refuses the file, which is said already
    read: set[str] = set()
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    for table in _tables(top):
        for symbol in table.get_symbols():
            if symbol.is_declared_global():
                bound.add(symbol.get_name())
            elif symbol.is_referenced() and (symbol.is_global() or table is top):
                read.add(symbol.get_name())
    return read - bound


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _guarded(tree: ast.Module) -> Iterator[ast.AST]:
    """What stands where its author knows that a name may be missing."""
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        match node:
            case ast.Try() if node.handlers:
                parts = [*node.body]
            case ast.With() if any("suppress" in _words(item) for item in node.items):
                parts = [*node.body]
            case ast.If() if _words(node.test) & VERSIONS:
                parts = [*node.body, *node.orelse]
            case ast.IfExp() if _words(node.test) & VERSIONS:
                parts = [node.body, node.orelse]
            case _:
                continue
        for part in parts:
            yield from ast.walk(part)


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        annotation: ast.AST | None = None
        if isinstance(node, ast.AnnAssign | ast.arg):
            annotation = node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            annotation = node.returns
        if annotation is not None:
            yield from ast.walk(annotation)
