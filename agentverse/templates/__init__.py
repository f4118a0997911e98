"""Prompts and conditions: Jinja2 in a sandbox that reaches the fields of artifacts and nothing else.

What there is to call is listed in `agentverse.templates.sandbox`. Nothing in it changes a value, depends on
chance or grows without bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from types import TracebackType
from typing import Any, cast

from jinja2 import Template, Undefined, nodes
from jinja2.exceptions import TemplateSyntaxError

from agentverse.errors import AgentverseError
from agentverse.templates.names import Use, uses_in
from agentverse.templates.sandbox import MOST_ITEMS, Absent, sandbox

MOST_OUTPUT = 200_000
"""Characters a template may print."""

_SANDBOX = sandbox()
_RESULT = "value__"
_JARGON = {"'end of print statement'": "'}}'", "'end of statement block'": "'%}'", "'end of template'": "end"}


class TemplateError(AgentverseError):
    """A template or an expression cannot be evaluated. ``line`` counts from 1 within it; 0 when it is not known."""

    def __init__(self, message: str, *, line: int = 0, fix: str | None = None) -> None:
        super().__init__(message, fix=fix)
        self.line = line


class BadTemplate(TemplateError):
    """It cannot be read at all."""


class MissingName(TemplateError):
    """It uses something that has no value. ``name`` is the variable."""

    def __init__(self, name: str, *, line: int = 0) -> None:
        super().__init__(f"{name!r} has no value here", line=line)
        self.name = name


class MissingField(TemplateError):
    """A value has no such field, or it may not be seen. ``name`` is the field."""

    def __init__(self, name: str, of: str, *, line: int = 0) -> None:
        part = f"item {name}" if name.isdigit() else f"field {name!r}"
        super().__init__(f"{of} has no {part}", line=line)
        self.name = name


def render(template: str, variables: Mapping[str, Any]) -> str:
    """Return ``template`` with its blanks filled from ``variables``.

    Values are artifacts, text, numbers, lists and mappings. An artifact or a list that is printed whole comes out as
    JSON, None as nothing.

    Raises:
        MissingName: a variable has no value.
        BadTemplate, MissingField, TemplateError: also when more than ``MOST_OUTPUT`` characters come out.
    """
    compiled = _template(template)
    parts: list[str] = []
    length = 0
    try:
        for part in compiled.root_render_func(compiled.new_context(dict(variables))):
            parts.append(part)
            length += len(part)
            if length > MOST_OUTPUT:
                raise TemplateError(f"the template prints more than {MOST_OUTPUT:,} characters")
    except TemplateError:
        raise
    except Exception as error:
        raise _translated(error) from error
    return "".join(parts)


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """Return the value of ``expression``, written without braces: ``not check.passed``.

    Raises:
        MissingName, BadTemplate, MissingField, TemplateError.
    """
    compiled = _expression(expression)
    context = compiled.new_context(dict(variables))
    try:
        for _ in compiled.root_render_func(context):
            pass
        value = context.vars[_RESULT]
        if isinstance(value, Undefined):
            bool(value)  # raises what it stands for
        if isinstance(value, Iterator):
            return list(islice(cast("Iterator[Any]", value), MOST_ITEMS))
    except Exception as error:
        raise _translated(error) from error
    return value


def names(source: str, *, expression: bool = False) -> set[str]:
    """Names of what ``source`` needs from outside, with and without their fields: ``{"design", "design.files"}``.

    Raises:
        BadTemplate.
    """
    found: set[str] = set()
    for use in uses(source, expression=expression):
        dotted = use.name
        found.add(dotted)
        for step in use.steps:
            if not isinstance(step, str):
                break
            dotted = f"{dotted}.{step}"
            found.add(dotted)
    return found


@lru_cache(maxsize=1024)
def uses(source: str, *, expression: bool = False) -> tuple[Use, ...]:
    """Every place where ``source`` uses something from outside; see `agentverse.templates.names.Use`.

    Raises:
        BadTemplate.
    """
    return tuple(uses_in(_parsed(source, expression=expression)))


def _parsed(source: str, *, expression: bool) -> nodes.Node:
    try:
        return _SANDBOX.read_expression(source) if expression else _SANDBOX.parse(source)
    except (TemplateSyntaxError, RecursionError) as error:
        raise _bad(error, expression=expression) from error


@lru_cache(maxsize=1024)
def _template(source: str) -> Template:
    try:
        return _SANDBOX.from_string(source)
    except (TemplateSyntaxError, RecursionError) as error:
        raise _bad(error, expression=False) from error


@lru_cache(maxsize=1024)
def _expression(source: str) -> Template:
    try:
        read = _SANDBOX.read_expression(source)
        body: list[nodes.Node] = [nodes.Assign(nodes.Name(_RESULT, "store"), read, lineno=1)]
        return _SANDBOX.from_string(nodes.Template(body, lineno=1))
    except (TemplateSyntaxError, RecursionError) as error:
        raise _bad(error, expression=True) from error


def _bad(error: TemplateSyntaxError | RecursionError, *, expression: bool) -> BadTemplate:
    what = "the expression" if expression else "the template"
    if isinstance(error, RecursionError):
        return BadTemplate(f"{what} is nested too deep")
    fix = "write it without {{ }}" if expression and error.source and "{{" in error.source else None
    reason = str(error.message).rstrip(".")
    for jargon, plain in _JARGON.items():
        reason = reason.replace(jargon, plain)
    return BadTemplate(f"{what} cannot be read: {reason}", line=error.lineno, fix=fix)


def _translated(error: Exception) -> TemplateError:
    line = _line(error.__traceback__)
    if isinstance(error, TemplateError):
        return error
    if isinstance(error, Absent):
        return MissingField(error.name, error.of, line=line) if error.of else MissingName(error.name, line=line)
    if isinstance(error, RecursionError):
        return TemplateError("the template is nested too deep", line=line)
    return TemplateError(f"the template cannot be filled: {error}".rstrip("."), line=line)


def _line(traceback: TracebackType | None) -> int:
    """The line of the template in which an exception came up; 0 when it is not known."""
    line = 0
    while traceback is not None:
        template = traceback.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            line = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return line
