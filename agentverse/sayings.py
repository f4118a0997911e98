"""What the product says by itself, in the languages of its users."""

from __future__ import annotations

from collections.abc import Mapping


class Sayings:
    """Texts by name, each in several languages, with blanks.

    Args:
        texts: name: language: text. Every text is there in English.
    """

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    def __call__(self, name: str, language: str, /, **blanks: object) -> str:
        """The text ``name`` in ``language``, English when there is none, with its blanks filled."""
        texts = self._texts[name]
        return texts.get(language, texts["en"]).format(**blanks)
