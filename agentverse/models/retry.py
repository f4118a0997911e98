"""The one place where a failed call is made again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from agentverse.errors import ModelError, ModelUnavailable
from agentverse.models.gate import Gate

T = TypeVar("T")

LONGEST_WAIT = 20.0
"""Seconds; only ``Retry-After`` may ask for more."""


class AttemptFailed(Exception):
    """One attempt failed.

    Attributes:
        error: what the caller is told when it is not tried again.
        again: whether the same request can succeed later.
        after: seconds the server asked to wait, or None.
        overloaded: the server has too much to do.
        tries: at most so many attempts for this failure; None leaves it to the policy.
    """

    def __init__(
        self,
        error: ModelError,
        *,
        again: bool = False,
        after: float | None = None,
        overloaded: bool = False,
        tries: int | None = None,
    ) -> None:
        super().__init__(str(error))
        self.error, self.again, self.after, self.overloaded, self.tries = error, again, after, overloaded, tries


@dataclass(frozen=True, slots=True)
class Policy:
    retries: int = 6
    backoff: float = 0.5
    """Seconds before the first retry; doubles each time, with jitter."""
    timeout: float | None = None
    """Seconds one attempt may take."""


async def with_retries(
    attempt: Callable[[], Awaitable[T]], *, policy: Policy, gate: Gate, run: str, deadline: float, where: str
) -> T:
    """Make the call until it succeeds, cannot succeed, or ``deadline`` seconds are over, waiting for a turn included.

    Raises:
        ModelError: what the last attempt failed with, and how often it was tried.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    end = begun + deadline
    tries = 0
    while True:
        tries += 1
        try:
            return await _once(attempt, policy=policy, gate=gate, run=run, end=end, where=where)
        except AttemptFailed as failed:
            most = policy.retries + 1 if failed.tries is None else min(failed.tries, policy.retries + 1)
            wait = _wait(failed, policy, tries)
            if not failed.again or tries >= most or loop.time() + wait >= end:
                raise _last(failed.error, tries, loop.time() - begun) from failed.__cause__
            if failed.after is not None and failed.overloaded:
                gate.hold(failed.after)
        await asyncio.sleep(wait)


async def _once(
    attempt: Callable[[], Awaitable[T]], *, policy: Policy, gate: Gate, run: str, end: float, where: str
) -> T:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout_at(end):
            turn = await gate.enter(run)
    except TimeoutError:
        raise AttemptFailed(
            ModelUnavailable(
                f"the call waited for its turn at {where} until its deadline: {gate.in_flight} requests are in flight",
                fix="Give the call more time, or start another server.",
            )
        ) from None
    begun = loop.time()
    answered = overloaded = False
    try:
        async with asyncio.timeout_at(end if policy.timeout is None else min(end, begun + policy.timeout)):
            result = await attempt()
        answered = True
        return result
    except TimeoutError:
        overloaded = True
        raise AttemptFailed(
            ModelUnavailable(
                f"{where} did not answer within {loop.time() - begun:.3g} s",
                fix="Look at the server's log and load; raise the timeout if the model is simply slow.",
            ),
            again=True,
            overloaded=True,
        ) from None
    except AttemptFailed as failed:
        overloaded = failed.overloaded
        raise
    finally:
        gate.leave(turn, answered=answered, overloaded=overloaded)


def _wait(failed: AttemptFailed, policy: Policy, tries: int) -> float:
    wait = min(LONGEST_WAIT, policy.backoff * 2 ** (tries - 1)) * random.uniform(0.6, 1.4)
    return wait if failed.after is None else max(failed.after, wait * 0.1)


def _last(error: ModelError, tries: int, seconds: float) -> ModelError:
    if tries > 1:
        error.args = (f"{error} (tried {tries} times in {seconds:.3g} s)",)
    return error


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` (or ``retry-after-ms``) asks for; None when it does not or makes no sense."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        value = headers.get("retry-after", "").strip()
        if not value:
            return None
        if value.replace(".", "", 1).isdigit():
            return float(value)
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
