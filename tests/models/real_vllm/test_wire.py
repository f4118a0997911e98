"""What the table of dialects says of vLLM holds: constraints, thoughts, samples, adapters."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import validate

from agentverse.errors import ContextOverflow, ModelNotFound
from agentverse.models.constraint import Grammar, JsonSchema, OneOf, Regex
from agentverse.models.openai import OpenAIModel
from agentverse.models.protocol import Delta, Sampling
from agentverse.models.servers.launch import Launch

from .conftest import CONTEXT, Opened, ask

pytestmark = [pytest.mark.vllm, pytest.mark.asyncio(loop_scope="session")]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ok": {"type": "boolean"},
        "names": {"type": "array", "items": {"enum": ["red", "green"]}, "maxItems": 3},
        "why": {"type": "string", "maxLength": 60},
    },
    "required": ["ok", "names", "why"],
}
COLOURS = JsonSchema("colours", SCHEMA)


async def test_first_contact_finds_vllm_out(model: OpenAIModel) -> None:
    facts = await model.contact()
    assert (facts["server"], facts["dialect"], facts["constraints"]) == ("vllm", "vllm", "enforced")
    assert facts["priority"]
    assert facts["thinking_budget"]
    assert facts["context"] == CONTEXT
    assert facts["models"] == ["MiniCPM5-1B", "coder"]
    assert facts["version"]


async def test_what_other_servers_understand_is_ignored_without_a_word_and_found_out(
    served: Launch, opened: Opened
) -> None:
    facts = await (await opened(served, dialect="llamacpp")).contact()
    assert (facts["dialect"], facts["constraints"]) == ("llamacpp", "ignored")


async def test_the_names_that_began_with_guided_are_ignored_without_a_word(served: Launch, opened: Opened) -> None:
    old = await opened(served, contact=False, model="MiniCPM5-1B", extra={"guided_choice": ["red", "green"]})
    assert (await old.complete(ask())).choices[0].text not in ("red", "green")


async def test_a_choice_is_one_of_its_options_to_the_letter(model: OpenAIModel) -> None:
    options = ("web", "web app", 'say "hi"\\n', "终端")
    said = [await said_by(model, OneOf(options), seed) for seed in range(6)]
    assert {text.strip() for text in said} <= {option.strip() for option in options}


@pytest.mark.parametrize(
    "pattern",
    [
        r"v\d{1,3}(?:\.\d){2}-(alpha|beta)",
        r"^[a-f0-9]{8}$",
        r"(yes|no)\.?",
        r"[^\s,\]]{2,4}, \w\W\S\D",
        r"[\w.\-]{1,5}@\$\{x\}",
        r"a{0,2}b*?c+",
        r"\[\"\t.\]",
    ],
)
async def test_a_pattern_is_matched_as_a_whole(model: OpenAIModel, pattern: str) -> None:
    text = await said_by(model, Regex(pattern), 5)
    assert re.fullmatch(pattern, text), text


async def test_a_grammar_is_followed(model: OpenAIModel) -> None:
    text = await said_by(model, Grammar('root ::= word " " word\nword ::= "x" | "y"'), 1)
    assert re.fullmatch("[xy] [xy]", text)


async def test_a_grammar_that_is_none_is_left_out(model: OpenAIModel) -> None:
    reply = await model.complete(ask(constraint=Grammar("nonsense ::= (")))
    assert reply.unconstrained
    assert reply.choices[0].text


async def test_a_schema_is_followed_without_blanks_keys_or_characters_of_its_own(model: OpenAIModel) -> None:
    """Blanks may come without end, keys be invented, and bounded texts hold what is no JSON, where vLLM is started
    without the settings that forbid it.
    """
    for seed in range(10):
        text = await said_by(model, COLOURS, seed)
        said = json.loads(text)
        validate(said, SCHEMA)
        assert said.keys() == SCHEMA["properties"].keys()
        assert not re.search(r"\s", re.sub(r'"(?:[^"\\]|\\.)*"', "", text))


async def test_without_a_bound_no_schema_holds_for_a_thought(served: Launch, opened: Opened) -> None:
    """Which is why every request that thinks has one."""
    thinker = await opened(served, thinking=True)
    endless = ask(constraint=COLOURS, sampling=Sampling(max_tokens=30, seed=4))
    unbounded = await opened(served, thinking=True, thinking_budget=100, extra={"ignore_eos": True})
    choice = (await unbounded.complete(endless)).choices[0]
    assert (choice.text, choice.finish) == ("", "length")
    assert choice.thinking
    bounded = [await thinker.complete(ask(constraint=COLOURS, sampling=Sampling(seed=seed))) for seed in range(6)]
    spoken = [reply.choices[0].text for reply in bounded if reply.choices[0].text]
    assert spoken, "some thoughts do not end the reply"
    for text in spoken:
        validate(json.loads(text), SCHEMA)


async def test_a_thought_ends_where_it_is_told_to(served: Launch, opened: Opened) -> None:
    for budget in (0, 7):
        brief = await opened(served, thinking=True, thinking_budget=budget)
        replies = [await brief.complete(ask(constraint=COLOURS, sampling=Sampling(seed=seed))) for seed in range(4)]
        assert max(reply.usage.reasoning for reply in replies) <= budget + 1, "its end is counted, too"
        assert any(reply.choices[0].text for reply in replies)


async def test_samples_are_drawn_in_one_request(model: OpenAIModel) -> None:
    one = await model.complete(ask("tell me " * 50))
    three = await model.complete(ask("tell me " * 50, n=3, sampling=Sampling(temperature=1.2)))
    assert (len(three.choices), three.requests) == (3, 1)
    assert len({choice.text for choice in three.choices}) > 1
    assert three.usage.prompt == one.usage.prompt


async def test_the_same_seed_says_the_same(model: OpenAIModel) -> None:
    first, again, other = [await said_by(model, None, seed) for seed in (7, 7, 8)]
    assert first == again != other


async def test_a_stream_tells_the_same_and_when_it_began(model: OpenAIModel) -> None:
    seen: list[Delta] = []
    streamed = await model.complete(ask(on_delta=seen.append, sampling=Sampling(temperature=0)))
    whole = await model.complete(ask(sampling=Sampling(temperature=0)))
    assert streamed.choices[0].text == whole.choices[0].text == "".join(delta.text for delta in seen)
    assert 0 < streamed.first_token <= streamed.seconds
    assert streamed.usage.completion == whole.usage.completion


async def test_an_adapter_is_asked_by_its_name_and_speaks_otherwise(
    served: Launch, opened: Opened, model: OpenAIModel
) -> None:
    certain = ask(sampling=Sampling(temperature=0))
    reply = await (await opened(served, lora="coder")).complete(certain)
    assert reply.model == "coder"
    assert reply.choices[0].text != (await model.complete(certain)).choices[0].text
    with pytest.raises(ModelNotFound, match="no adapter 'poet'") as missing:
        await opened(served, lora="poet")
    assert missing.value.fix == "It has: coder."


async def test_a_model_it_does_not_have_is_told_with_those_it_has(served: Launch, opened: Opened) -> None:
    with pytest.raises(ModelNotFound, match="no model 'MiniCPM9'"):
        await opened(served, model="MiniCPM9")


async def test_a_prompt_that_is_too_long_is_refused_by_its_size(model: OpenAIModel) -> None:
    with pytest.raises(
        ContextOverflow, match=f"the prompt of at least .* does not fit the {CONTEXT:,} tokens"
    ) as refused:
        await model.complete(ask("x y z " * CONTEXT))
    assert refused.value.context == CONTEXT


async def said_by(model: OpenAIModel, constraint: Any, seed: int) -> str:
    """What the model says under a constraint, which it says to the end."""
    reply = await model.complete(ask(constraint=constraint, sampling=Sampling(seed=seed, max_tokens=400)))
    assert not reply.unconstrained
    assert constraint is None or reply.choices[0].finish == "stop"
    return reply.choices[0].text
