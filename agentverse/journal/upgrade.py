"""Stored event bodies: how they are written, read, and brought up to date when an older version wrote them.

A body holds only what differs from the defaults of its class; type and version stand in columns of their own. To change
the shape *or a default* of an event, raise its ``v`` and add the step from the old version to ``UPGRADES``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, get_args

from pydantic import ValidationError

from agentverse.errors import JournalUnavailable
from agentverse.journal.events import AnyEvent, Event

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: Mapping[tuple[str, int], Upgrade] = {
    ("gate.opened", 1): lambda body: body,  # no seat of a conversation was asked
    ("reply", 1): lambda body: body,  # it had no requests and no where: one request, to the only server
    ("reply", 2): lambda body: body,  # it had no logprob and no pictures: none were asked for
    ("gate.answered", 1): lambda body: body,  # no files could be given
    ("seat.failed", 1): lambda body: body,  # it was always a seat's own turn
}
"""``(type, v)``: makes a body of version ``v`` into one of ``v + 1``."""

_CLASSES: dict[str, tuple[type[Event], int]] = {
    cls.model_fields["type"].default: (cls, cls.model_fields["v"].default) for cls in get_args(get_args(AnyEvent)[0])
}

EVENT_TYPES = tuple(_CLASSES)
"""The names of all types of events."""


def type_of(event: Event) -> str:
    """The name of the type of ``event``."""
    return type(event).model_fields["type"].default


def dump(event: Event) -> str:
    """The body of ``event`` as compact JSON without its defaults.

    Raises:
        ValueError: it holds what JSON cannot, such as half of a surrogate pair.
    """
    return event.model_dump_json(exclude_defaults=True)


def load(kind: str, v: int, body: str, *, upgrades: Mapping[tuple[str, int], Upgrade] = UPGRADES) -> AnyEvent:
    """The event stored as ``body`` by version ``v`` of the type ``kind``, in today's shape.

    Raises:
        JournalUnavailable: a newer agentverse wrote it, or it is damaged.
    """
    known = _CLASSES.get(kind)
    if known is None or v > known[1]:
        raise JournalUnavailable(
            f"the journal holds an event {kind!r} of version {v}, which this version of agentverse does not know",
            fix="Use the version of agentverse that wrote it, or a newer one.",
        )
    cls, current = known
    try:
        if v == current:
            return cls.model_validate_json(body)  # pyright: ignore[reportReturnType]
        return cls.model_validate(_upgraded(kind, v, current, body, upgrades))  # pyright: ignore[reportReturnType]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise JournalUnavailable(f"the journal holds a damaged event {kind!r}: {where}: {first['msg']}") from error


def _upgraded(kind: str, v: int, current: int, body: str, upgrades: Mapping[tuple[str, int], Upgrade]) -> Any:
    data = json.loads(body)
    for version in range(v, current):
        step = upgrades.get((kind, version))
        if step is None:
            raise JournalUnavailable(f"agentverse cannot read version {version} of the event {kind!r} any more")
        data = step(data)
    return data
