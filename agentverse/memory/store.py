"""Where what can be recalled is looked up: in the process itself, or in a vector store of LangChain."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from agentverse.errors import ModelUnavailable, SettingsError

if TYPE_CHECKING:
    from langchain_core.vectorstores import VectorStore

    from agentverse.memory.protocol import Mind

_NEAR = 64
"""Texts that a store hands out for a question; they are weighed afterwards."""


@dataclass(frozen=True, slots=True)
class StoreSpec:
    """Which vector store, as the settings say it."""

    place: str = ""
    """``package.module:Class``; "" for none."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Shelf(Protocol):
    """Finds texts near some questions."""

    async def near(self, items: Mapping[str, str], questions: Sequence[str]) -> Sequence[str]:
        """Ids of the ``items`` (id: text) that are worth weighing.

        Raises:
            ModelUnavailable: the store failed.
        """
        ...


class InProcess:
    """All of them: a few thousand vectors are compared faster than a store is asked."""

    async def near(self, items: Mapping[str, str], questions: Sequence[str]) -> Sequence[str]:
        return list(items)


async def open_shelf(mind: Mind) -> Shelf:
    """The shelf of one agent.

    Raises:
        SettingsError: the settings name no vector store.
    """
    spec = mind.help.store
    if not spec.place:
        return InProcess()
    names = {"run": mind.help.run, "agent": mind.seat}
    return LangChainShelf(spec, mind, names)


class LangChainShelf:
    """A `VectorStore` that is filled as the agent's lines leave its window."""

    def __init__(self, spec: StoreSpec, mind: Mind, names: Mapping[str, str]) -> None:
        from agentverse.models.embeddings.langchain import AsLangChain

        self._class = _load(spec.place)
        self._options = {name: _filled(value, names) for name, value in spec.options.items()}
        self._embeddings = AsLangChain(lambda texts: mind.shared.vectors(mind.help.embedder, texts))
        self._store: VectorStore | None = None
        self._kept: set[str] = set()

    async def near(self, items: Mapping[str, str], questions: Sequence[str]) -> Sequence[str]:
        try:
            await self._keep({id: text for id, text in items.items() if id not in self._kept})
            assert self._store is not None
            found = [document for one in questions for document in await self._store.asimilarity_search(one, k=_NEAR)]
        except Exception as error:
            raise ModelUnavailable(f"the vector store {self._class.__name__} failed: {type(error).__name__}") from error
        ids = dict.fromkeys(str(document.metadata.get("agentverse", "")) for document in found)
        return [id for id in ids if id in items]

    async def _keep(self, new: Mapping[str, str]) -> None:
        if not new:
            return
        texts, ids = list(new.values()), list(new)
        about = [{"agentverse": id} for id in ids]
        if self._store is None:
            self._store = await self._class.afrom_texts(texts, self._embeddings, about, ids=ids, **self._options)
        else:
            await self._store.aadd_texts(texts, about, ids=ids)
        self._kept.update(ids)


def _load(place: str) -> type[VectorStore]:
    """Raises SettingsError."""
    module, _, attribute = place.partition(":")
    try:
        from langchain_core.vectorstores import VectorStore as Base

        made = getattr(importlib.import_module(module), attribute)
    except ImportError as error:
        package = "agentverse[langchain]" if error.name == "langchain_core" else module.partition(".")[0]
        raise SettingsError(
            f"memory.store {place!r} cannot be imported: {error}", fix=f"pip install '{package.replace('_', '-')}'"
        ) from error
    except AttributeError as error:
        raise SettingsError(f"memory.store: there is no {attribute!r} in {module}") from error
    if not (isinstance(made, type) and issubclass(made, Base)):
        raise SettingsError(f"memory.store: {place!r} is no VectorStore of LangChain")
    return made


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    for name, said in names.items():
        value = value.replace(f"{{{name}}}", said)
    return value
