"""Stopping in order: calls in flight may end, no new one begins."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from agentverse.models.counters import Counted, Counters
from agentverse.models.protocol import ChatModel, Profile, Request, Response
from agentverse.models.tokens import Tokenizes


class Drain:
    """Counts the model calls of one run and can shut the door on new ones."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._closed = False
        self._over = asyncio.Event()
        """Set when nothing is in flight, or when what is need not be waited for."""
        self._over.set()
        self._hurry = False

    def wrap(self, model: ChatModel) -> ChatModel:
        """``model`` behind the door."""
        return _Behind(model, self)

    async def close(self, *, patience: float) -> None:
        """Let no call begin any more; wait until those in flight have ended, at most ``patience`` seconds."""
        self._closed = True
        try:
            async with asyncio.timeout(patience):
                await self._over.wait()
        except TimeoutError:
            return

    @property
    def hurried(self) -> bool:
        return self._hurry

    def hurry(self) -> None:
        """Wait no longer for what is in flight."""
        self._hurry = True
        self._over.set()

    async def enter(self) -> None:
        if self._closed:
            await asyncio.Event().wait()  # until cancelled: nobody may take the closed door for a failure
        self._in_flight += 1
        if not self._hurry:
            self._over.clear()

    def leave(self) -> None:
        self._in_flight -= 1
        if not self._in_flight:
            self._over.set()


class _Behind:
    def __init__(self, model: ChatModel, door: Drain) -> None:
        self._model, self._door = model, door
        self.name, self.provider = model.name, model.provider

    @property
    def profile(self) -> Profile:
        return self._model.profile

    async def contact(self) -> Mapping[str, Any]:
        return await self._model.contact()

    async def complete(self, request: Request) -> Response:
        await self._door.enter()
        try:
            return await self._model.complete(request)
        finally:
            self._door.leave()

    async def token_count(self, text: str) -> int | None:
        return await self._model.token_count(text) if isinstance(self._model, Tokenizes) else None

    async def counted(self) -> Mapping[str, Counters]:
        return await self._model.counted() if isinstance(self._model, Counted) else {}

    async def close(self) -> None:
        await self._model.close()
