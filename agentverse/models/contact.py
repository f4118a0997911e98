"""What a server says of itself: its models, their context, its version, its adapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, cast

from agentverse.errors import ModelError, ModelNotFound, ModelUnavailable
from agentverse.models.endpoint import Endpoint
from agentverse.models.failures import NotThere
from agentverse.models.retry import AttemptFailed
from agentverse.models.wire import Garbled, decode

_KINDS = {"vllm": "vllm", "llamacpp": "llama.cpp", "library": "ollama", "sglang": "sglang"}


@dataclass(frozen=True, slots=True)
class Listing:
    """The models of a server."""

    models: Sequence[Mapping[str, Any]]

    @property
    def names(self) -> list[str]:
        return [str(model.get("id", "")) for model in self.models]

    @property
    def owner(self) -> str:
        return str(self.models[0].get("owned_by", "")) if self.models else ""

    @property
    def kind(self) -> str:
        """The server's product; "" when it does not say."""
        return _KINDS.get(self.owner, "")

    def choose(self, name: str, where: str) -> str:
        """The model to ask: ``name``, or the first there is.

        Raises:
            ModelNotFound.
        """
        if not name and not self.names:
            raise ModelNotFound(f"{where} has no model", fix="Load one, or name it with #MODEL.")
        # Other servers answer to any name; vLLM would refuse each call.
        if name and self.kind == "vllm" and name not in self.names:
            raise unknown_model(where, name, self.names)
        return name or self.names[0]

    def of(self, name: str) -> Mapping[str, Any]:
        return next((model for model in self.models if model.get("id") == name), dict[str, Any]())


def unknown_model(where: str, name: str, names: Sequence[str]) -> ModelNotFound:
    listed = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return ModelNotFound(
        f"{where} has no model {name!r}", fix=f"It has: {listed}." if listed else "It has none at all."
    )


async def list_models(endpoint: Endpoint) -> Listing:
    """Raises ModelUnavailable, ModelDenied."""
    try:
        listed = decode(await endpoint.get("/models"))
    except NotThere:
        raise ModelUnavailable(
            f"there is no OpenAI-compatible API at {endpoint.where}",
            fix="See whether the address is right; it usually ends in /v1.",
        ) from None
    except Garbled as error:
        raise ModelUnavailable(
            f"{endpoint.where} answered with {error}",
            fix="See whether the address is that of an OpenAI-compatible API; it usually ends in /v1.",
        ) from None
    except AttemptFailed as failed:
        raise failed.error from failed.__cause__
    return Listing(_dicts(cast("dict[str, Any]", listed).get("data") if isinstance(listed, dict) else None))


async def why_not_there(endpoint: Endpoint, name: str) -> ModelError:
    """What a 404 for a model means."""
    try:
        listing = await list_models(endpoint)
    except ModelError as error:
        return error
    return unknown_model(endpoint.where, name, listing.names)


async def context_of(endpoint: Endpoint, listing: Listing, name: str) -> int | None:
    """Tokens that a request may have there; None when the server does not say."""
    model = listing.of(name)
    said = model.get("max_model_len") or model.get("context_length")
    if listing.kind == "llama.cpp" and not said:
        # Its list says what the model was trained with; what a slot has is in its properties.
        props = await ask(endpoint, "props")
        said = cast("dict[str, Any]", props.get("default_generation_settings") or {}).get("n_ctx")
    return said if isinstance(said, int) and said > 0 else None


async def sees(endpoint: Endpoint, listing: Listing) -> bool | None:
    """Whether the server takes pictures; None when it does not say."""
    if listing.kind != "llama.cpp":
        return None
    said = (await ask(endpoint, "props")).get("modalities")
    seen = cast("dict[str, Any]", said).get("vision") if isinstance(said, dict) else None
    return seen if isinstance(seen, bool) else None


async def version_of(endpoint: Endpoint, listing: Listing) -> str:
    if listing.kind == "llama.cpp":
        return str((await ask(endpoint, "props")).get("build_info", ""))
    return str((await ask(endpoint, "version")).get("version", ""))


async def adapter(endpoint: Endpoint, listing: Listing, name: str) -> Mapping[str, Any]:
    """The fields of a request that choose the LoRA adapter ``name``; none for "".

    Raises:
        ModelNotFound: the server has no such adapter, or takes none at all.
    """
    if not name:
        return {}
    there: dict[str, Mapping[str, Any]] = {}
    if listing.kind == "vllm":
        there = {str(model["id"]): {"model": model["id"]} for model in listing.models if model.get("parent")}
    elif listing.kind == "llama.cpp":
        for one in await _loaded_adapters(endpoint):
            there[PurePath(str(one.get("path", ""))).stem] = {"lora": [{"id": one.get("id"), "scale": 1.0}]}
    if name not in there:
        fix = f"It has: {', '.join(sorted(there))}." if there else "Start vLLM with --enable-lora --lora-modules."
        raise ModelNotFound(f"{endpoint.where} has no adapter {name!r}", fix=fix)
    return there[name]


async def _loaded_adapters(endpoint: Endpoint) -> list[Mapping[str, Any]]:
    return _dicts(await _fetch(endpoint, "lora-adapters"))


async def ask(endpoint: Endpoint, path: str) -> Mapping[str, Any]:
    """Something a server may say beside the API; {} when it does not."""
    answer = await _fetch(endpoint, path)
    return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}


async def _fetch(endpoint: Endpoint, path: str) -> Any:
    try:
        return decode(await endpoint.get(endpoint.beside(path)))
    except (AttemptFailed, Garbled):
        return None


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list that came from a server; none when it is no list."""
    many = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("Mapping[str, Any]", one) for one in many if isinstance(one, dict)]
