"""Providers of models by name. Listing them imports none."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from agentverse.errors import SettingsError
from agentverse.models.protocol import ChatModel
from agentverse.models.spec import ModelSpec, parse_spec
from agentverse.plugins import Registry

ENTRY_POINTS = "agentverse.models"
"""Group of entry points: name of the provider = its factory."""

Factory = Callable[[ModelSpec], ChatModel | Awaitable[ChatModel]]
_AnyFactory = TypeVar("_AnyFactory", bound=Factory)

PROVIDERS: Registry[Factory] = Registry("model provider", ENTRY_POINTS, refusal=SettingsError)


def provider(name: str) -> Callable[[_AnyFactory], _AnyFactory]:
    """Register a factory of models under ``name``. What it needs it imports when called."""
    return PROVIDERS.add(name)


def providers() -> list[str]:
    """Names of all providers, those of other packages included."""
    return PROVIDERS.names()


async def open_model(spec: str | Mapping[str, Any] | ModelSpec) -> ChatModel:
    """Open the model that the settings describe, in the long or the short form. Nothing is contacted yet.

    Raises:
        SettingsError: the settings are wrong, or name no provider.
    """
    parsed = parse_spec(spec)
    made = PROVIDERS.find(parsed.provider)(parsed)
    return await made if inspect.isawaitable(made) else made


@provider("openai")
def _openai(spec: ModelSpec) -> ChatModel:
    from agentverse.models.openai import OpenAIModel

    return OpenAIModel(spec)


@provider("langchain")
def _langchain(spec: ModelSpec) -> ChatModel:
    from agentverse.models.langchain import from_spec

    return from_spec(spec)


@provider("recording")
def _recording(spec: ModelSpec) -> ChatModel:
    from agentverse.models.recording import RecordingModel

    return RecordingModel.open(spec.path)


@provider("manual")
def _manual(spec: ModelSpec) -> ChatModel:
    from agentverse.models.manual import ManualModel

    return ManualModel(spec.path)
