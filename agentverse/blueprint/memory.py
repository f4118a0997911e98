"""How a memory is written in YAML: a name, ``{name: options}``, or a list of these that work together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agentverse.blueprint.document import FieldPath

MemorySpec = str | dict[str, Any] | list[str | dict[str, Any]]
"""``[]`` is no memory at all, also where a role has one."""


class Part(NamedTuple):
    """One part of a memory."""

    name: str
    """"" when nothing is named, or several at once."""
    options: Any
    at: FieldPath
    """Where in the spec it stands."""


def parts_of(spec: MemorySpec | None) -> Sequence[Part]:
    """The parts in order."""
    if spec is None:
        return []
    items = spec if isinstance(spec, list) else [spec]
    return [_part(item, (index,) if isinstance(spec, list) else ()) for index, item in enumerate(items)]


def _part(item: str | dict[str, Any], at: FieldPath) -> Part:
    if isinstance(item, str):
        return Part(item, None, at)
    if len(item) != 1:
        return Part("", None, at)
    name, options = next(iter(item.items()))
    return Part(name, options, (*at, name))
