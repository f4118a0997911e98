"""``agentverse run``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentverse.cli.options import (
    asynchronous,
    languages_option,
    limit_options,
    model_option,
    offline_option,
    output_options,
    read_settings,
    split_languages,
)
from agentverse.errors import UsageError

if TYPE_CHECKING:
    from agentverse.cli.working import Known
    from agentverse.engine.protocol import Host, RunHandle
    from agentverse.sandbox.protocol import SandboxBackend

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@click.command("run")
@click.argument("idea")
@click.option("--company", metavar="NAME|FILE", help="Who does the work; `software` unless the settings say otherwise.")
@click.option(
    "--in",
    "source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Work on a copy of this code base; the result is a branch.",
)
@model_option
@offline_option
@languages_option
@click.option("--set", "inputs", multiple=True, metavar="NAME=VALUE|@FILE", help="A value the company asks for.")
@limit_options
@click.option("--name", metavar="ID", help="Id of the run; made up when left out.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: questions take their default; a model may be downloaded.")
@click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    allow_from_autoenv=False,
    help="DANGEROUS: run what the model writes on this computer, as you, with nothing to hold it in.",
)
@output_options
@asynchronous
async def command(
    idea: str,
    company: str | None,
    source: Path | None,
    models: tuple[str, ...],
    offline: bool,
    languages: tuple[str, ...],
    inputs: tuple[str, ...],
    turns: int | None,
    minutes: float | None,
    tokens: int | None,
    name: str | None,
    yes: bool,
    unsafe: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Let a company turn IDEA, one line, into tested software.

    Ctrl-C stops in order and says how to go on; twice stops at once.
    """
    spoken, code = split_languages(languages)
    settings = read_settings(
        models=models,
        language=spoken,
        company=company,
        limits={"turns": turns, "minutes": minutes, "tokens": tokens},
        offline=offline,
    )
    given = parse_inputs(inputs)
    if name is not None and not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot be the id of a run", fix="Use letters, digits, '.', '_' and '-'.")
    from agentverse.blueprint.load import Library
    from agentverse.cli.at_hand import model_at_hand
    from agentverse.cli.driving import Manner, again, drive
    from agentverse.engine.needs import least_context
    from agentverse.engine.run import begin, refuse_broken
    from agentverse.tools.toolbox import Toolbox

    blueprint = Library.default().company(settings.company)

    async def start(host: Host) -> tuple[RunHandle, Known | None]:
        handle = await begin(
            host,
            blueprint,
            idea,
            language=settings.language,
            code=code,
            inputs=given,
            limits=settings.bounds(blueprint.company.limits),
            source=source,
            run=name,
        )
        return handle, None

    manner = Manner(settings.language, as_json, quiet, verbose, ask=not yes, again=again(models, offline=offline))
    sandbox = _without_sandbox() if unsafe else None
    refuse_broken(blueprint, Toolbox(settings.tools))
    least = least_context(blueprint, settings.language)
    async with model_at_hand(settings, yes=yes, silent=as_json or quiet, least=least, sandboxed=not unsafe) as complete:
        return await drive(complete, manner, start, sandbox=sandbox)


def _without_sandbox() -> SandboxBackend:
    from agentverse.sandbox.unsafe import Unsafe

    warning = (
        "WARNING: NO SANDBOX (--unsafe-no-sandbox). What the model writes runs on this computer as you: it can read,\n"
        "change and send everything you can."
    )
    click.secho(warning, fg="red", bold=True, err=True)
    return Unsafe()


def parse_inputs(pairs: tuple[str, ...]) -> Mapping[str, str]:
    """``name=value`` as a mapping; ``name=@file`` takes the value from a file.

    Raises:
        UsageError: one is none, or its file cannot be read.
    """
    given: dict[str, str] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark or not name:
            raise UsageError(f"--set takes NAME=VALUE, not {pair!r}")
        given[name.strip()] = _from_file(Path(value[1:])) if value.startswith("@") else value
    return given


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--set cannot read {path}: {error}", fix="NAME=@FILE takes the value from a file.") from None
