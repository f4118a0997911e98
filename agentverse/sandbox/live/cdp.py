"""The DevTools protocol over a browser's pipe: what it is asked, what it answers, what it tells by itself.

A page can make the browser say anything, as often and at such length as it likes. So a message that is too long is
dropped, and a browser that goes on and on is given up.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any, cast

from agentverse.sandbox.live import frames
from agentverse.sandbox.live.running import Program

ANSWERING = 10.0
"""Seconds for an answer."""
LONGEST = 24 << 20
"""Bytes of one message that are read; a picture of noise takes a quarter of it."""
MOST = 64 << 20
"""Bytes of all that it may tell by itself."""

Message = dict[str, Any]


class Refused(Exception):
    """The browser does not do what it was asked to do now; the text says why."""


class Devtools:
    """One browser, asked over the descriptors 3 and 4 that ``Session.spawn(…, pipes=True)`` gives it.

    Args:
        heard: gets the method and the parameters of every event; must not wait and must not raise.
        lost: called when the browser is given up.
    """

    def __init__(self, program: Program, heard: Callable[[str, Message], None], lost: Callable[[], None]) -> None:
        self._program, self._heard, self._lost = program, heard, lost
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Message]] = {}
        self._arrived = bytearray()
        self._dropping = False
        self._told = 0
        self._gone = ""
        program.listener = self._on_piece

    async def ask(self, method: str, *, page: str = "", within: float = ANSWERING, **parameters: object) -> Message:
        """Ask for something and wait for the answer.

        Args:
            page: the session of the page that is meant; empty for the browser.
            within: seconds.

        Raises:
            Refused: it says no.
            ConnectionError: it is gone, or does not answer.
        """
        self.check()
        number = self._send(method, page, parameters)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            async with asyncio.timeout(within):
                said = await answer
        except TimeoutError:
            raise ConnectionError(f"the page did not answer within {within:g} seconds") from None
        finally:
            self._asked.pop(number, None)
        if "error" in said:
            error = said["error"]
            raise Refused(str(error.get("message", ""))[:300] if isinstance(error, dict) else "")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        return mapping(said.get("result"))

    def tell(self, method: str, *, page: str = "", **parameters: object) -> None:
        """Ask for something and do not wait; what is told first is done first."""
        self._send(method, page, parameters)

    def check(self) -> None:
        """Raise ConnectionError when the browser was given up."""
        if self._gone:
            raise ConnectionError(self._gone)

    def give_up(self, why: str) -> None:
        """Let everything that waits fail, now and later."""
        self._gone = self._gone or why
        self._lost()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(ConnectionError(self._gone))

    def _send(self, method: str, page: str, parameters: Message) -> int:
        number = next(self._numbers)
        message: Message = {"id": number, "method": method, "params": parameters}
        if page:
            message["sessionId"] = page
        self._program.give(json.dumps(message).encode() + b"\0", stream=frames.TO_PIPE)
        return number

    def _on_piece(self, stream: int, piece: bytes | None) -> None:
        if stream == frames.STDERR:
            return
        if piece is None:
            self.give_up("the browser is gone")
        elif stream == frames.FROM_PIPE and not self._gone:
            *whole, rest = piece.split(b"\0")
            for part in whole:
                self._arrived += part
                if not self._dropping:
                    self._on_message(bytes(self._arrived))
                self._arrived.clear()
                self._dropping = False
            self._arrived += rest
            if len(self._arrived) > LONGEST:
                self._arrived.clear()
                self._dropping = True

    def _on_message(self, data: bytes) -> None:
        try:
            said = mapping(json.loads(data))
        except (ValueError, RecursionError):
            self.give_up("the browser makes no sense")
            return
        number = said.get("id")
        if isinstance(number, int) and (answer := self._asked.get(number)) is not None:
            if not answer.done():
                answer.set_result(said)
            return
        self._told += len(data)
        if self._told > MOST:
            self.give_up("the page says more than can be read")
            return
        method = said.get("method")
        if isinstance(method, str):
            self._heard(method, mapping(said.get("params")))


def mapping(value: object) -> Message:
    """A value as a mapping; an empty one when it is something else."""
    return cast(Message, value) if isinstance(value, dict) else {}


def string(value: object, longest: int = 500) -> str:
    """A value as text of bounded length; empty when it is something else."""
    return value[:longest] if isinstance(value, str) else ""
