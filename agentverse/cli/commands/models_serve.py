"""``agentverse models serve``."""

from __future__ import annotations

import asyncio
import shlex
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentverse.cli.options import asynchronous, json_option, language_option, read_settings
from agentverse.errors import UsageError

if TYPE_CHECKING:
    from agentverse.cli.voice import Voice
    from agentverse.models.catalogue.entry import Engine
    from agentverse.models.catalogue.machine import Machine
    from agentverse.models.servers.choose import Plan
    from agentverse.models.servers.launch import Launch
    from agentverse.settings import Settings

PORTS: dict[Engine, int] = {"vllm": 8000, "llamacpp": 8080}
"""Two of those where `run` looks for a server that answers."""


@click.command("serve")
@click.argument("name", required=False)
@click.option(
    "--engine", type=click.Choice(list(PORTS)), help="What serves it; the best that works here when left out."
)
@click.option("--port", type=click.IntRange(1, 65535), metavar="N", help="On 127.0.0.1; 8000 for vLLM, 8080 otherwise.")
@click.option("--context", type=click.IntRange(256), metavar="N", help="Tokens of a prompt with its reply.")
@click.option("--dry-run", is_flag=True, help="Print the command line that would be run.")
@click.option("--yes", "-y", is_flag=True, help="Download without asking.")
@language_option
@json_option
@asynchronous
async def serve(
    name: str | None,
    engine: Engine | None,
    port: int | None,
    context: int | None,
    dry_run: bool,
    yes: bool,
    language: str | None,
    as_json: bool,
) -> int:
    """Serve a model on this machine until Ctrl-C, and start it again when it dies.

    NAME is one of `agentverse models list`, or a GGUF file; the best for this machine when left out.
    """
    settings = read_settings(language=language)
    from agentverse.cli.voice import Answers, JsonVoice, Voice
    from agentverse.models.catalogue.machine import probe
    from agentverse.models.servers.ports import require_free

    machine = await asyncio.to_thread(probe)
    plan = await asyncio.to_thread(_plan, name, engine, machine)
    port = port or PORTS[plan.engine]
    # What stands in the way is found before anything is downloaded.
    launch = plan.launch(plan.place or Path(plan.entry.forms[plan.form].repo), machine, port=port, context=context)
    if dry_run:
        click.echo(_as_command(launch))
        return 0
    require_free(port)
    voice = JsonVoice(settings.language, Answers(yes)) if as_json else Voice(settings.language, Answers(yes))
    if plan.place is None:
        launch = plan.launch(await _download(plan, voice), machine, port=port, context=context)
    voice.starts(launch)
    try:
        await _until_stopped(launch, voice, settings)
    except asyncio.CancelledError:  # Ctrl-C, or SIGTERM
        voice.stopped()
        return 0
    return 1


def _plan(name: str | None, engine: Engine | None, machine: Machine) -> Plan:
    """What to serve.

    Raises:
        UsageError, CannotServe.
    """
    from agentverse.models.catalogue.load import entries
    from agentverse.models.servers.choose import plan_for, plans

    if name:
        return plan_for(name, machine, engine=engine)
    best = next((plan for plan in plans(machine) if engine in (None, plan.engine)), None)
    if best is not None:
        return best
    smallest = [entry for entry in entries() if entry.recommended][-1]
    return plan_for(smallest.name, machine, engine=engine)  # what stands in its way is said when it is started


async def _download(plan: Plan, voice: Voice) -> Path:
    from agentverse.serving import fetch

    if not await voice.may_download(plan):
        raise UsageError(
            f"{plan.entry.name} is not on this machine",
            fix=f"Let it be downloaded: --yes, or agentverse models pull {plan.entry.name}",
        )
    try:
        return await fetch(plan, voice.progress)
    finally:
        voice.close()


async def _until_stopped(launch: Launch, voice: Voice, settings: Settings) -> None:
    """Raises CancelledError when it is asked to stop; CannotServe, ServerFailed."""
    from agentverse.models.servers.running import running
    from agentverse.serving import log_of

    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    async with running(launch, log=log_of(launch), tell=voice.news) as server:
        voice.serves(server, settings)
        await server.wait()


def _as_command(launch: Launch) -> str:
    variables = [f"{name}={shlex.quote(value)}" for name, value in launch.env.items()]
    return " ".join([*variables, shlex.join(launch.argv)])
