"""Limits of a run: tokens, turns, minutes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from agentverse.blueprint.company import Limits
from agentverse.errors import LimitReached
from agentverse.journal.events import Entry, GateAnswered, GateOpened, RunResumed, RunStarted, Usage


class RunBudget:
    """Counts what a run used, also before it was resumed, and stops it at its limits.

    Args:
        limits: the bounds.
        worked: seconds the run was at work before this process took it on.
    """

    def __init__(self, limits: Limits, *, worked: float = 0.0) -> None:
        self.limits = limits
        self.usage = Usage()
        self.turns = 0
        self._worked = worked
        self._since = time.monotonic()
        self._waiting = 0
        self._changed = asyncio.Event()

    def check(self) -> None:
        """Raises LimitReached when nothing more may be asked of a model."""
        if self.turns >= self.limits.turns:
            raise LimitReached("turns", self.turns, self.limits.turns)
        if self.usage.total >= self.limits.tokens:
            raise LimitReached("tokens", self.usage.total, self.limits.tokens)
        if self.seconds >= self.limits.minutes * 60:
            raise LimitReached("minutes", round(self.seconds / 60, 1), self.limits.minutes)

    def spend(self, usage: Usage) -> None:
        self.usage = self.usage + usage
        self.turns += 1

    @property
    def seconds(self) -> float:
        """Seconds at work, in this process and before."""
        return self._worked + (0.0 if self._waiting else time.monotonic() - self._since)

    @contextmanager
    def waiting_for_person(self) -> Generator[None]:
        """Time in here does not count."""
        if not self._waiting:
            self._worked += time.monotonic() - self._since
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._since = time.monotonic()
            self._changed.set()

    async def watch(self) -> None:
        """Ends with LimitReached when the minutes are used up; otherwise never."""
        while True:
            self._changed.clear()
            left = self.limits.minutes * 60 - self.seconds
            if left <= 0:
                self.check()
            try:
                async with asyncio.timeout(None if self._waiting else max(left, 0.01)):
                    await self._changed.wait()
            except TimeoutError:
                continue


def seconds_worked(entries: Iterable[Entry]) -> float:
    """Seconds a recorded run was at work: the time from each start or resumption to the last event before the next,
    less the time it waited for a person.
    """
    total = 0.0
    begin = last = None
    opened: dict[str, float] = {}
    for entry in entries:
        if isinstance(entry.event, RunStarted | RunResumed):
            if begin is not None and last is not None:
                total += last - begin
            begin = entry.at
            opened.clear()
        elif isinstance(entry.event, GateOpened):
            opened[entry.key.rpartition("/")[0]] = entry.at
        elif isinstance(entry.event, GateAnswered) and begin is not None:
            begin += entry.at - opened.pop(entry.key.rpartition("/")[0], entry.at)
        last = entry.at
    if begin is not None and last is not None:
        total += last - begin
    return max(total, 0.0)
