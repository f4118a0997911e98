"""Reading plain text."""

from __future__ import annotations

import re

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Read, Unreadable
from agentverse.agents.reading.refusal import is_refusal

_WRAPPED = re.compile(r"\A(`{3,}|~{3,})(?:text|txt|plaintext|markdown|md)?[ \t]*\n(.*?)\n?\1\s*\Z", re.DOTALL)
_SHORT = 400
"""A longer text that begins like a refusal says something else too."""


def read_text(text: str, expects: Expectation) -> Read:
    """``text`` without the fence around all of it, if there is one.

    Raises:
        Unreadable: ``empty``, ``refusal``.
    """
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise Unreadable("empty")
    if len(said) < _SHORT and is_refusal(said):
        raise Unreadable("refusal")
    wrapped = _WRAPPED.match(said)
    if wrapped is not None and wrapped.group(1) not in wrapped.group(2):
        return Read(wrapped.group(2).strip("\n"), ["took the text out of its fence"])
    return Read(said)
