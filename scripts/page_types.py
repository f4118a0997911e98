"""Writes the TypeScript types of what the server sends: ``webui/src/api/types.gen.ts``.

The page is checked against the very models the server uses, so that neither can change alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "webui" / "src" / "api" / "types.gen.ts"
HEAD = "// Written by scripts/page_types.py from the server's models. Do not edit.\n"
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = Mapping[str, Any]


def typescript(schema: Schema) -> str:
    """The TypeScript type of one JSON schema."""
    if not isinstance(schema, Mapping):
        return "unknown"
    if ref := schema.get("$ref"):
        return clean(str(ref).rsplit("/", 1)[-1])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(typescript(part) for part in schema[union]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(PLAIN.get(one, "unknown") for one in kind)
    if kind == "array":
        return f"({typescript(schema.get('items', {}))})[]"
    if kind == "object":
        return record(schema)
    return PLAIN.get(str(kind), "unknown")


def record(schema: Schema) -> str:
    """An object with fields, or a mapping from names."""
    if "properties" in schema:
        return fields(schema)
    values = next(iter(schema.get("patternProperties", {}).values()), None) or schema.get("additionalProperties", {})
    return f"Record<string, {typescript(values if isinstance(values, Mapping) else {})}>"


def fields(schema: Schema) -> str:
    required = set(schema.get("required", ()))
    lines = [
        f"  {json.dumps(name)}{'' if name in required or 'const' in field else '?'}: {typescript(field)};"
        for name, field in schema["properties"].items()
    ]
    return "{\n" + "\n".join(lines) + "\n}"


def clean(name: str) -> str:
    """A name that TypeScript takes."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def declared(definitions: Mapping[str, Schema]) -> str:
    return "\n\n".join(f"export type {clean(name)} = {typescript(definitions[name])};" for name in sorted(definitions))


def definitions() -> dict[str, Schema]:
    """What the server answers as it is sent; what it is asked, and the journal, with the defaults left out."""
    from pydantic import BaseModel
    from pydantic.json_schema import models_json_schema

    from agentverse.blueprint.artifacts import ARTIFACT_TYPES
    from agentverse.blueprint.resolved import Resolved
    from agentverse.journal.events import Entry
    from agentverse.web.shapes import base, blueprints, files, machine, runs, simulations

    shapes = [
        model
        for module in (base, blueprints, files, machine, runs, simulations)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
    ]
    told = [model for model in shapes if not issubclass(model, base.Asked)]
    asked = [model for model in shapes if issubclass(model, base.Asked)]
    _, answers = models_json_schema([(model, "serialization") for model in told])
    for model in told:
        schema = answers["$defs"][model.__name__]
        schema["required"] = list(schema.get("properties", ()))
    _, others = models_json_schema(
        [(model, "validation") for model in (*asked, Entry, Resolved, *ARTIFACT_TYPES.values())]
    )
    return {**answers["$defs"], **others["$defs"]}


def text() -> str:
    """The whole file."""
    known = definitions()
    events = known["Entry"]["properties"]["event"]
    return f"{HEAD}\n{declared(known)}\n\nexport type AnyEvent = {typescript(events)};\n"


def main() -> None:
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")


if __name__ == "__main__":
    main()
