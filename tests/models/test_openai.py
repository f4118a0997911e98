from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from agentverse.errors import ContextOverflow, ModelDenied, ModelNotFound, ModelRejected, ModelUnavailable
from agentverse.journal.events import Usage
from agentverse.models.constraint import JsonSchema
from agentverse.models.openai import OpenAIModel
from agentverse.models.protocol import Delta, Message, Request, Sampling
from agentverse.models.registry import open_model
from agentverse.models.spec import parse_spec
from agentverse.testing import Reply, ScriptedServer, fault


async def test_a_reply_comes_with_its_usage_and_headers(serve, ask):
    server, model = await serve([Reply("hello", usage=Usage(prompt=100, cached=64, completion=7, reasoning=2))])
    response = await model.complete(ask(run="run-1", key="code#1/转换 main.py/1.2"))
    assert [choice.text for choice in response.choices] == ["hello"]
    assert response.usage == Usage(prompt=100, cached=64, completion=7, reasoning=2)
    assert response.model == "scripted"
    assert response.seconds > 0
    request = server.requests[0]
    assert request.key == "code#1/转换 main.py/1.2"
    assert request.headers["X-Session-Id"] == "run-1"
    assert request.headers["X-Request-Id"].startswith("run-1/code#1/")


async def test_the_body_says_everything_that_shapes_the_reply(serve, ask):
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
    server, model = await serve(
        ['{"ok": true}'], spec={"model": "", "seed": 7, "extra": {"top_k": 20}}, models=("Qwen3-8B",)
    )
    await model.complete(
        ask(
            constraint=JsonSchema("verdict", schema),
            stop=("END",),
            sampling=Sampling(temperature=0.1),
            priority=-3,
        )
    )
    body = dict(server.requests[0].body)
    assert [message["role"] for message in body.pop("messages")] == ["system", "user"]
    assert body == {
        "model": "Qwen3-8B",
        "temperature": 0.1,
        "top_p": 0.8,
        "max_tokens": 4096,
        "seed": 7,
        "stop": ["END"],
        "priority": -3,
        "top_k": 20,
        "chat_template_kwargs": {"enable_thinking": False},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "verdict", "schema": schema, "strict": True},
        },
    }


async def test_thinking_is_switched_on_with_its_own_sampling(serve, ask):
    server, model = await serve(["ok"], spec={"model": "MiniCPM5-1B"}, models=("MiniCPM5-1B",))
    await model.complete(ask(thinking=True))
    body = server.requests[0].body
    assert body["chat_template_kwargs"] == {"enable_thinking": True}
    assert body["temperature"] == 0.9
    assert body["max_tokens"] == 16384


async def test_a_small_context_leaves_less_room_for_the_reply(serve, ask):
    server, model = await serve(["ok"], context=2048)
    await model.contact()
    await model.complete(ask("x" * 3400))
    assert 700 < server.requests[0].body["max_tokens"] < 1048


async def test_an_underestimated_prompt_gets_the_room_that_is_left(serve, ask):
    def script(body, _headers):
        if body["max_tokens"] > 1000:
            said = "maximum context length is 4096 tokens. However, you requested 6000 tokens (3000 in the messages"
            return fault("context_overflow", message=said)
        return "fits"

    server, model = await serve(script, spec={"context": 65536, "max_tokens": 3000})
    # 4096 - 3000 = 1096 is still too much for this script, 1000 is not: the correction is made once, not repeated.
    with pytest.raises(ContextOverflow):
        await model.complete(ask())
    assert [request.body["max_tokens"] for request in server.requests] == [3000, 1096]


async def test_streaming_shows_each_piece_and_returns_the_same(serve, ask):
    text = "<think>\nWhat to say?\n</think>\n\nHello 世界, this is a longer reply."
    server, model = await serve([Reply(text, thinking="Apart. ")])
    seen: list[Delta] = []
    response = await model.complete(ask(on_delta=seen.append))
    assert response.choices[0].text == "Hello 世界, this is a longer reply."
    assert response.choices[0].thinking == "Apart. \n\nWhat to say?"
    assert "".join(delta.text for delta in seen) == response.choices[0].text
    assert "".join(delta.thinking for delta in seen).split() == ["Apart.", "What", "to", "say?"]
    assert {delta.key for delta in seen} == {"code#1/main.py/1.1"}
    assert 0 < response.first_token <= response.seconds
    assert response.usage.prompt > 0
    assert server.requests[0].body["stream_options"] == {"include_usage": True}


async def test_nothing_is_streamed_when_nobody_watches(serve, ask):
    server, model = await serve(["ok"])
    response = await model.complete(ask())
    assert "stream" not in server.requests[0].body
    assert response.first_token == 0


