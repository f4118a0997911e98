"""What a server's refusal means, and what to tell the user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from agentverse.errors import ContextOverflow, ModelDenied, ModelRejected, ModelUnavailable
from agentverse.models.retry import AttemptFailed, retry_after
from agentverse.models.wire import Garbled, decode

MALFORMED_TRIES = 3
"""A server that cannot parse what the model said may manage with the next sample, but need not."""

_OVERFLOW = re.compile(
    r"context.{0,12}(length|size|window)|maximum model length|max_model_len|input tokens exceed", re.IGNORECASE
)
_CONTEXT = re.compile(
    r"(?:context.{0,12}(?:length|size|window)|maximum model length|configured limit)\D{0,40}?(\d[\d,]*)", re.IGNORECASE
)
_PROMPT = re.compile(
    r"(\d[\d,]*) (?:in the messages|input tokens|tokens from the input|in the prompt)"
    r"|(?:resulted in|request \(|input \(|input length \(|prompt \((?:length )?|you passed) ?(\d[\d,]*)",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(r"at least \d", re.IGNORECASE)
_MUTE = re.compile(r"(?:no|provide a|define a) chat.?template", re.IGNORECASE)
_REQUESTED = re.compile(r"you requested (\d[\d,]*) tokens", re.IGNORECASE)
_MALFORMED = re.compile(r"does not match the expected \S+ format|failed to parse input at pos", re.IGNORECASE)
_BLIND = re.compile(
    r"image input is not supported|not a multimodal model|at most 0 image|image_url|not support (images?|vision)",
    re.IGNORECASE,
)
_UNPARSED = re.compile(r"failed to parse input at pos(?:ition)? \d+:\s?(.*)", re.IGNORECASE | re.DOTALL)


class NotThere(AttemptFailed):
    """A 404: the address or the model's name is wrong; only the server's list of models tells which."""


class Mute(AttemptFailed):
    """The model cannot be talked to at all: no request to it will ever be answered."""


class Unparsed(AttemptFailed):
    """The server could not parse the model's reply; ``text`` is what is known of it."""

    def __init__(self, error: ModelUnavailable, text: str) -> None:
        super().__init__(error, again=True, tries=MALFORMED_TRIES)
        self.text = text


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no reply."""

    status: int
    message: str
    code: str
    details: Mapping[str, Any]
    headers: Mapping[str, str]


def read_refusal(status: int, body: bytes, headers: Mapping[str, str]) -> Refusal:
    try:
        parsed = decode(body)
    except Garbled:
        return Refusal(status, _one_line(body.decode(errors="replace")), "", {}, headers)
    top = cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {"message": str(parsed)}
    error: Any = top.get("error", top)
    if not isinstance(error, dict):
        return Refusal(status, _one_line(str(error)), "", {}, headers)
    return from_error(status, cast("dict[str, Any]", error), headers)


def from_error(status: int, error: Mapping[str, Any], headers: Mapping[str, str]) -> Refusal:
    """A refusal from the API's error object, which may carry its own status."""
    code = error.get("code")
    if not status:
        status = code if isinstance(code, int) else 500
    names = " ".join(str(value) for value in (code, error.get("type")) if isinstance(value, str))
    message = error.get("message") or error.get("detail") or ""
    return Refusal(status, message if isinstance(message, str) else str(message), names, error, headers)


