"""``agentverse replay``."""

from __future__ import annotations

import asyncio
import sys

import click

from agentverse.cli.options import asynchronous, json_option, language_option, read_settings

LONGEST = 3.0
"""Seconds a pause of the run is shown at most, at speed 1."""


@click.command("replay")
@click.argument("run")
@click.option(
    "--speed", type=click.FloatRange(0, min_open=True), default=1.0, metavar="N", help="How fast: 2 is twice."
)
@click.option("--instant", is_flag=True, help="Without pauses; so it is on a pipe.")
@click.option("--verbose", "-v", is_flag=True, help="Show replies in full.")
@language_option
@json_option
@asynchronous
async def command(run: str, speed: float, instant: bool, verbose: bool, language: str | None, as_json: bool) -> int:
    """Show again how RUN went, from its journal. Nothing is asked and nothing is executed."""
    from agentverse.cli.display import open_display
    from agentverse.cli.story import Story
    from agentverse.host import open_store
    from agentverse.past import beginning

    settings = read_settings(language=language)
    async with open_store(settings) as journal:
        row = await journal.find(run)
        entries = await journal.read(row.id)
    started = beginning(entries)
    prices = {tier: (model.price_prompt, model.price_completion) for tier, model in settings.models.placed().items()}
    spoken = language or (started.language if started else settings.language)
    display = open_display(Story(spoken, prices=prices, verbose=verbose), as_json=as_json)
    pauses = sys.stdout.isatty() and not instant and not as_json
    before = entries[0].at if entries else 0.0
    try:
        for entry in entries:
            if pauses:
                await asyncio.sleep(min(max(entry.at - before, 0.0), LONGEST) / speed)
            before = entry.at
            display.show(entry)
    finally:
        display.close()
    return 0
