"""JSON Schemas of what a user writes, for editors that complete and check it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise
from typing import Any, cast

from pydantic import BaseModel

from agentverse.blueprint.acting import Action, Lead, Moment, Stage, WorldField
from agentverse.blueprint.artifacts import artifact_types
from agentverse.blueprint.company import KINDS, Chosen, Company, Holders, Limits, Phase, Refusal, Trial
from agentverse.blueprint.environment import Environment, Rules, Seat, Settable
from agentverse.blueprint.language import Bounds, ProgrammingLanguage, Writing
from agentverse.blueprint.role import Role
from agentverse.blueprint.sources import Kind
from agentverse.blueprint.tiers import Escalation

_ROOTS: dict[Kind, type[BaseModel]] = {
    "company": Company,
    "role": Role,
    "environment": Environment,
    "language": ProgrammingLanguage,
}
_PARTS: tuple[type[BaseModel], ...] = (
    *(Company, Limits, Refusal, Trial, Holders, Chosen, Phase, Escalation, Role, Environment, Seat, Settable, Rules),
    *(Action, WorldField, Moment, Lead, Stage),
    *(ProgrammingLanguage, Bounds, Writing),
)
_NAME = "^[a-z][a-z0-9_]*$"
Schema = dict[str, Any]


def schema(kind: Kind) -> Schema:
    """The JSON Schema (draft 2020-12) of a company, role, environment or language file.

    It is as strict as loading, apart from what only the whole company can tell: names that must exist, the graph.
    """
    root = _ROOTS[kind]
    made = _plain(root.model_json_schema())
    for part in _PARTS:
        described = made if part is root else made.get("$defs", {}).get(part.__name__)
        if described is not None:
            _describe(described, part)
    _loosen(made, kind)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"agentverse {kind}",
        **{key: value for key, value in made.items() if key != "title"},
    }


def _plain(node: Any) -> Any:
    """Without titles made of field names and without null: a key that says nothing is left out of the file."""
    if isinstance(node, list):
        return [_plain(item) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    kept: Schema = {}
    for key, value in cast(Schema, node).items():
        if key == "properties":
            kept[key] = {name: _plain(inner) for name, inner in value.items()}
        elif key != "title" and not (key == "default" and value is None):
            kept[key] = _plain(value)
    options = kept.get("anyOf")
    if options is not None:
        options = [option for option in options if option != {"type": "null"}]
        kept["anyOf"] = options
        if len(options) == 1:
            kept = {**{key: value for key, value in kept.items() if key != "anyOf"}, **options[0]}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    return kept


def _describe(described: Schema, part: type[BaseModel]) -> None:
    for name, text in _docstrings(part).items():
        field = described.get("properties", {}).get(name)
        if field is not None:
            field["description"] = text.replace("``", "`")
    if part.__doc__:
        described["description"] = inspect.cleandoc(part.__doc__).replace("``", "`")


def _loosen(made: Schema, kind: Kind) -> None:
    """What the models leave to validators, and what a file may leave out."""
    if "required" in made:
        made["required"] = [name for name in made["required"] if name != "name"]
    definitions = made.get("$defs", {})
    environment = made if kind == "environment" else definitions.get("Environment")
    if environment is not None:
        seats = environment["properties"]["seats"]
        short = {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True}
        text = seats.pop("description", "")
        environment["properties"]["seats"] = {"description": text, "anyOf": [seats, short]}
        stage = definitions["Stage"]["properties"]
        for name in ("begin", "end"):
            text = stage[name].pop("description", "")
            stage[name] = {"description": text, "anyOf": [stage[name], stage[name]["items"]]}
    if kind == "company":
        definitions["Environment"].pop("required", None)
        phase = definitions["Phase"]
        phase["oneOf"] = [{"required": [name]} for name in KINDS]
        phase["dependentRequired"] = {"then": ["at_most"], "at_most": ["then"]}
        phase["properties"]["each"]["pattern"] = r"^\s*[a-z][a-z0-9_]*\s+in\s+.+$"
        _enumerate_types(phase["properties"]["produces"])


def _enumerate_types(produces: Schema) -> None:
    choice = {
        "type": "object",
        "properties": {"choice": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True}},
        "required": ["choice"],
        "additionalProperties": False,
    }
    in_place = {"type": "object", "not": {"required": ["choice"]}, "description": "A JSON Schema written in place."}
    spec = {"anyOf": [{"enum": ["text", *artifact_types()]}, choice, in_place]}
    produces["patternProperties"] = {_NAME: spec}


@cache
def _docstrings(part: type[BaseModel]) -> dict[str, str]:
    """The string under each field. Read when asked for: pydantic would read them whenever the models are imported."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(part)))
    body = cast(ast.ClassDef, tree.body[0]).body
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            said = below.value.value if isinstance(below.value, ast.Constant) else None
            if isinstance(said, str):
                found[field.target.id] = " ".join(said.split())
    return found
