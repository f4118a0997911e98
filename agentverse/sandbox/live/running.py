"""Programs and connections of a session, as the host holds them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agentverse.sandbox.capture import Capture
from agentverse.sandbox.live import frames
from agentverse.sandbox.process import ENDLESS
from agentverse.sandbox.protocol import ExecResult, Reason

if TYPE_CHECKING:
    from agentverse.sandbox.live.session import Session

LONGEST_REPORT = 8 << 20
BACKLOG = 1 << 20
"""Bytes that a reader may leave unread before it misses some."""
AHEAD = 1 << 18
"""Bytes sent into the box on an accepted connection before the program there has taken some."""
UNREAD = 32 << 20
"""Bytes that the reader of a connection may leave unread before it is cut."""
XCPU, XFSZ = 24, 25


class Program:
    """A program at work in a session; a `agentverse.sandbox.protocol.Running`."""

    def __init__(self, number: int, argv: tuple[str, ...], name: str, output: int, session: Session) -> None:
        self.number, self.argv, self.name = number, argv, name
        self.stopped: Reason | None = None
        self.started = time.monotonic()
        self.failed = ""
        self.ahead = 0
        """Bytes sent on an accepted connection that the program in the box has not taken yet."""
        self.listener: Callable[[int, bytes | None], None] | None = None
        """Gets every piece as it comes, by stream; None is a stream's end."""
        self._session, self._endless = session, output * ENDLESS
        self._streams = {frames.STDOUT: Capture(output), frames.STDERR: Capture(output)}
        self._both = bytearray()
        self._dropped = 0
        self._report = bytearray()
        loop = asyncio.get_running_loop()
        self._begun: asyncio.Future[bool] = loop.create_future()
        self._ended: asyncio.Future[ExecResult] = loop.create_future()
        self._news = asyncio.Event()

    @property
    def over(self) -> bool:
        return self._ended.done()

    async def wait(self) -> ExecResult:
        """Its end."""
        return await asyncio.shield(self._ended)

    async def begin(self) -> bool:
        """Whether it was started."""
        return await asyncio.shield(self._begun)

    async def kill(self) -> None:
        """Kill it and all it started."""
        if not self.over:
            self.stopped = self.stopped or "killed"
            await self._session.kill(self)

    def printed(self, since: int = 0) -> bytes:
        """What it printed so far; of very much, the end."""
        return bytes(self._both[max(0, since - self._dropped) :])

    async def write(self, data: bytes) -> None:
        """Send to its stdin."""
        self.give(data)

    def give(self, data: bytes, *, stream: int = frames.STDIN) -> None:
        """Send to its stdin, or to descriptor 3, without waiting."""
        self._session.give(self.number, stream, data)

    def drop(self) -> None:
        """Have it killed, or a connection closed, without waiting for that."""
        if not self.over:
            self._session.drop(self.number)

    def end_input(self) -> None:
        """Send no more to its stdin."""
        self._session.give_end(self.number, frames.STDIN)

    async def until(self, said: bytes, *, within: float) -> bool:
        """Wait until it printed ``said``."""
        try:
            async with asyncio.timeout(within):
                while said not in self._both and not self.over:
                    await self.news()
        except TimeoutError:
            pass
        return said in self._both

    async def news(self) -> None:
        """Wait until it says something, or ends."""
        self._news.clear()
        if not self.over:
            await self._news.wait()

    # ------------------------------------------------------------------ for the session

    def begun(self) -> None:
        if not self._begun.done():
            self._begun.set_result(True)

    def took(self, count: int) -> None:
        """The other end of an accepted connection took this many bytes."""
        self.ahead = max(0, self.ahead - count)
        self._news.set()

    def heard(self, stream: int, piece: bytes | None) -> None:
        """A piece of a stream arrived; None: its end."""
        if self.over:
            return
        if self.listener is not None:
            self.listener(stream, piece)
        if piece is None:
            return
        if stream == frames.REPORT:
            self._report += piece[: LONGEST_REPORT + 1 - len(self._report)]
        elif (capture := self._streams.get(stream)) is not None and self._endless:
            capture.feed(piece)
            self._both += piece
            if len(self._both) > 2 * BACKLOG:
                self._dropped += len(self._both) - BACKLOG
                del self._both[:-BACKLOG]
            if capture.total > self._endless and self.stopped is None:
                self.stopped = "output"
                task = asyncio.ensure_future(self._session.kill(self))
                task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._news.set()

    def finish(self, said: dict[str, Any]) -> None:
        """It is dead; ``said`` is what is known of its end. Nothing is known when the session was lost."""
        if self.over:
            return
        self.failed = str(said.get("failed", ""))[:300]
        code = said.get("code")
        code = code if isinstance(code, int) else None
        number = -code if code is not None and code < 0 else None
        reason: Reason = "exited"
        if self.stopped is not None:
            reason = self.stopped
        elif code is None:
            reason = "sandbox_lost"
        elif number == XCPU:
            reason = "timeout"
        elif number == XFSZ:
            reason = "disk"
        elif number is not None:
            reason = "killed"
        stdout, stderr = self._streams[frames.STDOUT], self._streams[frames.STDERR]
        if not self._begun.done():
            self._begun.set_result(False)
        self._ended.set_result(
            ExecResult(
                argv=self.argv,
                exit_code=code if number is None and self.stopped is None else None,
                signal=number,
                stdout=stdout.bytes(),
                stderr=stderr.bytes(),
                truncated=stdout.truncated or stderr.truncated,
                reason=reason,
                wall=time.monotonic() - self.started,
                cpu=_number(said.get("cpu")),
                max_rss=int(_number(said.get("memory"))),
                report=bytes(self._report) if len(self._report) <= LONGEST_REPORT else b"",
            )
        )
        if self.listener is not None:
            self.listener(frames.STDOUT, None)
        self._news.set()


