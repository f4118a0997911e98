"""Replies as they are kept, and as they are shown back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agentverse.agents.protocol import Said
from agentverse.agents.reading.thinking import split_thinking
from agentverse.agents.wording import say
from agentverse.models.protocol import Choice

_SHOWN_HEAD, _SHOWN_TAIL = 1200, 400
"""Characters of a bad reply shown back to the agent."""
_BRIEF = 200
"""Characters of each end of a tool's result that are left where room is short."""


_RUNAWAY = re.compile(r"\s{64,}\Z")
"""Between two parts of JSON a grammar allows any white space; a small model may find no way out of it."""


def clean(choice: Choice) -> Choice:
    """A choice as it is recorded: thoughts apart, no characters that no file and no database takes, and no white space
    to the very end of what it was allowed to say.
    """
    text, thinking = split_thinking(_storable(choice.text))
    if choice.finish == "length":
        text = _RUNAWAY.sub("\n", text)
    thoughts = [_storable(thought) for thought in (choice.thinking, thinking) if thought]
    return replace(choice, text=text, thinking="\n\n".join(thoughts))


def _storable(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def brief(said: Sequence[Said], language: str) -> tuple[Said, ...]:
    """What was said behind a prompt, with the middle of what tools said left out, but for the last of them."""
    results = [place for place, one in enumerate(said) if one.role == "tool"]
    cut = frozenset(results[:-1])
    return tuple(
        replace(one, text=_without_middle(one.text, _BRIEF, _BRIEF, language)) if place in cut else one
        for place, one in enumerate(said)
    )


def shortened(text: str, language: str) -> str:
    """A bad reply with its middle left out; some servers refuse an empty one."""
    if not text.strip():
        return say("no_answer", language)
    return _without_middle(text, _SHOWN_HEAD, _SHOWN_TAIL, language)


def _without_middle(text: str, head: int, tail: int, language: str) -> str:
    cut = len(text) - head - tail
    if cut <= 200:
        return text
    return text[:head] + say("shortened", language, count=cut) + text[-tail:]
