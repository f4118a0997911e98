"""Connections that programs in a session make to handlers of the host."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agentverse.sandbox.live.running import Accepted
from agentverse.sandbox.protocol import Stream

Serve = Callable[[Stream], Awaitable[None]]
FIRST = 1 << 31
"""The box numbers these connections from this on; everything else is numbered by the host."""
MOST = 64
"""Connections at once."""


class Accepting:
    """The handlers of a session, by port, and those of them that are at work."""

    def __init__(self) -> None:
        self.handlers: dict[int, Serve] = {}
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        return len(self._serving) >= MOST

    def accept(self, stream: Accepted, port: int) -> None:
        """Have a connection served, and closed in the end."""
        task = asyncio.create_task(_served(stream, self.handlers[port]))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        """End the handlers, but for one that asks for it."""
        serving = [task for task in self._serving if task is not asyncio.current_task()]
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _served(stream: Accepted, serve: Serve) -> None:
    try:
        await serve(stream)
    except ConnectionError:
        pass  # the program went away
    finally:
        await stream.close()
