"""A scripted reply as it goes over the wire, whole, streamed or cut off."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, cast

from aiohttp import web

from agentverse.journal.events import Usage
from agentverse.models.estimate import tokens
from agentverse.testing.script import Reply

CHARS_PER_TOKEN = 3.4
PIECE = 12
"""Characters in one piece of a streamed reply."""


PICTURE_TOKENS = 640


def prompt_tokens(body: Mapping[str, Any]) -> int:
    return sum(_tokens(message["content"]) for message in body["messages"])


def _tokens(content: Any) -> int:
    """Of a text, or of parts that are texts and pictures."""
    if not isinstance(content, list):
        return tokens(str(content), CHARS_PER_TOKEN)
    listed = cast("list[dict[str, Any]]", content)
    return sum(PICTURE_TOKENS if "image_url" in part else tokens(str(part["text"]), CHARS_PER_TOKEN) for part in listed)


def _texts(body: Mapping[str, Any], reply: Reply) -> list[str]:
    said = (reply.text, *reply.samples)
    drawn = 1 if reply.forgets_samples else body.get("n") or 1
    return [said[index % len(said)] for index in range(drawn)]


def usage_of(body: Mapping[str, Any], reply: Reply) -> Usage:
    """What a reply takes."""
    return reply.usage or Usage(
        prompt=prompt_tokens(body),
        completion=sum(tokens(text, CHARS_PER_TOKEN) for text in (*_texts(body, reply), reply.thinking)),
        reasoning=tokens(reply.thinking, CHARS_PER_TOKEN),
    )


def _usage(body: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    usage = usage_of(body, reply)
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def completion(body: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
    choices: list[dict[str, Any]] = []
    for index, text in enumerate(_texts(body, reply)):
        message: dict[str, Any] = {"role": "assistant", "content": None if reply.breaks == "null" else text}
        if reply.thinking:
            message["reasoning_content"] = reply.thinking
        if reply.calls:
            message["tool_calls"] = _calls(reply)
        choice = {"index": index, "message": message, "finish_reason": _finish(reply)}
        choices.append({**choice, **_logprobs(body, reply, text)})
    whole = {**_head(body, "chat.completion"), "choices": choices}
    if reply.usage is not False:
        whole["usage"] = _usage(body, reply)
    return whole


def _logprobs(body: Mapping[str, Any], reply: Reply, text: str) -> dict[str, Any]:
    """Of a piece of a reply, one for each word; nothing when nobody asked."""
    if not body.get("logprobs"):
        return {}
    return {"logprobs": {"content": [{"token": word, "logprob": reply.logprob} for word in text.split()]}}


def _calls(reply: Reply) -> list[dict[str, Any]]:
    return [
        {
            "id": f"scripted-{number}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for number, call in enumerate(reply.calls)
    ]


def _call_pieces(reply: Reply) -> Iterator[dict[str, Any]]:
    """The calls as they are streamed: the name first, then the arguments bit by bit."""
    for index, call in enumerate(_calls(reply)):
        name = {"name": call["function"]["name"], "arguments": ""}
        yield {"index": index, "id": call["id"], "type": "function", "function": name}
        for piece in _pieces(call["function"]["arguments"]):
            yield {"index": index, "function": {"arguments": piece}}


def _finish(reply: Reply) -> str:
    return "tool_calls" if reply.calls else reply.finish


def _head(body: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-scripted", "object": kind, "created": int(time.time()), "model": body.get("model")}


def error_response(reply: Reply) -> web.Response:
    if not reply.error:
        return web.Response(status=reply.status, text="Bad gateway", headers=reply.headers)
    return web.json_response({"error": dict(reply.error)}, status=reply.status, headers=reply.headers)


async def stream(request: web.Request, body: Mapping[str, Any], reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **reply.headers})
    await response.prepare(request)
    head = _head(body, "chat.completion.chunk")

    async def send(chunk: Mapping[str, Any]) -> None:
        await response.write(f"data: {json.dumps({**head, **chunk}, ensure_ascii=False)}\n\n".encode())

    for piece in _pieces(reply.thinking):
        await send({"choices": [{"index": 0, "delta": {"reasoning_content": piece}}]})
    for index, text in enumerate(_texts(body, reply)):
        pieces = [] if reply.breaks == "null" else _pieces(text)
        for number, piece in enumerate(pieces):
            await send({"choices": [{"index": index, "delta": {"content": piece}, **_logprobs(body, reply, piece)}]})
            if reply.breaks == "cut_stream" and number >= len(pieces) // 2:
                return _drop(request, response)
        for call in _call_pieces(reply):
            await send({"choices": [{"index": index, "delta": {"tool_calls": [call]}}]})
        await send({"choices": [{"index": index, "delta": {}, "finish_reason": _finish(reply)}]})
    if reply.usage is not False and (body.get("stream_options") or dict[str, Any]()).get("include_usage"):
        await send({"choices": [], "usage": _usage(body, reply)})
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _pieces(text: str) -> list[str]:
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


async def cut(request: web.Request, answer: Mapping[str, Any], *, send: float = 0.0) -> web.StreamResponse:
    """Promise the whole answer, send a share of it, and hang up."""
    data = json.dumps(answer).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(data))})
    if send:
        await response.prepare(request)
        await response.write(data[: int(len(data) * send)])
    return _drop(request, response)


def _drop(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.close()
    return response
