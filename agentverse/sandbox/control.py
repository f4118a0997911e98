"""The control of a test session: the same tests, made to fail. One that passes nevertheless shows nothing, ever."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from agentverse.sandbox.assertions import called

_FAILS = "assert 'this test' in ['made to fail']"


@dataclass(frozen=True, slots=True)
class Falsified:
    """A product whose tests fail whatever it does.

    Attributes:
        files: all of it, by path.
        names: the tests that were made to fail, as pytest calls them.
    """

    files: dict[str, bytes]
    names: frozenset[str]


def falsified(files: Mapping[str, bytes], tests: Collection[str]) -> Falsified:
    """Have every test run as it is and fail at its end.

    Args:
        files: the product, by relative path.
        tests: paths of its test files. One that does not parse stays as it is.
    """
    changed = dict(files)
    names: set[str] = set()
    for path in tests:
        if path.endswith(".py") and path in files:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    tree = ast.parse(files[path])
                found = _falsify(tree.body, f"{path}::")
                text = ast.unparse(ast.fix_missing_locations(tree))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            if found:
                changed[path] = text.encode()
                names |= found
    return Falsified(changed, frozenset(names))


def _falsify(body: list[ast.stmt], prefix: str) -> set[str]:
    """Change the tests of a block in place; their names."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.ClassDef):
            names |= _falsify(node.body, f"{prefix}{node.name}::")
        elif isinstance(node, ast.If | ast.Try | ast.With):
            for part in (node.body, getattr(node, "orelse", [])):
                names |= _falsify(part, prefix)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_test(node):
            node.body = [ast.Try(body=node.body, handlers=[], orelse=[], finalbody=ast.parse(_FAILS).body)]
            names.add(f"{prefix}{node.name}")
    return names


def _is_test(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return node.name.startswith("test") and not any(called(decorator) == "fixture" for decorator in node.decorator_list)