def failure(refusal: Refusal, *, where: str, model: str) -> AttemptFailed:
    """What to raise for a refusal.

    Args:
        where: the server's address as the user may see it.
        model: the name that was asked for.
    """
    status, message = refusal.status, _one_line(refusal.message)
    said = f": {message}" if message else ""
    if status in (401, 403):
        return AttemptFailed(
            ModelDenied(
                f"{where} refuses the key ({status}{said})",
                fix="Set api_key for this model, or OPENAI_API_KEY.",
            )
        )
    if status in (404, 405):
        return NotThere(ModelRejected(f"{where} answered {status}{said}"), gone=True)
    if _MUTE.search(message):
        return Mute(
            ModelUnavailable(
                f"{model or 'the model'} at {where} has no chat template, so it cannot be talked to",
                fix="Use a model that was trained to answer, or give the server a template (--chat-template FILE).",
            )
        )
    if _is_overflow(refusal):
        return AttemptFailed(_overflow(refusal, where, model))
    if status in (400, 415, 422, 500, 501) and _BLIND.search(refusal.message):
        return AttemptFailed(ModelRejected(f"{model or 'the model'} at {where} sees no pictures{said}", fix=SIGHT))
    if _MALFORMED.search(refusal.message):
        return _malformed(refusal, where)
    if status == 429 and "insufficient_quota" in refusal.code:
        return AttemptFailed(ModelDenied(f"the quota at {where} is used up{said}", fix="Pay, or use another server."))
    if status in (408, 429) or (status >= 500 and status not in (501, 505)):
        return AttemptFailed(
            ModelUnavailable(f"{where} {_PLIGHT.get(status, 'failed')} ({status}{said})", fix=_MEND.get(status)),
            again=True,
            after=retry_after(refusal.headers),
            overloaded=status in (429, 503),
            gone=status in (502, 504),
        )
    return AttemptFailed(ModelRejected(f"{where} rejects the request ({status}{said})", fix=_REJECTED))


_PLIGHT = {
    408: "gave up waiting",
    429: "has too many requests",
    500: "failed inside",
    502: "is behind a gateway that does not reach it",
    503: "is busy or still loading",
    504: "is behind a gateway that gave up waiting",
}
_MEND = {
    429: "Lower the number of runs at a time, or raise the server's limit.",
    500: "Look at the server's log.",
    503: "Wait for it to be ready, or lower the number of runs at a time.",
}
SIGHT = (
    "Name a model that sees under [models.vision], such as MiniCPM-V-4.6, and give llama-server its --mmproj; "
    "or leave the tier out, and what is asked of it is asked in text alone."
)
"""What to do where a tier for pictures sees none."""
_REJECTED = "Sending it again cannot help; see 'extra' and the sampling settings of this model."


def _is_overflow(refusal: Refusal) -> bool:
    if "context_length" in refusal.code or "exceed_context" in refusal.code:
        return True
    return refusal.status in (400, 413, 422, 500) and _OVERFLOW.search(refusal.message) is not None


def _overflow(refusal: Refusal, where: str, model: str) -> ContextOverflow:
    context = _number(refusal.details.get("n_ctx")) or _first(_CONTEXT, refusal.message)
    prompt = _number(refusal.details.get("n_prompt_tokens")) or _first(_PROMPT, refusal.message)
    prompt = prompt or _first(_REQUESTED, refusal.message)
    least = "at least " if _AT_LEAST.search(refusal.message) else ""  # vLLM stops counting there
    size = f" of {least}{prompt:,} tokens" if prompt else ""
    room = f" the {context:,} tokens" if context else " the context"
    return ContextOverflow(
        f"the prompt{size} does not fit{room} of {model or 'the model'} at {where}",
        prompt=prompt,
        context=context,
        fix="Start the server with a longer context (vLLM: --max-model-len, llama.cpp: -c), or use another model.",
    )


def _malformed(refusal: Refusal, where: str) -> AttemptFailed:
    said = _one_line(refusal.message)
    error = ModelUnavailable(
        f"{where} could not parse what the model said and threw it away ({refusal.status}: {said})",
        fix="Start llama-server with --reasoning-format none, or without --jinja.",
    )
    quoted = _UNPARSED.search(refusal.message)
    return Unparsed(error, quoted.group(1) if quoted else "")


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _first(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    found = next((group for group in match.groups() if group), "") if match else ""
    return int(found.replace(",", "") or 0)


def _one_line(text: str, limit: int = 300) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= limit else line[: limit - 1] + "…"
