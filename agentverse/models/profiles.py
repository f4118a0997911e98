"""Model families: `families.toml`, read. A quirk of a model is a line there, never an ``if`` elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Thinking = Literal["never", "always", "switch"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """None means: as the model's profile says."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Facts about a model family."""

    family: str
    context: int = 8192
    """Tokens; used when the server does not say."""
    thinking: Thinking = "never"
    strict_alternation: bool = True
    system_role: bool = True
    """False: the system text goes in front of the first user message."""
    sampling: Sampling = Sampling(temperature=0.7, top_p=0.95)
    thinking_sampling: Sampling | None = None
    chars_per_token: float = 3.4
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Fields sent along with each request (``extra_body``)."""
    tools: bool = False
    """Tools are called in the model's own way, where the server can read it; else it is asked for JSON."""
    max_tokens_field: str = "max_tokens"
    """What the server calls the limit on a reply's length."""
    sees: bool | None = None
    """Whether pictures may be shown to it; None when that is not known."""
    picture_tokens: int = 1024
    """What a picture takes, about."""
    usage_estimated: bool = False
    """The server does not report usage; it is counted by characters."""


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
    for mode in ("sampling", "thinking_sampling"):
        if mode in row:
            row[mode] = Sampling(**row[mode])
    return Family(pattern, Profile(family=row.pop("name"), **row))
