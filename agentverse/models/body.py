"""A request as the fields that a server is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agentverse.models import calling, estimate
from agentverse.models.dialect import Manner
from agentverse.models.messages import normalise
from agentverse.models.protocol import Profile, Request
from agentverse.models.spec import ModelSpec

SMALLEST_REPLY = 256
"""Tokens a reply needs to be worth asking for."""
MARGIN = 1.1
"""How far an estimated prompt may be short of the real one."""


def thinks(request: Request, spec: ModelSpec, profile: Profile) -> bool:
    """Whether the model will think before it answers. One of an unknown family does when that is asked for."""
    wanted = request.thinking if request.thinking is not None else bool(spec.thinking)
    return profile.thinking == "always" or (wanted and (profile.thinking == "switch" or not profile.family))


def build(
    request: Request,
    *,
    model: str,
    spec: ModelSpec,
    profile: Profile,
    manner: Manner,
    n: int = 1,
    sample: int = 1,
    budget: int | None = None,
) -> dict[str, Any]:
    """The body of a request. What shapes the reply is always said: servers take what is left out from the checkpoint.

    Args:
        n: samples to draw in this request.
        sample: which of several requests for the same this is; each gets a seed of its own.
        budget: tokens of thinking, where it can be bounded; None leaves half of the reply's room.
    """
    thinking = thinks(request, spec, profile)
    usual = profile.thinking_sampling if thinking and profile.thinking_sampling else profile.sampling
    body: dict[str, Any] = {"model": model, "messages": calling.spoken(normalise(request.messages, profile))}
    for name in ("temperature", "top_p", "seed"):
        value = _first_set(getattr(request.sampling, name), getattr(spec, name), getattr(usual, name))
        if value is not None:
            body[name] = value
    if sample > 1 and "seed" in body:
        body["seed"] += sample - 1
    limit = _max_tokens(request, spec, profile, usual.max_tokens)
    if limit:
        body[profile.max_tokens_field] = limit
    if request.stop:
        body["stop"] = list(request.stop)
    if n > 1:
        body["n"] = n
    body |= _held(request, manner)
    # Left out, some servers let a model think whose template can, whatever it is called.
    if profile.thinking == "switch" or (profile.thinking == "never" and manner.template):
        body["chat_template_kwargs"] = {"enable_thinking": thinking}
    if manner.thinking_budget and thinking:
        # A grammar holds only behind the thought: one that fills the whole reply leaves nothing to hold.
        body["thinking_token_budget"] = _first_set(budget, spec.thinking_budget, limit and limit // 2, 0)
    if request.logprobs and manner.logprobs and manner.dialect.logprobs:
        # Some servers list twenty alternatives for each token when they are not told how many.
        body |= {"logprobs": True, "top_logprobs": 1}
    if manner.priority and request.priority:
        body["priority"] = request.priority
    if manner.dialect.cache_salt and (salt := spec.cache_salt.get_secret_value()):
        body["cache_salt"] = salt
    if request.on_delta is not None or spec.stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    for extra in (manner.adapter, profile.extra, spec.extra):
        _merge(body, extra)
    return body


def _held(request: Request, manner: Manner) -> dict[str, Any]:
    """What the reply may be: calls of tools, and what it is constrained to."""
    body: dict[str, Any] = {}
    if request.tools:
        body["tools"] = calling.definitions(request.tools)
        body["tool_choice"] = "auto" if request.may_call else "none"
    if request.constraint is not None:
        body |= manner.dialect.constrain(request.constraint)
    return body


def _max_tokens(request: Request, spec: ModelSpec, profile: Profile, usual: int | None) -> int | None:
    """As much as is wanted and fits beside the prompt: a server refuses a request that could exceed its context."""
    wanted: int | None = _first_set(request.sampling.max_tokens, spec.max_tokens, usual)
    if wanted is None:
        return None
    prompt = estimate.prompt_tokens(request.messages, profile)
    prompt += estimate.tokens(json.dumps(calling.definitions(request.tools)), profile.chars_per_token)
    room = profile.context - round(prompt * MARGIN)
    return min(wanted, max(room, SMALLEST_REPLY))


def _first_set(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _merge(body: dict[str, Any], extra: Mapping[str, Any]) -> None:
    """Add ``extra``; mappings such as chat_template_kwargs are merged, not replaced."""
    for name, value in extra.items():
        there = body.get(name)
        body[name] = {**there, **value} if isinstance(there, dict) and isinstance(value, Mapping) else value
