"""What one connection is sent: entries in order, states, tokens. Live and replay are the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass, field

from agentverse.errors import RunNotFound
from agentverse.web.feed import Feed, Feeds, Packed, message

TICK = 0.03
"""Seconds between two batches: a person sees no difference, and a batch costs little more than one event."""
QUIET = 15.0
"""Seconds without a message after which a comment shows that the connection lives."""


@dataclass(slots=True)
class _View:
    """One run as one connection has seen it."""

    feed: Feed
    after: int
    watched: bool
    state: str = ""
    veiled: bool = False
    written: dict[str, tuple[int, int, int]] = field(default_factory=dict[str, "tuple[int, int, int]"])
    """Reply: version, characters of text and of thinking that were sent."""

    async def entries(self) -> list[Packed]:
        """What was not sent yet, as much as is read at once."""
        found = self.feed.since(self.after)
        if found is None:
            found = await self.feed.page(self.after)
        if found:
            self.after = found[-1].seq
        return list(found)

    @property
    def behind(self) -> bool:
        return self.after < self.feed.last

    def told_state(self) -> bytes:
        feed = self.feed
        if self.behind or (feed.state, feed.audience.playing) == (self.state, self.veiled):
            return b""
        self.state, self.veiled = feed.state, feed.audience.playing
        told: dict[str, object] = {"run": feed.run, "state": self.state, "events": feed.last}
        return message("state", {**told, "veiled": True} if self.veiled else told)

    def tokens(self) -> bytes:
        """What was written since; nothing to somebody who may play a part, for it is not known yet who hears it."""
        audience = self.feed.audience
        watched = self.watched and not (audience.plays and audience.seats_people)
        writing = self.feed.writing(self.feed.run) if watched else None
        if writing is None:
            self.written.clear()
            return b""
        parts: list[bytes] = []
        for key, piece in writing.pieces.items():
            version, text, thinking = self.written.get(key, (piece.version, 0, 0))
            restart = version != piece.version
            if restart:
                text = thinking = 0
            if not restart and text == len(piece.text) and thinking == len(piece.thinking):
                continue
            data = {"run": self.feed.run, "key": key, "at": text, "text": piece.text[text:]}
            parts.append(message("delta", {**data, "thinking": piece.thinking[thinking:], "restart": restart}))
            self.written[key] = piece.version, len(piece.text), len(piece.thinking)
        for key in self.written.keys() - writing.pieces.keys():
            del self.written[key]
        return b"".join(parts)


class Stream:
    """One connection.

    Args:
        runs: run: the number of the entry that was seen last.
        watch: runs whose tokens are wanted.
        hello: sent first.
        several: ids name all runs, and changes of the list of runs are told; else there is one run, and ids are
            numbers.
        end: end when the run is not running.
    """

    def __init__(
        self,
        feeds: Feeds,
        runs: Mapping[str, int],
        *,
        watch: Collection[str] = (),
        hello: Mapping[str, str],
        several: bool = False,
        end: bool = False,
        closing: asyncio.Event,
    ) -> None:
        self._feeds, self._runs, self._watch = feeds, runs, watch
        self._hello, self._several, self._end, self._closing = hello, several, end, closing
        self._wake = asyncio.Event()
        self._views: list[_View] = []
        self._listed = feeds.changes

    async def messages(self) -> AsyncGenerator[bytes]:
        """The bytes of the stream, a batch at a time."""
        try:
            yield b"retry: 500\n\n" + message("hello", dict(self._hello)) + await self._open()
            while not self._closing.is_set() and (self._several or self._views):
                self._wake.clear()
                batch = await self._batch()
                if batch:
                    yield batch
                    await asyncio.sleep(0 if any(view.behind for view in self._views) else TICK)
                elif self._end and self._views[0].state not in ("", "running"):
                    return
                elif not await self._woken():
                    yield b": \n\n"
        finally:
            self._close()

    async def _open(self) -> bytes:
        """Join the feeds; tells which runs there are not."""
        self._feeds.listeners.add(self._wake.set)
        gone: list[bytes] = []
        for run, after in self._runs.items():
            try:
                feed = await self._feeds.join(run, self._wake.set)
            except RunNotFound:
                gone.append(message("gone", {"run": run}))
                continue
            self._views.append(_View(feed, after, run in self._watch))
            if (writing := feed.writing(run)) is not None and run in self._watch:
                writing.told.add(self._wake.set)
        return b"".join(gone)

    async def _batch(self) -> bytes:
        """What is new in all runs: entries and where they end, then states and tokens."""
        parts: list[bytes] = []
        for view in self._views:
            for packed in await view.entries():
                if packed.data:
                    parts.append(packed.data if self._several else b"id: %d\n%b" % packed)
            if view.behind:
                self._wake.set()
        if self._several and parts:
            cursor = ",".join(f"{view.feed.run}:{view.after}" for view in self._views)
            parts.append(f"id: {cursor}\n\n".encode())
        for view in list(self._views):
            parts += [view.told_state(), view.tokens()]
            self._listen(view)
            if view.feed.gone and not view.behind:
                parts.append(_gone(view.feed))
                self._leave(view)
        if self._several and self._listed != self._feeds.changes:
            self._listed = self._feeds.changes
            parts.append(message("runs", {}))
        return b"".join(parts)

    def _listen(self, view: _View) -> None:
        """Hear of tokens of a run that this process has taken up since."""
        writing = view.feed.writing(view.feed.run) if view.watched else None
        if writing is not None:
            writing.told.add(self._wake.set)

    async def _woken(self) -> bool:
        try:
            async with asyncio.timeout(QUIET):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True

    def _leave(self, view: _View) -> None:
        self._views.remove(view)
        self._feeds.leave(view.feed, self._wake.set)
        if (writing := view.feed.writing(view.feed.run)) is not None:
            writing.told.discard(self._wake.set)

    def _close(self) -> None:
        self._feeds.listeners.discard(self._wake.set)
        for view in list(self._views):
            self._leave(view)


def _gone(feed: Feed) -> bytes:
    if feed.trouble:
        return message("trouble", {"run": feed.run, "message": feed.trouble})
    return message("gone", {"run": feed.run})


def read_cursor(text: str) -> dict[str, int]:
    """``ID:SEQ,ID:SEQ`` as a mapping; what is no such pair is left out."""
    found: dict[str, int] = {}
    for pair in text.split(","):
        run, colon, after = pair.rpartition(":")
        if colon and run and after.isascii() and after.isdigit() and len(after) < 16:
            found[run] = int(after)
    return found
