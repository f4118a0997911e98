"""Types of artifacts: whether one is well written, and what a template finds in a value of it."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel

from agentverse.blueprint.artifacts import artifact_types
from agentverse.blueprint.company import TypeSpec
from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.explain import describe, did_you_mean, nearest
from agentverse.templates.names import Each, Step
from agentverse.templates.sandbox import TEXT_METHODS, open_names

_JSON_TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
_KEYWORDS: dict[str, tuple[type, ...]] = {
    "type": (str, list),
    "properties": (dict,),
    "required": (list,),
    "additionalProperties": (bool, dict),
    "items": (dict,),
    "enum": (list,),
    "anyOf": (list,),
    "oneOf": (list,),
    "allOf": (list,),
    "title": (str,),
    "description": (str,),
    "pattern": (str,),
    "format": (str,),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), (int,)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), (int, float)),
    "uniqueItems": (bool,),
    "const": (object,),
    "default": (object,),
    "examples": (list,),
}
_Fault = tuple[FieldPath, str, "str | None"]


def type_faults(spec: TypeSpec) -> list[_Fault]:
    """What is wrong with a type: the path within it, a sentence, a fix."""
    if isinstance(spec, str):
        if spec == "choice":
            return [((), "a choice needs its options.", "write {choice: [a, b]}.")]
        known = ["text", *artifact_types()]
        return [] if spec in known else [((), f"there is no type {spec!r}.", did_you_mean(spec, known))]
    if "choice" in spec:
        return _choice_faults(spec)
    faults = list(_schema_faults(spec, ()))
    if not faults and not {"type", "enum", "anyOf", "oneOf", "allOf", "const"} & spec.keys():
        faults.append(((), "a JSON Schema written in place needs a 'type', such as 'object'.", None))
    return faults


def _choice_faults(spec: Mapping[str, Any]) -> list[_Fault]:
    options = spec["choice"]
    extra = [key for key in spec if key != "choice"]
    if extra:
        return [((extra[0],), f"a choice has nothing but its options; unknown key {extra[0]!r}.", None)]
    if not isinstance(options, list) or not all(isinstance(option, str) for option in cast("list[Any]", options)):
        return [(("choice",), f"expected a list of words to choose from; got {describe(options)}.", None)]
    words = cast("list[str]", options)
    if len(words) < 2 or len(set(words)) < len(words):
        return [(("choice",), "a choice needs at least two options, each different.", None)]
    return []


def _schema_faults(schema: Any, at: FieldPath) -> Iterable[_Fault]:
    if not isinstance(schema, dict):
        yield at, f"expected a JSON Schema; got {describe(schema)}.", None
        return
    said = cast("dict[str, Any]", schema)
    for keyword, value in said.items():
        expected = _KEYWORDS.get(keyword)
        here = (*at, keyword)
        if expected is None:
            near = nearest(keyword, _KEYWORDS)
            yield here, f"JSON Schema has no {keyword!r} here.", f"did you mean {near!r}?" if near else None
        elif not isinstance(value, expected) or (isinstance(value, bool) and not {bool, object} & {*expected}):
            yield here, f"{keyword!r} cannot be {describe(value)} in a JSON Schema.", None
        else:
            yield from _keyword_faults(keyword, value, said, here)


def _keyword_faults(keyword: str, value: Any, schema: Mapping[str, Any], here: FieldPath) -> Iterable[_Fault]:
    """Faults in the value of a keyword, whose type is right."""
    if keyword == "type":
        for name in (value,) if isinstance(value, str) else tuple(value):
            if name not in _JSON_TYPES:
                yield here, f"JSON Schema has no type {name!r}.", did_you_mean(str(name), _JSON_TYPES)
    elif keyword == "properties":
        for name, inner in cast("dict[str, Any]", value).items():
            yield from _schema_faults(inner, (*here, name))
    elif keyword in ("items", "additionalProperties") and value not in (True, False):
        yield from _schema_faults(value, here)
    elif keyword in ("anyOf", "oneOf", "allOf"):
        for index, inner in enumerate(cast("list[Any]", value)):
            yield from _schema_faults(inner, (*here, index))
    elif keyword == "required":
        properties = cast("dict[str, Any]", schema.get("properties") or {})
        for index, name in enumerate(cast("list[Any]", value)):
            if name not in properties:
                yield (*here, index), f"{name!r} is required but is no property.", did_you_mean(str(name), properties)
    elif keyword == "enum" and not value:
        yield here, "'enum' needs at least one value.", None


# ---------------------------------------------------------------------- what is in a value


@dataclass(frozen=True, slots=True)
class Shape:
    """One form a value may have, as far as it is known.

    Attributes:
        kind: ``any``, ``text``, ``number``, ``list``, ``model``, ``json``.
        of: the model, the JSON Schema, or the shapes of a list's items.
    """

    kind: str
    of: Any = None

    @property
    def words(self) -> str:
        if self.kind == "model":
            return f"the type {self.of.__name__.lower()!r}"
        plain = {"text": "text", "number": "a number", "list": "a list"}
        return plain.get(self.kind, "this value")


Shapes = tuple[Shape, ...]
"""A value has one of these."""
ANY: Shapes = (Shape("any"),)
TEXT: Shapes = (Shape("text"),)
NUMBER: Shapes = (Shape("number"),)


def shapes_of(spec: TypeSpec, *, each: bool = False) -> Shapes:
    """What a value of a type looks like. With ``each``, what a phase that fans out makes of it.

    Files are united; everything else becomes a list.
    """
    if isinstance(spec, dict):
        found = TEXT if "choice" in spec else _of_schema(spec)
    elif spec == "text":
        found = TEXT
    else:
        model = artifact_types().get(spec)
        found = (Shape("model", model),) if model else ANY
    return (Shape("list", found),) if each and spec not in ("files", "edits") else found


def _of_schema(schema: Mapping[str, Any]) -> Shapes:
    kind = schema.get("type")
    if kind == "object" and "properties" in schema and "additionalProperties" not in schema:
        return (Shape("json", schema),)
    if kind == "object" and schema.get("additionalProperties") is False:
        return (Shape("json", schema),)
    if kind == "array":
        items = schema.get("items")
        return (Shape("list", _of_schema(cast("dict[str, Any]", items)) if isinstance(items, dict) else ANY),)
    return {"string": TEXT, "number": NUMBER, "integer": NUMBER, "boolean": NUMBER}.get(str(kind), ANY)


def _of_annotation(annotation: Any) -> Shapes:
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return tuple(shape for option in arguments if option is not type(None) for shape in _of_annotation(option))
    if origin is typing.Literal or annotation is str:
        return TEXT
    if annotation in (int, float, bool):
        return NUMBER
    if origin in (list, tuple) or annotation in (list, tuple):
        return (Shape("list", _of_annotation(arguments[0]) if arguments else ANY),)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (Shape("model", annotation),)
    return ANY


def below(shapes: Shapes, step: Step) -> Shapes | None:
    """What is found one step down, or None when no form of the value has it."""
    found = [inner for shape in shapes for inner in (_below(shape, step),) if inner is not None]
    return tuple(shape for inner in found for shape in inner) if found else None


def _below(shape: Shape, step: Step) -> Shapes | None:
    if shape.kind == "any":
        return ANY
    if isinstance(step, Each):
        return {"list": shape.of, "text": TEXT}.get(shape.kind)
    if shape.kind == "model":
        field = shape.of.model_fields.get(step)
        return _of_annotation(field.annotation) if field else ANY if step in open_names(shape.of) else None
    if shape.kind == "json":
        inner = shape.of.get("properties", {}).get(step)
        if isinstance(inner, dict):
            return _of_schema(cast("dict[str, Any]", inner))
        return ANY if step in ("items", "keys", "values") else None
    methods = {"text": TEXT_METHODS, "list": ("index", "count")}.get(shape.kind, ())
    return ANY if step in methods else None


def fields(shapes: Shapes) -> list[str]:
    """Fields that a value has in any of its forms."""
    names: list[str] = []
    for shape in shapes:
        if shape.kind == "model":
            names += [*shape.of.model_fields, *sorted(open_names(shape.of))]
        elif shape.kind == "json":
            names += shape.of.get("properties", {})
    return list(dict.fromkeys(names))


def is_list(shapes: Shapes) -> bool:
    """Whether a value may be a list."""
    return any(shape.kind in ("any", "list") for shape in shapes)


def called(shapes: Sequence[Shape]) -> str:
    return " or ".join(dict.fromkeys(shape.words for shape in shapes))
