"""``agentverse say``."""

from __future__ import annotations

import click

from agentverse.cli.options import asynchronous, debug_option, read_settings
from agentverse.errors import UsageError


@click.command("say")
@click.argument("run")
@click.argument("text")
@click.option(
    "--to", "role", default="", metavar="ROLE", help="Whose next turn reads it; whoever comes next otherwise."
)
@debug_option
@asynchronous
async def command(run: str, text: str, role: str) -> int:
    """Say TEXT to a role of RUN: its next turn must read it. A run that is paused reads it when it is resumed."""
    from agentverse.blueprint.resolved import Resolved
    from agentverse.engine import commands
    from agentverse.engine.hearing import require_role
    from agentverse.host import open_store
    from agentverse.past import begun

    if not text.strip():
        raise UsageError("nothing was said")
    async with open_store(read_settings()) as journal:
        row = await journal.find(run)
        if row.state not in ("running", "interrupted"):
            raise UsageError(f"run {row.id} is over")
        require_role(Resolved.model_validate((await begun(journal, row)).company), role)
        await journal.send(row.id, *commands.say(text, role=role))
    click.echo(f"left for run {row.id}")
    return 0
