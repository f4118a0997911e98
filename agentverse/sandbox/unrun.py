"""Tests that are there and did not run, by their source and by what a session reported."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Collection, Iterator, Mapping, Sequence

from agentverse.blueprint.artifacts import TestCase
from agentverse.sandbox.assertions import called
from agentverse.sandbox.weakening import SKIPS, Suite

Function = ast.FunctionDef | ast.AsyncFunctionDef
QUIET = (
    "-q",
    "-v",
    "-s",
    "-x",
    "-ra",
    "-rA",
    "--tb",
    "--maxfail",
    "--color",
    "--no-header",
    "--durations",
    "--exitfirst",
)
"""Options that leave no test out of a session that passes."""
PASSED_BY = (".*", "build", "dist", "venv", "node_modules", "*.egg", "CVS", "_darcs", "{arch}")
"""Folders that pytest does not look into."""
ONLY_IF = frozenset({"skipif", "skipIf", "skipUnless"})


def lost_tests(suite: Suite, cases: Sequence[TestCase], words: Sequence[str]) -> list[str]:
    """Tests that pytest finds by its own rules and that nothing was heard of; nothing when ``words`` choose among them.

    Args:
        suite: all test files of the product.
        cases: everything that was reported.
        words: of the command, after pytest's own name.
    """
    places = [word.rstrip("/") for word in words if not word.startswith("-")]
    if any(word.startswith("-") and not word.startswith(QUIET) for word in words) or "::" in " ".join(places):
        return []
    heard = {case.id.partition("[")[0] for case in cases}
    lost: list[str] = []
    for path, tree in suite.trees.items():
        if _is_collected(path) and (not places or any(_is_below(path, place) for place in places)):
            names = list(_tests(tree.body, f"{path}::"))
            lost += [name for name in dict.fromkeys(names) if name not in heard]
            lost += [
                f"{name} (of that name there are two)" for name in sorted({n for n in names if names.count(n) > 1})
            ]
    return lost


def skipped_tests(suite: Suite, cases: Sequence[TestCase]) -> list[str]:
    """Tests that were skipped although no condition in their source says when they are."""
    found: list[str] = []
    for case in cases:
        path, _, inside = case.id.partition("[")[0].partition("::")
        tree, unit = suite.trees.get(path), suite.units.get((path, inside))
        if case.outcome != "skipped" or (unit is not None and _may_skip(unit.node)):
            continue
        around = [tree] if tree is not None else []
        around += [other for other_path, other in suite.trees.items() if other_path.endswith("conftest.py")]
        if not any(_may_skip(node) for each in around for node in _besides_tests(each)):
            found.append(case.id)
    return found


def _is_collected(path: str) -> bool:
    *folders, name = path.split("/")
    own = name.startswith("test_") or name.endswith("_test.py")
    return own and not any(fnmatch.fnmatch(folder, pattern) for folder in folders for pattern in PASSED_BY)


def _is_below(path: str, place: str) -> bool:
    return place in (".", "") or path == place or path.startswith(f"{place}/")


def _tests(body: Sequence[ast.stmt], prefix: str) -> Iterator[str]:
    """Names of the tests that a block defines in any case. A block that says ``__test__`` speaks for itself."""
    if any(isinstance(n, ast.Name) and n.id == "__test__" for node in body for n in _own_names(node)):
        return
    for node in body:
        if isinstance(node, Function) and node.name.startswith("test"):
            if not any(called(decorator) in ("fixture", "overload", "setter") for decorator in node.decorator_list):
                yield f"{prefix}{node.name}"
        elif isinstance(node, ast.ClassDef):
            case = any("TestCase" in called(base) for base in node.bases)
            if case or (node.name.startswith("Test") and not _is_no_class_of_tests(node)):
                yield from _tests(node.body, f"{prefix}{node.name}::")


def _own_names(node: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, ast.Assign):
        yield from node.targets
    elif isinstance(node, ast.AnnAssign):
        yield node.target


def _is_no_class_of_tests(node: ast.ClassDef) -> bool:
    """A class of data that happens to be called Test."""
    kinds = {called(base) for base in node.bases} | {called(decorator) for decorator in node.decorator_list}
    return bool(kinds & {"Enum", "IntEnum", "NamedTuple", "TypedDict", "Protocol", "ABC", "dataclass", "BaseModel"})


def _besides_tests(tree: ast.Module) -> Iterator[ast.AST]:
    """Everything in a file but its tests: marks, classes, fixtures, helpers."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ClassDef):
            waiting += [*node.body, *node.decorator_list]
        elif not (isinstance(node, Function) and node.name.startswith("test")):
            yield node


def _may_skip(tree: ast.AST) -> bool:
    """Whether something is skipped under a condition."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in ONLY_IF:
            wanted = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "condition")]
            if any(not isinstance(value, ast.Constant) or isinstance(value.value, str) for value in wanted):
                return True
        if isinstance(node, ast.If | ast.Try | ast.ExceptHandler) and _mentions(node, SKIPS - ONLY_IF):
            return True
        if isinstance(node, ast.Call) and called(node) == "importorskip":
            return True
    return False


def _mentions(tree: ast.AST, names: Collection[str]) -> bool:
    return any(isinstance(node, ast.Name | ast.Attribute) and called(node) in names for node in ast.walk(tree))


def equal_to_anything(files: Mapping[str, bytes]) -> Iterator[tuple[str, int, str]]:
    """Path, line and name of classes whose objects equal everything, so that whatever is compared with them passes."""
    for path, source in files.items():
        if b"__eq__" not in source:
            continue
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(_always_true(inner) for inner in node.body):
                yield path, node.lineno, node.name


def _always_true(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef) and node.name == "__eq__":
        *before, last = node.body
        plain = all(isinstance(line, ast.Expr | ast.Pass) for line in before)
        return (
            plain and isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and last.value.value is True
        )
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        named = any(isinstance(target, ast.Name) and target.id == "__eq__" for target in node.targets)
        return named and isinstance(node.value.body, ast.Constant) and node.value.body.value is True
    return False
