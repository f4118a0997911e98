"""Reading a run while it is written, in this process or in another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import NamedTuple, Protocol

from agentverse.journal.events import Entry

POLL = 0.2
"""Seconds between looks at a run that another process drives."""


class Glimpse(NamedTuple):
    """A run as the store shows it."""

    running: bool
    entries: Sequence[Entry]


class Driven(Protocol):
    """A run that this process drives: it says itself when there is more."""

    closed: bool

    def committed(self, after: int) -> Sequence[Entry]: ...

    async def changed(self) -> None: ...


async def follow(
    driven: Callable[[], Driven | None], look: Callable[[int], Glimpse], after: int
) -> AsyncGenerator[Entry]:
    """Entries with numbers above ``after`` as they are committed, until the run is no longer running.

    Args:
        driven: the run, while this process drives it.
        look: reads the entries after a number from the store; called in a thread.
    """
    while True:
        run = driven()
        if run is None:
            glimpse = await asyncio.to_thread(look, after)
            entries, running = glimpse.entries, glimpse.running
        else:
            entries, running = run.committed(after), True
        for entry in entries:
            yield entry
            after = entry.seq
        if entries:
            continue
        if not running:
            return
        if run is None:
            await asyncio.sleep(POLL)
        else:
            await run.changed()
