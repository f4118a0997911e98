"""What a server is told to constrain a reply to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, cast

from agentverse.blueprint.artifacts import Artifact, artifact_types
from agentverse.blueprint.company import TypeSpec
from agentverse.models.constraint import Constraint, JsonSchema, OneOf

FREE = ("text", "files", "edits")
"""Types whose replies are text: source code never travels inside JSON."""
_DROPPED = frozenset({"title", "description", "default", "examples"})
_UNASKED = {"Finding": frozenset({"line"})}
"""Fields by type that agents are not asked for: they see files without line numbers, and would guess."""
_MANY = 40
_LONG = 2000


def choice_options(type: TypeSpec) -> tuple[str, ...]:
    """The options of ``{choice: [...]}``; none for any other type."""
    if isinstance(type, dict) and set(type) == {"choice"} and isinstance(type["choice"], Sequence):
        return tuple(map(str, cast("Sequence[object]", type["choice"])))
    return ()


def constraint_for(type: TypeSpec) -> Constraint | None:
    """What a type's replies are constrained to; None for text, files and edits.

    Schemas of artifact types are bounded and strict: every field required, no others, nothing without a limit. One
    written in place is sent as it was written.

    Raises:
        KeyError: there is no such type.
    """
    if isinstance(type, str):
        return None if type in FREE else JsonSchema(type, _artifact_schema(artifact_types()[type]))
    options = choice_options(type)
    return OneOf(options) if options else JsonSchema("reply", type)


@cache
def _artifact_schema(type: type[Artifact]) -> Mapping[str, Any]:
    schema = type.model_json_schema()
    return _strict(schema, schema.get("$defs", {}))


def _strict(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Without references, descriptions and defaults; closed, all required, bounded."""
    if "$ref" in schema:
        return _strict(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    out: dict[str, Any] = {}
    unasked = _UNASKED.get(schema.get("title", ""), frozenset())
    for key, value in schema.items():
        if key in _DROPPED or key == "$defs":
            continue
        if key == "properties":
            out[key] = {name: _strict(part, definitions) for name, part in value.items() if name not in unasked}
        elif key == "items":
            out[key] = _strict(value, definitions)
        elif key in ("anyOf", "oneOf", "allOf"):
            out[key] = [_strict(part, definitions) for part in value]
        else:
            out[key] = value
    kind = out.get("type")
    if kind == "object" and "properties" in out:
        return _closed(out)
    if kind == "array":
        out.setdefault("maxItems", _MANY)
    if kind == "string" and "enum" not in out and "const" not in out:
        out.setdefault("maxLength", _LONG)
    return out


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "required": list(schema["properties"]), "additionalProperties": False}
