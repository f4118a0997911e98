"""Tools as models are told of them: in the words of their makers, and as the schema of a call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from agentverse.models.calling import Wanted, as_text
from agentverse.models.protocol import ToolSpec
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

TOGETHER = 4
"""Calls in one reply."""
_LONGEST = 1000
"""Characters of a tool's description that a prompt holds."""
_TEXT = 4000
"""Characters of a text among the arguments, where the tool sets no bound."""
_KEPT = frozenset({
    "type", "enum", "const", "anyOf", "oneOf", "items", "properties", "required", "minimum", "maximum", "minItems",
    "maxItems", "maxLength",
})  # fmt: skip
"""What all servers that constrain understand; patterns and formats break some."""
_DEEPEST = 12


def spec_of(tool: BaseTool) -> ToolSpec:
    """Name, description and the schema of the arguments."""
    return ToolSpec(tool.name, " ".join(tool.description.split())[:_LONGEST], arguments_of(tool))


def arguments_of(tool: BaseTool) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments, whether it has a model of them or only that."""
    known: Any = tool.tool_call_schema
    schema = dict(cast("Mapping[str, Any]", known)) if isinstance(known, Mapping) else known.model_json_schema()
    schema.pop("title", None)
    schema.pop("description", None)
    schema.setdefault("type", "object")
    return schema


def call_schema(specs: Sequence[ToolSpec]) -> dict[str, Any]:
    """What a reply is constrained to that calls tools or says that it needs none."""
    calls = [_call(spec) for spec in specs]
    items = calls[0] if len(calls) == 1 else {"anyOf": calls}
    listed = {"type": "array", "items": items, "maxItems": TOGETHER}
    return {"type": "object", "properties": {"calls": listed}, "required": ["calls"], "additionalProperties": False}


def _call(spec: ToolSpec) -> dict[str, Any]:
    arguments = _bounded(spec.parameters, spec.parameters, 0)
    arguments.setdefault("properties", {})
    return {
        "type": "object",
        "properties": {"tool": {"type": "string", "enum": [spec.name]}, "arguments": arguments},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def _bounded(schema: Any, root: Mapping[str, Any], depth: int) -> dict[str, Any]:
    """A schema of another's making, without references, closed, bounded, and no deeper than a grammar can be."""
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return {}
    known = _resolved(cast("Mapping[str, Any]", schema), root)
    out: dict[str, Any] = {}
    for key in _KEPT & known.keys():
        value = known[key]
        if key == "properties":
            out[key] = {name: _bounded(part, root, depth + 1) for name, part in value.items()}
        elif key == "items":
            out[key] = _bounded(value, root, depth + 1)
        elif key in ("anyOf", "oneOf"):
            out["anyOf"] = [_bounded(part, root, depth + 1) for part in value]
        else:
            out[key] = value
    if "properties" in out or out.get("type") == "object":
        out["additionalProperties"] = False
    if out.get("type") == "array":
        out.setdefault("maxItems", 40)
    if out.get("type") == "string" and "enum" not in out and "const" not in out:
        out.setdefault("maxLength", _TEXT)
    return out


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    for _ in range(_DEEPEST):
        if "$ref" not in schema:
            return schema
        target: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = cast("Mapping[str, Any]", target).get(step) if isinstance(target, Mapping) else None
        if not isinstance(target, Mapping):
            return {}
        schema = cast("Mapping[str, Any]", target)
    return {}


def told(specs: Sequence[ToolSpec], *, most: int, language: str) -> str:
    """The tools and the form of a call, for the end of a prompt."""
    lines = [say("tools", language), *(_line(spec) for spec in specs)]
    example = as_text([Wanted(specs[0].name, _example(specs[0]))])
    return "\n".join([*lines, say("form_calls", language, example=example, most=most, together=TOGETHER)])


def _line(spec: ToolSpec) -> str:
    required = spec.parameters.get("required", ())
    fields = cast("Mapping[str, Any]", spec.parameters.get("properties", {}))
    shown = [name if name in required else f"{name}?" for name in fields]
    notes = [f"{name}: {note}" for name, field in fields.items() if (note := _note(field, spec.parameters))]
    return f"- {spec.name}({', '.join(shown)}): {spec.description}" + (f" {'; '.join(notes)}" if notes else "")


def _note(field: Any, root: Mapping[str, Any]) -> str:
    """What kind of value is wanted, unless it is a plain text that nothing is said of."""
    if not isinstance(field, Mapping):
        return ""
    known = _resolved(cast("Mapping[str, Any]", field), root)
    said = str(known.get("description", ""))[:200]
    kinds = known.get("enum") or known.get("type") or ""
    kind = "" if kinds == "string" else json.dumps(kinds, ensure_ascii=False).strip('"') if kinds else ""
    return ", ".join(part for part in (kind, said) if part)


def _example(spec: ToolSpec) -> dict[str, Any]:
    fields = cast("Mapping[str, Any]", spec.parameters.get("properties", {}))
    required = spec.parameters.get("required", ())
    return {name: _value(fields[name], spec.parameters) for name in required if name in fields}


def _value(field: Any, root: Mapping[str, Any]) -> Any:
    known = _resolved(cast("Mapping[str, Any]", field), root) if isinstance(field, Mapping) else dict[str, Any]()
    if known.get("enum"):
        return known["enum"][0]
    values: dict[str, Any] = {"array": ["…"], "integer": 1, "number": 1.5, "boolean": True, "object": {}}
    return values.get(str(known.get("type")), "…")
