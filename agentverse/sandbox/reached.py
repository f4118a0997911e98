"""What of a test Python can come to: an assertion that is never reached demands nothing."""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef
_ENDS = ast.Return | ast.Raise | ast.Continue | ast.Break
_BODIES = ("body", "orelse", "finalbody")


def reached(function: Function) -> Function:
    """The function without what cannot be reached: code after a ``return``, under a condition that is never true, in
    a loop over nothing, or in an inner function that nobody calls; and without assertions that such a function exists.
    """
    loaded = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    asserted = {id(n.test) for n in ast.walk(function) if isinstance(n, ast.Assert)}
    used = {
        n.id
        for n in ast.walk(function)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in asserted
    }
    inner = {n.name for n in ast.walk(function) if isinstance(n, Function) and n is not function}
    inner |= {
        target.id
        for n in ast.walk(function)
        if isinstance(n, ast.Assign) and isinstance(n.value, ast.Lambda)
        for target in n.targets
        if isinstance(target, ast.Name)
    }
    kept = copy.copy(function)
    kept.body = _kept(function.body, unused=inner - used, functions=inner & loaded)
    return kept


def _kept(body: Sequence[ast.stmt], *, unused: Collection[str], functions: Collection[str]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Name) and node.test.id in functions:
            continue  # a function is true, whatever it does
        if isinstance(node, Function) and node.name in unused:
            continue
        found += _inside(node, unused, functions)
        if isinstance(node, _ENDS):
            break
    return found


def _inside(node: ast.stmt, unused: Collection[str], functions: Collection[str]) -> list[ast.stmt]:
    """A statement with its blocks cut down; only what follows it when its own block is never entered."""
    never = (isinstance(node, ast.If | ast.While) and _is_false(node.test)) or (
        isinstance(node, ast.For | ast.AsyncFor) and _is_nothing(node.iter)
    )
    if never:
        return _kept(getattr(node, "orelse", []), unused=unused, functions=functions)
    kept = copy.copy(node)
    for name in _BODIES:
        if isinstance(getattr(node, name, None), list):
            setattr(kept, name, _kept(getattr(node, name), unused=unused, functions=functions))
    return [kept]


def _is_false(test: ast.expr) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return isinstance(test.operand, ast.Constant) and bool(test.operand.value)
    return isinstance(test, ast.Constant) and not test.value


def _is_nothing(values: ast.expr) -> bool:
    """A literal that holds nothing, or ``range(0)``."""
    if isinstance(values, ast.Call) and isinstance(values.func, ast.Name):
        if values.func.id == "range":
            return len(values.args) == 1 and isinstance(values.args[0], ast.Constant) and values.args[0].value == 0
        return values.func.id in ("list", "tuple", "set", "dict") and not values.args
    if isinstance(values, ast.Constant):
        return values.value in ("", b"")
    return isinstance(values, ast.List | ast.Tuple | ast.Set) and not values.elts
