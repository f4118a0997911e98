from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from agentverse.errors import ModelDenied, ModelRejected, ModelUnavailable
from agentverse.models.protocol import Delta
from agentverse.models.registry import open_model
from agentverse.testing import FAULTS, Reply, fault


@pytest.mark.parametrize(
    "name", ["429", "500", "502", "503", "504", "cut_connection", "cut_stream", "garbage", "malformed"]
)
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_passing_failure_is_retried_with_the_same_bytes(serve, ask, name, streamed):
    server, model = await serve([fault(name), fault(name), "made it"])
    response = await model.complete(ask(on_delta=(lambda _: None) if streamed else None))
    assert response.choices[0].text == "made it"
    assert server.started == 3
    assert len({request.raw for request in server.requests}) == 1
    assert len({request.headers["X-Request-Id"] for request in server.requests}) == 1


async def test_an_empty_reply_is_a_reply_and_not_retried(serve, ask):
    server, model = await serve([fault("empty"), "second"])
    assert (await model.complete(ask())).choices[0].text == ""
    assert server.started == 1


async def test_a_failure_that_lasts_is_told_with_address_cause_and_number_of_tries(serve, ask):
    server, model = await serve(lambda _body, _headers: fault("503"), spec={"retries": 2})
    with pytest.raises(ModelUnavailable) as error:
        await model.complete(ask())
    assert server.started == 3
    said = str(error.value)
    assert model.where in said
    assert "503: The engine is currently busy" in said
    assert "tried 3 times" in said
    assert error.value.fix


async def test_what_cannot_be_parsed_is_asked_for_only_a_few_times(serve, ask):
    server, model = await serve(lambda _body, _headers: fault("malformed"), spec={"retries": 50})
    with pytest.raises(ModelUnavailable, match="could not parse what the model said"):
        await model.complete(ask())
    assert server.started == 3


async def test_what_cannot_be_parsed_but_is_quoted_is_a_malformed_reply(serve, ask):
    said = "Failed to parse input at pos 12: <tool_call>{oops\nprint(1)"
    server, model = await serve([fault("malformed", message=said)])
    choice = (await model.complete(ask())).choices[0]
    assert (choice.finish, choice.text) == ("malformed", "<tool_call>{oops\nprint(1)")
    assert server.started == 1


async def test_retry_after_is_honoured_and_bounded_by_the_deadline(serve, ask):
    _, model = await serve([fault("429", retry_after=0.2), "ok"])
    begun = asyncio.get_running_loop().time()
    await model.complete(ask())
    assert asyncio.get_running_loop().time() - begun >= 0.2
    server, model = await serve([fault("429", retry_after=3600), "ok"])
    with pytest.raises(ModelUnavailable, match="429"):
        await model.complete(ask(deadline=5))
    assert server.started == 1


async def test_a_hang_ends_with_the_deadline(serve, ask):
    server, model = await serve(lambda _body, _headers: fault("hang"))
    with pytest.raises(ModelUnavailable, match=r"did not answer within 0\.2"):
        await model.complete(ask(deadline=0.2))
    await server.wait_for(started=1, dropped=1)


async def test_a_hang_is_tried_again_when_an_attempt_has_its_own_timeout(serve, ask):
    server, model = await serve([fault("hang"), "ok"], spec={"timeout": 0.2})
    assert (await model.complete(ask())).choices[0].text == "ok"
    assert server.started == 2


async def test_a_server_that_is_down_is_retried_then_named(ask, unused_tcp_port):
    model = await open_model(
        {"base_url": f"http://127.0.0.1:{unused_tcp_port}/v1", "model": "m", "retries": 2, "backoff": 0.001}
    )
    with pytest.raises(ModelUnavailable, match=rf"nothing answers at http://127.0.0.1:{unused_tcp_port}/v1.*3 times"):
        await model.complete(ask())
    await model.close()


async def test_a_quota_that_is_used_up_is_not_retried(serve, ask):
    reply = Reply(status=429, error={"message": "You exceeded your current quota", "code": "insufficient_quota"})
    server, model = await serve([reply, "never"])
    with pytest.raises(ModelDenied, match="quota"):
        await model.complete(ask())
    assert server.started == 1


@pytest.mark.parametrize("status", [409, 413, 415, 422, 501])
async def test_other_refusals_are_final(serve, ask, status):
    server, model = await serve([Reply(status=status, error={"message": "no"}), "never"])
    with pytest.raises(ModelRejected, match=str(status)):
        await model.complete(ask())
    assert server.started == 1


async def test_the_refused_key_is_not_quoted(serve, ask):
    said = "Incorrect API key provided: sk-very-secret"
    _, model = await serve([fault("401", message=said)], spec={"api_key": "sk-very-secret"})
    with pytest.raises(ModelDenied) as error:
        await model.complete(ask())
    assert "sk-very-secret" not in str(error.value)
    assert "***" in str(error.value)


async def test_those_who_watch_are_told_that_a_cut_reply_begins_again(serve, ask):
    _, model = await serve([fault("cut_stream"), "the whole reply"])
    seen: list[Delta] = []
    await model.complete(ask(on_delta=seen.append))
    restart = next(index for index, delta in enumerate(seen) if delta.restart)
    assert restart > 0
    assert "".join(delta.text for delta in seen[restart:]) == "the whole reply"


@pytest.fixture
def serve_events(stack):
    """A server that streams these events and hangs up; the model on it, and the list of requests."""

    async def start(*events: str) -> tuple[Any, list[bytes]]:
        asked: list[bytes] = []

        async def handler(request: web.Request) -> web.StreamResponse:
            asked.append(await request.read())
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            for event in events:
                await response.write(f"data: {event}\n\n".encode())
            return response

        app = web.Application()
        app.router.add_post("/v1/chat/completions", handler)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        model = await open_model({"base_url": url, "model": "m", "retries": 1, "backoff": 0.001})
        stack.push_async_callback(model.close)
        return model, asked

    return start


PART = '{"choices":[{"index":0,"delta":{"content":"the part that was said"}}]}'


@pytest.mark.parametrize("code", [500, "internal"])
async def test_an_error_inside_a_stream_is_a_failure_of_the_server(serve_events, ask, code):
    model, asked = await serve_events(
        PART, json.dumps({"error": {"message": "EngineCore died", "code": code}}), "[DONE]"
    )
    with pytest.raises(ModelUnavailable, match="EngineCore died"):
        await model.complete(ask(on_delta=lambda _: None))
    assert len(asked) == 2


async def test_a_stream_that_cannot_be_parsed_to_its_end_keeps_what_was_said(serve_events, ask):
    error = json.dumps({"error": FAULTS["malformed"].error})
    model, asked = await serve_events(PART, error)
    choice = (await model.complete(ask(on_delta=lambda _: None))).choices[0]
    assert (choice.text, choice.finish) == ("the part that was said", "malformed")
    assert len(asked) == 1


async def test_a_stream_that_ends_early_is_no_reply(serve_events, ask):
    model, asked = await serve_events(PART)
    with pytest.raises(ModelUnavailable, match="broke off"):
        await model.complete(ask(on_delta=lambda _: None))
    assert len(asked) == 2


async def test_a_call_that_never_gets_its_turn_says_so(serve, ask):
    server, model = await serve(lambda _body, _headers: fault("hang"), spec={"in_flight": 1})
    first = asyncio.create_task(model.complete(ask()))
    await server.wait_for(started=1)
    with pytest.raises(ModelUnavailable, match="waited for its turn"):
        await model.complete(ask(deadline=0.1))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert server.started == 1
