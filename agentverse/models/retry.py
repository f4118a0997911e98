"""The one place where a failed call is made again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from agentverse.errors import ModelError, ModelUnavailable

if TYPE_CHECKING:
    from agentverse.models.endpoint import Endpoint
    from agentverse.models.replicas import Replicas

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
        gone: the server is not there, or not the one it should be; another may do it at once.
        tries: at most so many attempts for this failure; None leaves it to the policy.
    """

    def __init__(
        self,
        error: ModelError,
        *,
        again: bool = False,
        after: float | None = None,
        overloaded: bool = False,
        gone: bool = False,
        tries: int | None = None,
    ) -> None:
        super().__init__(str(error))
        self.error, self.again, self.after, self.tries = error, again, after, tries
        self.overloaded, self.gone = overloaded, gone


@dataclass(frozen=True, slots=True)
class Policy:
    retries: int = 6
    backoff: float = 0.5
    """Seconds before the first retry; doubles each time, with jitter."""
    timeout: float | None = None
    """Seconds one attempt may take."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Whose call it is, and how it may be made.

    Attributes:
        priority: lower goes first.
        deadline: seconds for the whole call, waiting for a turn included.
    """

    run: str
    priority: int
    deadline: float
    policy: Policy


async def with_retries(attempt: Callable[[Endpoint], Awaitable[T]], *, replicas: Replicas, errand: Errand) -> T:
    """Make the call until it succeeds, cannot succeed, or its time is over. A server that failed is not asked again
    before all others were.

    Raises:
        ModelError: what the last attempt failed with, and how often it was tried.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    end = begun + errand.deadline
    policy = errand.policy
    tried: set[Endpoint] = set()
    tries = rounds = 0
    while True:
        tries += 1
        endpoint = await replicas.choose(errand.run, tried)
        try:
            return await _once(attempt, replicas, endpoint, errand, end)
        except AttemptFailed as failed:
            tried.add(endpoint)
            if failed.gone and replicas.several:
                endpoint.fell()
            elsewhere = (failed.again or failed.gone) and replicas.another(tried)
            rounds += 0 if elsewhere else 1
            useless = failed.tries is not None and tries >= failed.tries
            wait = 0.0 if elsewhere else _wait(failed, policy, rounds)
            over = rounds > policy.retries or loop.time() + wait >= end
            if not (failed.again or elsewhere) or useless or over:
                raise _last(failed.error, tries, loop.time() - begun) from failed.__cause__
            if failed.after is not None and failed.overloaded:
                endpoint.gate.hold(failed.after)
        if not elsewhere:
            tried.clear()
            await asyncio.sleep(wait)


async def _once(
    attempt: Callable[[Endpoint], Awaitable[T]], replicas: Replicas, endpoint: Endpoint, errand: Errand, end: float
) -> T:
    loop = asyncio.get_running_loop()
    gate, where = endpoint.gate, endpoint.where
    try:
        async with asyncio.timeout_at(end):
            turn = await gate.enter(errand.run, priority=errand.priority)
    except TimeoutError:
        raise AttemptFailed(
            ModelUnavailable(
                f"the call waited for its turn at {where} until its deadline: {gate.in_flight} requests are in flight",
                fix="Give the call more time, or start another server.",
            )
        ) from None
    begun = loop.time()
    timeout = errand.policy.timeout
    answered = overloaded = False
    try:
        async with asyncio.timeout_at(end if timeout is None else min(end, begun + timeout)):
            result = await replicas.watch(endpoint, attempt(endpoint))
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
