"""One request, said in the way that each kind of server understands, and what is found out at first contact."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from agentverse.errors import ModelDenied, ModelNotFound, ModelUnavailable
from agentverse.models import gbnf
from agentverse.models.constraint import Constraint, Grammar, JsonSchema, OneOf, Regex
from agentverse.models.dialect import DIALECTS
from agentverse.models.protocol import Sampling
from agentverse.testing import Manners, Reply, fault

SCHEMA = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
CHOICE = {
    "type": "object",
    "properties": {"choice": {"type": "string", "enum": ["a", "b"]}},
    "required": ["choice"],
    "additionalProperties": False,
}
GRAMMAR = 'root ::= "x" | "y"'
OWN = {"structured_outputs", "grammar", "response_format", "json_schema"}
VLLM, LLAMACPP, OPENAI = Manners("vllm"), Manners("llamacpp"), Manners("openai")


def as_json(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}}


@pytest.mark.parametrize(
    ("manners", "constraint", "fields"),
    [
        (VLLM, JsonSchema("verdict", SCHEMA), as_json("verdict", SCHEMA)),
        (VLLM, OneOf(("a", "b")), {"structured_outputs": {"choice": ["a", "b"]}}),
        (VLLM, Regex(r"v\d+"), {"structured_outputs": {"regex": r"v\d+"}}),
        (VLLM, Grammar(GRAMMAR), {"structured_outputs": {"grammar": GRAMMAR}}),
        (LLAMACPP, JsonSchema("verdict", SCHEMA), as_json("verdict", SCHEMA)),
        (LLAMACPP, OneOf(("a", "b")), {"grammar": 'root ::= "a" | "b"'}),
        (LLAMACPP, Regex(r"v\d+"), {"grammar": 'root ::= "v" [0-9] +'}),
        (LLAMACPP, Regex(r"(a)\1"), {}),
        (LLAMACPP, Grammar(GRAMMAR), {"grammar": GRAMMAR}),
        (OPENAI, JsonSchema("verdict", SCHEMA), as_json("verdict", SCHEMA)),
        (OPENAI, OneOf(("a", "b")), as_json("choice", CHOICE)),
        (OPENAI, Regex(r"v\d+"), {}),
        (OPENAI, Grammar(GRAMMAR), {}),
    ],
    ids=lambda value: getattr(value, "dialect", None) or getattr(value, "name", ""),
)
async def test_a_constraint_goes_into_the_field_of_the_dialect(
    serve, ask, manners: Manners, constraint: Constraint, fields: dict[str, Any]
) -> None:
    server, model = await serve(["x"], manners=manners)
    await model.contact()
    await model.complete(ask(constraint=constraint))
    body = server.requests[0].body
    assert {name: body[name] for name in OWN & body.keys()} == fields


@pytest.mark.parametrize("manners", [VLLM, LLAMACPP, OPENAI], ids=lambda manners: manners.dialect)
@pytest.mark.parametrize("owner", ["", "a-gateway"])
async def test_the_dialect_is_found_out_even_behind_a_gateway(serve, manners, owner) -> None:
    server, model = await serve([], manners=replace(manners, owner=owner))
    facts = await model.contact()
    assert (facts["dialect"], facts["constraints"]) == (manners.dialect, "enforced")
    assert len(server.probes) <= 3
    assert server.started == 0


async def test_a_dialect_that_is_set_is_not_guessed(serve) -> None:
    server, model = await serve([], manners=replace(LLAMACPP, owner="a-gateway"), spec={"dialect": "llamacpp"})
    assert (await model.contact())["dialect"] == "llamacpp"
    assert len(server.probes) == 1


@pytest.mark.parametrize("dialect", list(DIALECTS))
async def test_a_server_that_ignores_constraints_is_found_out_and_still_asked(serve, ask, dialect) -> None:
    server, model = await serve(["b"], manners=Manners(dialect, constraints="ignored"))
    facts = await model.contact()
    assert (facts["dialect"], facts["constraints"]) == (dialect, "ignored")
    await model.complete(ask(constraint=OneOf(("a", "b"))))
    assert OWN & server.requests[0].body.keys()


@pytest.mark.parametrize("constraints", ["thought", "refused"])
async def test_what_cannot_be_told_stays_unknown(serve, constraints) -> None:
    _, model = await serve([], manners=Manners(constraints=constraints))
    assert (await model.contact())["constraints"] == "unknown"


async def test_what_only_vllm_understands_is_sent_only_there(serve, ask) -> None:
    own = {"priority", "cache_salt", "thinking_token_budget"}
    spec = {"cache_salt": "ours", "thinking_budget": 100, "model": "MiniCPM5-2B"}
    for manners, sent in ((VLLM, own), (LLAMACPP, set()), (OPENAI, set())):
        server, model = await serve(["ok"], manners=manners, spec=spec, models=("MiniCPM5-2B",))
        facts = await model.contact()
        assert facts["priority"] == facts["thinking_budget"] == (manners is VLLM)
        await model.complete(ask(priority=3))
        body = server.requests[0].body
        assert own & body.keys() == sent
        assert {name: body[name] for name in sorted(sent)} == (
            {"cache_salt": "ours", "priority": 3, "thinking_token_budget": 100} if sent else {}
        )
        assert "ours" not in repr(model) + repr(model.__dict__)


@pytest.mark.parametrize("refused", ["priority", "thinking_budget"])
async def test_what_a_vllm_was_not_started_for_is_not_sent(serve, ask, refused) -> None:
    manners = replace(VLLM, **{refused: False})
    server, model = await serve(["ok"], manners=manners, spec={"model": "MiniCPM5-2B"}, models=("MiniCPM5-2B",))
    facts = await model.contact()
    assert {name for name in ("priority", "thinking_budget") if not facts[name]} == {refused}
    assert facts["constraints"] == "enforced"
    await model.complete(ask(priority=3))
    assert ("priority" in server.requests[0].body) == (refused != "priority")


async def test_arguments_of_the_template_are_left_out_where_they_are_refused(serve, ask) -> None:
    server, model = await serve(["ok"], manners=replace(VLLM, template=False))
    facts = await model.contact()
    assert (facts["constraints"], facts["priority"]) == ("enforced", True)
    await model.complete(ask())
    assert "chat_template_kwargs" not in server.requests[0].body


async def test_priorities_can_be_switched_off(serve, ask) -> None:
    server, model = await serve(["ok"], spec={"priority": False})
    await model.contact()
    await model.complete(ask(priority=3))
    assert "priority" not in server.requests[0].body


async def test_a_thought_leaves_room_for_the_reply(serve, ask) -> None:
    server, model = await serve(["ok", "ok"], spec={"model": "MiniCPM5-1B"}, models=("MiniCPM5-1B",))
    await model.contact()
    await model.complete(ask(thinking=True, sampling=Sampling(max_tokens=1000)))
    await model.complete(ask(thinking=False))
    assert server.requests[0].body["thinking_token_budget"] == 500
    assert "thinking_token_budget" not in server.requests[1].body


async def test_an_adapter_is_chosen_in_the_way_of_the_server(serve, ask) -> None:
    for dialect, field, value in (("vllm", "model", "coder"), ("llamacpp", "lora", [{"id": 1, "scale": 1.0}])):
        server, model = await serve(
            ["ok"], manners=Manners(dialect, adapters=("tester", "coder")), spec={"lora": "coder"}
        )
        await model.contact()
        await model.complete(ask())
        assert server.requests[0].body[field] == value


@pytest.mark.parametrize("dialect", list(DIALECTS))
async def test_an_adapter_that_is_not_loaded_is_told_at_first_contact(serve, dialect) -> None:
    _, model = await serve([], manners=Manners(dialect, adapters=("tester",)), spec={"lora": "coder"})
    with pytest.raises(ModelNotFound, match="has no adapter 'coder'") as error:
        await model.contact()
    assert ("tester" in error.value.fix) == (dialect != "openai")


async def test_a_name_that_llamacpp_does_not_list_is_no_error_there_and_one_elsewhere(serve) -> None:
    _, model = await serve([], manners=LLAMACPP, models=("file.gguf",), spec={"model": "openbmb/MiniCPM5-2B"})
    assert (await model.contact())["models"] == ["file.gguf"]
    assert model.profile.family == "MiniCPM5-2B"
    _, model = await serve([], manners=OPENAI, models=("gpt-5",), spec={"model": "gpt-55"})
    with pytest.raises(ModelNotFound, match="no model 'gpt-55'"):
        await model.contact()


async def test_the_context_and_version_of_llamacpp_are_in_its_properties(serve) -> None:
    _, model = await serve([], manners=LLAMACPP, context=2048)
    facts = await model.contact()
    assert (facts["context"], facts["version"], facts["server"]) == (2048, "scripted", "llama.cpp")


async def test_a_key_that_only_the_chat_refuses_is_told_at_first_contact(serve, monkeypatch) -> None:
    server, model = await serve([])
    monkeypatch.setattr(server, "_refusal", lambda _body: fault("401"))
    with pytest.raises(ModelDenied, match="refuses the key"):
        await model.contact()


async def test_a_model_that_was_never_trained_to_answer_is_told_at_first_contact(serve, monkeypatch) -> None:
    server, model = await serve([])
    said = "default chat template is no longer allowed, so you must provide a chat template"
    monkeypatch.setattr(server, "_refusal", lambda _body: fault("400", message=said))
    with pytest.raises(ModelUnavailable, match=r"scripted at .* has no chat template") as refused:
        await model.contact()
    assert "--chat-template" in refused.value.fix


async def test_a_server_that_is_busy_at_first_contact_is_asked_later_all_the_same(serve, ask, monkeypatch) -> None:
    server, model = await serve(["ok"])
    with monkeypatch.context() as patch:
        patch.setattr(server, "_refusal", lambda _body: fault("503"))
        facts = await model.contact()
    assert (facts["dialect"], facts["constraints"], facts["priority"]) == ("vllm", "unknown", False)
    assert (await model.complete(ask())).choices[0].text == "ok"


async def test_a_grammar_that_the_server_refuses_is_left_out_and_never_sent_again(serve, ask) -> None:
    server, model = await serve(lambda _body, _headers: "x", manners=Manners(constraints="refused"))
    await model.contact()
    for _ in range(2):
        response = await model.complete(ask(constraint=Grammar(GRAMMAR)))
        assert (response.choices[0].text, response.unconstrained) == ("x", True)
    assert [bool(OWN & request.body.keys()) for request in server.requests] == [True, False, False]
    assert not (await model.complete(ask())).unconstrained


async def test_a_refusal_that_is_about_something_else_is_no_reason_to_ask_without_constraint(serve, ask) -> None:
    server, model = await serve([fault("400"), "never"])
    with pytest.raises(Exception, match="temperature"):
        await model.complete(ask(constraint=OneOf(("a", "b"))))
    assert server.started == 1


@pytest.mark.parametrize(
    "pattern",
    [r"(?=a)b", r"(a)\1", r"a++", r"\bword", r"a$b", r"(?P<n>a)", "(", r"\p{L}"],
)
def test_a_pattern_that_no_grammar_can_say_is_told(pattern) -> None:
    with pytest.raises(gbnf.Untranslatable, match=re.escape(repr(pattern)[:4]) + "|no counterpart|no regular"):
        gbnf.from_regex(pattern)


async def test_a_thought_that_was_cut_off_is_no_reply(serve, ask) -> None:
    _, model = await serve([Reply("", thinking="first, a", finish="length")])
    choice = (await model.complete(ask(constraint=OneOf(("a", "b"))))).choices[0]
    assert (choice.text, choice.thinking) == ("", "first, a")
