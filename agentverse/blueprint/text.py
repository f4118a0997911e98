"""Text in the user's language."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]
Localized = str | dict[Language, str]
"""One text for all languages, or one per language."""


def localize(text: Localized | None, language: str) -> str:
    """Return ``text`` in ``language``, else in English, else in whatever language it has; "" for None."""
    if text is None:
        return ""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get("en") or next(iter(text.values()), "")  # type: ignore[call-overload]
