"""Lengths that every machine and every model agrees on, for what must come out the same when a run is resumed."""

from __future__ import annotations

_BYTES = 3.4
"""Of UTF-8 in a token, about."""


def tokens_about(text: str) -> int:
    return round(len(text.encode(errors="replace")) / _BYTES)


def clip(text: str, tokens: int) -> str:
    """``text`` with at most about so many tokens: a model that was asked for few words may say many."""
    if tokens_about(text) <= tokens:
        return text
    whole = text.encode("utf-8", "replace")[: int(tokens * _BYTES)].decode("utf-8", "ignore")
    cut = max(whole.rfind(mark) for mark in ("\n", " ", "。", "，"))
    return f"{whole[: cut if cut > len(whole) // 2 else len(whole)].rstrip()} …"
