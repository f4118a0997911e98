"""Several servers of one model: a run keeps to one, and loses no turn when it is gone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from agentverse.errors import ModelRejected, ModelUnavailable
from agentverse.models import endpoint, replicas
from agentverse.models.protocol import Delta
from agentverse.models.registry import open_model
from agentverse.testing import Manners, Reply, ScriptedServer, fault

Start = Callable[..., Any]


@pytest.fixture
def several(stack: AsyncExitStack) -> Start:
    """Start a server for each script, and open one model on all of them."""

    async def start(*scripts: Any, spec: dict[str, Any] | None = None, **options: Any) -> tuple[list[Any], Any]:
        servers = [await stack.enter_async_context(ScriptedServer(script, **options)) for script in scripts]
        urls = [server.url for server in servers]
        model = await open_model({"base_url": urls, "model": "scripted", "backoff": 0.001, **(spec or {})})
        stack.push_async_callback(model.close)
        return servers, model

    return start


def says(text: str) -> Any:
    return lambda _body, _headers: text


async def home(model: Any, ask: Any, run: str) -> str:
    return (await model.complete(ask(run=run))).choices[0].text


async def test_a_run_keeps_to_one_server_and_runs_are_spread(several, ask):
    servers, model = await several(says("a"), says("b"), says("c"))
    homes = {run: await home(model, ask, run) for run in map(str, range(60))}
    assert {run: await home(model, ask, run) for run in homes} == homes
    assert all(count >= 10 for count in Counter(homes.values()).values())
    assert len(Counter(homes.values())) == 3
    for server in servers:
        assert len({homes[request.headers["X-Session-Id"]] for request in server.requests}) == 1


async def test_which_server_that_is_does_not_depend_on_the_order_or_on_the_process(several, ask, stack):
    servers, model = await several(says("a"), says("b"), says("c"))
    turned = await open_model({"base_url": ",".join(server.url for server in reversed(servers)), "model": "scripted"})
    stack.push_async_callback(turned.close)
    for run in map(str, range(20)):
        assert await home(model, ask, run) == await home(turned, ask, run)


async def test_only_the_runs_of_a_server_that_goes_move(several, ask):
    servers, model = await several(says("a"), says("b"), says("c"))
    before = {run: await home(model, ask, run) for run in map(str, range(30))}
    await servers[1].__aexit__()
    after = {run: await home(model, ask, run) for run in before}
    assert {run for run in before if before[run] != after[run]} == {run for run in before if before[run] == "b"}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", ["cut_connection", "cut_stream", "garbage", "500", "502", "503", "504", "429", "404"])
async def test_a_call_that_fails_at_one_server_is_answered_by_the_other_at_once(several, ask, name, streamed):
    servers, model = await several(
        lambda _body, _headers: fault(name), says("saved"), spec={"backoff": 60.0, "retries": 1}
    )
    seen: list[Delta] = []
    async with asyncio.timeout(20):
        for run in map(str, range(24)):  # which server a run goes to is drawn by its name
            response = await model.complete(ask(run=run, on_delta=seen.append if streamed else None))
            assert (response.choices[0].text, response.where) == ("saved", servers[1].url)
    assert servers[0].started


async def test_no_turn_is_lost_when_a_server_dies_with_calls_in_flight(several, ask):
    release = asyncio.Event()

    async def slow(_body: Any, _headers: Any) -> str:
        await release.wait()
        return "never"

    servers, model = await several(slow, says("saved"))
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        calls = [group.create_task(model.complete(ask(run=str(number)))) for number in range(12)]
        await servers[0].wait_for(started=1)
        await servers[1].wait_for(started=1)
        await servers[0].__aexit__()
    assert {call.result().choices[0].text for call in calls} == {"saved"}


async def test_pieces_that_a_dead_server_sent_are_taken_back(several, ask):
    _, model = await several(*[lambda _body, _headers: Reply("half a reply that breaks off", breaks="cut_stream")] * 2)
    seen: list[Delta] = []
    with pytest.raises(ModelUnavailable):
        await model.complete(ask(on_delta=seen.append, deadline=1.0))
    assert sum(delta.restart for delta in seen) >= 1


async def test_a_server_that_falls_silent_is_left(several, ask, monkeypatch):
    monkeypatch.setattr(replicas, "LOOK_SECONDS", 0.05)
    servers, model = await several(lambda _body, _headers: fault("hang"), says("saved"))
    servers[0].healthy = False
    async with asyncio.timeout(20):
        for run in map(str, range(24)):
            assert (await model.complete(ask(run=run))).choices[0].text == "saved"
    assert servers[0].started == 1, "after the first call nobody goes there"
    await servers[0].wait_for(dropped=1)


async def test_a_server_that_is_slow_and_well_is_waited_for(several, ask, monkeypatch):
    monkeypatch.setattr(replicas, "LOOK_SECONDS", 0.02)
    asked = 0

    async def slow(_body: Any, _headers: Any) -> str:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.2)
        return "slow"

    _, model = await several(slow, slow)
    assert (await model.complete(ask())).choices[0].text == "slow"
    assert asked == 1


async def test_a_run_comes_back_to_its_server_when_that_is_there_again(several, ask, stack, monkeypatch):
    monkeypatch.setattr(endpoint, "REST_SECONDS", 0.0)
    monkeypatch.setattr(endpoint, "LONGEST_REST", 0.0)
    servers, model = await several(says("a"), says("b"))
    runs = [run for run in map(str, range(20)) if await home(model, ask, run) == "a"]
    port = int(servers[0].url.split(":")[2].removesuffix("/v1"))
    await servers[0].__aexit__()
    assert await home(model, ask, runs[0]) == "b"
    await stack.enter_async_context(ScriptedServer(says("again"), port=port))
    assert await home(model, ask, runs[0]) == "again"


async def test_a_server_that_fell_is_left_alone_for_a_while(several, ask):
    servers, model = await several(lambda _body, _headers: fault("502"), says("b"))
    for run in map(str, range(20)):
        await model.complete(ask(run=run))
    assert servers[0].started == 1


async def test_when_all_are_gone_the_call_waits_as_for_one_and_says_what_the_last_said(several, ask):
    servers, model = await several(*[lambda _body, _headers: fault("502")] * 2, spec={"retries": 2})
    with pytest.raises(ModelUnavailable, match="tried 4 times"):
        await model.complete(ask())
    assert sorted(server.started for server in servers) == [1, 3]


async def test_what_no_server_can_answer_is_asked_once(several, ask):
    servers, model = await several(*[lambda _body, _headers: fault("400")] * 2)
    with pytest.raises(ModelRejected):
        await model.complete(ask())
    assert sum(server.started for server in servers) == 1


async def test_first_contact_tells_who_is_there_and_takes_the_smallest_context(several, stack, unused_tcp_port):
    small = await stack.enter_async_context(ScriptedServer([], context=3000))
    large = await stack.enter_async_context(ScriptedServer([], context=9000))
    dead = f"http://127.0.0.1:{unused_tcp_port}/v1"
    model = await open_model({"base_url": [dead, large.url, small.url], "model": "scripted"})
    stack.push_async_callback(model.close)
    facts = await model.contact()
    assert facts["context"] == model.profile.context == 3000
    assert facts["replicas"] == [large.url, small.url]
    assert list(facts["missing"]) == [dead]


async def test_a_server_unlike_the_first_is_left_out(stack, ask):
    first = await stack.enter_async_context(ScriptedServer(says("first")))
    other = await stack.enter_async_context(ScriptedServer(says("other"), manners=Manners("llamacpp")))
    model = await open_model({"base_url": [first.url, other.url], "model": "scripted"})
    stack.push_async_callback(model.close)
    facts = await model.contact()
    assert "unlike the first" in facts["missing"][other.url]
    assert {await home(model, ask, run) for run in map(str, range(12))} == {"first"}


async def test_when_none_answers_the_first_is_named(stack, unused_tcp_port_factory):
    urls = [f"http://127.0.0.1:{unused_tcp_port_factory()}/v1" for _ in range(2)]
    model = await open_model({"base_url": urls, "model": "scripted"})
    stack.push_async_callback(model.close)
    with pytest.raises(ModelUnavailable, match=f"nothing answers at {urls[0]}"):
        await model.contact()
