"""Model families: `families.toml`, read. A quirk of a model is a line there, never an ``if`` elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from agentverse.models.protocol import Profile, Sampling

DEFAULT = Profile(family="", sampling=Sampling(temperature=0.7, top_p=0.95, max_tokens=4096))

UNBOUNDED = replace(DEFAULT, context=1_000_000)
"""For what has no context to overflow: a person, a recording."""


@dataclass(frozen=True, slots=True)
class Family:
    matches: re.Pattern[str]
    profile: Profile


def profile_for(name: str) -> Profile:
    """The profile of the family that ``name`` (as the server says it) belongs to; a cautious one for any other."""
    return next((family.profile for family in families() if family.matches.search(name)), DEFAULT)


@cache
def families() -> tuple[Family, ...]:
    """All families; the first whose pattern is found in a model's name is the model's."""
    import tomllib

    text = files("agentverse.models").joinpath("families.toml").read_text("utf-8")
    return tuple(_family(row) for row in tomllib.loads(text)["family"])


def _family(row: dict[str, Any]) -> Family:
    pattern = re.compile(row.pop("matches"), re.IGNORECASE)
    for field in ("sampling", "thinking_sampling"):
        if field in row:
            row[field] = Sampling(**row[field])
    return Family(pattern, Profile(family=row.pop("name"), **row))
