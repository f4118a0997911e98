"""Bytes to and from an OpenAI-compatible server, with no more work than the fields need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import jiter
from pydantic_core import PydanticSerializationError, to_json

from agentverse.journal.events import Usage
from agentverse.models.protocol import Choice, ToolCall
from agentverse.models.thinking import ThinkingStream, split_thinking

Show = Callable[[str, str], None]
"""Called with a piece of text and a piece of thinking."""


class Garbled(ValueError):
    """The bytes are not what the API promises; ``str`` says what came instead."""


class ServerSaid(Exception):
    """An error object inside an answer that began well."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(str(error.get("message", "")))
        self.error = error


@dataclass(frozen=True, slots=True)
class Completion:
    choices: tuple[Choice, ...]
    usage: Usage | None
    """None: the server did not say."""
    model: str
    first_token: float = 0.0
    """Seconds it took to read the prompt, as llama.cpp says; 0 when the server does not."""


def encode(body: Mapping[str, Any]) -> bytes:
    """The body as JSON. Text that is no Unicode (a lone surrogate) is sent with a replacement character."""
    try:
        return to_json(body)
    except (PydanticSerializationError, UnicodeEncodeError):
        return to_json(_clean(body))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {_clean(key): _clean(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in cast("Sequence[Any]", value)]
    return value


def decode(data: bytes) -> Any:
    """Raises Garbled."""
    try:
        return jiter.from_json(data, cache_mode="keys")
    except ValueError:
        head = data[:80].decode(errors="replace").strip()
        raise Garbled(f"something that is no JSON: {head!r}" if head else "an empty body") from None


def read_completion(data: bytes) -> Completion:
    """Read a whole answer.

    Raises:
        Garbled, ServerSaid.
    """
    body = _mapping(decode(data))
    _raise_error(body)
    raw = body.get("choices")
    if not isinstance(raw, list) or not raw:
        raise Garbled("JSON without choices")
    choices = tuple(_choice(_mapping(item)) for item in cast("list[Any]", raw))
    reading = _mapping(body.get("timings")).get("prompt_ms")
    first_token = reading / 1000 if isinstance(reading, int | float) else 0.0
    return Completion(choices, read_usage(body.get("usage")), str(body.get("model") or ""), first_token)


def _choice(raw: Mapping[str, Any]) -> Choice:
    message = _mapping(raw.get("message"))
    said = split_thinking(_text(message.get("content")))
    apart = _text(message.get("reasoning_content") or message.get("reasoning"))
    return Choice(
        text=said.text,
        thinking="\n\n".join(part for part in (apart, said.thinking) if part),
        finish=str(raw.get("finish_reason") or "stop"),
        logprob=_mean(_logprobs(raw)),
        calls=tuple(_call(_mapping(call)) for call in _list(message.get("tool_calls"))),
    )


def _logprobs(raw: Mapping[str, Any]) -> list[float]:
    """The log probabilities of the tokens of a choice, or of a piece of one; none when they are not said."""
    content = _mapping(raw.get("logprobs")).get("content")
    tokens = cast("list[Any]", content) if isinstance(content, list) else []
    said = [_mapping(token).get("logprob") for token in tokens]
    return [float(value) for value in said if isinstance(value, int | float)]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _call(raw: Mapping[str, Any]) -> ToolCall:
    function = _mapping(raw.get("function"))
    said = function.get("arguments")
    return ToolCall(_text(function.get("name")), said if isinstance(said, str) else to_json(said).decode())


def read_usage(raw: Any) -> Usage | None:
    counts = _mapping(raw)
    if not isinstance(counts.get("prompt_tokens"), int):
        return None
    prompt = _mapping(counts.get("prompt_tokens_details"))
    completion = _mapping(counts.get("completion_tokens_details"))
    return Usage(
        prompt=counts["prompt_tokens"],
        completion=counts.get("completion_tokens") or 0,
        cached=prompt.get("cached_tokens") or 0,
        reasoning=completion.get("reasoning_tokens") or 0,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Content as text: a string, null, or a list of parts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_text(_mapping(part).get("text")) for part in cast("list[Any]", value))
    return ""


def _raise_error(body: Mapping[str, Any]) -> None:
    error = body.get("error")
    if error:
        raise ServerSaid(_mapping(error) or {"message": str(error)})


@dataclass(slots=True)
class _Growing:
    text: list[str] = field(default_factory=list[str])
    thinking: list[str] = field(default_factory=list[str])
    calls: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    """By their number: the name, and the pieces of the arguments."""
    finish: str = ""
    logprobs: list[float] = field(default_factory=list[float])

    def call(self, raw: Mapping[str, Any]) -> None:
        """Take up a piece of a call. Servers that do not number them send each whole."""
        number = raw.get("index")
        function = _mapping(raw.get("function"))
        known = self.calls.setdefault(number if isinstance(number, int) else len(self.calls), [""])
        known[0] += _text(function.get("name"))
        known.append(_text(function.get("arguments")))


class StreamReader:
    """Puts a streamed answer together: raw server-sent events in, pieces shown as they come, a `Completion` at the end.

    Args:
        show: sees the pieces of the first sample.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        self._rest = b""
        self._choices: dict[int, _Growing] = {}
        self._thinking = ThinkingStream()
        self._usage: Usage | None = None
        self._model = ""
        self._done = False

    def feed(self, data: bytes) -> None:
        """Raises Garbled, ServerSaid."""
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self._line(line)

    @property
    def text(self) -> str:
        """What the first sample has said so far."""
        return "".join(self._choices[0].text) if 0 in self._choices else ""

    def _line(self, line: bytes) -> None:
        if not line.startswith(b"data:"):
            return
        payload = line[5:].strip()
        if payload == b"[DONE]":
            self._done = True
        elif payload:
            self._chunk(_mapping(decode(payload)))

    def _chunk(self, chunk: Mapping[str, Any]) -> None:
        _raise_error(chunk)
        if not self._model:
            self._model = str(chunk.get("model") or "")
        if chunk.get("usage"):
            self._usage = read_usage(chunk["usage"]) or self._usage
        for raw in cast("list[Mapping[str, Any]]", chunk.get("choices") or []):
            self._piece(raw)

    def _piece(self, raw: Mapping[str, Any]) -> None:
        index = raw.get("index") or 0
        growing = self._choices.setdefault(index, _Growing())
        delta = _mapping(raw.get("delta"))
        text = _text(delta.get("content"))
        thought = _text(delta.get("reasoning_content") or delta.get("reasoning"))
        if raw.get("logprobs"):
            growing.logprobs += _logprobs(raw)
        for call in _list(delta.get("tool_calls")):
            growing.call(_mapping(call))
        if raw.get("finish_reason"):
            growing.finish = str(raw["finish_reason"])
        if thought:
            growing.thinking.append(thought)
        if text:
            growing.text.append(text)
        if not (text or thought):
            return
        if index == 0:
            said = self._thinking.feed(text) if text else None
            shown, aside = (said.text, said.thinking) if said else ("", "")
            if shown or thought or aside:
                self._show(shown, thought + aside)

    def finish(self) -> Completion:
        """The whole answer.

        Raises:
            Garbled: the stream broke off before its end.
        """
        if self._rest:
            self._line(self._rest)
            self._rest = b""
        if not self._choices:
            raise Garbled("a stream without a reply")
        if not self._done and not all(growing.finish for growing in self._choices.values()):
            raise Garbled("a stream that broke off")
        left = self._thinking.end()
        if left.text or left.thinking:
            self._show(left.text, left.thinking)
        choices: list[Choice] = []
        for _, growing in sorted(self._choices.items()):
            said = split_thinking("".join(growing.text))
            apart = "".join(growing.thinking)
            thinking = "\n\n".join(part for part in (apart, said.thinking) if part)
            mean = _mean(growing.logprobs)
            calls = tuple(ToolCall(name, "".join(said)) for _, (name, *said) in sorted(growing.calls.items()))
            choices.append(Choice(said.text, thinking, growing.finish or "stop", calls=calls, logprob=mean))
        return Completion(tuple(choices), self._usage, self._model)
