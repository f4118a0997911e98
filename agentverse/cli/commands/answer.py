"""``agentverse answer``."""

from __future__ import annotations

import click

from agentverse.cli.options import asynchronous, debug_option, read_settings
from agentverse.errors import UsageError


@click.command("answer")
@click.argument("run")
@click.option("--gate", required=True, metavar="KEY", help="Which question; the run printed its key.")
@click.option("--text", default="", help="The answer in words.")
@click.option("--choice", default="", help="One of the choices.")
@debug_option
@asynchronous
async def command(run: str, gate: str, text: str, choice: str) -> int:
    """Answer a question that RUN, at work in another process, is waiting on."""
    from agentverse.engine import commands
    from agentverse.engine.gates import fitting
    from agentverse.host import open_store
    from agentverse.journal.events import GateAnswered, GateOpened

    async with open_store(read_settings()) as journal:
        row = await journal.find(run)
        entries = await journal.read(row.id)
        answered = {f"{e.key.rpartition('/')[0]}/gate" for e in entries if isinstance(e.event, GateAnswered)}
        waiting = {e.key: e.event for e in entries if isinstance(e.event, GateOpened) and e.key not in answered}
        if gate not in waiting:
            there = f"These wait: {', '.join(waiting)}." if waiting else "Nothing waits for an answer."
            raise UsageError(f"no question {gate!r} is open in run {row.id}", fix=there)
        text, choice = fitting(waiting[gate], text, choice)
        await journal.send(row.id, *commands.answer(gate, text=text, choice=choice))
    click.echo(f"left for run {row.id}")
    return 0
