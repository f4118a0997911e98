"""Limits stop a run; waiting for a person does not count as work."""

import asyncio

import pytest

from agentverse.blueprint.company import Limits
from agentverse.engine.budget import RunBudget, seconds_worked
from agentverse.errors import LimitReached
from agentverse.journal.events import Entry, GateAnswered, GateOpened, Note, RunResumed, RunStarted, Usage


def test_turns_are_counted_and_bounded() -> None:
    budget = RunBudget(Limits(turns=2))
    for _ in range(2):
        budget.check()
        budget.spend(Usage(prompt=1, completion=1))
    with pytest.raises(LimitReached, match="2 turns"):
        budget.check()


def test_tokens_are_counted_and_bounded() -> None:
    budget = RunBudget(Limits(tokens=10))
    budget.spend(Usage(prompt=7, completion=3))
    with pytest.raises(LimitReached, match="10 tokens"):
        budget.check()


async def test_minutes_that_are_used_up_end_the_watch() -> None:
    budget = RunBudget(Limits(minutes=1), worked=60.0)
    with pytest.raises(LimitReached, match="minutes"):
        await budget.watch()


async def test_waiting_for_a_person_stops_the_clock() -> None:
    budget = RunBudget(Limits(minutes=1), worked=59.95)
    with budget.waiting_for_person():
        before = budget.seconds
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await budget.watch()
        assert budget.seconds == before
    with pytest.raises(LimitReached):
        await budget.watch()


def entry(seq: int, at: float, key: str, event) -> Entry:
    return Entry(run="r", seq=seq, key=key, at=at, event=event)


def test_work_is_the_time_of_each_driver_without_gates() -> None:
    started = RunStarted(idea="i", company={}, revision="", clock=0)
    entries = [
        entry(1, 100, "run", started),
        entry(2, 110, "a#1", Note(text="")),
        entry(3, 500, "resumed@2", RunResumed(epoch=2)),
        entry(4, 505, "h#1/-/gate", GateOpened(phase="h", visit=1, question="?")),
        entry(5, 600, "h#1/-/answer", GateAnswered(phase="h", visit=1)),
        entry(6, 602, "b#1", Note(text="")),
    ]
    assert seconds_worked(entries) == 10 + 5 + 2
