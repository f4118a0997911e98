"""Simulations: listed and begun. One that is at work is a run like any other."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path

from agentverse.blueprint.load import Library
from agentverse.web.context import TheWeb, Web
from agentverse.web.routes.runs import brief_of, briefs_of
from agentverse.web.shapes.base import RUN_ID
from agentverse.web.shapes.runs import RunBrief
from agentverse.web.shapes.simulations import Repeat, Series, Simulate, SimulationList
from agentverse.web.simulating import bars_of, repeat, runs_of, simulate, simulations

SeriesId = Annotated[str, Path(pattern=RUN_ID)]
router = APIRouter(prefix="/api/simulations", tags=["simulations"])


@router.get("")
async def list_simulations(web: TheWeb) -> SimulationList:
    """The environments that run by themselves."""
    return SimulationList(simulations=await asyncio.to_thread(simulations, Library.default(web.project)))


@router.post("", status_code=201)
async def begin_simulation(asked: Simulate, web: TheWeb) -> RunBrief:
    """Let the seats of an environment talk among themselves; answers when the run is at work."""
    return await brief_of(web, await simulate(web, asked))


@router.post("/series", status_code=201)
async def begin_series(asked: Repeat, web: TheWeb) -> Series:
    """Let an environment run several times, with one seed after the other; answers when all runs are at work."""
    return await _series(web, await repeat(web, asked))


@router.get("/series/{series}")
async def show_series(series: SeriesId, web: TheWeb) -> Series:
    """The runs of a series, and what they measured on average so far."""
    return await _series(web, series)


async def _series(web: Web, series: str) -> Series:
    runs = await briefs_of(web, await runs_of(web, series))
    return Series(series=series, environment=series.rpartition("-")[0], runs=runs, bars=bars_of(runs))
