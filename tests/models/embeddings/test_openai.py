"""Embeddings over HTTP, and what a server can do wrong."""

import pytest

from agentverse.errors import ModelDenied, ModelNotFound, ModelUnavailable, SettingsError
from agentverse.models.embeddings.hashing import vector
from agentverse.models.embeddings.openai import read_vectors
from agentverse.models.embeddings.protocol import BATCH, LONGEST_TEXT
from agentverse.models.embeddings.registry import open_embedder
from agentverse.models.spec import ModelSpec
from agentverse.models.wire import Garbled
from agentverse.testing import ScriptedServer, fault


def spec(server: ScriptedServer, **more: object) -> ModelSpec:
    return ModelSpec(base_url=server.url, model="embedder", backoff=0.001, **more)


@pytest.fixture
async def opened(stack):
    """Start a server with these vectors, and open embeddings on it."""

    async def start(embed=None, *, options=None, **more):
        server = await stack.enter_async_context(ScriptedServer([], embed=embed, **(options or {})))
        embedder = open_embedder(spec(server, **more))
        stack.push_async_callback(embedder.close)
        return server, embedder

    return start


async def test_vectors_come_in_the_order_of_the_texts_in_batches_and_each_text_once(opened) -> None:
    server, embedder = await opened()
    texts = [f"text {number}" for number in range(BATCH + 5)] + ["text 3"]
    assert await embedder.embed(texts) == [vector(text) for text in texts]
    assert [len(received.body["input"]) for received in server.embedded] == [BATCH, 5]


async def test_a_long_text_is_sent_only_at_its_beginning(opened) -> None:
    server, embedder = await opened()
    await embedder.embed(["x" * 50_000])
    assert len(server.embedded[0].body["input"][0]) == LONGEST_TEXT


async def test_no_texts_ask_for_nothing(opened) -> None:
    server, embedder = await opened()
    assert await embedder.embed([]) == []
    assert server.embedded == []


async def test_a_server_that_is_busy_is_asked_again(opened) -> None:
    answers = [fault("503"), [[3.0, 4.0]]]
    _, embedder = await opened(lambda texts: answers.pop(0))
    (made,) = await embedder.embed(["a"])
    assert list(made) == pytest.approx([0.6, 0.8])


async def test_a_key_that_is_refused_is_said_and_not_shown(opened) -> None:
    _, embedder = await opened(options={"api_key": "right"}, api_key="sk-wrong-key")
    with pytest.raises(ModelDenied) as refused:
        await embedder.embed(["a"])
    assert "sk-wrong-key" not in str(refused.value)


async def test_a_server_without_embeddings_is_named_with_the_mend(opened) -> None:
    _, embedder = await opened(lambda texts: fault("404"))
    with pytest.raises(ModelNotFound, match="no embeddings of 'embedder'") as missing:
        await embedder.embed(["a"])
    assert "[models.embeddings]" in str(missing.value.fix)


async def test_a_model_that_changes_its_size_is_refused(opened) -> None:
    answers = [[[1.0, 0.0]], [[1.0, 0.0, 0.0]]]
    _, embedder = await opened(lambda texts: answers.pop(0))
    await embedder.embed(["a"])
    with pytest.raises(ModelUnavailable, match="different sizes"):
        await embedder.embed(["b"])


@pytest.mark.parametrize(
    "data",
    [
        b'{"data": []}',
        b'{"data": [{"embedding": [1, 2]}]}',
        b'{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}',
        b'{"data": [{"embedding": [1]}, {"embedding": [1, 2]}]}',
        b'{"data": [{"embedding": ["x"]}, {"embedding": [1]}]}',
        b'{"data": [{"embedding": null}, 7]}',
        b"[1]",
        b"<html>",
    ],
)
def test_answers_that_are_no_two_vectors_are_refused(data: bytes) -> None:
    with pytest.raises(Garbled):
        read_vectors(data, 2)


def test_an_address_is_needed() -> None:
    with pytest.raises(SettingsError, match="base_url"):
        open_embedder(ModelSpec(provider="openai"))
