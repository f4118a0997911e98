"""How many requests an endpoint gets at once, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass


@dataclass(slots=True)
class Turn:
    """One request in flight. ``epoch`` tells which cut of the limit it has already paid for."""

    epoch: int


class Gate:
    """An adaptive limit on requests in flight. Of those that wait the lowest priority goes first; within one priority
    the runs take turns.

    The limit grows by one for each limit's worth of answers while others wait, and is cut by a third when the server
    says it has too much to do: once per episode, however many requests in flight say so.

    Args:
        start: limit to begin with.
        most: limit that is never exceeded.
    """

    def __init__(self, start: int = 64, most: int = 512) -> None:
        self._limit = float(min(start, most))
        self._most = most
        self._epoch = 0
        self._waiting: dict[int, OrderedDict[str, deque[asyncio.Future[None]]]] = {}
        """Priority: run: its calls, in the order in which they came. Nothing empty is kept."""
        self._held_until = 0.0
        self._wake: asyncio.TimerHandle | None = None
        self.in_flight = 0

    @property
    def limit(self) -> int:
        return int(self._limit)

    @property
    def waiting(self) -> int:
        return sum(len(queue) for runs in self._waiting.values() for queue in runs.values())

    async def enter(self, run: str, *, priority: int = 0) -> Turn:
        """Wait for a turn. The caller gives it back with `leave`.

        Args:
            run: whose call it is.
            priority: lower goes first.
        """
        if not self._waiting and self._free():
            self.in_flight += 1
            return Turn(self._epoch)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(priority, OrderedDict()).setdefault(run, deque()).append(mine)
        self._admit()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.in_flight -= 1
                self._admit()
            else:
                self._forget(run, priority, mine)
            raise
        return Turn(self._epoch)

    def leave(self, turn: Turn, *, answered: bool, overloaded: bool = False) -> None:
        """Give a turn back.

        Args:
            answered: the server did its work.
            overloaded: it said, or showed by its silence, that it has too much to do.
        """
        self.in_flight -= 1
        if overloaded and turn.epoch == self._epoch:
            self._epoch += 1
            self._limit = max(1.0, self._limit * 2 / 3)
        elif answered and self._waiting:
            self._limit = min(self._most, self._limit + 1 / self._limit)
        self._admit()

    def hold(self, seconds: float) -> None:
        """Start nothing for so long: the server asked for it."""
        self._held_until = max(self._held_until, asyncio.get_running_loop().time() + seconds)

    def _free(self) -> bool:
        if self._held_until and asyncio.get_running_loop().time() < self._held_until:
            return False
        return self.in_flight < self.limit

    def _admit(self) -> None:
        while self._waiting and self._free():
            priority = min(self._waiting)
            run, queue = next(iter(self._waiting[priority].items()))
            self._waiting[priority].move_to_end(run)
            queue.popleft().set_result(None)
            self._tidy(run, priority)
            self.in_flight += 1
        if self._waiting and self._held_until and self._wake is None:
            self._wake = asyncio.get_running_loop().call_at(self._held_until, self._hold_over)

    def _hold_over(self) -> None:
        self._wake = None
        if asyncio.get_running_loop().time() >= self._held_until:
            self._held_until = 0.0
        self._admit()

    def _forget(self, run: str, priority: int, mine: asyncio.Future[None]) -> None:
        runs = self._waiting.get(priority)
        queue = runs.get(run) if runs is not None else None
        if queue is not None and mine in queue:
            queue.remove(mine)
            self._tidy(run, priority)

    def _tidy(self, run: str, priority: int) -> None:
        """Drop what is empty."""
        runs = self._waiting[priority]
        if not runs[run]:
            del runs[run]
        if not runs:
            del self._waiting[priority]
