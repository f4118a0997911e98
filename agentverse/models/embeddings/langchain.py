"""Any embeddings of LangChain."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence

from langchain_core.embeddings import Embeddings

from agentverse.errors import ModelUnavailable, SettingsError
from agentverse.models.embeddings.protocol import Embedder, Vector, in_batches, unit
from agentverse.models.spec import ModelSpec

_DEADLINE = 120.0


def from_spec(spec: ModelSpec) -> Embedder:
    """``model`` is ``package.module:Class``; ``extra`` are the arguments of the class.

    Raises:
        SettingsError: there is no such class, or it refuses its arguments.
    """
    module, _, attribute = spec.model.partition(":")
    try:
        made = getattr(importlib.import_module(module), attribute)(**spec.extra)
    except ImportError as error:
        package = module.partition(".")[0].replace("_", "-")
        raise SettingsError(f"{spec.model!r} cannot be imported: {error}", fix=f"pip install {package}") from error
    except Exception as error:
        raise SettingsError(f"{spec.model!r} cannot be made: {type(error).__name__}") from error
    if not isinstance(made, Embeddings):
        raise SettingsError(f"{spec.model!r} is no Embeddings of LangChain")
    return LangChainEmbedder(made)


class LangChainEmbedder:
    """Speaks to an `Embeddings`, which keeps its own retries.

    Args:
        wrapped: the embeddings to wrap.
    """

    def __init__(self, wrapped: Embeddings) -> None:
        self.wrapped = wrapped
        self.name = str(getattr(wrapped, "model", "") or type(wrapped).__name__)

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Raises ModelUnavailable: the wrapped embeddings raised, whatever it was, or sent what are no vectors."""
        return await in_batches(texts, self._ask)

    async def close(self) -> None:
        pass

    async def _ask(self, texts: Sequence[str]) -> list[Vector]:
        who = f"{type(self.wrapped).__name__} (LangChain)"
        try:
            async with asyncio.timeout(_DEADLINE):
                vectors = [unit(values) for values in await self.wrapped.aembed_documents(list(texts))]
        except TimeoutError as error:
            raise ModelUnavailable(f"{who} did not answer within {_DEADLINE:.3g} s") from error
        except Exception as error:
            raise ModelUnavailable(f"{who} failed: {type(error).__name__}") from error
        if len(vectors) != len(texts):
            raise ModelUnavailable(f"{who} sent {len(vectors)} vectors for {len(texts)} texts")
        return vectors


class AsLangChain(Embeddings):
    """An `Embedder` for what takes LangChain's embeddings, such as its vector stores.

    Made in an event loop, it also serves stores that know no async and run in threads of their own.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Awaitable[Sequence[Vector]]]) -> None:
        self._embed = embed
        self._loop = asyncio.get_running_loop()

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in await self._embed(texts)]

    async def aembed_query(self, text: str) -> list[float]:
        return (await self.aembed_documents([text]))[0]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Not to be called in the event loop, which it would wait for."""
        return asyncio.run_coroutine_threadsafe(self.aembed_documents(texts), self._loop).result(_DEADLINE)

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]
