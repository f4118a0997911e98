"""``agentverse demo``."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from agentverse.cli.options import asynchronous, language_option, output_options, read_settings
from agentverse.errors import UsageError

if TYPE_CHECKING:
    from agentverse.cli.working import Known
    from agentverse.demos import Demo
    from agentverse.engine.protocol import Host, RunHandle


@click.command("demo")
@click.argument("name", required=False)
@click.option("--list", "listing", is_flag=True, help="List the recorded runs.")
@click.option("--first", is_flag=True, help="Play the first one.")
@language_option
@output_options
@asynchronous
async def command(
    name: str | None, listing: bool, first: bool, language: str | None, as_json: bool, quiet: bool, verbose: bool
) -> int:
    """Play the recorded run NAME through the real engine, sandbox, workspace and journal; list them without NAME.

    Only the replies are recorded: every command in it is really executed here.
    """
    settings = read_settings(language=language)
    from agentverse.demos import demos, find_demo

    known = demos()
    if (name is None and not first) or listing:
        click.echo(_as_json(known) if as_json else _listed(known, settings.language))
        return 0
    if not known:
        raise UsageError("this agentverse comes with no recorded run", fix="Install it anew.")
    demo = known[0] if name is None else find_demo(name, known)
    from agentverse.blueprint.load import Layer, Library
    from agentverse.blueprint.sources import shipped_folder
    from agentverse.cli.driving import Manner, again, drive
    from agentverse.engine.run import begin
    from agentverse.models.recording import RecordingModel

    blueprint = Library([Layer("shipped", shipped_folder())]).company(demo.company)
    about = demo.recording.about

    async def start(host: Host) -> tuple[RunHandle, Known | None]:
        run = f"demo-{demo.name}-{secrets.token_hex(2)}"
        return await begin(host, blueprint, about.idea, language=about.language, run=run), None

    manner = Manner(settings.language, as_json, quiet, verbose, again=again([f"recording:{demo.path}"]))
    models = {"edge": RecordingModel(demo.recording, demo.name)}
    return await drive(settings, manner, start, models=dict(models), recorded=True)


def _listed(known: Sequence[Demo], language: str) -> str:
    from agentverse.cli.words import word

    if not known:
        return word("no_demos", language)
    width = max((len(demo.name) for demo in known), default=0)
    lines = [f"  {demo.name:<{width}}  {demo.title(language)}" for demo in known]
    return "\n".join([word("demos", language), *lines])


def _as_json(known: Sequence[Demo]) -> str:
    listed = [
        {"name": demo.name, "company": demo.company, **demo.recording.about.model_dump(exclude={"company"})}
        for demo in known
    ]
    return json.dumps(listed, ensure_ascii=False, indent=2)
