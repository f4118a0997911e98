"""Messages in the form a model's chat template accepts."""

from __future__ import annotations

from collections.abc import Iterable

from agentverse.models.protocol import Message, Profile

BREAK = "\n\n"


def normalise(messages: Iterable[Message], profile: Profile) -> list[dict[str, str]]:
    """Return the messages as the server is to see them.

    System messages are joined at the front. A template that demands alternation gets neighbours of one role merged,
    and a late system message as the user's; one without a system role gets the system text in front of the first user
    message.
    """
    system: list[str] = []
    out: list[dict[str, str]] = []
    strict = profile.strict_alternation
    for message in messages:
        role, content = message.role, message.content
        if role == "system" and (not out or not strict):
            if not out:
                system.append(content)
                continue
        elif role == "system":
            role = "user"
        if strict and role != "tool" and out and out[-1]["role"] == role:
            out[-1]["content"] += BREAK + content
        else:
            out.append({"role": role, "content": content})
    if not system:
        return out
    text = BREAK.join(system)
    if profile.system_role:
        return [{"role": "system", "content": text}, *out]
    if out and out[0]["role"] == "user":
        out[0]["content"] = text + BREAK + out[0]["content"]
        return out
    return [{"role": "user", "content": text}, *out]
