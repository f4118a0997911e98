"""Simulations over HTTP: what `agentverse simulate` lists and begins."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

from agentverse.blueprint.environment import Environment, Settable
from agentverse.blueprint.load import Library
from agentverse.blueprint.text import Localized, in_language, localize
from agentverse.engine import run as engine
from agentverse.engine.protocol import Host, RunHandle
from agentverse.engine.seats import written
from agentverse.engine.simulate import checked, stage
from agentverse.errors import BlueprintError, RunNotFound
from agentverse.journal.protocol import RunRow
from agentverse.report.series import bars
from agentverse.web.beginning import ORIGIN, asked_for, placed
from agentverse.web.context import Web
from agentverse.web.shapes.runs import RunBrief
from agentverse.web.shapes.simulations import Parameter, Repeat, SeriesBar, Simulate, SimulationBrief


def simulations(library: Library) -> list[SimulationBrief]:
    """The environments that run by themselves, by name. One that is broken, or has an empty seat, is left out."""
    found: list[SimulationBrief] = []
    for source in library.names("environment"):
        try:
            blueprint = stage(library, source.name)
        except BlueprintError:
            continue
        found.append(_brief(blueprint.environments[source.name]))
    return found


async def simulate(web: Web, asked: Simulate) -> str:
    """Let an environment run by itself; returns the id of the run.

    Raises:
        UsageError, BlueprintError, NoModel, ModelError, SandboxUnavailable: it cannot begin.
    """
    blueprint = stage(Library.default(web.project), asked.environment, turns=asked.limits.turns)
    inputs = {**checked(blueprint, asked.params), "seed": str(asked.seed)}
    limits = asked.limits.model_copy(update={"turns": None})
    said = {"language": (asked.language, ORIGIN), **asked_for(limits, asked.models)}
    settings = await placed(web, web.settings(said))
    idea = localize(blueprint.company.title, settings.language) or blueprint.company.name

    async def make(host: Host) -> RunHandle:
        return await engine.begin(
            host,
            blueprint,
            idea,
            language=settings.language,
            inputs=inputs,
            limits=settings.bounds(blueprint.company.limits),
            run=asked.name,
        )

    return await web.workshop.take_on(settings, make, ask=asked.ask)


async def repeat(web: Web, asked: Repeat) -> str:
    """Let an environment run several times; returns the name of the series, with which the ids of its runs begin.

    Raises:
        Refused: so many cannot be at work now.
        What `simulate` raises; nothing has begun then.
    """
    web.workshop.require_room(asked.times)
    series = f"{asked.simulate.environment}-{secrets.token_hex(3)}"
    first = asked.simulate.seed
    for seed in range(first, first + asked.times):
        one = {"seed": seed, "name": f"{series}.{seed}", "ask": False}
        await simulate(web, asked.simulate.model_copy(update=one))
    return series


async def runs_of(web: Web, series: str) -> list[RunRow]:
    """The runs of a series, by their seeds.

    Raises:
        RunNotFound: there are none.
    """
    seeds = {row: row.id.removeprefix(f"{series}.") for row in await web.journal.runs()}
    found = sorted((row for row, seed in seeds.items() if seed.isdigit()), key=lambda row: int(seeds[row]))
    if not found:
        raise RunNotFound(f"there is no series {series!r}")
    return found


def bars_of(runs: Sequence[RunBrief]) -> list[SeriesBar]:
    """What the runs that are over measured, on average."""
    rows = [{"seed": run.scene.seed, **run.scene.measures} for run in runs if run.scene and run.scene.over]
    return [SeriesBar(**asdict(bar)) for bar in bars(rows)] if rows else []


def _brief(environment: Environment) -> SimulationBrief:
    return SimulationBrief(
        name=environment.name,
        title=environment.title or environment.name,
        description=environment.description,
        params=[_parameter(name, value, environment.about.get(name)) for name, value in environment.params.items()],
        persons=sum(seat.person for seat in environment.seats.values()),
    )


def _parameter(name: str, value: Any, about: Settable | None) -> Parameter:
    english, chinese = written(in_language(value, "en")), written(in_language(value, "zh"))
    shown: Localized = english if english == chinese else {"en": english, "zh": chinese}
    usual = in_language(value, "en")
    told = about.model_dump() if about else {}
    return Parameter(name=name, kind=_kind(usual), value=shown, whole=isinstance(usual, int), **told)


def _kind(value: Any) -> Literal["text", "number", "yes_no", "data"]:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "data"
