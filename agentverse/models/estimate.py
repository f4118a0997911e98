"""Tokens where nobody counted them."""

from __future__ import annotations

from collections.abc import Iterable

from agentverse.journal.events import Usage
from agentverse.models.protocol import Choice, Message, Profile

TEMPLATE_TOKENS = 5
"""What a chat template adds to each message, about."""


def tokens(text: str, chars_per_token: float) -> int:
    """About how many tokens ``text`` is. Counts UTF-8 bytes, so that 中文 weighs what it costs."""
    return round(len(text.encode(errors="replace")) / chars_per_token)


def prompt_tokens(messages: Iterable[Message], profile: Profile) -> int:
    return sum(
        tokens(message.content, profile.chars_per_token)
        + TEMPLATE_TOKENS
        + len(message.pictures) * profile.picture_tokens
        for message in messages
    )


def usage(messages: Iterable[Message], choices: Iterable[Choice], profile: Profile) -> Usage:
    made = tuple(choices)
    reasoning = sum(tokens(choice.thinking, profile.chars_per_token) for choice in made)
    said = sum(tokens(choice.text, profile.chars_per_token) for choice in made)
    return Usage(prompt=prompt_tokens(messages, profile), completion=said + reasoning, reasoning=reasoning)
