"""Words that try to be more than words, in every place where a run can hold words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import yaml
from pydantic import BaseModel

from agentverse.blueprint.artifacts import Evidence
from agentverse.journal.events import AnyEvent, Event, RunStarted

MARKUP = "<img src=x onerror=\"alert('own')\"><script>alert('own')</script><b class=own>bold</b>"
TRICKS = "\u202egpj.exe\u202c\u2066 \x1b]0;own\x07\x1b[2J\u200b"
EVIL = f"{TRICKS} «$t(shell.close)» «{{{{count}}}}» {MARKUP} [own](javascript:alert('own'))"
TEMPLATE = f"{{% raw %}}{EVIL}{{% endraw %}}"
"""`EVIL` where a template stands."""
NESTED = "[" * 20_000 + "]" * 20_000
COMPANY = yaml.safe_dump(
    {
        "name": "evil",
        "title": {"en": EVIL, "zh": EVIL},
        "description": EVIL,
        "success": "check.passed",
        "roles": {"programmer": {"title": EVIL, "duties": EVIL, "prompt": TEMPLATE}},
        "phases": {
            "agree": {
                "title": EVIL,
                "human": TEMPLATE,
                "choices": [EVIL, "__proto__"],
                "default": EVIL,
                "produces": {"agree": "answer"},
            },
            "code": {
                "title": EVIL,
                "after": "agree",
                "ask": "programmer",
                "prompt": TEMPLATE,
                "produces": {"source": "files"},
            },
            "check": {"after": "code", "run": "python check.py", "produces": {"check": "evidence"}},
        },
    },
    allow_unicode=True,
)


def hostile_events(known: Mapping[str, Any]) -> Iterator[Event]:
    """An event of each kind but the first of a run, whose every text is `EVIL`.

    Args:
        known: what fields of these names hold instead, where they lead to something.
    """
    for kind in get_args(get_args(AnyEvent)[0]):
        if kind is not RunStarted:
            yield _filled(kind, {**known, "evidence": _filled(Evidence, known).model_dump()})


def _filled(kind: type[BaseModel], known: Mapping[str, Any]) -> Any:
    values = {
        name: known[name] if name in known else _value(field.annotation, known)
        for name, field in kind.model_fields.items()
        if name not in ("v", "type")
    }
    return kind.model_validate(values)


def _value(kind: Any, known: Mapping[str, Any]) -> Any:
    """A value of a type, with `EVIL` for every text in it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _value(inner[0], known)
    if origin in (Union, UnionType):
        return _value(next(one for one in inner if one is not NoneType), known)
    if origin is Literal:
        return inner[0]
    if origin is list:
        return [_value(inner[0], known)]
    if origin is dict:
        return {EVIL: _value(inner[1], known), "constructor": _value(inner[1], known)}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _filled(kind, known)
    return {str: EVIL, int: 1, float: 1.0, bool: False}.get(kind, {EVIL: [EVIL]})