async def test_streaming_can_be_had_without_anybody_watching(serve, ask):
    server, model = await serve(["ok"], spec={"stream": True})
    await model.contact()
    response = await model.complete(ask())
    assert server.requests[0].body["stream"]
    assert response.choices[0].text == "ok"
    assert 0 < response.first_token <= response.seconds
    assert response.usage.prompt


async def test_samples_are_drawn_in_one_request(serve, ask):
    server, model = await serve([Reply("one", samples=("two", "three"))])
    response = await model.complete(ask(n=3))
    assert [choice.text for choice in response.choices] == ["one", "two", "three"]
    assert server.requests[0].body["n"] == 3
    assert server.started == 1


async def test_samples_are_asked_for_one_by_one_where_the_server_draws_only_one(serve, ask):
    server, model = await serve(lambda body, _: f"seed {body['seed']}", one_sample=True)
    for _ in range(2):
        response = await model.complete(ask(n=3, sampling=Sampling(seed=5)))
        assert [choice.text for choice in response.choices] == ["seed 5", "seed 6", "seed 7"]
        assert response.requests == 3
    assert response.usage.completion >= 6
    assert server.started == 7
    assert len({request.headers["X-Request-Id"] for request in server.requests}) == 3


async def test_samples_that_are_asked_for_one_by_one_are_in_flight_together(serve, ask):
    together = asyncio.Barrier(4)

    async def script(body: Any, _headers: Any) -> str:
        if body["seed"] >= 10:
            await together.wait()
        return f"seed {body['seed']}"

    _, model = await serve(script, one_sample=True)
    await model.complete(ask(n=2, sampling=Sampling(seed=0)))  # here it is learned that the server draws only one
    seen: list[Delta] = []
    response = await model.complete(ask(n=4, sampling=Sampling(seed=10), on_delta=seen.append))
    assert [choice.text for choice in response.choices] == [f"seed {10 + number}" for number in range(4)]
    assert "".join(delta.text for delta in seen) == "seed 10"


async def test_samples_that_a_server_forgets_to_draw_are_asked_for(serve, ask):
    def script(body: Any, _headers: Any) -> Reply:
        return Reply("x", forgets_samples=True)

    server, model = await serve(script)
    response = await model.complete(ask(n=3))
    assert (len(response.choices), response.requests, server.started) == (3, 3, 3)


@pytest.mark.parametrize("streamed", [False, True])
async def test_null_content_is_an_empty_text(serve, ask, streamed):
    _, model = await serve([fault("null")])
    response = await model.complete(ask(on_delta=(lambda _: None) if streamed else None))
    assert response.choices[0].text == ""


async def test_a_reply_that_is_only_thought_has_no_text(serve, ask):
    _, model = await serve([fault("only_thinking"), "<think>\nnever closed"])
    for thought in ("I could say something.", "never closed"):
        response = await model.complete(ask())
        assert (response.choices[0].text, response.choices[0].thinking) == ("", thought)


async def test_missing_usage_is_estimated_and_the_profile_says_so(serve, ask):
    _, model = await serve([fault("no_usage"), fault("no_usage")])
    assert not model.profile.usage_estimated
    for on_delta in (None, lambda _: None):
        response = await model.complete(ask("x" * 340, on_delta=on_delta))
        assert 100 < response.usage.prompt < 130
        assert 4 <= response.usage.completion <= 7
    assert model.profile.usage_estimated


async def test_text_that_is_no_unicode_is_sent_all_the_same(serve, ask):
    server, model = await serve(["ok"])
    await model.complete(ask("broken \udce9 name"))
    assert server.requests[0].body["messages"][1]["content"].startswith("broken ")


async def test_contact_tells_context_models_and_version(serve):
    _, model = await serve([], context=12345, models=("first", "second"), spec={"model": ""})
    facts = await model.contact()
    assert facts["models"] == ["first", "second"]
    assert facts["context"] == model.profile.context == 12345
    assert model.name == facts["model"] == "first"
    assert facts["version"] == "scripted"
    assert facts["server"] == "vllm"


async def test_a_configured_context_is_not_raised_by_the_server(serve):
    _, model = await serve([], context=100000, spec={"context": 4096})
    await model.contact()
    assert model.profile.context == 4096


async def test_contact_names_the_models_there_are(serve):
    _, model = await serve([], models=("tiny", "small"), spec={"model": "huge"})
    with pytest.raises(ModelNotFound, match="no model 'huge'") as error:
        await model.contact()
    assert error.value.fix == "It has: tiny, small."


