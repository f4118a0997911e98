"""A program on a terminal of its own, and its screen as pyte sees it.

What the program prints is hostile: it is cut at `MOST` bytes, its counts are bounded by the screen, and what leaves
here is plain text or a picture. Nothing of it reaches the user's own terminal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agentverse.sandbox import scrub
from agentverse.sandbox.live import frames, paint
from agentverse.sandbox.live.running import Program
from agentverse.sandbox.looks import keys
from agentverse.sandbox.protocol import ExecResult

if TYPE_CHECKING:
    from agentverse.sandbox.live.session import Session

MOST, ESCAPE = 4 << 20, 10
"""Bytes that are looked at, and for how many an escape sequence counts, which is the dearest to look at. A program that
prints more shows no more.
"""
CURSOR_KEYS = 1 << 5
"""Mode in which arrow keys send another sequence (DECCKM), as pyte counts modes."""
ENVIRONMENT = {"TERM": "xterm-256color", "NCURSES_NO_UTF8_ACS": "1", "COLORTERM": "truecolor"}


class PtyTerminal:
    """A `agentverse.sandbox.protocol.Terminal`. Made by `start`."""

    def __init__(self, program: Program, columns: int, rows: int) -> None:
        import pyte

        from agentverse.sandbox.live.screen import BoundedScreen

        self.columns, self.rows = columns, rows
        self._program = program
        self._screen = BoundedScreen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._seen = self._looked_at = 0
        self._news = asyncio.Event()
        program.listener = self._on_piece

    @classmethod
    def start(
        cls, session: Session, argv: Sequence[str], *, columns: int, rows: int, env: Mapping[str, str] | None
    ) -> PtyTerminal:
        """Start a program; its screen is empty at first."""
        size = {"COLUMNS": str(columns), "LINES": str(rows)}
        variables = {**ENVIRONMENT, **size, **(env or {})}
        program = session.spawn(argv, name=argv[0], env=variables, terminal=(columns, rows))
        return cls(program, columns, rows)

    @property
    def over(self) -> bool:
        return self._program.over

    @property
    def printed(self) -> int:
        """Bytes it printed so far."""
        return self._seen

    def screen(self) -> str:
        """The screen as text, without trailing spaces."""
        lines = [line.rstrip() for line in self._screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return "\n".join(scrub.clean(line) for line in lines)

    def picture(self) -> bytes:
        """The screen as PNG."""
        return paint.screen(self._screen)

    async def send(self, data: str) -> None:
        """Type this."""
        await self._program.write(data.encode())

    async def press(self, name: str) -> None:
        """Press a key, as the mode that the program has put the terminal in will have it.

        Raises:
            UnknownKey: there is none of that name.
        """
        sent = keys.parse(name).terminal
        if CURSOR_KEYS in self._screen.mode and len(sent) == 3 and sent[2] in "ABCDHF":
            sent = f"\x1bO{sent[2]}"
        await self.send(sent)

    async def settle(self, *, quiet: float = 0.15, within: float = 5.0) -> None:
        """Wait until nothing was printed for ``quiet`` seconds, or it ended."""
        try:
            async with asyncio.timeout(within):
                while not self.over:
                    self._news.clear()
                    try:
                        async with asyncio.timeout(quiet):
                            await self._news.wait()
                    except TimeoutError:
                        return
        except TimeoutError:
            pass

    async def until(self, shown: str, *, within: float) -> bool:
        """Wait until the screen shows this, whatever its case and spaces; an empty text is anything at all."""
        wanted = squeezed(shown)
        try:
            async with asyncio.timeout(within):
                while not self._shows(wanted) and not self.over:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass
        return self._shows(wanted)

    async def wait(self) -> ExecResult:
        """Its end."""
        return await self._program.wait()

    async def kill(self) -> None:
        """Kill it and all it started."""
        await self._program.kill()

    def _shows(self, wanted: str) -> bool:
        shown = squeezed(self.screen())
        return wanted in shown if wanted else bool(shown)

    def _on_piece(self, stream: int, piece: bytes | None) -> None:
        if piece is not None and stream == frames.STDOUT and self._looked_at < MOST:
            self._seen += len(piece)
            self._looked_at += len(piece) + ESCAPE * piece.count(b"\x1b")
            try:
                self._stream.feed(piece)
            except Exception:  # pyte trips over sequences that no terminal knows; what stands on the screen stands
                self._stream = type(self._stream)(self._screen)
        self._news.set()


def squeezed(text: str) -> str:
    """Text as it is compared: one space for any, no capitals."""
    return " ".join(text.casefold().split())
