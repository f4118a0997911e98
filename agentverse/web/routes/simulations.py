"""Simulations: listed and begun. One that is at work is a run like any other."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from agentverse.blueprint.load import Library
from agentverse.web.context import TheWeb
from agentverse.web.routes.runs import brief_of
from agentverse.web.shapes.runs import RunBrief
from agentverse.web.shapes.simulations import Simulate, SimulationList
from agentverse.web.simulating import simulate, simulations

router = APIRouter(prefix="/api/simulations", tags=["simulations"])


@router.get("")
async def list_simulations(web: TheWeb) -> SimulationList:
    """The environments that run by themselves."""
    return SimulationList(simulations=await asyncio.to_thread(simulations, Library.default(web.project)))


@router.post("", status_code=201)
async def begin_simulation(asked: Simulate, web: TheWeb) -> RunBrief:
    """Let the seats of an environment talk among themselves; answers when the run is at work."""
    return await brief_of(web, await simulate(web, asked))
