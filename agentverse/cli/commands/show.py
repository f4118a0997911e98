"""``agentverse show``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentverse.cli.options import asynchronous, json_option, language_option, read_settings
from agentverse.errors import UsageError

if TYPE_CHECKING:
    from agentverse.journal.events import Entry
    from agentverse.journal.protocol import Journal, RunRow
    from agentverse.settings import Settings


@click.command("show")
@click.argument("run")
@click.option("--phase", metavar="PHASE", help="Everything that happened in one phase, replies in full.")
@click.option("--prompt", "reply", metavar="KEY", help="The prompt that the reply with this key answered, as sent.")
@click.option("--files", is_flag=True, help="The delivered files and who wrote them.")
@click.option("--model", "models", is_flag=True, help="Tokens, times and servers of every turn.")
@click.option("--recording", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Save its replies.")
@language_option
@json_option
@asynchronous
async def command(
    run: str,
    phase: str | None,
    reply: str | None,
    files: bool,
    models: bool,
    recording: Path | None,
    language: str | None,
    as_json: bool,
) -> int:
    """Show what RUN did and what came of it: its report, or one part of it.

    A recording can be played again with: agentverse run --model recording:FILE
    """
    from agentverse.host import open_store

    settings = read_settings(language=language)
    async with open_store(settings) as journal:
        row = await journal.find(run)
        entries = await journal.read(row.id)
        if reply is not None:
            await _prompt(journal, row, entries, reply, as_json=as_json)
        elif phase is not None:
            _phase(entries, phase, settings, as_json=as_json)
        elif recording is not None:
            from agentverse.models.recording import save_recording

            saved = save_recording(entries, recording)
            click.echo(f"{len(saved.replies)} replies written to {recording}")
        elif models:
            _models(entries, settings, language=language, as_json=as_json)
        else:
            _report(row, entries, settings, files=files, language=language, as_json=as_json)
    return 0


def _report(
    row: RunRow, entries: Sequence[Entry], settings: Settings, *, files: bool, language: str | None, as_json: bool
) -> None:
    from agentverse.host import prices_of
    from agentverse.report import build_report
    from agentverse.report.text import as_markdown

    report = build_report(entries, folder=Path(row.folder), prices=prices_of(settings))
    if language is not None:
        report = report.model_copy(update={"language": language})
    if files and as_json:
        click.echo(json.dumps([file.model_dump() for file in report.files], ensure_ascii=False, indent=2))
    elif files:
        from agentverse.cli.text import one_line

        for file in report.files:
            click.echo(f"{one_line(file.path)}  ({one_line(file.author)})")
    elif as_json:
        click.echo(report.model_dump_json(indent=2, exclude_none=True))
    else:
        click.echo(as_markdown(report), nl=False)


def _models(entries: Sequence[Entry], settings: Settings, *, language: str | None, as_json: bool) -> None:
    from agentverse.host import prices_of
    from agentverse.report import build_model_report
    from agentverse.report.asked_text import model_markdown

    report = build_model_report(entries, prices=prices_of(settings))
    if language is not None:
        report = report.model_copy(update={"language": language})
    if as_json:
        click.echo(report.model_dump_json(indent=2, exclude_none=True))
    else:
        click.echo(model_markdown(report), nl=False)


def _phase(entries: Sequence[Entry], phase: str, settings: Settings, *, as_json: bool) -> None:
    from agentverse.cli.display import open_display
    from agentverse.cli.story import Line, Story
    from agentverse.report import phase_of

    chosen = [entry for entry in entries if phase_of(entry.key) == phase]
    if not chosen:
        known = sorted({phase_of(entry.key) for entry in entries} - {""})
        raise UsageError(f"nothing happened in a phase {phase!r}", fix=f"There are: {', '.join(known)}.")
    display = open_display(Story(settings.language, verbose=True), as_json=as_json)
    try:
        for entry in chosen:
            if not as_json:
                display.say(Line(entry.key, "faint"))
            display.show(entry)
    finally:
        display.close()


async def _prompt(journal: Journal, row: RunRow, entries: Sequence[Entry], key: str, *, as_json: bool) -> None:
    from agentverse.cli.text import clean
    from agentverse.journal.events import Reply
    from agentverse.journal.prompts import prompt, reading

    replies = {entry.key: entry for entry in entries if isinstance(entry.event, Reply)}
    if key not in replies:
        from difflib import get_close_matches

        near = get_close_matches(key, replies, 5, 0.3) or list(replies)[:5]
        raise UsageError(f"run {row.id} has no reply {key!r}", fix=f"Near: {', '.join(near)}.")
    messages: list[tuple[str, str]] = []
    for role, text in await prompt(await reading(journal, row.id), replies[key]):
        if messages and messages[-1][0] == role:
            messages[-1] = (role, messages[-1][1] + text)
        else:
            messages.append((role, text))
    event = replies[key].event
    messages += [("picture", ref) for ref in event.pictures] if isinstance(event, Reply) else []
    if as_json:
        listed = [{"role": role, "content": text} for role, text in messages]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    for role, text in messages:
        click.echo(f"--- {role}\n{clean(text)}")
