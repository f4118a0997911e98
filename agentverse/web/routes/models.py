"""Models: what is configured, what answers, and the one server that is managed here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from agentverse.errors import UsageError
from agentverse.models.catalogue import probe
from agentverse.models.catalogue.checkup import Checkup, checkup
from agentverse.models.catalogue.fit import CONTEXT
from agentverse.models.catalogue.listed import checkup_json, machine_json, rows
from agentverse.tiers import asked as ask_tier
from agentverse.tiers import described
from agentverse.web.context import TheWeb
from agentverse.web.shapes.machine import Catalogue, Doctor, MetricsList, Serve, Served

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("")
async def doctor(web: TheWeb) -> Doctor:
    """What this machine has for a model, and which of the configured ones answer."""
    settings = web.settings()
    tiers = [await ask_tier(tier, placed, settings) for tier, placed in settings.models.placed().items()]
    found = await asyncio.to_thread(checkup)
    return Doctor(report={"tiers": tiers, **checkup_json(found), "next": _next(found, tiers)})


def _next(found: Checkup, tiers: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What to do next, as a code with what it is about: mend what does not answer, else use what does."""
    broken = next((tier for tier in tiers if not tier["answers"]), None)
    if broken is not None:
        return {"code": "mend", "what": broken["fix"] or broken["origin"]}
    if any(tier["tier"] == "edge" for tier in tiers):
        return {"code": "run", "what": ""}
    step = found.step()
    return {"code": step.code, "what": step.what}


@router.get("/catalogue")
async def catalogue(
    web: TheWeb,
    context: Annotated[int, Query(ge=1024, le=10_000_000)] = CONTEXT,
    agents: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Catalogue:
    """What is configured, and which models of the catalogue fit this machine. Nothing is contacted."""
    settings = web.settings()
    configured = [described(tier, model, settings) for tier, model in settings.models.placed().items()]

    def look() -> dict[str, Any]:
        machine = probe()
        listed = rows(machine, context=context, agents=agents)
        return {"configured": configured, "machine": machine_json(machine), "catalogue": listed}

    return Catalogue(report=await asyncio.to_thread(look))


@router.get("/metrics")
async def metrics(web: TheWeb) -> MetricsList:
    """What the servers are doing."""
    return MetricsList(servers=await web.answering.metrics(web.settings()))


@router.get("/served")
async def served(web: TheWeb) -> Served:
    """The managed server."""
    return web.served.told


@router.post("/serve", status_code=202)
async def serve(asked: Serve, web: TheWeb) -> Served:
    """Start a model server on this machine; answers at once."""
    if asked.file is not None and not web.here.loopback:
        raise UsageError("files of the server's machine are taken on loopback only")
    return await web.served.start(asked)


@router.post("/stop", status_code=202)
async def stop(web: TheWeb) -> Served:
    """Stop the managed server."""
    return await web.served.stop()
