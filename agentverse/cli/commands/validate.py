"""``agentverse validate``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from agentverse.cli.options import json_option, read_settings


@click.command("validate")
@click.argument("files", nargs=-1, required=True)
@json_option
def command(files: tuple[str, ...], as_json: bool) -> int:
    """Check FILES, or what is known by these names: companies with their graphs, roles, environments,
    languages.

    Every problem comes with file:line:column and how to mend it. Exit code 2 when there is an error.
    """
    from agentverse.blueprint.load import Library
    from agentverse.cli.text import clean
    from agentverse.engine.check import validate
    from agentverse.engine.check_tools import known_tools
    from agentverse.engine.kinds import CALLS
    from agentverse.tools.toolbox import Toolbox

    library = Library.default()
    functions, tools = CALLS.names(), known_tools(Toolbox(read_settings().tools))
    problems = [
        problem for file in files for problem in validate(file, library, known_calls=functions, known_tools=tools)
    ]
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        click.echo(
            json.dumps({"ok": not errors, "problems": [asdict(p) for p in problems]}, ensure_ascii=False, indent=2)
        )
        return 2 if errors else 0
    for problem in problems:
        click.echo(clean(f"{problem.severity}: {problem}"))
    if not errors:
        click.echo(f"{len(files)} checked, no errors")
    return 2 if errors else 0
