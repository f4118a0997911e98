"""What a reply must look like, in terms that a server can enforce while it is generated."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """JSON of a schema."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several texts, and nothing beside it."""

    options: tuple[str, ...]
    name = "choice"


@dataclass(frozen=True, slots=True)
class Regex:
    """A text that the whole pattern matches, in the syntax of `re`."""

    pattern: str
    name = "regex"


@dataclass(frozen=True, slots=True)
class Grammar:
    """A text of a GBNF grammar, which begins with the rule ``root``. vLLM and llama.cpp both read it."""

    text: str
    name = "grammar"


Constraint = JsonSchema | OneOf | Regex | Grammar


def satisfies(text: str, constraint: Constraint) -> bool:
    """Whether ``text`` can only have come about under the constraint, as far as that can be told cheaply: JSON is
    not validated, and no grammar is parsed.
    """
    match constraint:
        case OneOf(options):
            return text.strip() in options
        case Regex(pattern):
            return re.fullmatch(pattern, text.strip()) is not None
        case Grammar():
            return False
        case JsonSchema():
            try:
                return isinstance(json.loads(text, strict=False), dict | list)
            except (ValueError, RecursionError):
                return False
