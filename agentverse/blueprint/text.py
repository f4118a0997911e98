"""Text in the user's language."""

from __future__ import annotations

from typing import Any, Literal, cast, get_args

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


def in_language(value: Any, language: str) -> Any:
    """A value, that of ``language`` when it is given once for each: ``{en: [a lamp], zh: [一盏灯]}``."""
    if not isinstance(value, dict):
        return value
    given = cast("dict[str, Any]", value)
    if not given or not set(given) <= set(get_args(Language)):
        return given
    return given.get(language, next(iter(given.values())))
