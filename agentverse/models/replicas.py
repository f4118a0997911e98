"""Several servers of the same model: which one a run is served by, and what happens when one is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from hashlib import blake2b
from typing import TypeVar

from agentverse.errors import ModelUnavailable
from agentverse.models.endpoint import Endpoint
from agentverse.models.retry import AttemptFailed

T = TypeVar("T")

LOOK_SECONDS = 10.0
"""Between two looks at a server that a call waits for."""
MISSES = 2
"""So many looks in a row without an answer, and a call waits no longer."""


class Replicas:
    """The servers of one model in one event loop. A run keeps to one of them, whose cache then holds its prefixes;
    which one that is follows from the run's name, so that every process chooses the same. When it is gone, the run
    goes on at the next, and comes back when it is there again.

    Args:
        urls: addresses of servers that are alike.
        key: for all of them.
        in_flight: requests at each to begin with.
    """

    def __init__(self, urls: Sequence[str], key: str, in_flight: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.all = [Endpoint.join(url, key, in_flight) for url in urls]
        self._open = list(self.all)

    @property
    def several(self) -> bool:
        return len(self.all) > 1

    async def leave(self) -> None:
        """Give the connections back."""
        left, self._open = self._open, []
        for endpoint in left:
            await endpoint.leave()

    def leave_out(self, endpoint: Endpoint) -> None:
        """Ask it nothing any more: it is not like the others."""
        self.all.remove(endpoint)

    async def choose(self, run: str, tried: Collection[Endpoint]) -> Endpoint:
        """The server for a call of ``run``: the first in the run's order that is up and was not tried yet. When there
        is none, one that is thought to be down gets its chance.
        """
        if not self.several:
            return self.all[0]
        ordered = sorted(self.all, key=lambda endpoint: _weight(run, endpoint), reverse=True)
        untried = [endpoint for endpoint in ordered if endpoint not in tried] or ordered
        for endpoint in untried:
            if await endpoint.is_up():
                return endpoint
        return untried[0]

    def another(self, tried: Collection[Endpoint]) -> bool:
        """Whether a server is left that is not known to be down."""
        return any(not endpoint.down and endpoint not in tried for endpoint in self.all)

    async def watch(self, endpoint: Endpoint, call: Awaitable[T]) -> T:
        """The result of a call that is given up when its server answers nobody any more.

        Raises:
            AttemptFailed: it was given up; whatever the call raises.
        """
        if not self.several:
            return await call
        task = asyncio.ensure_future(call)
        misses = 0
        try:
            while True:
                done, _ = await asyncio.wait({task}, timeout=LOOK_SECONDS)
                if done:
                    return task.result()
                misses = 0 if await endpoint.answers() else misses + 1
                if misses == MISSES:
                    raise AttemptFailed(
                        ModelUnavailable(f"{endpoint.where} fell silent", fix="Look at the server's log."),
                        again=True,
                        gone=True,
                    )
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


def _weight(run: str, endpoint: Endpoint) -> bytes:
    """Rendezvous hashing: a server that comes or goes moves only the runs that are its own."""
    return blake2b(f"{run}\n{endpoint.bare}".encode(errors="replace"), digest_size=8).digest()
