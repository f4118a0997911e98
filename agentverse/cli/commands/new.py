"""``agentverse new``."""

from __future__ import annotations

import re
from pathlib import Path

import click

from agentverse.cli.options import debug_option
from agentverse.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@click.command("new")
@click.argument("kind", type=click.Choice(["company", "role", "environment", "language"]))
@click.argument("name")
@debug_option
def command(kind: str, name: str) -> int:
    """Write a commented, valid file to start from: companies/NAME.yaml, roles/…, environments/… or languages/… in
    this folder.

    What is there is never overwritten.
    """
    from agentverse.blueprint.sources import FOLDERS
    from agentverse.blueprint.starters import starter

    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name", fix="Use lower-case letters, digits and '_', a letter first.")
    folders = {str(known): folder for known, folder in FOLDERS.items()}
    path = Path(folders[kind]) / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(starter(kind, name))
    except FileExistsError:
        raise UsageError(f"{path} is there already", fix="Choose another name; nothing was changed.") from None
    click.echo(f"written: {path}")
    click.echo(f"check it: agentverse validate {path}")
    return 0
