"""Who goes first at vLLM, what it keeps of prompts, and what it counts."""

from __future__ import annotations

import asyncio

import pytest

from agentverse.models.counters import Counters
from agentverse.models.openai import OpenAIModel
from agentverse.models.protocol import Sampling
from agentverse.models.servers.launch import Launch
from agentverse.models.servers.vllm import BLOCK

from .conftest import Opened, ask, until

pytestmark = [pytest.mark.vllm, pytest.mark.asyncio(loop_scope="session")]

ENDLESS = {"ignore_eos": True}


async def test_a_prompt_that_comes_again_is_taken_from_the_cache_and_said_to_be(model: OpenAIModel) -> None:
    text = "these words come again and " * 60
    before = await counted(model)
    first = await model.complete(ask(text))
    again = await model.complete(ask(text))
    assert first.usage.prompt - BLOCK <= again.usage.cached < again.usage.prompt
    now = await counted(model)
    assert now["queried"] - before.get("queried", 0) == first.usage.prompt + again.usage.prompt
    assert now["hit"] - before.get("hit", 0) == first.usage.cached + again.usage.cached


async def test_what_has_a_salt_of_its_own_is_found_by_it_alone(served: Launch, opened: Opened) -> None:
    text = "nobody else may know of this " * 40
    mine, yours = [await opened(served, cache_salt=salt) for salt in ("mine", "yours")]
    assert (await mine.complete(ask(text))).usage.cached == 0
    assert (await mine.complete(ask(text))).usage.cached > 0
    assert (await yours.complete(ask(text))).usage.cached == 0


async def test_sixteen_samples_cost_hardly_more_of_the_prompt_than_one(model: OpenAIModel) -> None:
    costs: list[float] = []
    for number, text in ((1, "one of the " * 300), (16, "many of a " * 300)):
        before = await counted(model)
        reply = await model.complete(ask(text, n=number, sampling=Sampling(max_tokens=8)))
        assert len(reply.choices) == number
        now = await counted(model)
        read = {name: now[name] - before.get(name, 0) for name in ("queried", "hit")}
        costs.append((read["queried"] - read["hit"]) / reply.usage.prompt)
    assert costs[0] == 1
    assert costs[1] < 1.5


async def test_what_is_waited_for_goes_first(served: Launch, opened: Opened) -> None:
    """All places are taken; of those who wait the urgent ones go first, though they came last."""
    model = await opened(served, extra=ENDLESS)
    done: list[str] = []

    async def call(kind: str, number: int, priority: int, tokens: int) -> None:
        sampling = Sampling(max_tokens=tokens, seed=number)
        await model.complete(ask(f"{kind} {number}", priority=priority, sampling=sampling, key=f"{kind}#{number}"))
        done.append(kind)

    async with asyncio.TaskGroup() as group:
        for kind, priority, tokens in (("holds", 0, 400), ("patient", 3, 40), ("urgent", 1, 40)):
            for number in range(served.slots):
                group.create_task(call(kind, number, priority, tokens))
            if kind == "holds":
                await until(served, working=served.slots)
    waited = [kind for kind in done if kind != "holds"]
    assert waited == ["urgent"] * served.slots + ["patient"] * served.slots


async def test_a_reply_that_nobody_waits_for_any_more_is_not_written_to_its_end(served: Launch, opened: Opened) -> None:
    model = await opened(served, extra=ENDLESS, max_tokens=6000)
    before = await counted(model)
    call = asyncio.create_task(model.complete(ask()))
    await until(served, working=1)
    call.cancel()
    await until(served, working=0)
    assert (await counted(model))["generated"] - before.get("generated", 0) < 6000


async def counted(model: OpenAIModel) -> Counters:
    """What the server has counted since first contact."""
    return next(iter((await model.counted()).values()), {})
