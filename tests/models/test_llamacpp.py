"""The real llama.cpp, on a model that was made a moment ago: what the table of dialects says of it holds."""

from __future__ import annotations

import io
import json
import re

import pytest
from jsonschema import validate
from PIL import Image

from agentverse.errors import ModelRejected
from agentverse.models.constraint import Grammar, JsonSchema, OneOf, Regex
from agentverse.models.pictures import Placed, read_picture
from agentverse.models.protocol import Delta, Message, Request, Sampling, ToolSpec
from agentverse.models.registry import open_model
from agentverse.tools.describing import call_schema

SCHEMA = {
    "type": "object",
    "properties": {
        "ok": {"type": "boolean"},
        "names": {"type": "array", "items": {"enum": ["red", "green"]}, "maxItems": 3},
    },
    "required": ["ok", "names"],
    "additionalProperties": False,
}


@pytest.fixture
async def model(llamacpp, stack):
    opened = await open_model({"base_url": llamacpp, "max_tokens": 120, "seed": 3})
    stack.push_async_callback(opened.close)
    await opened.contact()
    return opened


async def test_first_contact_finds_llamacpp_out(model):
    facts = await model.contact()
    assert facts["server"] == "llama.cpp"
    assert (facts["dialect"], facts["constraints"]) == ("llamacpp", "enforced")
    assert not facts["priority"]
    assert not facts["thinking_budget"]
    assert facts["context"] == 16384 // 4, "a slot has its share of the context"
    assert facts["version"]


async def test_what_vllm_understands_is_ignored_without_a_word_and_found_out(llamacpp, stack):
    opened = await open_model({"base_url": llamacpp, "model": "any-name-will-do", "dialect": "vllm"})
    stack.push_async_callback(opened.close)
    facts = await opened.contact()
    assert (facts["dialect"], facts["constraints"]) == ("vllm", "ignored")
    assert facts["model"] not in facts["models"], "it answers to any name"


async def test_a_choice_is_one_of_its_options_to_the_letter(model, ask):
    options = ("web", "web app", 'say "hi"\\n', "终端")
    for seed in range(6):
        reply = await model.complete(ask(constraint=OneOf(options), sampling=Sampling(seed=seed)))
        assert reply.choices[0].text.strip() in {option.strip() for option in options}


@pytest.mark.parametrize(
    "pattern",
    [
        r"v\d{1,3}(?:\.\d){2}-(alpha|beta)",
        r"^[a-f0-9]{8}$",
        r"(yes|no)\.?",
        r"[^\s,\]]{2,4}, \w\W\S\D",
        r"[\w.\-]{1,5}@\$\{x\}",
        r"a{,2}b*?c+",
        r"\[\"\t.\]",
    ],
)
async def test_a_pattern_is_matched_as_a_whole(model, ask, pattern):
    for seed in range(4):
        request = ask(constraint=Regex(pattern), sampling=Sampling(seed=seed, max_tokens=400))
        choice = (await model.complete(request)).choices[0]
        if choice.finish == "stop":
            assert re.fullmatch(pattern, choice.text), (pattern, choice.text)
            return
    pytest.fail("no reply ended")


async def test_a_grammar_is_followed(model, ask):
    reply = await model.complete(ask(constraint=Grammar('root ::= word " " word\nword ::= "x" | "y"')))
    assert re.fullmatch("[xy] [xy]", reply.choices[0].text)


async def test_a_schema_is_followed_and_no_thought_comes_before_it(model, ask):
    for seed in range(4):
        reply = await model.complete(ask(constraint=JsonSchema("colours", SCHEMA), sampling=Sampling(seed=seed)))
        validate(json.loads(reply.choices[0].text), SCHEMA)


async def test_a_thought_that_is_asked_for_comes_apart(model, ask):
    choice = (await model.complete(ask(thinking=True))).choices[0]
    assert choice.thinking
    assert choice.text == ""


async def test_a_grammar_that_is_none_is_left_out(model, ask):
    reply = await model.complete(ask(constraint=Grammar("nonsense ::= (")))
    assert reply.unconstrained
    assert reply.choices[0].text


async def test_samples_are_drawn_in_one_request_that_reads_the_prompt_once(model, ask):
    one = await model.complete(ask("tell me " * 50))
    three = await model.complete(ask("tell me " * 50, n=3, sampling=Sampling(temperature=1.2)))
    assert len(three.choices) == 3
    assert three.usage.prompt == one.usage.prompt


async def test_a_prompt_that_comes_again_is_taken_from_the_cache(model, ask):
    text = "the same words " * 60
    first = await model.complete(ask(text))
    again = await model.complete(ask(text))
    assert again.usage.cached > first.usage.prompt * 0.9


async def test_a_stream_tells_the_same_and_when_it_began(model, ask):
    seen: list[Delta] = []
    streamed = await model.complete(ask(on_delta=seen.append, sampling=Sampling(temperature=0)))
    whole = await model.complete(ask(sampling=Sampling(temperature=0)))
    assert streamed.choices[0].text == whole.choices[0].text == "".join(delta.text for delta in seen)
    assert 0 < streamed.first_token <= streamed.seconds
    assert 0 < whole.first_token <= whole.seconds, "llama.cpp says how long it read"


@pytest.mark.parametrize("watched", [False, True])
async def test_how_probable_its_tokens_were_is_told_to_those_who_ask(model, ask, watched):
    watch = {"on_delta": lambda delta: None} if watched else {}
    reply = await model.complete(ask(logprobs=True, **watch))
    assert -20 < reply.choices[0].logprob < 0
    assert (await model.complete(ask(**watch))).choices[0].logprob is None


async def test_a_model_of_text_says_that_it_sees_nothing_and_refuses_a_picture_for_good(model):
    assert (await model.contact())["sees"] is False
    assert model.profile.sees is False
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "PNG")
    picture = read_picture(data.getvalue(), name="dot", ref="dot.png")
    request = Request((Message("user", "Look:", (Placed(5, picture),)),), key="look#1/-/1.1")
    with pytest.raises(ModelRejected, match="sees no pictures") as caught:
        await model.complete(request)
    assert "--mmproj" in caught.value.fix


async def test_calls_of_tools_are_held_to_the_schemas_of_the_tools(model, ask):
    arguments = {
        "type": "object",
        "properties": {
            "command": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}, "minItems": 1},
            "how": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
            "who": {"$ref": "#/$defs/Who"},
        },
        "required": ["command", "who"],
        "$defs": {"Who": {"type": "object", "properties": {"name": {"type": "string", "format": "email"}}}},
    }
    specs = [ToolSpec("run", "Runs.", arguments), ToolSpec("notes.find", "Finds.", {"type": "object"})]
    response = await model.complete(ask(constraint=JsonSchema("reply", call_schema(specs))))
    assert not response.unconstrained
    assert re.match(r'\{\s*"calls"\s*:\s*\[', response.choices[0].text)
