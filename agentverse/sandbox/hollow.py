"""An empty program: the same files and names as the product's, none of which does anything."""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence

from agentverse.sandbox.assertions import called

_PROPERTIES = frozenset({"property", "cached_property"})
_ACCESSORS = frozenset({"setter", "deleter", "getter"})


def hollow(files: Mapping[str, bytes], tests: Collection[str]) -> dict[str, bytes]:
    """The product with its Python source emptied.

    Functions take anything and return None, classes can be made of anything, constants are None, the main block is
    gone. Exceptions stay exceptions and imports stay, for those are names too.

    Args:
        files: the product, by relative path.
        tests: paths that stay as they are; so do files that are not Python.
    """
    return {
        path: _emptied(content) if path.endswith(".py") and path not in tests else content
        for path, content in files.items()
    }


def _emptied(content: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(content)
        lines = list(_lines(tree.body, _errors(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return b""  # nothing that is imported
    return "\n".join(["from __future__ import annotations", *lines]).encode() + b"\n"


def _errors(tree: ast.Module) -> set[str]:
    """Names of exception classes, the built-in ones and those made from others here."""
    names = {name for name, value in vars(builtins).items() if isinstance(value, type) and _raisable(value)}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(_is_error(base, names) for base in node.bases):
            names.add(node.name)
    return names


def _raisable(kind: type[object]) -> bool:
    return issubclass(kind, BaseException)


def _is_error(base: ast.expr, names: Collection[str]) -> bool:
    return called(base) in names or called(base).endswith(("Error", "Exception"))


def _lines(body: Sequence[ast.stmt], errors: Collection[str]) -> Iterator[str]:
    """The names that top-level statements bind, each bound to nothing."""
    for node in body:
        match node:
            case ast.ImportFrom(module="__future__"):
                continue
            case ast.Import() | ast.ImportFrom():
                yield ast.unparse(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield _function(node)
            case ast.ClassDef():
                yield from _class(node, errors)
            case ast.Try():
                yield from _try(node, errors)
            case ast.If():
                if not _is_main(node.test):
                    yield from _lines([*node.orelse, *node.body], errors)
            case ast.Assign() | ast.AnnAssign():
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and name.id != "__all__":
                            yield f"{name.id} = None"
            case _:
                continue


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    word = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
    return f"{word} {node.name}(*args, **kwargs):\n    return None"


def _class(node: ast.ClassDef, errors: Collection[str]) -> Iterator[str]:
    bases = [ast.unparse(base) for base in node.bases if _is_error(base, errors)]
    yield f"class {node.name}({', '.join(bases)}):"
    if not bases:
        yield "    def __init__(self, *args, **kwargs):\n        return None"
    yield "    pass"
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            marks = {called(decorator) for decorator in inner.decorator_list}
            if marks & _PROPERTIES:
                yield f"    {inner.name} = None"
            elif not marks & _ACCESSORS and not (inner.name.startswith("__") and inner.name.endswith("__")):
                yield "    " + _function(inner).replace("\n", "\n    ")
        elif not isinstance(inner, ast.Import | ast.ImportFrom | ast.Try | ast.If):
            yield from (f"    {line}".replace("\n", "\n    ") for line in _lines([inner], errors))


def _try(node: ast.Try, errors: Collection[str]) -> Iterator[str]:
    """An import that may fail keeps its other way."""
    yield "try:\n    pass"
    yield from (f"    {line}".replace("\n", "\n    ") for line in _lines(node.body, errors))
    yield "except Exception:\n    pass"
    for handler in node.handlers:
        yield from (f"    {line}".replace("\n", "\n    ") for line in _lines(handler.body, errors))
    yield from _lines([*node.orelse, *node.finalbody], errors)


def _is_main(node: ast.expr) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == "__name__" for inner in ast.walk(node))
