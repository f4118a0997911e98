"""What a test checks, read from its source: every assertion with how much it demands."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

Function = ast.FunctionDef | ast.AsyncFunctionDef
EXACT, ORDERED, CONTAINED, TRUE, LOOSE, NOTHING = 4.0, 3.0, 2.0, 1.5, 1.0, 0.0
"""How much an assertion demands: one value, a range, a part, that it holds, hardly anything, nothing at all."""
TIGHT = 1e-6
"""Tolerance of ``pytest.approx`` when none is given."""
RAISING = frozenset({"raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"})
FAILING = frozenset({"fail", "deprecated_call", "check_call", "check_output", "check_returncode", "raise_for_status"})
"""Calls that fail a test by themselves when something is wrong."""
CODES = frozenset({"returncode", "exit_code", "code"})
"""Where "not 0" is all that a requirement may say."""
SWALLOWING = frozenset({"AssertionError", "Exception", "BaseException", ""})
_SHAPES = frozenset({"len", "type"})
_KINDS = frozenset({"isinstance", "callable", "hasattr"})


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a test demands.

    Attributes:
        shape: equal for two assertions that are written alike.
        subject: what is looked at, without its literal values.
        demand: from `NOTHING` to `EXACT`.
        tolerance: by how much a number may be off.
        raises: names of the exceptions that must be raised.
        match: whether the exception's words count too.
        guards: ``try`` and ``if`` around it, by which it may never come to count.
    """

    line: int
    shape: str
    subject: str
    demand: float
    text: str
    tolerance: float = 0.0
    raises: tuple[str, ...] = ()
    match: bool = False
    guards: tuple[str, ...] = ()


def claims(function: Function, helpers: Collection[str] = ()) -> list[Claim]:
    """All assertions of a function in the order of its lines; none when it is nested too deeply to be looked through.

    Args:
        helpers: names of functions that assert; a call of one is an assertion too.
    """
    try:
        return sorted(_in_block(function.body, helpers, ()), key=lambda claim: claim.line)
    except RecursionError:
        return []


