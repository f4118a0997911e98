"""``agentverse runs``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

import click

from agentverse.cli.options import asynchronous, json_option, read_settings
from agentverse.errors import RunNotFound


@click.command("runs")
@click.option("--state", metavar="STATE", help="Only running, interrupted, succeeded, failed or stopped ones.")
@json_option
@asynchronous
async def command(state: str | None, as_json: bool) -> int:
    """List the runs kept here, the latest last."""
    from agentverse.cli.text import one_line
    from agentverse.host import open_store

    try:
        async with open_store(read_settings()) as journal:
            rows = [row for row in await journal.runs() if state is None or row.state == state]
    except RunNotFound:
        rows = []
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2))
        return 0
    if not rows:
        click.echo("no runs here yet")
        return 0
    wide = max(len(row.id) for row in rows)
    for row in rows:
        when = datetime.fromtimestamp(row.created).astimezone().strftime("%Y-%m-%d %H:%M")
        click.echo(f"{row.id:<{wide}}  {row.state:<11}  {when}  {row.company:<10}  {one_line(row.idea, 70)}")
    return 0
