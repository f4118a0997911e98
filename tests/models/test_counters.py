"""What servers count about themselves, read from their page of metrics."""

from __future__ import annotations

import pytest

from agentverse.journal.events import Usage
from agentverse.models.counters import Counted, since
from agentverse.models.registry import open_model
from agentverse.testing import Manners, Reply

SAID = Reply("x", usage=Usage(prompt=100, cached=64, completion=7))


@pytest.mark.parametrize("dialect", ["vllm", "llamacpp"])
async def test_what_was_counted_since_first_contact_is_told(serve, ask, dialect):
    server, model = await serve(lambda _body, _headers: SAID, manners=Manners(dialect))
    await model.complete(ask())
    await model.contact()
    assert isinstance(model, Counted)
    assert await model.counted() == {}
    for _ in range(3):
        await model.complete(ask())
    assert await model.counted() == {server.url: {"queried": 300, "hit": 192, "generated": 21}}


async def test_a_server_that_counts_nothing_is_left_out(serve, ask):
    _, model = await serve(lambda _body, _headers: SAID, manners=Manners("openai"))
    await model.contact()
    await model.complete(ask())
    assert await model.counted() == {}


async def test_a_page_that_is_no_metrics_is_no_error(serve, monkeypatch):
    _, model = await serve([])
    monkeypatch.setattr(Manners, "counters", lambda _manners, _used: "<html>{not metrics\n")
    await model.contact()
    assert await model.counted() == {}


def test_a_server_that_was_started_anew_counts_from_nothing():
    assert since({"hit": 500.0, "queried": 900.0}, {"hit": 5.0, "queried": 9.0}) == {"hit": 5.0, "queried": 9.0}
    assert since({"hit": 5.0}, {"hit": 9.0, "generated": 2.0}) == {"hit": 4.0, "generated": 2.0}


async def test_the_real_llamacpp_tells_how_much_was_in_its_cache(llamacpp, stack, ask):
    model = await open_model({"base_url": llamacpp, "max_tokens": 5})
    stack.push_async_callback(model.close)
    await model.contact()
    used = sum([(await model.complete(ask("again " * 100))).usage for _ in range(3)], Usage())
    (counters,) = (await model.counted()).values()
    assert counters == {"queried": used.prompt, "hit": used.cached, "generated": used.completion}
    assert used.cached > used.prompt / 2
