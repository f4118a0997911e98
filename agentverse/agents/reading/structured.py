"""Reading JSON, whatever stands around it."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from pydantic import ValidationError

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.agreed import tidy_design, tidy_requirements
from agentverse.agents.reading.base import Read, Unreadable
from agentverse.agents.reading.coerce import Coercion
from agentverse.agents.reading.refusal import is_refusal
from agentverse.blueprint.artifacts import Artifact, Design, Requirements, artifact_types

_FENCE = re.compile(r"^\s*(?:```|~~~)[^\n]*\n|\n\s*(?:```|~~~)\s*$")
_DECODER = json.JSONDecoder(strict=False)
REPAIRED = "the JSON had errors"
"""What reading says when it had to guess: a reply that ran into its limit may then lack its end."""
_STARTS = 40
"""Opening brackets tried before the text is given to the repairer."""
_HALF = re.compile(r"[\ud800-\udfff]")
_DEEPEST = 40
"""Levels of brackets that a reply may have."""
_SHOWN = 4
"""Faults named to the agent at once."""


def read_structured(text: str, expects: Expectation) -> Read:
    """The JSON in ``text`` as an artifact, or as plain JSON for a schema written in place.

    Raises:
        Unreadable: ``empty``, ``refusal``, ``cut_off``, ``bad_json``, ``wrong_shape`` (naming the field).
    """
    if not text.strip():
        raise Unreadable("empty")
    mended: list[str] = []
    try:
        value = find_json(text, mended)
    except RecursionError as error:
        raise Unreadable("bad_json") from error
    if too_deep(value):
        raise Unreadable("bad_json")
    value = storable(value)
    if isinstance(expects.type, str):
        return Read(_artifact(artifact_types()[expects.type], value, mended), mended)
    return Read(_in_place(expects.type, value, mended), mended)


def too_deep(value: Any) -> bool:
    """Whether a value is nested deeper than what stores and shows it can follow."""
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    return bool(level)


def storable(value: Any) -> Any:
    """The value with ``\ufffd`` for each half of a character, which JSON can name and no file can hold."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [storable(inner) for inner in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in cast("dict[str, Any]", value).items()}
    return value


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return cast("list[Any]", value) if isinstance(value, list) else []


def find_json(text: str, mended: list[str]) -> Any:
    """The outermost JSON object or list in ``text``.

    Raises:
        Unreadable: ``refusal``, ``cut_off``, ``bad_json``.
    """
    bare = _FENCE.sub("", text.strip()).strip()
    try:
        value: Any = json.loads(bare, strict=False)
    except ValueError:
        pass
    else:
        if isinstance(value, dict | list):
            if bare != text.strip():
                mended.append("took the JSON out of its fence")
            return cast("Any", value)
    starts = [found.start() for found in re.finditer(r"[{\[]", bare)]
    if not starts:
        raise Unreadable("refusal" if is_refusal(bare) else "bad_json")
    whole = _longest(bare, starts)
    if whole is not None:
        mended.append("took the JSON out of the text around it")
        return whole
    first = bare.find("{") if "{" in bare else starts[0]
    if _unfinished(bare[first:]):
        raise Unreadable("cut_off", partial=text)
    return _repaired(bare[first:], mended)


def _longest(text: str, starts: list[int]) -> Any:
    """The longest object, or list, that is JSON as it stands; None when what is left out could be JSON too."""
    best: Any = None
    length = until = 0
    for start in starts[:_STARTS]:
        if start < until:
            continue
        try:
            value, end = _DECODER.raw_decode(text, start)
        except ValueError:
            end = _closing(text, start)
            if end is None or '"' in text[start:end] or ":" in text[start:end]:
                return None  # a broken object: what decodes inside it is only a part
            until = end
            continue
        until = end
        if isinstance(value, dict | list) and end - start > length and value:
            best, length = cast("Any", value), end - start
    return best


def _unfinished(text: str) -> bool:
    """Whether the text ends inside the JSON."""
    return _closing(text, 0) is None and text.rstrip().rstrip("`~").rstrip()[-1:] not in ("}", "]")


def _closing(text: str, start: int) -> int | None:
    """Behind the bracket that closes the one at ``start``; None when none does."""
    depth, inside, escaped = 0, False, False
    for at in range(start, len(text)):
        char = text[at]
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
            if depth == 0:
                return at + 1
    return None


def _repaired(text: str, mended: list[str]) -> Any:
    from json_repair import repair_json

    end = max(text.rfind("}"), text.rfind("]")) + 1
    try:
        value: Any = repair_json(text[:end], return_objects=True)
    except ValueError as error:  # numbers too long, or brackets too deep, for any reader
        raise Unreadable("bad_json") from error
    if isinstance(value, list) and text.startswith("{"):
        parts = [cast("dict[str, Any]", part) for part in cast("list[Any]", value) if isinstance(part, dict)]
        value = max(parts, key=len, default=None)
    if not isinstance(value, dict | list) or not value:
        raise Unreadable("bad_json")
    mended.append(REPAIRED)
    return cast("Any", value)


def _artifact(type: type[Artifact], value: Any, mended: list[str]) -> Artifact:
    schema = type.model_json_schema()
    coercion = Coercion(schema)
    value = coercion.value(value, schema)
    mended += coercion.mended
    if type is Requirements:
        value = tidy_requirements(value, mended)
    elif type is Design:
        value = tidy_design(value, mended)
    try:
        return type.model_validate(value)
    except ValidationError as error:
        faults = [_fault(fault["loc"], fault["msg"]) for fault in error.errors(include_url=False)[:_SHOWN]]
        raise Unreadable("wrong_shape", what="; ".join(faults)) from error


def _in_place(schema: dict[str, Any], value: Any, mended: list[str]) -> Any:
    from jsonschema.validators import validator_for

    coercion = Coercion(schema)
    value = coercion.value(value, schema)
    mended += coercion.mended
    faults = sorted(validator_for(schema)(schema).iter_errors(value), key=lambda fault: list(map(str, fault.path)))
    if faults:
        what = "; ".join(_fault(tuple(fault.path), fault.message[:200]) for fault in faults[:_SHOWN])
        raise Unreadable("wrong_shape", what=what)
    return value


def _fault(place: tuple[Any, ...], message: str) -> str:
    where = ".".join(map(str, place)) or "the reply"
    return f"{where}: {message[:1].lower()}{message[1:]}"
