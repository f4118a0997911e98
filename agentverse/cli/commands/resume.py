"""``agentverse resume``."""

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


@click.command("resume")
@click.argument("run")
@click.option("--as-begun", is_flag=True, help="Go on with the company as it was, though it was edited since.")
@model_option
@offline_option
@language_option
@limit_options
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: questions take their default; a model may be downloaded.")
@output_options
@asynchronous
async def command(
    run: str,
    as_begun: bool,
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
    """Go on with RUN where it was. Nothing that is in its journal is done or paid for again.

    RUN is the id of a run or an unambiguous beginning of it. New limits count from the run's beginning.
    """
    settings = read_settings(
        models=models,
        language=language,
        limits={"turns": turns, "minutes": minutes, "tokens": tokens},
        offline=offline,
    )
    from agentverse.cli.at_hand import model_at_hand
    from agentverse.cli.driving import Manner, again, drive
    from agentverse.cli.past import as_now, begun, limits_of, needed
    from agentverse.cli.working import after
    from agentverse.engine.run import resume

    async def go_on(host: Host) -> tuple[RunHandle, Known | None]:
        row = await host.journal.find(run)
        started = await begun(host.journal, row)
        limits = settings.bounds(limits_of(started)) if settings.limits.model_dump(exclude_none=True) else None
        handle = await resume(host, row.id, limits=limits, as_begun=as_begun, blueprint=as_now(started))
        return handle, after(row.events)

    manner = Manner(settings.language, as_json, quiet, verbose, ask=not yes, again=again(models, offline=offline))
    least = await needed(settings, run)
    async with model_at_hand(settings, yes=yes, silent=as_json or quiet, least=least) as complete:
        return await drive(complete, manner, go_on)
