"""The command ``agentverse``: names and help of all commands, what ends up on stderr, exit codes.

This module imports click and nothing else of weight; a command's module is imported when the command is called.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from agentverse import __version__
from agentverse.errors import AgentverseError

INTERRUPTED = 130
COMMANDS = {
    "run": "Let a company turn one line into tested software.",
    "simulate": "Let the seats of an environment talk among themselves.",
    "demo": "Play a recorded run: no model needed, everything else is real.",
    "resume": "Go on with a run that was interrupted or stopped.",
    "fork": "Begin a new run from the middle of an old one.",
    "answer": "Answer a question that a run is waiting on.",
    "replay": "Show again how a run went.",
    "runs": "List the runs kept here.",
    "show": "Show what a run did and what came of it.",
    "prune": "Remove runs with their folders.",
    "validate": "Check company, role, environment and language files.",
    "graph": "Draw the phases of a company.",
    "schema": "Print the JSON Schema of a kind of file.",
    "new": "Write a commented file to start from.",
    "web": "Open the page: watch runs, answer them, design companies.",
    "say": "Say something to a role of a run.",
    "stop": "Pause a run that another process drives, or cancel it.",
    "models": "List models that fit this machine, download or serve one, see which answer.",
    "doctor": "Say what works here, and where each setting comes from.",
    "completion": "Print the completion script for a shell.",
}
"""Name: one line of help. The command is ``command`` in ``agentverse.cli.commands.NAME``."""


class LazyGroup(click.Group):
    """Knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"agentverse.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"There is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="agentverse")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    r"""One line becomes tested software, written by a company of agents on a model you host yourself.

    \b
      agentverse demo                                     no model needed
      agentverse run "a unit converter with history"      with your model
    """
    ctx.obj = {"debug": debug}


def invoke(arguments: Sequence[str]) -> int:
    """Run a command line; returns its exit code: 0, 1 a run failed, 2 bad input or no model, 130 interrupted."""
    debug = "--debug" in arguments
    try:
        code = cli.main(list(arguments), prog_name="agentverse", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except AgentverseError as error:
        if debug:
            raise
        return _say(error, as_json="--json" in arguments)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _silence()
        return 1
    except OSError as error:
        if debug:
            raise
        click.echo(f"error: {error.strerror or error}" + (f": {error.filename}" if error.filename else ""), err=True)
        return 1
    except Exception as error:
        if debug:
            raise
        click.echo(f"error: something unexpected happened: {type(error).__name__}: {error}", err=True)
        click.echo("fix: this is a fault in agentverse; the same command with --debug shows where.", err=True)
        return 1
    return code if isinstance(code, int) else 0


def _say(error: AgentverseError, *, as_json: bool) -> int:
    from agentverse.cli.text import clean

    if as_json:
        body = {"type": "error", "error": type(error).__name__, "message": str(error), "fix": error.fix}
        click.echo(json.dumps(body, ensure_ascii=False))
    click.echo(f"error: {clean(str(error))}", err=True)
    if error.fix:
        click.echo(f"fix: {clean(error.fix)}", err=True)
    return error.exit_code


def _silence() -> None:
    """Whoever read our output has gone: let the interpreter flush into nothing."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
