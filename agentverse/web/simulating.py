"""Simulations over HTTP: what `agentverse simulate` lists and begins."""

from __future__ import annotations

from typing import Any, Literal

from agentverse.blueprint.environment import Environment
from agentverse.blueprint.load import Library
from agentverse.blueprint.text import Localized, in_language, localize
from agentverse.engine import run as engine
from agentverse.engine.protocol import Host, RunHandle
from agentverse.engine.seats import written
from agentverse.engine.simulate import checked, stage
from agentverse.errors import BlueprintError
from agentverse.web.beginning import ORIGIN, asked_for, placed
from agentverse.web.context import Web
from agentverse.web.shapes.simulations import Parameter, Simulate, SimulationBrief


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


def _brief(environment: Environment) -> SimulationBrief:
    return SimulationBrief(
        name=environment.name,
        title=environment.title or environment.name,
        description=environment.description,
        params=[_parameter(name, value) for name, value in environment.params.items()],
        persons=sum(seat.person for seat in environment.seats.values()),
    )


def _parameter(name: str, value: Any) -> Parameter:
    english, chinese = written(in_language(value, "en")), written(in_language(value, "zh"))
    shown: Localized = english if english == chinese else {"en": english, "zh": chinese}
    return Parameter(name=name, kind=_kind(in_language(value, "en")), value=shown)


def _kind(value: Any) -> Literal["text", "number", "yes_no", "data"]:
    if isinstance(value, bool):
        return "yes_no"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "data"
