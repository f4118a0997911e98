"""``agentverse simulate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentverse.cli.commands.run import parse_inputs
from agentverse.cli.options import (
    asynchronous,
    language_option,
    limit_options,
    model_option,
    output_options,
    read_settings,
)
from agentverse.errors import UsageError

if TYPE_CHECKING:
    from agentverse.cli.working import Known
    from agentverse.engine.protocol import Host, RunHandle


@click.command("simulate")
@click.argument("environment", required=False)
@click.option("--seed", type=click.IntRange(0), metavar="S", help="Of all chance in it; 0 when left out.")
@click.option("--set", "inputs", multiple=True, metavar="NAME=VALUE", help="A parameter of the environment.")
@click.option("--repeat", type=click.IntRange(1, 1000), default=1, metavar="N", help="So many times, seeds S, S+1 …")
@model_option
@language_option
@limit_options
@click.option("--name", metavar="ID", help="Id of the run; made up when left out.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: people's seats pass; a model may be downloaded.")
@output_options
@asynchronous
async def command(
    environment: str | None,
    seed: int | None,
    inputs: tuple[str, ...],
    repeat: int,
    models: tuple[str, ...],
    language: str | None,
    turns: int | None,
    minutes: float | None,
    tokens: int | None,
    name: str | None,
    yes: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Let the seats of ENVIRONMENT talk among themselves; without one, list those that run by themselves.

    --turns bounds the replies. A simulation is a run like any other: resume, replay and show work on it.
    """
    settings = read_settings(models=models, language=language, limits={"minutes": minutes, "tokens": tokens})
    from agentverse.blueprint.load import Library

    library = Library.default()
    if environment is None:
        from agentverse.cli.simulations import listed

        return listed(library, settings.language, as_json=as_json)
    from agentverse.blueprint.text import localize
    from agentverse.cli.at_hand import model_at_hand
    from agentverse.cli.driving import Manner, again, drive
    from agentverse.cli.simulations import repeated
    from agentverse.engine.needs import least_context
    from agentverse.engine.run import begin, refuse_broken
    from agentverse.engine.simulate import checked, stage

    blueprint = stage(library, environment, turns=turns)
    refuse_broken(blueprint)
    given = {**checked(blueprint, parse_inputs(inputs)), **({} if seed is None else {"seed": str(seed)})}
    if repeat > 1 and name is not None:
        raise UsageError("--name names one run, and --repeat makes several", fix="Leave one of them out.")

    idea = localize(blueprint.company.title, settings.language) or blueprint.company.name
    bounds = settings.bounds(blueprint.company.limits)

    async def start(host: Host, given: dict[str, str] = given) -> tuple[RunHandle, Known | None]:
        handle = await begin(host, blueprint, idea, language=settings.language, inputs=given, limits=bounds, run=name)
        return handle, None

    manner = Manner(settings.language, as_json, quiet, verbose, ask=not yes, again=again(models))
    least = least_context(blueprint, settings.language)
    async with model_at_hand(settings, yes=yes, silent=as_json or quiet, least=least) as complete:
        if repeat == 1:
            return await drive(complete, manner, start)
        return await repeated(complete, manner, start, given, name=blueprint.company.name, times=repeat)
