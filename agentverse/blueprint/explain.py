"""What pydantic found wrong, in plain sentences and at the right line."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from agentverse.blueprint.document import Document, FieldPath
from agentverse.errors import Problem

_SHORT_LIST = 12
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "none_required": "nothing",
}
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that ``word`` was probably meant to be, or None."""
    names = list(known)
    folded = {name.lower().replace("-", "_"): name for name in names}
    hits = difflib.get_close_matches(word.lower().replace("-", "_"), folded, n=1, cutoff=0.6)
    return folded[hits[0]] if hits else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """``did you mean 'prompt'?``; when nothing is near, what there is, if that is short; else None."""
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"did you mean {near!r}?"
    return f"there is: {', '.join(sorted(names))}." if 0 < len(names) <= _SHORT_LIST else None


def describe(value: Any) -> str:
    """A value as a person would name it: ``the number 5``, ``a list``, ``nothing``."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value if len(value) <= 40 else value[:39] + '…'!r}"
    return "a list" if isinstance(value, list) else "a mapping"


def explain(error: ValidationError, model: type[BaseModel], document: Document) -> list[Problem]:
    """Problems for all that is wrong, in the order of the file; alternatives of one field become one problem."""
    groups: dict[FieldPath, list[_Fault]] = {}
    for line in error.errors(include_url=False, include_input=False):
        fault = _Fault.read(line["type"], line["loc"], line.get("ctx") or {}, line["msg"], document.data)
        groups.setdefault(fault.site, []).append(fault)
    problems = [
        _problem(fault, alternatives, model, document)
        for faults in groups.values()
        for fault, alternatives in _choose(faults)
    ]
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


@dataclass(frozen=True, slots=True)
class _Fault:
    type: str
    path: FieldPath
    """The field, in terms of the file."""
    site: FieldPath
    """The field with several forms that ``path`` lies in or is; else ``path``."""
    alternative: str
    """Which of the forms did not fit; "" when the field has only one."""
    at_key: bool
    context: Mapping[str, Any]
    message: str
    value: Any

    @classmethod
    def read(cls, type: str, loc: Sequence[str | int], context: Mapping[str, Any], message: str, data: Any) -> _Fault:
        path: list[str | int] = []
        site: FieldPath | None = None
        alternative = ""
        value = data
        for part in loc:
            if part == "[key]":
                continue
            if _holds(value, part):
                value = value[part]
                path.append(part)
            elif type == "missing" and part == loc[-1]:
                path.append(part)
            elif site is None:
                site, alternative = tuple(path), str(part)
        whole = tuple(path)
        at_key = loc[-1:] == ("[key]",) or type == "extra_forbidden"
        return cls(type, whole, whole if site is None else site, alternative, at_key, context, message, value)


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(cast(list[Any], value))


def _choose(faults: Sequence[_Fault]) -> list[tuple[_Fault, list[str]]]:
    """Of the faults at one place: each that stands for itself, and one for each field that has several forms.

    The form that came furthest is the one that was meant.
    """
    single = [fault for fault in faults if not fault.alternative]
    several = [fault for fault in faults if fault.alternative]
    chosen: list[tuple[_Fault, list[str]]] = [(fault, []) for fault in single]
    if not several:
        return chosen
    deeper = [fault for fault in several if len(fault.path) > len(fault.site)]
    deeper = deeper or [fault for fault in several if fault.type not in _EXPECTED]
    if deeper:
        meant = deeper[0].alternative
        return chosen + [(fault, []) for fault in deeper if fault.alternative == meant]
    expected = list(dict.fromkeys(_EXPECTED[fault.type] for fault in several))
    return [*chosen, (several[0], expected)]


def _problem(fault: _Fault, expected: list[str], model: type[BaseModel], document: Document) -> Problem:
    path = fault.path
    what, fix = _say(fault, expected, model)
    at = fault.context.get("at")
    if isinstance(at, str) and _holds(fault.value, at):
        return document.problem((*path, at), what, fix, at_key=True)
    if fault.type == "missing":
        return document.problem(path[:-1], what, fix, at_key=True)
    return document.problem(path, what, fix, at_key=fault.at_key)


def _say(fault: _Fault, expected: list[str], model: type[BaseModel]) -> tuple[str, str | None]:
    """The sentence and its fix."""
    name = str(fault.path[-1]) if fault.path else ""
    if fault.type == "extra_forbidden":
        fields = known_keys(model, fault.path[:-1])
        return f"unknown key {name!r}.", did_you_mean(name, fields)
    if fault.type == "missing":
        return f"the key {name!r} is missing.", None
    if fault.at_key and fault.type == "string_pattern_mismatch":
        return _not_a_name(name)
    if fault.type in _EXPECTED:
        wanted = " or ".join(expected or [_EXPECTED[fault.type]])
        quote = "text" in wanted and isinstance(fault.value, int | float)
        return f"expected {wanted}; got {describe(fault.value)}.", "put it in quotes." if quote else None
    return _say_value(fault, name if fault.at_key else fault.value)


def _say_value(fault: _Fault, value: Any) -> tuple[str, str | None]:
    if fault.type == "literal_error":
        choices = re.findall(r"'([^']*)'", str(fault.context.get("expected", "")))
        return f"expected {_either(choices)}; got {describe(value)}.", _fix_choice(value, choices)
    if fault.type in _BOUNDS:
        bound, words = _BOUNDS[fault.type]
        return f"expected {words} {fault.context[bound]:g}; got {describe(value)}.", None
    if fault.type == "string_pattern_mismatch":
        return _not_a_name(str(value))
    if fault.type == "string_too_long":
        return f"expected at most {fault.context['max_length']} characters; got {len(str(value))}.", None
    if fault.type in ("too_short", "too_long"):
        bound, words = ("min_length", "at least") if fault.type == "too_short" else ("max_length", "at most")
        return f"expected {words} {fault.context[bound]}; got {fault.context['actual_length']}.", None
    message = fault.message.removeprefix("Value error, ").rstrip(".")
    return f"{message}.", cast("str | None", fault.context.get("fix"))


def _fix_choice(value: Any, choices: Sequence[str]) -> str | None:
    near = nearest(value, choices) if isinstance(value, str) else None
    return f"did you mean {near!r}?" if near else None


def _not_a_name(word: str) -> tuple[str, str | None]:
    what = f"a name is lower-case letters, digits and '_', and begins with a letter; got {word!r}."
    mended = re.sub(r"\W+", "_", word.strip().lower(), flags=re.ASCII).strip("_")
    return what, f"did you mean {mended!r}?" if re.fullmatch(r"[a-z][a-z0-9_]*", mended) else None


def _either(words: Sequence[str]) -> str:
    quoted = [repr(word) for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)


def known_keys(model: type[BaseModel], path: FieldPath) -> list[str]:
    """The keys that the mapping at ``path`` may have; none when it is no model."""
    here: Any = model
    for part in path:
        here = _inside(here, part)
    found = _model_of(here)
    return list(found.model_fields) if found else []


def _inside(annotation: Any, part: str | int) -> Any:
    found = _model_of(annotation)
    if found is not None:
        field = found.model_fields.get(str(part))
        return field.annotation if field else None
    for option in _options(annotation):
        arguments = typing.get_args(option)
        if typing.get_origin(option) in (dict, list) and arguments:
            return arguments[-1]
    return None


def _model_of(annotation: Any) -> type[BaseModel] | None:
    return next((o for o in _options(annotation) if isinstance(o, type) and issubclass(o, BaseModel)), None)


def _options(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return list(typing.get_args(annotation))
    return [annotation]
