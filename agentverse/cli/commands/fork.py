"""``agentverse fork``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentverse.cli.options import (
    asynchronous,
    language_option,
    limit_options,
    model_option,
    offline_option,
    output_options,
    read_settings,
)

if TYPE_CHECKING:
    from agentverse.cli.working import Known
    from agentverse.engine.protocol import Host, RunHandle


@click.command("fork")
@click.argument("run")
@click.option("--from", "phase", required=True, metavar="PHASE", help="The first phase that is done anew.")
@click.option("--company", metavar="NAME|FILE", help="Another company, or the edited one; as it was when left out.")
@model_option
@offline_option
@language_option
@limit_options
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: questions take their default; a model may be downloaded.")
@output_options
@asynchronous
async def command(
    run: str,
    phase: str,
    company: str | None,
    models: tuple[str, ...],
    offline: bool,
    language: str | None,
    turns: int | None,
    minutes: float | None,
    tokens: int | None,
    yes: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Begin a new run that takes over what RUN did before PHASE and does the rest anew. RUN itself is not touched."""
    settings = read_settings(
        models=models,
        language=language,
        limits={"turns": turns, "minutes": minutes, "tokens": tokens},
        offline=offline,
    )
    from agentverse.blueprint.load import Library
    from agentverse.cli.at_hand import model_at_hand
    from agentverse.cli.driving import Manner, again, drive
    from agentverse.cli.past import begun, limits_of, needed
    from agentverse.cli.working import before_start
    from agentverse.engine.run import fork

    blueprint = Library.default().company(company) if company else None

    async def branch(host: Host) -> tuple[RunHandle, Known | None]:
        row = await host.journal.find(run)
        was = blueprint.company.limits if blueprint else limits_of(await begun(host.journal, row))
        handle = await fork(host, row.id, phase=phase, blueprint=blueprint, limits=settings.bounds(was))
        return handle, before_start()

    manner = Manner(settings.language, as_json, quiet, verbose, ask=not yes, again=again(models, offline=offline))
    least = await needed(settings, run)
    async with model_at_hand(settings, yes=yes, silent=as_json or quiet, least=least) as complete:
        return await drive(complete, manner, branch)
