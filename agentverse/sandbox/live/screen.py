"""pyte's screen, without what a few bytes could have it do, or remember, without end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import pyte

MARKS = 4
"""Combining marks that one cell may hold; pyte normalizes a cell again with each."""
SAVED = 16
"""Positions of the cursor that are remembered."""


class BoundedScreen(pyte.Screen):
    """What a terminal shows."""

    def draw(self, data: str) -> None:
        """Show characters."""
        super().draw(data if data.isascii() else "".join(self._sparse(data)))

    def save_cursor(self) -> None:
        """Remember where the cursor is."""
        super().save_cursor()
        del self.savepoints[:-SAVED]

    def _sparse(self, data: str) -> Iterator[str]:
        """The characters without the marks that a cell has no room for."""
        marks = self._marks()
        for character in data:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks <= MARKS:
                yield character

    def _marks(self) -> int:
        """How many the cell before the cursor holds."""
        row, column = self.cursor.y, self.cursor.x - 1
        if column < 0:
            row, column = row - 1, self.columns - 1
        return max(0, len(self.buffer[row][column].data) - 1) if row >= 0 else 0
