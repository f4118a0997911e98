"""What a scripted server is to say, and how it is to fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from agentverse.journal.events import Usage
from agentverse.models.protocol import ToolCall
from agentverse.models.recording import Recording

Break = Literal["", "hang", "cut_stream", "cut_connection", "garbage", "null"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the server.

    Attributes:
        text: what the model says.
        thinking: what it thinks, sent in ``reasoning_content``.
        samples: further samples for a request with ``n``; repeated when there are too few.
        forgets_samples: one is sent whatever ``n`` says, as some servers do.
        usage: None counts by characters; False leaves it out.
        status: an HTTP status; from 400 on, ``error`` is sent instead of a reply.
        error: the API's error object.
        breaks: how the answer goes wrong on the way.
        delay: seconds before the answer.
        logprob: of every token, told to those who ask.
        calls: of tools, made in the API's own fields.
    """

    text: str = ""
    thinking: str = ""
    finish: str = "stop"
    samples: tuple[str, ...] = ()
    forgets_samples: bool = False
    usage: Usage | Literal[False] | None = None
    status: int = 200
    error: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    breaks: Break = ""
    delay: float = 0.0
    logprob: float = -0.1
    calls: tuple[ToolCall, ...] = ()


Answer = Reply | str
Script = (
    Sequence[Answer]
    | Recording
    | Callable[[Mapping[str, Any], Mapping[str, str]], Answer]
    | Callable[[Mapping[str, Any], Mapping[str, str]], Awaitable[Answer]]
)
"""Replies in the order of the requests; a recording, looked up by ``X-Request-Id``; or a function of the request's body
and headers."""


def _error(status: int, message: str, kind: str, **more: Any) -> Reply:
    return Reply(status=status, error={"message": message, "type": kind, "code": status, **more})


FAULTS: Mapping[str, Reply] = {
    "400": _error(400, "temperature must be non-negative", "BadRequestError"),
    "401": _error(401, "Incorrect API key provided", "authentication_error"),
    "403": _error(403, "This key may not use this model", "permission_error"),
    "404": _error(404, "The model `nobody` does not exist.", "NotFoundError"),
    "429": _error(429, "Rate limit reached", "rate_limit_error"),
    "500": _error(500, "Internal server error", "server_error"),
    "502": Reply(status=502),
    "503": _error(503, "The engine is currently busy", "server_error"),
    "504": Reply(status=504),
    "hang": Reply(breaks="hang"),
    "cut_stream": Reply("a reply that is cut off on its way to the client", breaks="cut_stream"),
    "cut_connection": Reply(breaks="cut_connection"),
    "empty": Reply(""),
    "null": Reply(breaks="null"),
    "garbage": Reply(breaks="garbage"),
    "only_thinking": Reply("", thinking="I could say something.", finish="length"),
    "no_usage": Reply("said without usage", usage=False),
    "wrong_schema": Reply('{"nobody": "asked for this"}'),
    "context_overflow": _error(
        400,
        "This model's maximum context length is 4096 tokens. However, you requested 5210 tokens "
        "(4710 in the messages, 500 in the completion). Please reduce the length of the messages or completion.",
        "BadRequestError",
    ),
    "malformed": _error(
        500, "The model produced output that does not match the expected peg-native format", "server_error"
    ),
}


def fault(name: str, *, retry_after: float | None = None, message: str = "", **changes: Any) -> Reply:
    """An answer that goes wrong.

    Args:
        name: one of `FAULTS`.
        retry_after: seconds, for the header of that name.
        message: another error message.
        changes: other fields of the `Reply`.
    """
    reply = replace(FAULTS[name], **changes)
    if retry_after is not None:
        reply = replace(reply, headers={**reply.headers, "Retry-After": f"{retry_after:g}"})
    if message:
        reply = replace(reply, error={**reply.error, "message": message})
    return reply
