"""``agentverse stop``."""

from __future__ import annotations

import click

from agentverse.cli.options import asynchronous, debug_option, read_settings
from agentverse.errors import UsageError


@click.command("stop")
@click.argument("run")
@click.option("--cancel", is_flag=True, help="At once, and for good; otherwise in order, to be resumed.")
@debug_option
@asynchronous
async def command(run: str, cancel: bool) -> int:
    """Have RUN, at work in another process, end in order; `agentverse resume` goes on with it."""
    from agentverse.engine import commands
    from agentverse.host import open_store

    async with open_store(read_settings()) as journal:
        row = await journal.find(run)
        if row.state != "running":
            raise UsageError(f"run {row.id} is not running")
        await journal.send(row.id, *commands.stop(now=cancel, cancel=cancel))
    click.echo(f"left for run {row.id}")
    return 0
