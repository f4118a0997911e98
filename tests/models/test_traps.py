"""What servers were seen to do to their clients, each made to happen over HTTP. What becomes of such replies in a turn
is in tests/agents; refusals and broken connections are in test_retries.py.
"""

from __future__ import annotations

import pytest

from agentverse.journal.events import Usage
from agentverse.models.constraint import Grammar, JsonSchema, OneOf, Regex
from agentverse.models.protocol import Sampling
from agentverse.testing import Manners, Reply

VERDICT = JsonSchema("verdict", {"type": "object", "properties": {"ok": {"type": "boolean"}}})
HELD = '{"ok": true}'


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("constraint", "said"),
    [(VERDICT, HELD), (OneOf(("a", "b")), "b"), (Regex(r"v\d"), "v7\n")],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_a_constrained_reply_that_is_filed_as_a_thought_is_the_reply(serve, ask, constraint, said, streamed):
    _, model = await serve([Reply("", thinking=said)])
    choice = (
        await model.complete(ask(constraint=constraint, on_delta=(lambda _: None) if streamed else None))
    ).choices[0]
    assert (choice.text, choice.thinking) == (said, "")


@pytest.mark.parametrize(
    ("constraint", "thought"),
    [
        (VERDICT, 'So I will say {"ok": true}'),
        (OneOf(("a", "b")), "a or b?"),
        (Regex(r"v\d"), "v7 or v8"),
        (Grammar("root ::= [a-z]"), "x"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
@pytest.mark.parametrize("finish", ["length", "stop"])
async def test_a_thought_that_never_came_to_its_reply_stays_a_thought(serve, ask, constraint, thought, finish):
    _, model = await serve([Reply("", thinking=thought, finish=finish)])
    choice = (await model.complete(ask(constraint=constraint))).choices[0]
    assert (choice.text, choice.thinking, choice.finish) == ("", thought, finish)


async def test_a_server_that_files_all_that_is_said_as_thoughts_is_found_out(serve, ask):
    manners = Manners(constraints="mislabelled")
    script = [
        Reply("", thinking="the program"),
        Reply("", thinking="the prog", finish="length"),
        Reply("", thinking="hm"),
    ]
    _, model = await serve(script, manners=manners, spec={"model": "MiniCPM5-1B"}, models=("MiniCPM5-1B",))
    assert (await model.contact())["constraints"] == "enforced"
    assert (await model.complete(ask())).choices[0].text == "the program"
    assert (await model.complete(ask())).choices[0].text == "", "it may be half a thought"
    assert (await model.complete(ask(thinking=True))).choices[0].text == "", "it was asked to think"


async def test_a_thinking_model_is_left_room_for_what_a_schema_holds(serve, ask):
    """Until the thought ends vLLM enforces nothing: without a bound on it the whole reply may be one thought."""
    server, model = await serve([HELD], spec={"model": "MiniCPM5-2B"}, models=("MiniCPM5-2B",))
    await model.contact()
    await model.complete(ask(constraint=VERDICT, sampling=Sampling(max_tokens=800)))
    assert server.requests[0].body["thinking_token_budget"] == 400
    assert server.probes[-1].body["thinking_token_budget"] == 0


async def test_what_is_accepted_and_ignored_or_throws_replies_away_is_never_sent(serve, ask):
    server, model = await serve(lambda _body, _headers: "x")
    await model.contact()
    for constraint in (VERDICT, OneOf(("a", "b")), Regex("a"), Grammar("root ::= [a]")):
        await model.complete(ask(constraint=constraint))
    names = {name for request in (*server.requests, *server.probes) for name in request.body}
    assert not {name for name in names if name.startswith("guided_")}
    assert names.isdisjoint({"include_reasoning", "tools", "tool_choice"})


async def test_what_a_checkpoint_would_decide_is_always_said(serve, ask):
    for name in ("MiniCPM5-1B", "MiniCPM4.1-8B", "Qwen3-8B", "nobody-knows-it"):
        server, model = await serve(["ok"], spec={"model": name}, models=(name,))
        await model.contact()
        await model.complete(ask())
        body = server.requests[0].body
        assert {"temperature", "top_p", "max_tokens"} <= body.keys()
        assert body["chat_template_kwargs"] == {"enable_thinking": False}


async def test_a_model_of_unknown_family_can_be_told_to_think(serve, ask):
    server, model = await serve(["ok"], spec={"thinking": True})
    await model.contact()
    await model.complete(ask())
    assert server.requests[0].body["chat_template_kwargs"] == {"enable_thinking": True}


async def test_a_call_of_tools_with_no_tools_is_an_empty_reply(serve, ask):
    _, model = await serve([Reply("", finish="tool_calls")])
    choice = (await model.complete(ask(constraint=VERDICT))).choices[0]
    assert (choice.text, choice.finish) == ("", "tool_calls")


async def test_thoughts_that_the_server_does_not_count_are_counted(serve, ask):
    counted = Usage(prompt=10, completion=100)
    _, model = await serve([Reply("ok", thinking="a thought " * 17, usage=counted), Reply("ok", usage=counted)])
    assert (await model.complete(ask())).usage.reasoning == 50
    assert (await model.complete(ask())).usage == counted
