"""What a template can reach, and the bounds on what it can build."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Protocol, cast

from jinja2 import StrictUndefined, UndefinedError, nodes
from jinja2.exceptions import TemplateRuntimeError, TemplateSyntaxError
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

MOST_ITEMS = 10_000
"""Items of one ``range``."""
MOST_TEXT = 200_000
"""Characters, or items, that one operation may build."""
_MOST_BITS = 4096

TEXT_METHODS = frozenset(
    (
        *("capitalize", "count", "endswith", "find", "isalpha", "isdigit", "islower", "isupper", "lower", "lstrip"),
        *("removeprefix", "removesuffix", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "title"),
        "upper",
    )
)
_METHODS: tuple[tuple[type, frozenset[str]], ...] = (
    (str, TEXT_METHODS),
    (Mapping, frozenset({"get", "items", "keys", "values"})),
    (list, frozenset({"count", "index"})),
    (tuple, frozenset({"count", "index"})),
)
_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "groupby", "int", "items", "last"),
    *("length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round", "select"),
    *("selectattr", "sort", "string", "sum", "title", "trim", "truncate", "unique", "upper", "wordcount"),
)
_REFUSED: dict[type[nodes.Node], str] = {
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "from",
    nodes.Extends: "extends",
    nodes.Block: "block",
}


class Absent(UndefinedError):
    """Something that is not there was used. ``of`` says what should have had the field ``name``; "" for a variable."""

    def __init__(self, name: str, of: str, message: str | None = None) -> None:
        super().__init__(message)
        self.name, self.of = name, of


class _Missing(StrictUndefined):
    __slots__ = ()

    def __init__(self, hint: str | None = None, obj: Any = None, name: str | None = None, exc: Any = None) -> None:
        of = "" if obj is None else kind_of(obj)
        super().__init__(hint, obj, name, partial(Absent, str(name), of))  # type: ignore[arg-type]


def kind_of(value: Any) -> str:
    """What a value is, for a sentence: ``a design``, ``text``, ``a list``."""
    if isinstance(value, BaseModel):
        return f"the {type(value).__name__.lower()}"
    for type_, word in ((str, "text"), (bool, "a yes or no"), ((int, float), "a number"), (Mapping, "a mapping")):
        if isinstance(value, type_):
            return word
    return "a list" if isinstance(value, Sequence) else "this value"


@lru_cache(maxsize=256)
def open_names(model: type[BaseModel]) -> frozenset[str]:
    """What templates may see of an artifact: its fields and its own properties."""
    own = {
        name
        for base in model.__mro__
        if base is not BaseModel and issubclass(base, BaseModel)
        for name, value in vars(base).items()
        if isinstance(value, property)
    }
    return frozenset(name for name in own | set(model.model_fields) if not name.startswith("_"))


class _Rewriting(NodeTransformer):
    """Refuses what templates do not need; routes ``~`` through a bounded join."""

    def __init__(self, filters: Mapping[str, Any], tests: Mapping[str, Any]) -> None:
        self._filters, self._tests = filters, tests

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        word = _REFUSED.get(type(node))
        if word is not None:
            raise TemplateSyntaxError(f"'{word}' is not available in a template", node.lineno)
        if isinstance(node, nodes.For) and node.recursive:
            raise TemplateSyntaxError("'recursive' is not available in a template", node.lineno)
        if isinstance(node, nodes.Filter | nodes.Test):
            kind, known = ("filter", self._filters) if isinstance(node, nodes.Filter) else ("test", self._tests)
            if node.name not in known:
                raise TemplateSyntaxError(f"there is no {kind} {node.name!r}", node.lineno)
        return super().generic_visit(node, *args, **kwargs)

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        if node.name == "self":
            raise TemplateSyntaxError("'self' is not available in a template", node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        parts = nodes.List([self.visit(part) for part in node.nodes], lineno=node.lineno)
        return nodes.Filter(parts, "join", [], [], None, None, lineno=node.lineno)


class _Tables(Protocol):
    """What a template may call, typed for what is ours."""

    globals: dict[str, Any]
    filters: dict[str, Any]


class Sandbox(ImmutableSandboxedEnvironment):
    """Only fields, a list of methods, a list of filters. Undefined names are errors; nothing is escaped."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=_Missing, autoescape=False, trim_blocks=True, lstrip_blocks=True, finalize=_printed, cache_size=0
        )
        reach = cast(_Tables, self)
        reach.globals = {"range": _range}
        reach.filters = {name: reach.filters[name] for name in _FILTERS}
        reach.filters.update(join=_join, replace=_replace, indent=_indent, tojson=_json)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return self._rewritten(super()._parse(source, name, filename))

    def read_expression(self, source: str) -> nodes.Expr:
        """Raises TemplateSyntaxError."""
        parser = Parser(self, source, state="variable")
        try:
            read = parser.parse_expression()
            if not parser.stream.eos:
                token = parser.stream.current
                raise TemplateSyntaxError(f"{token.value!r} is not expected after the expression", token.lineno)
            return self._rewritten(read)
        except TemplateSyntaxError as error:
            error.source = source
            raise

    def _rewritten(self, node: Any) -> Any:
        node = _Rewriting(self.filters, self.tests).visit(node)
        node.set_environment(self)
        return node

    # ------------------------------------------------------------------ reaching values

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, BaseModel):
            if attribute in open_names(type(obj)):
                return getattr(obj, attribute)
            return self.undefined(obj=obj, name=attribute)
        if isinstance(obj, Mapping) and attribute in obj:
            return cast("Mapping[str, Any]", obj)[attribute]
        if isinstance(obj, Undefined):
            str(obj)  # raises what it stands for
        if isinstance(obj, LoopContext) and not attribute.startswith("_"):
            return getattr(obj, attribute)
        if any(isinstance(obj, type_) and attribute in methods for type_, methods in _METHODS):
            return getattr(cast(Any, obj), attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping | Sequence):
            try:
                return cast(Any, obj)[argument]
            except (TypeError, LookupError):
                pass
        return self.getattr(obj, argument) if isinstance(argument, str) else self.undefined(obj=obj, name=argument)

    def is_safe_callable(self, obj: Any) -> bool:
        if isinstance(obj, Undefined):
            str(obj)  # raises what it stands for
        if obj is _range:
            return True
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, LoopContext):
            return True
        name = getattr(obj, "__name__", "")
        return any(isinstance(owner, type_) and name in methods for type_, methods in _METHODS)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        _bound_operation(operator, left, right)
        return super().call_binop(context, operator, left, right)


