from __future__ import annotations

import asyncio

import pytest

from agentverse.models.gate import Gate


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_turns_go_round_the_runs():
    gate = Gate(1)
    held = await gate.enter("busy")
    order: list[str] = []

    async def work(run: str) -> None:
        turn = await gate.enter(run)
        order.append(run)
        gate.leave(turn, answered=False)

    async with asyncio.TaskGroup() as group:
        for run in ["busy"] * 6 + ["late", "later"] * 2:
            group.create_task(work(run))
        await _settle()
        assert order == []
        gate.leave(held, answered=False)
    assert order[:6] == ["busy", "late", "later", "busy", "late", "later"]
    assert gate.in_flight == 0
    assert gate.waiting == 0


async def test_the_limit_is_never_exceeded_and_grows_only_while_others_wait():
    gate = Gate(4, 8)
    most = 0

    async def work() -> None:
        nonlocal most
        turn = await gate.enter("r")
        most = max(most, gate.in_flight)
        assert gate.in_flight <= gate.limit
        await asyncio.sleep(0)
        gate.leave(turn, answered=True)

    async with asyncio.TaskGroup() as group:
        for _ in range(200):
            group.create_task(work())
    assert most == gate.limit == 8
    alone = Gate(4, 8)
    for _ in range(50):
        alone.leave(await alone.enter("r"), answered=True)
    assert alone.limit == 4


async def test_one_episode_of_overload_cuts_the_limit_once():
    gate = Gate(60)
    turns = [await gate.enter("r") for _ in range(60)]
    for turn in turns:
        gate.leave(turn, answered=False, overloaded=True)
    assert gate.limit == 40
    gate.leave(await gate.enter("r"), answered=False, overloaded=True)
    assert gate.limit == 26
    for _ in range(50):
        gate.leave(await gate.enter("r"), answered=False, overloaded=True)
    assert gate.limit == 1


@pytest.mark.parametrize("granted", [False, True])
async def test_a_cancelled_turn_is_not_lost(granted):
    gate = Gate(1)
    held = await gate.enter("a")
    waiting = asyncio.create_task(gate.enter("b"))
    behind = asyncio.create_task(gate.enter("b"))
    await _settle()
    if granted:
        gate.leave(held, answered=False)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if not granted:
        gate.leave(held, answered=False)
    gate.leave(await behind, answered=True)
    assert (gate.in_flight, gate.waiting) == (0, 0)


async def test_a_hold_starts_nothing_until_it_is_over():
    gate = Gate(4)
    gate.hold(0.1)
    begun = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(gate.enter("r"))
        await _settle()
        assert gate.in_flight == 0
    assert asyncio.get_running_loop().time() - begun >= 0.1
    assert gate.in_flight == 3


async def test_the_lowest_priority_goes_first_and_runs_of_one_priority_take_turns():
    gate = Gate(1)
    held = await gate.enter("busy")
    order: list[str] = []

    async def work(run: str, priority: int) -> None:
        turn = await gate.enter(run, priority=priority)
        order.append(f"{run}{priority}")
        gate.leave(turn, answered=False)

    async with asyncio.TaskGroup() as group:
        for run, priority in [("a", 3), ("a", 2), ("b", 2), ("a", 2), ("person", 0), ("b", 3), ("person", 1)]:
            group.create_task(work(run, priority))
        await _settle()
        gate.leave(held, answered=False)
    assert order == ["person0", "person1", "a2", "b2", "a2", "a3", "b3"]
    assert (gate.in_flight, gate.waiting) == (0, 0)
