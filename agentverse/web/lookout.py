"""Notices that the list of runs reads differently, whoever changed it: this server, or another process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from agentverse.errors import AgentverseError

if TYPE_CHECKING:
    from agentverse.journal.protocol import RunRow
    from agentverse.web.context import Web

LOOK = 1.0
"""Seconds between two looks, while a page is open."""
LATEST = 50
"""Runs that are looked at: as many as the page lists."""
_Line = tuple[str, str, str, tuple[str, ...]]
"""A run's id, state, phase, and the questions that wait in it."""


class Lookout:
    """Knows how the list read when somebody last asked or was told."""

    def __init__(self) -> None:
        self._seen: list[_Line] = []

    async def watch(self, web: Web) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            if web.feeds.listeners:
                with suppress(AgentverseError):  # whatever asks next for what cannot be read says so
                    await self.look(web)

    async def look(self, web: Web) -> None:
        """Have the pages told if the list reads differently than at the last look.

        Raises:
            JournalUnavailable.
        """
        lines = [await _line(web, row) for row in list(await web.journal.runs())[-LATEST:]]
        if lines != self._seen:
            self._seen = lines
            web.feeds.changed()


async def _line(web: Web, row: RunRow) -> _Line:
    brief = (await web.tally(row)).brief(row, {}, here=False)
    return brief.id, brief.state, brief.phase, tuple(one.gate for one in brief.waiting)
