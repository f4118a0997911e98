"""One call of a tool: its arguments looked at, made within its time, its result as text. Nothing here is journaled."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from agentverse.agents.reading.coerce import Coercion
from agentverse.errors import AgentverseError
from agentverse.models.calling import Wanted
from agentverse.sandbox.scrub import ESCAPES, UNSEEN
from agentverse.tools.describing import arguments_of
from agentverse.tools.protocol import READS, UNTIMED, ToolFailed
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

WHOLE = 256 * 1024
"""Characters of a result that are kept."""
_FAULTS = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call: the whole text, and whether the tool worked."""

    ok: bool
    text: str


class WrongCall(Exception):
    """There is no such tool, or it does not take these arguments; the text says which."""


def find(wanted: Wanted, tools: Mapping[str, BaseTool], language: str) -> BaseTool:
    """Raises WrongCall: none is called so; names those there are."""
    tool = tools.get(wanted.tool)
    if tool is None:
        raise WrongCall(say("no_tool", language, name=wanted.tool[:80], names=", ".join(tools)))
    return tool


def arguments(wanted: Wanted, tool: BaseTool, language: str) -> dict[str, Any]:
    """The arguments, with what is only slightly wrong put right.

    Raises:
        WrongCall: the tool does not take them.
    """
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    given: object = wanted.arguments
    if not isinstance(given, dict):
        raise WrongCall(say("no_object", language))
    schema = arguments_of(tool)
    value = Coercion(schema).value(given, schema)
    try:
        faults = list(validator_for(schema)(schema).iter_errors(value))
    except (SchemaError, RecursionError, ValueError, TypeError) as error:
        raise WrongCall(say("wrong_arguments", language, what=type(error).__name__)) from None
    if faults:
        said = [f"{'.'.join(map(str, fault.path)) or tool.name}: {fault.message[:200]}" for fault in faults[:_FAULTS]]
        raise WrongCall(say("wrong_arguments", language, what="; ".join(said)))
    return cast("dict[str, Any]", value)


def only_reads(tool: BaseTool) -> bool:
    """Whether calls of it can go side by side with others."""
    return bool((tool.metadata or {}).get(READS))


async def make(tool: BaseTool, given: Mapping[str, Any], *, seconds: float, language: str) -> Outcome:
    """Call a tool.

    Raises:
        AgentverseError: what the tool stands on is broken, which no agent can mend.
    """
    untimed = bool((tool.metadata or {}).get(UNTIMED))
    try:
        async with asyncio.timeout(None if untimed else seconds) as limit:
            result = await tool.ainvoke(dict(given))
    except AgentverseError:
        raise
    except ToolFailed as error:
        return Outcome(False, storable(str(error)))
    except TimeoutError:
        late = limit.expired()  # pyright: ignore[reportPossiblyUnboundVariable]
        why = say("too_long", language, seconds=seconds) if late else say("broke", language, kind="TimeoutError")
        return Outcome(False, why)
    except Exception as error:
        return Outcome(False, _explained(error, language))
    return Outcome(True, storable(as_text(result)))


def _explained(error: Exception, language: str) -> str:
    """What a tool says that it could not do; of any other failure only the kind: a traceback helps no agent."""
    from langchain_core.tools import ToolException

    if isinstance(error, ToolException) and str(error).strip():
        return storable(str(error))
    return say("broke", language, kind=type(error).__name__)


def as_text(result: Any) -> str:
    """What a tool returned, as an agent reads it: texts as they are, blocks one after another, other values as JSON."""
    if isinstance(result, str):
        return result
    parts = cast("list[Any]", result) if isinstance(result, list) else []
    if parts and all(_is_block(part) for part in parts):
        return "\n".join(map(_block, parts))
    try:
        return json.dumps(result, ensure_ascii=False, default=str)
    except (ValueError, RecursionError, TypeError):
        return str(cast("object", result))


def _is_block(part: Any) -> bool:
    return isinstance(part, str) or (isinstance(part, dict) and "type" in part)


def _block(part: Any) -> str:
    if isinstance(part, str):
        return part
    known = cast("Mapping[str, Any]", part)
    return str(known["text"]) if isinstance(known.get("text"), str) else f"[{known['type']}]"


def storable(text: str) -> str:
    """Text without terminal escapes and hidden characters, no longer than is kept."""
    return UNSEEN.sub("", ESCAPES.sub("", text.replace("\r\n", "\n")))[:WHOLE]


def cut(text: str, most: int, language: str) -> str:
    """The head and the tail of a long text, saying how much is left out between them."""
    if len(text) <= most:
        return text
    head, tail = most * 2 // 3, most // 3
    return text[:head] + say("left_out", language, count=len(text) - head - tail) + text[-tail:]
