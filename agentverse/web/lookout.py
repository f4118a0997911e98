"""Notices that the list of runs reads differently, whoever changed it: this server, or another process."""

from __future__ import annotations

import asyncio
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


async def look_out(web: Web) -> None:
    """Have the pages told of changes of the list, until cancelled."""
    seen: list[_Line] | None = None
    while True:
        await asyncio.sleep(LOOK)
        if not web.feeds.listeners:
            seen = None
            continue
        try:
            lines = [await _line(web, row) for row in list(await web.journal.runs())[-LATEST:]]
        except AgentverseError:  # said by whatever asks next for what cannot be read
            continue
        if lines != seen:
            web.feeds.changed()
        seen = lines


async def _line(web: Web, row: RunRow) -> _Line:
    brief = (await web.tally(row)).brief(row, {}, here=False)
    return brief.id, brief.state, brief.phase, tuple(one.gate for one in brief.waiting)
