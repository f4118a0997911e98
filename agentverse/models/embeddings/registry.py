"""Providers of embeddings by name. Listing them imports none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from agentverse.errors import SettingsError
from agentverse.models.embeddings.protocol import Embedder
from agentverse.models.spec import ModelSpec
from agentverse.plugins import Registry

ENTRY_POINTS = "agentverse.embeddings"
"""Group of entry points: name of the provider = its factory."""
DEFAULT = "hashing"
"""What is used when nothing is configured: it needs no model and no network."""

Factory = Callable[[ModelSpec], Embedder]
_AnyFactory = TypeVar("_AnyFactory", bound=Factory)

EMBEDDERS: Registry[Factory] = Registry("provider of embeddings", ENTRY_POINTS, refusal=SettingsError)


def embedder(name: str) -> Callable[[_AnyFactory], _AnyFactory]:
    """Register a factory of embeddings under ``name``. What it needs it imports when called."""
    return EMBEDDERS.add(name)


def embedders() -> list[str]:
    """Names of all providers, those of other packages included."""
    return EMBEDDERS.names()


def open_embedder(spec: ModelSpec | None = None) -> Embedder:
    """Open the embeddings that the settings describe; hashing when they describe none. Nothing is contacted yet.

    Raises:
        SettingsError: the settings are wrong, or name no provider.
    """
    spec = spec or ModelSpec(provider=DEFAULT)
    return EMBEDDERS.find(spec.provider)(spec)


@embedder(DEFAULT)
def _hashing(spec: ModelSpec) -> Embedder:
    from agentverse.models.embeddings.hashing import HashingEmbedder

    return HashingEmbedder()


@embedder("openai")
def _openai(spec: ModelSpec) -> Embedder:
    from agentverse.models.embeddings.openai import OpenAIEmbedder

    return OpenAIEmbedder(spec)


@embedder("langchain")
def _langchain(spec: ModelSpec) -> Embedder:
    try:
        from agentverse.models.embeddings.langchain import from_spec
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"embeddings of LangChain need the package {error.name}",
            fix="Install it: pip install 'agentverse[langchain]'",
        ) from error
    return from_spec(spec)
