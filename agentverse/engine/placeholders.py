"""Replies that stand in for those of a model: the least that what is expected lets through."""

from __future__ import annotations

import json
from typing import Any, cast

from agentverse.agents.protocol import Expectation
from agentverse.blueprint.artifacts import Artifact, Design, DesignFile, Requirement, Requirements, artifact_types
from agentverse.workspace.protocol import Changes

_SAID = {"en": "…what would be written here…", "zh": "……这里会写的内容……"}
_ENTRY = "main.py"


def placeholder(expects: Expectation, language: str) -> Any:
    """A value of what is expected."""
    said = _SAID.get(language, _SAID["en"])
    type = expects.type
    if type in ("files", "edits"):
        return _changes(expects, said)
    if isinstance(type, dict):
        choices = cast("list[str]", type.get("choice") or [])
        return choices[0] if choices else least(type, said)
    if type == "requirements":
        return Requirements(title=said, summary=said, items=[Requirement(id="R1", text=said)])
    if type == "design":
        return Design(files=[DesignFile(path=_ENTRY, purpose=said)], entry=_ENTRY, start=f"python {_ENTRY}")
    model = artifact_types().get(type)
    if model is None:
        return said
    return model.model_validate(least(model.model_json_schema(), said))


def shown(value: Any) -> str:
    """A placeholder as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, Changes):
        return "\n".join([*sorted(value.write), *(f"- {path}" for path in sorted(value.delete))])
    plain = value.model_dump(mode="json", exclude_defaults=True) if isinstance(value, Artifact) else value
    return json.dumps(plain, ensure_ascii=False, indent=1)


def _changes(expects: Expectation, said: str) -> Changes:
    if expects.type == "edits":
        mine = next((path for path in sorted(expects.base) if path not in expects.owned), None)
        return Changes(write={mine: expects.base[mine] + f"# {said}\n".encode()} if mine else {})
    hinted = [pattern.replace("*", "product") for pattern in expects.suffixes]
    wanted = expects.paths or hinted[:1] or (_ENTRY,)
    free = [path for path in wanted if path not in expects.owned] or ["more.py"]
    return Changes(write={path: f"# {said}\n".encode() for path in free})


def least(schema: dict[str, Any], said: str, *, definitions: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """The least value that a JSON Schema lets through, as far as such schemas are used here; judgements are good."""
    known = definitions if definitions is not None else cast("dict[str, Any]", schema.get("$defs", {}))
    if "$ref" in schema:
        return least(known.get(str(schema["$ref"]).rpartition("/")[2], {}), said, definitions=known, depth=depth + 1)
    for keyword in ("const", "default"):
        if keyword in schema and depth:
            return schema[keyword]
    if schema.get("enum"):
        return schema["enum"][0]
    for keyword in ("anyOf", "oneOf", "allOf"):
        if schema.get(keyword):
            return least(schema[keyword][0], said, definitions=known, depth=depth + 1)
    kinds = cast("str | list[str]", schema.get("type") or "object")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "object":
        fields = cast("dict[str, Any]", schema.get("properties", {}))
        wanted = [name for name in fields if name in schema.get("required", ()) or _judges(fields[name])]
        return {name: least(fields[name], said, definitions=known, depth=depth + 1) for name in wanted if depth < 20}
    if kind == "array":
        inner = schema.get("items", {})
        return [least(inner, said, definitions=known, depth=depth + 1) for _ in range(schema.get("minItems", 0))]
    if kind == "string":
        return said[: schema.get("maxLength", len(said))].ljust(schema.get("minLength", 0), "…")
    if kind == "boolean":
        return True
    return schema.get("minimum", 0) if kind in ("integer", "number") else None


def _judges(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "boolean" and "default" not in schema