def _bound_operation(operator: str, left: Any, right: Any) -> None:
    sized: list[Any] = [value for value in (left, right) if isinstance(value, str | list | tuple)]
    if operator == "%" and isinstance(left, str):
        raise TemplateRuntimeError("'%' does not format text here; write '~' or {{ }}")
    if operator == "+" and len(sized) == 2:
        _bounded(len(left) + len(right))
    if operator == "*" and sized:
        count = right if sized[0] is left else left
        _bounded(len(sized[0]) * (count if isinstance(count, int) else 1))
    if isinstance(left, int) and isinstance(right, int):
        bits = {"*": left.bit_length() + right.bit_length(), "**": left.bit_length() * max(right, 0)}
        if bits.get(operator, 0) > _MOST_BITS:
            raise TemplateRuntimeError("the number is too large")


def _bounded(size: int) -> None:
    if size > MOST_TEXT:
        raise TemplateRuntimeError(f"the value would be larger than {MOST_TEXT:,}")


# ---------------------------------------------------------------------- what is called


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MOST_ITEMS:
        raise TemplateRuntimeError(f"range() gives at most {MOST_ITEMS:,} numbers")
    return numbers


def _printed(value: Any) -> Any:
    """How a value is printed: artifacts, lists and mappings as JSON, None as nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return _json(value) if isinstance(value, BaseModel | Mapping | list | tuple) else value


def _json(value: Any, indent: int | None = None) -> str:
    plain = to_jsonable_python(value, fallback=_unprintable)
    return json.dumps(plain, ensure_ascii=False, indent=None if indent is None else min(indent, 8))


def _unprintable(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)  # raises what it stands for
    raise TemplateRuntimeError(f"{kind_of(value)} cannot be printed")


def _join(value: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
    texts = [str(_printed(_SHARED.getitem(item, attribute) if attribute else item)) for item in value]
    _bounded(sum(map(len, texts)) + len(d) * len(texts))
    return d.join(texts)


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    found = text.count(old)
    _bounded(len(text) + (found if count < 0 else min(found, count)) * len(new))
    return text.replace(old, new, count)


def _indent(text: str, width: int = 4, first: bool = False) -> str:
    blank = " " * min(width, 40)
    lines = text.splitlines(keepends=True)
    _bounded(len(text) + len(blank) * len(lines))
    return "".join(blank + line if line.strip() and (first or index) else line for index, line in enumerate(lines))


_SHARED = Sandbox()


def sandbox() -> Sandbox:
    """The one environment of the process."""
    return _SHARED
