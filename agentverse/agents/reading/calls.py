"""Reading a reply in which tools may be called: calls, a word that there are none, or the answer itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, cast

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Read, Unreadable
from agentverse.agents.reading.structured import find_json, storable, too_deep
from agentverse.models.calling import Wanted, as_text

_JSON = re.compile(r'"(?:calls|tool|arguments)"\s*:')
_TAGGED = re.compile(r"<function name=\"([^\"]+)\">(.*?)</function>", re.DOTALL)
_PARAM = re.compile(r"<param name=\"([^\"]+)\">(.*?)</param>", re.DOTALL)
"""How the MiniCPM5 family writes a call, where no server reads it."""
_NAMES, _ARGUMENTS = ("tool", "name", "function"), ("arguments", "parameters", "args")
_FINAL = ("empty", "refusal", "only_thinking")
"""What is wrong with a reply whatever it was meant to be."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Tools to call, in order; none when the agent is ready to answer."""

    calls: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply itself, given instead of a call."""

    read: Read


def call_reader(tools: Collection[str], answer: Expectation) -> Callable[[str, str], Read]:
    """A reader for replies in which ``tools`` may be called.

    What is neither a call nor can be read as the ``answer`` says that no more calls are wanted.

    Args:
        answer: what the turn is to end with.
    """

    def read(text: str, finish: str) -> Read:
        return Read(_calls(text, tools) or _answer(text, finish, tools, answer))

    return read


def _calls(text: str, tools: Collection[str]) -> Calls | None:
    """The calls in a reply; None when it is none."""
    if tagged := _TAGGED.findall(text):
        return Calls(tuple(Wanted(name, dict(_PARAM.findall(inside))) for name, inside in tagged))
    if _JSON.search(text) is None:
        return None
    try:
        value = find_json(text, [])
    except (Unreadable, RecursionError) as error:
        if isinstance(error, Unreadable) and error.code == "cut_off":
            raise
        return None
    if too_deep(value):
        return None
    return _shaped(storable(value), tools)


def _shaped(value: Any, tools: Collection[str]) -> Calls | None:
    if isinstance(value, dict) and isinstance(cast("dict[str, Any]", value).get("calls"), list):
        value = cast("dict[str, Any]", value)["calls"]
    listed = cast("list[Any]", value if isinstance(value, list) else [value])
    found = [_call(one) for one in listed]
    if None in found:
        return None
    calls = tuple(call for call in found if call is not None)
    # "done" is what small models write for a tool that ends it all.
    return Calls(tuple(call for call in calls if call.tool != "done" or "done" in tools))


def _call(value: Any) -> Wanted | None:
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, Any]", value)
    inner = fields.get("function")
    if isinstance(inner, dict):
        return _call(inner)
    name = next((fields[key] for key in _NAMES if isinstance(fields.get(key), str)), None)
    given = next((fields[key] for key in _ARGUMENTS if key in fields), None)
    if name is None or (given is None and "tool" not in fields):
        return None
    return Wanted(name, {} if given is None else given)


def _answer(text: str, finish: str, tools: Collection[str], answer: Expectation) -> Calls | Answered:
    from agentverse.agents.reading import read_reply

    if _looks_called(text, tools):
        example = as_text([Wanted(next(iter(tools)), {})])
        raise Unreadable("bad_call", example=example)
    try:
        return Answered(read_reply(text, answer, finish=finish))
    except Unreadable as trouble:
        if trouble.code in _FINAL:
            raise
        return Calls()


def _looks_called(text: str, tools: Collection[str]) -> bool:
    """Whether a text is a call in a form that nobody asked for, such as ``read_file("main.py")``."""
    said = text.strip().strip("`").strip()
    return any(re.match(rf"(?:\w+\n)?{re.escape(name)}\s*[({{]", said) for name in tools)
