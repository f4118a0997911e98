"""A port of the host's 127.0.0.1 that leads to a server in a session."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from agentverse.sandbox.live.running import Connection

if TYPE_CHECKING:
    from agentverse.sandbox.live.session import Session

MOST = 64
"""Connections at once."""


class Published:
    """Made by `open`; carries bytes both ways and looks at none of them."""

    def __init__(self, session: Session, port: int) -> None:
        self._session, self._port = session, port
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        self.url = ""

    @classmethod
    async def open(cls, session: Session, port: int) -> Published:
        """Listen on a free port of the host, loopback only."""
        made = cls(session, port)
        made._server = await asyncio.start_server(made._serve, "127.0.0.1", 0)
        made.url = f"http://127.0.0.1:{made._server.sockets[0].getsockname()[1]}"
        return made

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        try:
            if len(self._carrying) <= MOST:
                # A cancellation is `close`'s, and ends here: asyncio's own callback would complain of it.
                with suppress(ConnectionError, asyncio.CancelledError):
                    await self._carry(reader, writer)
        finally:
            self._carrying.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await self._session.connect(self._port)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_inward(reader, inner))
                both.create_task(_outward(inner, writer))
        except* ConnectionError:
            pass
        finally:
            await inner.close()


async def _inward(reader: asyncio.StreamReader, inner: Connection) -> None:
    while data := await reader.read(65536):
        await inner.write(data)
    await inner.end()


async def _outward(inner: Connection, writer: asyncio.StreamWriter) -> None:
    while data := await inner.read():
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
