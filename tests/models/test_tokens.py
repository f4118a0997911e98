"""Tokens are counted by the server's own tokenizer where it has one, and estimated elsewhere."""

import pytest

from agentverse.models.estimate import tokens
from agentverse.models.tokens import count_tokens
from agentverse.testing import Manners

TEXTS = ["one", "a longer text", "中文"]


@pytest.mark.parametrize("dialect", ["vllm", "llamacpp"])
async def test_a_server_counts_with_its_own_tokenizer(serve, dialect):
    server, model = await serve([], manners=Manners(dialect), spec={"dialect": dialect})
    assert await count_tokens(model, TEXTS) == [3, 13, 2]
    assert sorted(server.tokenized) == sorted(TEXTS)


async def test_a_server_without_one_is_not_asked(serve):
    server, model = await serve([], manners=Manners("openai"), spec={"dialect": "openai"})
    expected = [tokens(text, model.profile.chars_per_token) for text in TEXTS]
    assert await count_tokens(model, TEXTS) == expected
    assert server.tokenized == []


async def test_a_server_that_does_not_answer_is_asked_no_further(serve):
    server, model = await serve([], manners=Manners("openai"), spec={"dialect": "vllm"})
    many = [f"text {number}" for number in range(40)]
    assert await count_tokens(model, many) == [tokens(text, model.profile.chars_per_token) for text in many]
    assert server.tokenized == []


async def test_the_real_llama_cpp_counts(llamacpp):
    from agentverse.models.registry import open_model

    model = await open_model({"base_url": llamacpp, "model": "tiny", "dialect": "llamacpp"})
    try:
        one, two = await count_tokens(model, ["def add(a, b):", "def add(a, b):" * 2])
        assert 0 < one < two
        assert (one, two) != tuple(tokens(text, model.profile.chars_per_token) for text in ("def add(a, b):",) * 2)
    finally:
        await model.close()
