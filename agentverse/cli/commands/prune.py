"""``agentverse prune``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from agentverse.cli.options import asynchronous, debug_option, read_settings
from agentverse.errors import UsageError

if TYPE_CHECKING:
    from agentverse.journal.protocol import Journal, RunRow


@click.command("prune")
@click.argument("runs", nargs=-1)
@click.option("--older-than", "days", type=click.FloatRange(0), metavar="DAYS", help="All that ended so long ago.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@debug_option
@asynchronous
async def command(runs: tuple[str, ...], days: float | None, yes: bool) -> int:
    """Remove RUNS for good: their journals and their folders, the software in them included.

    A run that is at work is refused.
    """
    if not runs and days is None:
        raise UsageError("name runs, or say --older-than DAYS")
    from agentverse.host import open_store
    from agentverse.past import remove_folder

    settings = read_settings()
    home = settings.runs.folder.expanduser().resolve()
    async with open_store(settings) as journal:
        chosen = await _chosen(journal, runs, days)
        if not chosen:
            click.echo("nothing to remove")
            return 0
        for row in chosen:
            click.echo(f"{row.id}  {row.state}  {row.folder}")
        if not yes and not click.confirm(f"Remove {len(chosen)} runs and their folders?"):
            return 0
        await journal.prune([row.id for row in chosen])
        for row in chosen:
            if not remove_folder(row, home):
                click.echo(f"left alone, for it lies elsewhere: {row.folder}", err=True)
    click.echo(f"removed {len(chosen)} runs")
    return 0


async def _chosen(journal: Journal, runs: Sequence[str], days: float | None) -> list[RunRow]:
    named = [await journal.find(run) for run in runs]
    if days is None:
        return named
    until = time.time() - days * 86_400
    rows = [row for row in await journal.runs() if row.state != "running" and (row.ended or row.created) < until]
    return [row for row in rows if not runs or row in named]
