"""Messages in the form a model's chat template accepts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from agentverse.models.pictures import parts
from agentverse.models.protocol import Message, Profile

BREAK = "\n\n"


def normalise(messages: Iterable[Message], profile: Profile) -> list[dict[str, Any]]:
    """Return the messages as the server is to see them; the content of one with pictures is a list of parts.

    System messages are joined at the front. A template that demands alternation gets neighbours of one role merged,
    and a late system message as the user's; one without a system role gets the system text in front of the first user
    message.
    """
    system: list[str] = []
    out: list[Message] = []
    strict = profile.strict_alternation
    for message in messages:
        if message.role == "system" and (not out or not strict):
            if not out:
                system.append(message.content)
                continue
        elif message.role == "system":
            message = replace(message, role="user")
        if strict and message.role != "tool" and out and out[-1].role == message.role:
            out[-1] = _behind(out[-1].content, message, before=out[-1])
        else:
            out.append(message)
    if system:
        text = BREAK.join(system)
        if profile.system_role or not out or out[0].role != "user":
            out.insert(0, Message("system" if profile.system_role else "user", text))
        else:
            out[0] = _behind(text, out[0])
    return [
        {"role": one.role, "content": parts(one.content, one.pictures) if one.pictures else one.content} for one in out
    ]


def _behind(text: str, message: Message, *, before: Message | None = None) -> Message:
    """``message`` with ``text`` in front of its own, and with the pictures of the message that the text is of."""
    shift = len(text) + len(BREAK)
    pictures = tuple(placed._replace(at=placed.at + shift) for placed in message.pictures)
    return Message(message.role, text + BREAK + message.content, (*(before.pictures if before else ()), *pictures))
