"""Finding out what a server does, by asking: a choice between two words that no model would say by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from agentverse.errors import ModelDenied, ModelRejected
from agentverse.models.call import NotFound
from agentverse.models.constraint import OneOf, satisfies
from agentverse.models.dialect import DIALECTS, LLAMACPP, OPENAI, VLLM, Dialect, Manner, usual
from agentverse.models.failures import Mute
from agentverse.models.keys import CONTACT_KEY
from agentverse.models.protocol import Choice, Message, Request, Sampling
from agentverse.models.retry import AttemptFailed

WORDS = OneOf(("quokka", "axolotl"))
PROBE = Request(
    (Message("user", "Say hello."),),
    key=CONTACT_KEY,
    constraint=WORDS,
    sampling=Sampling(max_tokens=32),
    thinking=False,
    priority=1,
)
SECONDS = 30.0
"""Time for all of it; a server that needs longer is loading its model, and is asked no more."""

_OWNERS = {"vllm": (VLLM,), "llamacpp": (LLAMACPP,), "sglang": (OPENAI,), "library": (OPENAI,)}

Ask = Callable[[Manner], Awaitable[Choice]]
"""Sends `PROBE` in a manner. Raises AttemptFailed."""


def candidates(name: str, owner: str) -> Sequence[Dialect]:
    """The dialects a server may speak.

    Args:
        name: the one that the settings name, or "".
        owner: ``owned_by`` of its models. A gateway hides whose they are; then each dialect is tried.
    """
    if name:
        return (DIALECTS[name],)
    return _OWNERS.get(owner, (VLLM, LLAMACPP, OPENAI))


async def probe(ask: Ask, dialects: Sequence[Dialect], *, priority: bool, thinking: bool) -> Manner:
    """The manner of a server.

    Args:
        priority: whether priorities are to be sent where they are understood.
        thinking: whether the model can think.

    Raises:
        AttemptFailed: it denies access, there is no such model, or it cannot be talked to. Any other failure only
            leaves things unknown.
    """
    fallback = usual(dialects[0] if len(dialects) == 1 else OPENAI)
    try:
        async with asyncio.timeout(SECONDS):
            for dialect in dialects:
                wanted = Manner(
                    dialect,
                    priority=dialect.priority and priority,
                    thinking_budget=dialect.thinking_budget and thinking,
                    template=dialect.template,
                )
                found = await _try(ask, wanted)
                if found.constraints == "enforced":
                    return found
                if dialect is fallback.dialect:
                    fallback = found
    except TimeoutError:
        pass
    return fallback


async def _try(ask: Ask, manner: Manner) -> Manner:
    """``manner`` without what the server refuses, and with what became of the choice."""
    while True:
        try:
            return _judged(await ask(manner), manner)
        except AttemptFailed as failed:
            if isinstance(failed, Mute) or isinstance(failed.error, ModelDenied | NotFound):
                raise
            if not isinstance(failed.error, ModelRejected):
                return replace(manner, priority=False, thinking_budget=False)
            said = str(failed.error).lower()
            if not _extras(manner) or any(field in said for field in manner.dialect.constrain(WORDS)):
                return manner
            manner = _without_refused(manner, said)


_EXTRAS = ("priority", "thinking_budget", "template")
"""What a request may hold beyond its constraint, in the order in which an error is searched for it."""


def _extras(manner: Manner) -> list[str]:
    return [name for name in _EXTRAS if getattr(manner, name)]


def _without_refused(manner: Manner, message: str) -> Manner:
    """``manner`` without what an error message names; without anything beyond the constraint when it names nothing."""
    named = next((name for name in _extras(manner) if name.partition("_")[0] in message), None)
    return replace(manner, **dict.fromkeys([named] if named else _EXTRAS, False))


def _judged(choice: Choice, manner: Manner) -> Manner:
    if _held(choice.text):
        return replace(manner, constraints="enforced")
    if not choice.text.strip() and _held(choice.thinking):
        return replace(manner, constraints="enforced", mislabels=True)
    return replace(manner, constraints="ignored" if choice.text.strip() else "unknown")


def _held(text: str) -> bool:
    return satisfies(text, WORDS) or any(f'"{word}"' in text for word in WORDS.options)
