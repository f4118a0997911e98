"""What a template uses from outside, seen without running it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from jinja2 import nodes


class Each(Enum):
    """The step from a list to any one of its items."""

    ITEM = "[]"


Step = str | Each

_NEUTRAL = ("list", "sort", "reverse", "unique", "select", "reject", "selectattr", "rejectattr")
"""Filters that hand on a list of the same kind of items."""
_ONE = ("first", "last", "min", "max")


@dataclass(frozen=True, slots=True)
class Use:
    """One place where something from outside is used.

    Attributes:
        name: the variable.
        steps: fields below it, such as ``("files", Each.ITEM, "path")`` for ``f.path`` where f runs over design.files.
        line: in the template, from 1.
        tested: it is tested with ``is defined``, here or elsewhere in the template, or has a ``default``.
        later: it stands where ``visit`` was asked about first.
        looped: a ``for`` runs over it, so that it must be a list.
    """

    name: str
    steps: tuple[Step, ...]
    line: int
    tested: bool = False
    later: bool = False
    looped: bool = False
    written: str = ""
    """As it stands in the template: ``f.path``."""


@dataclass(frozen=True, slots=True)
class _Path:
    """A value by where it comes from. ``name`` is None for what is made in the template."""

    name: str | None
    steps: tuple[Step, ...] = ()
    written: str = ""


_OPAQUE = _Path(None)
_Scope = dict[str, _Path]


def uses_in(tree: nodes.Node) -> list[Use]:
    """Every use in a parsed template or expression, in order."""
    tested = {
        test.node.name
        for test in tree.find_all(nodes.Test)
        if test.name in ("defined", "undefined") and isinstance(test.node, nodes.Name)
    }
    if isinstance(tree, nodes.Test) and tree.name in ("defined", "undefined") and isinstance(tree.node, nodes.Name):
        tested.add(tree.node.name)
    found = _Reading().read(tree, {}, later=False)
    return [replace(use, tested=True) if use.name in tested else use for use in found]


class _Reading:
    def read(self, node: nodes.Node, scope: _Scope, *, later: bool) -> Iterator[Use]:
        """Uses in ``node``; names that it binds are added to ``scope``."""
        if isinstance(node, nodes.For):
            yield from self._for(node, scope, later)
        elif isinstance(node, nodes.Assign):
            yield from self.read(node.node, scope, later=later)
            self._bind(node.target, self._path(node.node, scope) or _OPAQUE, scope)
        elif isinstance(node, nodes.AssignBlock):
            yield from self._all(node.body, dict(scope), later)
            self._bind(node.target, _OPAQUE, scope)
        elif isinstance(node, nodes.With):
            inner = dict(scope)
            for target, value in zip(node.targets, node.values, strict=True):
                yield from self.read(value, scope, later=later)
                self._bind(target, self._path(value, scope) or _OPAQUE, inner)
            yield from self._all(node.body, inner, later)
        elif isinstance(node, nodes.If | nodes.CondExpr):
            yield from self._condition(node, scope, later)
        elif isinstance(node, nodes.And | nodes.Or):
            yield from self.read(node.left, scope, later=later)
            yield from self.read(node.right, scope, later=later or _asks_visit(node.left))
        else:
            yield from self._expression(node, scope, later)

    def _all(self, children: list[nodes.Node], scope: _Scope, later: bool) -> Iterator[Use]:
        for child in children:
            yield from self.read(child, scope, later=later)

    def _condition(self, node: nodes.If | nodes.CondExpr, scope: _Scope, later: bool) -> Iterator[Use]:
        yield from self.read(node.test, scope, later=later)
        inside = later or _asks_visit(node.test)
        for child in node.iter_child_nodes(exclude=("test",)):
            yield from self.read(child, scope, later=inside)

    def _for(self, node: nodes.For, scope: _Scope, later: bool) -> Iterator[Use]:
        source = self._path(node.iter, scope)
        for use in self.read(node.iter, scope, later=later):
            whole = source is not None and (use.name, use.steps) == (source.name, source.steps)
            yield replace(use, looped=True) if whole else use
        inner = {**scope, "loop": _OPAQUE}
        item = _OPAQUE
        if source is not None and source.name is not None and isinstance(node.target, nodes.Name):
            item = _Path(source.name, (*source.steps, Each.ITEM), node.target.name)
        self._bind(node.target, item, inner)
        if node.test is not None:
            yield from self.read(node.test, inner, later=later)
        yield from self._all(node.body, inner, later)
        yield from self._all(node.else_, dict(scope), later)

    def _expression(self, node: nodes.Node, scope: _Scope, later: bool) -> Iterator[Use]:
        path = self._path(node, scope)
        if path is not None:
            if path.name is not None:
                yield Use(path.name, path.steps, node.lineno, later=later, written=path.written)
            return
        if isinstance(node, nodes.Filter) and node.name in ("default", "d") and isinstance(node.node, nodes.Name):
            guarded, rest = node.node, [*node.args, *node.kwargs]
            for use in self.read(guarded, scope, later=later):
                yield replace(use, tested=True)
            yield from self._all([*rest], scope, later)
            return
        for child in node.iter_child_nodes():
            yield from self.read(child, scope, later=later)

    # ------------------------------------------------------------------ paths

    def _path(self, node: Any, scope: Mapping[str, _Path]) -> _Path | None:
        """Where a value comes from; None when it is computed. A step that is itself computed ends a path."""
        if isinstance(node, nodes.Name):
            if node.ctx != "load":
                return _OPAQUE
            bound = scope.get(node.name)
            if bound is None:
                return _Path(node.name, (), node.name)
            return replace(bound, written=node.name)
        if isinstance(node, nodes.Getattr):
            return self._below(node.node, node.attr, f".{node.attr}", scope)
        if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            key = node.arg.value
            if isinstance(key, str):
                return self._below(node.node, key, "", scope)
            return self._below(node.node, Each.ITEM, "", scope) if isinstance(key, int) else None
        if isinstance(node, nodes.Filter) and _has_plain_arguments(node):
            if node.name in _ONE:
                return self._below(node.node, Each.ITEM, "", scope)
            if node.name in _NEUTRAL:
                return self._path(node.node, scope)
        return None

    def _below(self, node: Any, step: Step, written: str, scope: Mapping[str, _Path]) -> _Path | None:
        path = self._path(node, scope)
        if path is None or path.name is None:
            return path
        return _Path(path.name, (*path.steps, step), path.written + written)

    def _bind(self, target: nodes.Node, path: _Path, scope: _Scope) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = path
        else:
            for name in target.find_all(nodes.Name):
                scope[name.name] = _OPAQUE


def _has_plain_arguments(node: nodes.Filter) -> bool:
    values = [*node.args, *(pair.value for pair in node.kwargs)]
    return node.dyn_args is None and node.dyn_kwargs is None and all(isinstance(v, nodes.Const) for v in values)


def _asks_visit(test: nodes.Node) -> bool:
    named = [test] if isinstance(test, nodes.Name) else list(test.find_all(nodes.Name))
    return any(name.name == "visit" for name in named)
