"""Providers of embeddings by name. Listing them imports none."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar, cast

from agentverse.errors import SettingsError
from agentverse.models.embeddings.protocol import Embedder
from agentverse.models.spec import ModelSpec

ENTRY_POINTS = "agentverse.embeddings"
"""Group of entry points: name of the provider = its factory."""
DEFAULT = "hashing"
"""What is used when nothing is configured: it needs no model and no network."""

Factory = Callable[[ModelSpec], Embedder]
_AnyFactory = TypeVar("_AnyFactory", bound=Factory)

_factories: dict[str, Factory] = {}


def embedder(name: str) -> Callable[[_AnyFactory], _AnyFactory]:
    """Register a factory of embeddings under ``name``. What it needs it imports when called."""

    def register(factory: _AnyFactory) -> _AnyFactory:
        if name in _factories:
            raise ValueError(f"a provider of embeddings {name!r} is registered already")
        _factories[name] = factory
        return factory

    return register


def embedders() -> list[str]:
    """Names of all providers, those of other packages included."""
    return sorted({*_factories, *(point.name for point in _points())})


def open_embedder(spec: ModelSpec | None = None) -> Embedder:
    """Open the embeddings that the settings describe; hashing when they describe none. Nothing is contacted yet.

    Raises:
        SettingsError: the settings are wrong, or name no provider.
    """
    spec = spec or ModelSpec(provider=DEFAULT)
    if spec.provider in _factories:
        return _factories[spec.provider](spec)
    for point in _points():
        if point.name == spec.provider:
            return cast(Factory, point.load())(spec)
    raise SettingsError(
        f"there is no provider of embeddings {spec.provider!r}", fix=f"There are: {', '.join(embedders())}."
    )


def _points() -> tuple[EntryPoint, ...]:
    return tuple(entry_points(group=ENTRY_POINTS))


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