class Connection:
    """A connection to a server in a session; a `agentverse.sandbox.protocol.Stream`."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._arrived = bytearray()
        self._at_end = False
        self._news = asyncio.Event()
        program.listener = self._on_piece

    @classmethod
    async def opened(cls, program: Program) -> Connection:
        """Wait until it stands.

        Raises:
            ConnectionError: it was refused.
        """
        made = cls(program)
        if not await program.begin():
            raise ConnectionError(program.failed or "the session is lost")
        return made

    def _on_piece(self, stream: int, piece: bytes | None) -> None:
        if piece is None:
            self._at_end = True
        else:
            self._arrived += piece
            if len(self._arrived) > UNREAD:
                self._cut()
        self._news.set()

    def _cut(self) -> None:
        """Have the other side stop sending, and hear no more."""
        self._at_end, self._program.listener = True, None
        self._program.drop()

    async def read(self, most: int = 65536) -> bytes:
        """What has arrived; empty at the end."""
        while not self._arrived and not self._at_end:
            self._news.clear()
            await self._news.wait()
        taken = bytes(self._arrived[:most])
        del self._arrived[: len(taken)]
        return taken

    async def write(self, data: bytes) -> None:
        """Send it."""
        await self._program.write(data)

    async def end(self) -> None:
        """Send no more."""
        self._program.end_input()

    async def close(self) -> None:
        """Send no more, and hear no more."""
        self._cut()


class Accepted(Connection):
    """A connection that a program in a session made to the host's own handler. It holds little in memory, whatever
    the program does: a slow reader is waited for, and one that says more than is read from it is heard no more.
    """

    def _on_piece(self, stream: int, piece: bytes | None) -> None:
        super()._on_piece(stream, piece)
        if len(self._arrived) > BACKLOG:
            super()._on_piece(stream, None)
            self._program.listener = None

    async def write(self, data: bytes) -> None:
        """Send it, and wait while much of it is not yet taken.

        Raises:
            ConnectionError: the program closed it, or the session is lost.
        """
        for start in range(0, len(data), frames.PIECE):
            while self._program.ahead > AHEAD and not self._program.over:
                await self._program.news()
            if self._program.over:
                raise ConnectionResetError("the program in the box closed the connection")
            piece = data[start : start + frames.PIECE]
            self._program.ahead += len(piece)
            await super().write(piece)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
