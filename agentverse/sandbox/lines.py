"""How much of the product its tests ran. What was run is what the box says; what there is to run is read here, from the
files as they were put there.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence

from agentverse.blueprint.artifacts import Coverage, FileCoverage

MOST_FILES, MOST_GAPS = 60, 20
_SILENT = ast.Global | ast.Nonlocal | ast.Try | ast.TryStar
"""Statements that do nothing by themselves."""


def coverage(ran: Mapping[str, set[int]], files: Mapping[str, bytes]) -> Coverage | None:
    """Statements that were run, of those that there are.

    Args:
        ran: path: lines, as the box tells.
        files: the Python files that count. One that does not parse does not.

    Returns:
        None when there is nothing to run. Files by path, the most missing first when there are too many.
    """
    found = [one for path, source in files.items() if (one := _of_file(path, source, ran.get(path, set())))]
    total = sum(one.total for one in found)
    if not total:
        return None
    kept = sorted(found, key=lambda one: one.covered - one.total)[:MOST_FILES]
    covered = sum(one.covered for one in found)
    return Coverage(covered=covered, total=total, files=sorted(kept, key=lambda one: one.path))


def _of_file(path: str, source: bytes, ran: set[int]) -> FileCoverage | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            spans = list(_statements(ast.parse(source).body, top=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not spans:
        return None
    missing = [span for span in spans if ran.isdisjoint(span)]
    return FileCoverage(path=path, covered=len(spans) - len(missing), total=len(spans), missing=_gaps(spans, missing))


def _statements(body: Sequence[ast.stmt], *, top: bool) -> Iterator[range]:
    """The lines of each statement, without those of the statements in it.

    Args:
        top: whether annotations without a value are evaluated here.
    """
    for node in body:
        decorators = getattr(node, "decorator_list", [])
        inner = [part for name in ("body", "orelse", "finalbody") for part in getattr(node, name, [])]
        inner += [part for handler in getattr(node, "handlers", []) for part in handler.body]
        inner += [part for case in getattr(node, "cases", []) for part in case.body]
        start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        end = min([part.lineno for part in inner], default=(node.end_lineno or node.lineno) + 1)
        if not isinstance(node, _SILENT) and not _is_constant(node) and (top or not _is_bare(node)):
            yield range(start, max(end, start + 1))
        if not (isinstance(node, ast.If) and _is_for_types(node.test)):
            function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from _statements(inner, top=not function and (top or isinstance(node, ast.ClassDef)))


def _is_constant(node: ast.stmt) -> bool:
    """A docstring or ``...``: Python leaves it out."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_bare(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and node.value is None


def _is_for_types(test: ast.expr) -> bool:
    return (test.id if isinstance(test, ast.Name) else getattr(test, "attr", "")) == "TYPE_CHECKING"


def _gaps(spans: Sequence[range], missing: Sequence[range]) -> list[str]:
    """Lines that were not run, as ``3`` or ``7-9``; statements with no other between them are one gap."""
    gaps: list[list[int]] = []
    lost = {span.start for span in missing}
    open_gap = False
    for span in sorted(spans, key=lambda one: one.start):
        if span.start not in lost:
            open_gap = False
        elif open_gap:
            gaps[-1][1] = span.stop - 1
        else:
            gaps.append([span.start, span.stop - 1])
            open_gap = True
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in gaps]
    return texts[:MOST_GAPS] + (["…"] if len(texts) > MOST_GAPS else [])
