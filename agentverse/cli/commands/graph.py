"""``agentverse graph``."""

from __future__ import annotations

import click

from agentverse.cli.options import debug_option, language_option, read_settings


@click.command("graph")
@click.argument("company", required=False)
@click.option(
    "--format", "form", type=click.Choice(["text", "mermaid", "dot"]), default="text", help="How it is drawn."
)
@language_option
@debug_option
def command(company: str | None, form: str, language: str | None) -> int:
    """Draw the phases of COMPANY, a name or a file, with their loops."""
    from agentverse.blueprint.load import Library
    from agentverse.cli import drawing

    settings = read_settings(language=language, company=company)
    found = Library.default().company(settings.company).company
    if form == "mermaid":
        click.echo(drawing.as_mermaid(found))
    elif form == "dot":
        click.echo(drawing.as_dot(found))
    else:
        click.echo(drawing.as_text(found, settings.language))
    return 0