def called(node: ast.AST) -> str:
    """Last part of the name of a call or a decorator; "" for anything else."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _in_block(body: Iterable[ast.AST], helpers: Collection[str], guards: tuple[str, ...]) -> Iterator[Claim]:
    for node in body:
        yield from _in_node(node, helpers, guards)


def _in_node(node: ast.AST, helpers: Collection[str], guards: tuple[str, ...]) -> Iterator[Claim]:
    match node:
        case ast.Assert():
            for part in _conjuncts(node.test):
                yield _of_expression(part, guards)
        case ast.Raise():
            yield _claim(node, LOOSE, "raise", guards)
        case ast.Try() | ast.TryStar():
            inner = (*guards, "try") if any(_swallows(handler) for handler in node.handlers) else guards
            yield from _in_block(node.body, helpers, inner)
            yield from _in_block([*node.handlers, *node.orelse, *node.finalbody], helpers, guards)
        case ast.If():
            yield from _in_node(node.test, helpers, guards)
            yield from _in_block([*node.body, *node.orelse], helpers, (*guards, "if"))
        case ast.With() | ast.AsyncWith():
            quiet = any(called(item.context_expr) == "suppress" for item in node.items)
            for item in node.items:
                yield from _of_with(node, item.context_expr, helpers, guards)
            yield from _in_block(node.body, helpers, (*guards, "try") if quiet else guards)
        case ast.Call():
            yield from _of_call(node, helpers, guards)
            yield from _in_block(ast.iter_child_nodes(node), helpers, guards)
        case ast.ClassDef() | ast.Lambda():
            return
        case _:
            yield from _in_block(ast.iter_child_nodes(node), helpers, guards)


def _of_with(
    node: ast.With | ast.AsyncWith, manager: ast.expr, helpers: Collection[str], guards: tuple[str, ...]
) -> Iterator[Claim]:
    if isinstance(manager, ast.Call) and called(manager) in RAISING:
        subject = "".join(_subject(statement) for statement in node.body)
        yield _of_raises(manager, subject, guards)
    else:
        yield from _in_node(manager, helpers, guards)


def _of_raises(node: ast.Call, subject: str, guards: tuple[str, ...]) -> Claim:
    wanted = node.args[0] if node.args else None
    names = wanted.elts if isinstance(wanted, ast.Tuple) else [wanted] if wanted is not None else []
    match = called(node).endswith("Regex") or any(word.arg == "match" for word in node.keywords)
    return Claim(
        node.lineno, ast.dump(node) + subject, subject, EXACT, _text(node),
        raises=tuple(called(name) for name in names), match=match, guards=guards,
    )  # fmt: skip


def _of_call(node: ast.Call, helpers: Collection[str], guards: tuple[str, ...]) -> Iterator[Claim]:
    name = called(node)
    if name in RAISING:
        yield _of_raises(node, "".join(_subject(argument) for argument in node.args[1:]), guards)
    elif name in helpers:
        yield _claim(node, EXACT, _subject(node), guards)
    elif name in FAILING or any(word.arg == "check" and _is_true(word.value) for word in node.keywords):
        yield _claim(node, LOOSE, _subject(node), guards)
    elif name.startswith("assert"):
        yield _of_method(node, name, guards)


def _of_method(node: ast.Call, name: str, guards: tuple[str, ...]) -> Claim:
    """``self.assertEqual(…)`` and what mocks and array libraries call alike."""
    first = node.args[0] if node.args else None
    if name in ("assertTrue", "assert_") and first is not None:
        return _of_expression(first, guards)
    demand = TRUE if name == "assertFalse" else LOOSE
    if name.startswith("assertNot"):
        demand = CONTAINED if name == "assertNotIn" else LOOSE
    elif name.endswith(("Equal", "_equal", "Is", "IsNone", "_with", "allclose", "_close")):
        demand = EXACT
    elif name.startswith(("assertGreater", "assertLess")):
        demand = ORDERED
    elif name.startswith(("assertIn", "assertRegex", "assert_called", "assert_any")):
        demand = CONTAINED
    if len(node.args) > 1 and ast.dump(node.args[0]) == ast.dump(node.args[1]) and not _calls(node.args[0]):
        demand = NOTHING
    if name == "assertFalse" and first is not None and isinstance(first, ast.Constant):
        demand = NOTHING
    tolerance = _almost(node) if name == "assertAlmostEqual" else 0.0
    return _claim(node, demand, _subject(first) if first is not None else "", guards, tolerance)


def _of_expression(node: ast.expr, guards: tuple[str, ...]) -> Claim:
    subject = _subject(node.left) if isinstance(node, ast.Compare) else _subject(node)
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        subject = _subject(node.comparators[0])
    tolerance = _tolerance(node)
    demand = EXACT if tolerance else _demand(node)
    return _claim(node, demand, subject, guards, tolerance)


def _claim(
    node: ast.expr | ast.stmt, demand: float, subject: str, guards: tuple[str, ...], tolerance: float = 0.0
) -> Claim:
    return Claim(node.lineno, ast.dump(node), subject, demand, _text(node), tolerance, guards=guards)


def _conjuncts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _conjuncts(value)
    else:
        yield node


def _demand(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=value):
            return NOTHING if value else LOOSE
        case ast.JoinedStr() | ast.Lambda():
            return NOTHING
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
            return NOTHING
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return NOTHING if isinstance(operand, ast.Constant) and not operand.value else TRUE
        case ast.BoolOp():
            lowest = min(_demand(value) for value in node.values)
            return max(lowest - 0.5, NOTHING) if isinstance(node.op, ast.Or) else lowest
        case ast.Compare():
            return min(_compared(node, place) for place in range(len(node.ops)))
        case ast.Call() if called(node) in _KINDS:
            return LOOSE
        case _:
            return TRUE


def _compared(node: ast.Compare, place: int) -> float:
    """How much one comparison of a chain demands."""
    left, right, op = [node.left, *node.comparators][place], node.comparators[place], node.ops[place]
    if ast.dump(left) == ast.dump(right) and not isinstance(op, ast.NotEq | ast.IsNot | ast.Lt | ast.Gt):
        return LOOSE if _calls(left) else NOTHING
    if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
        return NOTHING
    match op:
        case ast.Eq() | ast.Is():
            if "ANY" in (called(left), called(right)):
                return NOTHING
            if isinstance(right, ast.Constant) and isinstance(right.value, bool):
                return TRUE
            return ORDERED if isinstance(left, ast.Call) and called(left) in _SHAPES else EXACT
        case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
            return ORDERED
        case ast.In():
            return NOTHING if isinstance(left, ast.Constant) and left.value in ("", b"") else CONTAINED
        case ast.NotIn():
            return CONTAINED
        case ast.NotEq() if isinstance(left, ast.Attribute) and left.attr in CODES:
            return EXACT
        case _:
            return LOOSE


def _tolerance(node: ast.expr) -> float:
    """By how much a number may be off; 0 when the expression is no comparison of numbers with a tolerance."""
    if isinstance(node, ast.Call) and called(node) == "isclose":
        return max(_number(node, "rel_tol", 1e-9), _number(node, "abs_tol", 0.0))
    if not isinstance(node, ast.Compare):
        return 0.0
    limit = node.comparators[0]
    if isinstance(node.left, ast.Call) and called(node.left) == "abs" and isinstance(node.ops[0], ast.Lt | ast.LtE):
        return _value(limit)
    if not isinstance(node.ops[0], ast.Eq):
        return 0.0
    for side in (node.left, limit):
        if isinstance(side, ast.Call) and called(side) == "approx":
            places = [_value(argument) for argument in side.args[1:3]]
            given = [_number(side, "rel", 0.0), _number(side, "abs", 0.0), *places]
            return max(given) or TIGHT
    return 0.0


def _almost(node: ast.Call) -> float:
    delta = _number(node, "delta", 0.0)
    places = _value(node.args[2]) if len(node.args) > 2 else _number(node, "places", 7.0)
    return delta or 0.5 * 10.0 ** -min(max(places, 0.0), 100.0)


def _number(node: ast.Call, name: str, otherwise: float) -> float:
    return next((_value(word.value) for word in node.keywords if word.arg == name), otherwise)


def _value(node: ast.expr) -> float:
    return float(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, int | float) else 0.0


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _calls(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Call) for inner in ast.walk(node))


def _subject(node: ast.AST) -> str:
    """An expression as text in which literal values are blanks."""
    names = [
        inner.id if isinstance(inner, ast.Name) else inner.attr
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name | ast.Attribute)
    ]
    return ".".join(names)


def _text(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else text[:99] + "…"


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether a failed assertion may end in this handler and be forgotten."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    catches = any(kind is None or called(kind) in SWALLOWING for kind in kinds)
    tells = any(isinstance(node, ast.Raise | ast.Assert) or called(node) == "fail" for node in ast.walk(handler))
    return catches and not tells


def is_broader(new: Sequence[str], old: Sequence[str]) -> bool:
    """Whether exceptions ``new`` let more through than ``old``: a base class of one, or one more."""
    if not new:
        return bool(old)
    if set(old) < set(new):
        return True
    return any(name not in old and any(_is_base(name, other) for other in old) for name in new)


def _is_base(name: str, other: str) -> bool:
    if name in ("Exception", "BaseException") and other not in ("Exception", "BaseException"):
        return True
    base, derived = getattr(builtins, name, None), getattr(builtins, other, None)
    if not isinstance(base, type) or not isinstance(derived, type):
        return False
    return base is not derived and issubclass(cast("type[object]", derived), cast("type[object]", base))
