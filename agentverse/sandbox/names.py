"""Names that are used and bound nowhere. Only what is certain is said: no finding is ever wrong."""

from __future__ import annotations

import ast
import builtins
import symtable
import warnings
from collections.abc import Iterator

KNOWN = frozenset(dir(builtins)) | {
    "__file__", "__path__", "__annotations__", "__builtins__", "__class__", "__module__", "__qualname__",
    "__cached__", "WindowsError", "reveal_type",
}  # fmt: skip
DYNAMIC = frozenset({
    "globals", "exec", "eval", "vars", "locals", "setattr",
    "__dict__", "__builtins__", "builtins", "modules", "_convert_",
})  # fmt: skip
"""Where one of these is used, names may come from anywhere."""

VERSIONS = frozenset({"version_info", "version", "hexversion", "PY2", "PY3", "TYPE_CHECKING"})


def undefined_names(source: bytes, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of every global name that nothing in the file binds and that is not built in.

    A star import or names made at run time make it impossible to tell, so nothing is found then.

    Args:
        source: a file that parses.
        tree: the same, parsed.
    """
    if _is_dynamic(tree):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            top = symtable.symtable(source.decode("utf-8-sig"), "file.py", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # what Python says of it is found when the file is parsed or run
    bound = _bound(top)
    suspects = _read(top) - bound - KNOWN
    if not suspects:
        return
    excused = _guarded(tree) | _annotations(tree)
    seen: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in suspects - seen and id(node) not in excused:
            seen.add(node.id)
            yield node.lineno, node.id


def _is_dynamic(tree: ast.Module) -> bool:
    stars = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return bool(_words(tree) & DYNAMIC) or any(alias.name == "*" for node in stars for alias in node.names)


def _words(tree: ast.AST) -> set[str]:
    """Every name and attribute in it."""
    words: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
    return words


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _bound(top: symtable.SymbolTable) -> set[str]:
    """Names that are bound in the module, also from functions that declare them global."""
    names = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    names |= {symbol.get_name() for symbol in top.get_symbols() if symbol.is_namespace() or symbol.is_annotated()}
    for table in _tables(top):
        names |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_declared_global()}
    return names


def _read(top: symtable.SymbolTable) -> set[str]:
    """Names that are read as globals somewhere, and nowhere belong to a scope of their own.

    A class body's names and private names that Python mangles are told apart only by running, so a name that any
    scope binds is left out.
    """
    names: set[str] = set()
    local: set[str] = set()
    for table in _tables(top):
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or table is top):
                names.add(symbol.get_name())
            elif symbol.is_assigned() or symbol.is_parameter() or symbol.is_imported():
                local.add(symbol.get_name())
    return {name for name in names if name not in local and not name.startswith("_")}


def _guarded(tree: ast.Module) -> set[int]:
    """Uses whose author knows that the name may be missing: in a ``try``, or for another version of Python."""
    found: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.stmt] | list[ast.expr] = []
        if isinstance(node, ast.Try) and node.handlers:
            parts = node.body
        elif isinstance(node, ast.If) and _words(node.test) & VERSIONS:
            parts = [*node.body, *node.orelse]
        elif isinstance(node, ast.IfExp) and _words(node.test) & VERSIONS:
            parts = [node.body, node.orelse]
        found |= {id(inner) for part in parts for inner in ast.walk(part)}
    return found


def _annotations(tree: ast.Module) -> set[int]:
    """What stands in annotations; they may never be evaluated."""
    found: set[int] = set()
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            annotation = getattr(node, name, None)
            if isinstance(annotation, ast.AST):
                found |= {id(inner) for inner in ast.walk(annotation)}
    return found
