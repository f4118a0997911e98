"""Removing runs, as `prune` does."""

from __future__ import annotations

import asyncio

from agentverse.journal.protocol import RunRow
from agentverse.past import remove_folder
from agentverse.web.context import Web


async def remove(web: Web, row: RunRow) -> str:
    """Remove a run for good; returns what was left alone, or "".

    Raises:
        RunBusy: it is running.
    """
    home = web.settings().runs.folder.expanduser().resolve()
    await web.journal.prune([row.id])
    web.feeds.changed()
    removed = await asyncio.to_thread(remove_folder, row, home)
    return "" if removed else f"left alone, for it lies elsewhere: {row.folder}"