async def test_contact_with_a_dead_server_names_the_address(unused_tcp_port):
    model = await open_model(f"http://user:secret@127.0.0.1:{unused_tcp_port}#tiny")
    with pytest.raises(ModelUnavailable, match=rf"http://127.0.0.1:{unused_tcp_port}/v1") as error:
        await model.contact()
    assert "secret" not in str(error.value) + repr(model)
    await model.close()


async def test_the_key_is_sent_and_never_shown(serve, ask):
    server, model = await serve(["ok"], spec={"api_key": "sk-very-secret"}, api_key="sk-very-secret")
    await model.complete(ask())
    assert server.requests[0].headers["Authorization"] == "Bearer sk-very-secret"
    assert "very-secret" not in repr(model) + repr(model.__dict__)


async def test_a_login_in_the_address_is_sent_as_such(serve, ask, stack):
    server, _ = await serve(["ok"])
    model = await open_model({"base_url": server.url.replace("//", "//me:p%40ss@"), "model": "scripted"})
    stack.push_async_callback(model.close)
    await model.contact()
    await model.complete(ask())
    assert server.requests[0].headers["Authorization"] == "Basic bWU6cEBzcw=="


async def test_no_key_sends_no_authorization(serve, ask, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody")
    server, model = await serve(["ok"])
    await model.complete(ask())
    assert "Authorization" not in server.requests[0].headers


async def test_a_proxy_of_the_environment_is_not_used_for_loopback(serve, ask, monkeypatch, unused_tcp_port):
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_tcp_port}")
    _, model = await serve(["ok"])
    assert (await model.complete(ask())).choices[0].text == "ok"


async def test_cancelling_closes_the_connection(serve, ask):
    server, model = await serve(lambda _body, _headers: fault("hang"))
    for on_delta in (None, lambda _: None):
        call = asyncio.create_task(model.complete(ask(on_delta=on_delta)))
        await server.wait_for(started=server.started + 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    await server.wait_for(dropped=2)


async def test_models_of_one_endpoint_share_a_client_and_the_last_closes_it(serve, ask):
    server, first = await serve(["a", "b", "c"])
    second = await open_model({"base_url": server.url, "model": "scripted"})
    await first.complete(ask())
    await second.complete(ask())
    assert first._replicas.all == second._replicas.all
    await second.close()
    assert (await first.complete(ask())).choices[0].text == "c"


async def test_a_long_history_keeps_every_message(serve):
    server, model = await serve(["ok"])
    turns = [
        Message("user" if index % 2 == 0 else "assistant", f'turn {index}\n\t"quoted" é 世') for index in range(201)
    ]
    await model.complete(Request(tuple(turns), key="a#1/1.1"))
    assert [m["content"] for m in json.loads(server.requests[0].raw)["messages"]] == [turn.content for turn in turns]


async def test_the_error_classes_a_user_can_act_on(serve, ask):
    for name, expected, words in (
        ("400", ModelRejected, "temperature must be non-negative"),
        ("401", ModelDenied, "refuses the key"),
        ("403", ModelDenied, "refuses the key"),
        ("404", ModelNotFound, "no model 'scripted'"),
        ("context_overflow", ContextOverflow, "4,710 tokens does not fit the 4,096 tokens of scripted"),
    ):
        server, model = await serve([fault(name), "never asked for"])
        with pytest.raises(expected, match=words) as error:
            await model.complete(ask())
        assert type(error.value) is expected
        assert error.value.fix
        assert server.started == 1, f"{name} must not be retried"


def test_a_model_outlives_an_event_loop():
    async def talk(model: OpenAIModel) -> None:
        async with ScriptedServer(lambda _body, _headers: "ok", port=port) as server:
            assert server.url == model.where
            assert (await model.complete(Request((Message("user", "x"),), key="k.1"))).choices[0].text == "ok"
            await model.close()

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    model = OpenAIModel(parse_spec(f"http://127.0.0.1:{port}#scripted"))
    asyncio.run(talk(model))
    asyncio.run(talk(model))


async def test_no_more_requests_are_in_flight_than_the_gate_allows(serve, ask):
    now = most = 0

    async def script(_body, _headers):
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _ in range(3):
            await asyncio.sleep(0)
        now -= 1
        return "ok"

    server, model = await serve(script, spec={"in_flight": 3})
    async with asyncio.TaskGroup() as group:
        for number in range(12):
            group.create_task(model.complete(ask(run=f"r{number % 4}")))
    assert server.finished == 12
    # The limit grows slowly while others wait: by less than two within twelve answers.
    assert 3 <= most <= 6
