"""Forms of what memories ask for, so narrow that a small model fills them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def closed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of an object with exactly these fields."""
    return {"type": "object", "properties": dict(fields), "required": list(fields), "additionalProperties": False}


def listing(name: str, items: Mapping[str, Any], *, most: int, least: int = 0) -> dict[str, Any]:
    """The JSON Schema of ``{name: [items]}``."""
    return closed({name: {"type": "array", "items": dict(items), "minItems": least, "maxItems": most}})
