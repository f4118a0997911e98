"""``agentverse completion``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from agentverse.cli.options import debug_option
from agentverse.errors import UsageError

SHELLS = ["bash", "zsh", "fish"]


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@debug_option
def command(shell: str | None) -> int:
    r"""Print the completion script for SHELL, or for the one in use.

    \b
      bash   agentverse completion bash > ~/.local/share/bash-completion/completions/agentverse
      zsh    agentverse completion zsh > "${fpath[1]}/_agentverse"
      fish   agentverse completion fish > ~/.config/fish/completions/agentverse.fish
    """
    from click.shell_completion import get_completion_class

    from agentverse.cli.main import cli

    name = shell or Path(os.environ.get("SHELL", "")).name
    kind = get_completion_class(name) if name in SHELLS else None
    if kind is None:
        raise UsageError(f"there is no completion for {name or 'this shell'}", fix=f"Name one of {', '.join(SHELLS)}.")
    click.echo(kind(cli, {}, "agentverse", "_AGENTVERSE_COMPLETE").source())
    return 0
