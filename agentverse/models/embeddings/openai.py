"""Any server that speaks OpenAI's embeddings API: vLLM, llama.cpp, Ollama, hosted ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, cast

from agentverse.errors import ModelNotFound, ModelUnavailable, SettingsError
from agentverse.models.call import NotFound
from agentverse.models.embeddings.protocol import Vector, in_batches, unit
from agentverse.models.endpoint import Endpoint, base_url, shown
from agentverse.models.failures import NotThere
from agentverse.models.replicas import Replicas
from agentverse.models.retry import AttemptFailed, Errand, Policy, with_retries
from agentverse.models.spec import ModelSpec
from agentverse.models.wire import Garbled, decode, encode

_DEADLINE = 120.0
"""Seconds a request may take, retries included."""


class OpenAIEmbedder:
    """An embedding model behind an OpenAI-compatible server.

    Args:
        spec: its settings; ``base_url`` is required.

    Raises:
        SettingsError: the address is missing or is none.
    """

    def __init__(self, spec: ModelSpec) -> None:
        if not spec.urls:
            raise SettingsError(
                "embeddings of a server need base_url", fix="Write one such as http://127.0.0.1:8001/v1."
            )
        self.urls = tuple(dict.fromkeys(base_url(url.removesuffix("/embeddings")) for url in spec.urls))
        self.where = ", ".join(map(shown, self.urls))
        self.name = spec.model or self.where
        self._spec = spec
        self._replicas: Replicas | None = None
        self._size: int | None = None

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """See `agentverse.models.embeddings.protocol.Embedder`."""
        vectors = await in_batches(texts, self._ask)
        sizes = {len(vector) for vector in vectors} | ({self._size} if self._size else set[int]())
        if len(sizes) > 1:
            raise ModelUnavailable(f"{self.where} sends vectors of different sizes", fix="Is it one model?")
        self._size = len(vectors[0]) if vectors else self._size
        return vectors

    async def close(self) -> None:
        """Give the connections back. Safe to call twice; the next call opens them again."""
        replicas, self._replicas = self._replicas, None
        if replicas is not None:
            await replicas.leave()

    async def _ask(self, texts: Sequence[str]) -> list[Vector]:
        body = {**self._spec.extra, "model": self._spec.model, "input": list(texts), "encoding_format": "float"}
        data = encode({name: value for name, value in body.items() if value != ""})
        spec = self._spec

        async def attempt(endpoint: Endpoint) -> list[Vector]:
            try:
                answer = await endpoint.post(data, {}, model=spec.model, path="/embeddings")
                return read_vectors(answer, len(texts))
            except NotThere as failed:
                raise AttemptFailed(NotFound(str(failed.error)), gone=True) from failed
            except Garbled as error:
                raise AttemptFailed(
                    ModelUnavailable(f"{endpoint.where} answered with {error}", fix="Is it a server of embeddings?"),
                    again=True,
                    tries=2,
                ) from error

        errand = Errand("", 0, _DEADLINE, Policy(spec.retries, spec.backoff, spec.timeout))
        try:
            return await with_retries(attempt, replicas=self._join(), errand=errand)
        except NotFound as error:
            raise ModelNotFound(
                f"{self.where} has no embeddings of {self._spec.model or 'its model'!r}: {error}",
                fix="Start a server for an embedding model, and name it under [models.embeddings].",
            ) from None

    def _join(self) -> Replicas:
        if self._replicas is None or self._replicas.loop is not asyncio.get_running_loop():
            self._replicas = Replicas(self.urls, self._spec.api_key.get_secret_value(), self._spec.in_flight)
        return self._replicas


def read_vectors(data: bytes, count: int) -> list[Vector]:
    """The vectors of an answer, in the order of the texts.

    Raises:
        Garbled: there are not ``count`` vectors of one size in it.
    """
    answer = decode(data)
    rows = cast("dict[str, Any]", answer).get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or len(cast("list[Any]", rows)) != count:
        raise Garbled(f"no {count} vectors: {json.dumps(answer)[:80]}")
    vectors: dict[int, Vector] = {}
    for place, row in enumerate(cast("list[Any]", rows)):
        fields = cast("dict[str, Any]", row) if isinstance(row, dict) else dict[str, Any]()
        try:
            vectors[int(fields.get("index", place))] = unit(map(float, fields["embedding"]))
        except (KeyError, TypeError, ValueError) as error:
            raise Garbled(f"what is no vector ({type(error).__name__})") from None
    if sorted(vectors) != list(range(count)) or len({len(vector) for vector in vectors.values()}) != 1:
        raise Garbled("vectors that do not belong together")
    return [vectors[place] for place in range(count)]
