"""Calls of tools as text: one form for journals, recordings, prompts and models without tool calling of their own.

    {"calls":[{"tool":"read_file","arguments":{"path":"main.py"}}]}

A server with tool calling is sent this, and sends it, in the fields of its API; here one is made of the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from agentverse.models.protocol import Choice, ToolSpec

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST = 64
"""Characters of a name that servers take."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call as it is written down. ``arguments`` is a mapping, unless the model wrote something else."""

    tool: str
    arguments: Any


def as_text(calls: Iterable[Wanted]) -> str:
    """The one form of calls; of none, it says that there is nothing more to call."""
    said = [{"tool": call.tool, "arguments": call.arguments} for call in calls]
    return json.dumps({"calls": said}, ensure_ascii=False, separators=(",", ":"))


def is_call(text: str) -> bool:
    """Whether a text has the form of calls, as far as its beginning tells."""
    return re.match(r"\s*\{\s*\"calls\"", text) is not None


def definitions(tools: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """The field ``tools`` of a request."""
    return [
        {
            "type": "function",
            "function": {
                "name": _wire_name(tool.name),
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in tools
    ]


def heard(choice: Choice, tools: Sequence[ToolSpec]) -> Choice:
    """A choice whose calls are its text. What was said beside them counts as thought."""
    names = {_wire_name(tool.name): tool.name for tool in tools}
    wanted = [Wanted(names.get(call.name, call.name), _arguments(call.arguments)) for call in choice.calls]
    thinking = "\n\n".join(part for part in (choice.thinking, choice.text.strip()) if part)
    return replace(choice, text=as_text(wanted), thinking=thinking, calls=())


def spoken(messages: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Messages as the API has them: calls that are followed by results, and the results with the ids of the calls."""
    out: list[dict[str, Any]] = []
    open_ids: list[str] = []
    made = 0
    for place, message in enumerate(messages):
        answered = place + 1 < len(messages) and messages[place + 1]["role"] == "tool"
        if message["role"] == "assistant" and answered:
            calls = _written(message["content"])
            open_ids = [f"call_{made + number}" for number in range(1, len(calls) + 1)]
            made += len(calls)
            said = [_said(id, call) for id, call in zip(open_ids, calls, strict=True)]
            out.append({"role": "assistant", "content": None, "tool_calls": said})
        elif message["role"] == "tool":
            out.append({"role": "tool", "tool_call_id": open_ids.pop(0), "content": message["content"]})
        else:
            out.append(dict(message))
    return out


def _said(id: str, call: Mapping[str, Any]) -> dict[str, Any]:
    arguments = json.dumps(call["arguments"], ensure_ascii=False, separators=(",", ":"))
    return {"id": id, "type": "function", "function": {"name": _wire_name(call["tool"]), "arguments": arguments}}


def _written(text: str) -> list[Mapping[str, Any]]:
    return cast("list[Mapping[str, Any]]", json.loads(text)["calls"])


def _arguments(text: str) -> Any:
    """The arguments, or the text itself when it is no JSON."""
    try:
        return json.loads(text or "{}", strict=False)
    except (ValueError, RecursionError):
        return text


def _wire_name(name: str) -> str:
    return _NOT_IN_NAMES.sub("_", name.replace(".", "__"))[:_LONGEST]
