"""The models of the settings, as people are told of them, and what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentverse.errors import AgentverseError

if TYPE_CHECKING:
    from agentverse.settings import ModelSettings, Settings


def described(tier: str, model: ModelSettings, settings: Settings) -> dict[str, Any]:
    """A tier as the settings have it, without secrets."""
    path = f"models.{tier}"
    place = "base_url" if model.base_url else "path" if model.path else "model"
    shown = {one.path: one.value for one in settings.shown()}
    return {
        "tier": tier,
        "provider": model.provider,
        "model": model.model,
        "place": shown.get(f"{path}.{place}", ""),
        "origin": settings.origin(f"{path}.{place}"),
    }


async def asked(tier: str, placed: ModelSettings, settings: Settings) -> dict[str, Any]:
    """A tier, and what its model answers."""
    from agentverse.models.registry import open_model

    one = described(tier, placed, settings)
    try:
        model = await open_model(placed.spec())
        try:
            facts = dict(await model.contact())
            return one | {"answers": True, "model": model.name, "context": model.profile.context, "facts": facts}
        finally:
            await model.close()
    except AgentverseError as error:
        return one | {"answers": False, "problem": str(error), "fix": error.fix}


async def embedded(placed: ModelSettings, settings: Settings) -> dict[str, Any]:
    """The embeddings, and whether they answer."""
    from agentverse.models.embeddings.registry import open_embedder

    one = described("embeddings", placed, settings)
    try:
        embedder = open_embedder(placed.spec())
        try:
            (vector,) = await embedder.embed(["hello"])
            return one | {"answers": True, "model": embedder.name, "size": len(vector)}
        finally:
            await embedder.close()
    except AgentverseError as error:
        return one | {"answers": False, "problem": str(error), "fix": error.fix}
