"""What `run`, `resume`, `fork` and `demo` have in common: open the host, begin, see through, close."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import click

from agentverse.cli.closing import as_json, closing
from agentverse.cli.display import Terminal, open_display, show_lines
from agentverse.cli.story import Story
from agentverse.cli.tracing import collected
from agentverse.cli.working import Known, see_through
from agentverse.engine.protocol import Host, RunHandle
from agentverse.errors import ModelError, NoModel
from agentverse.host import open_host
from agentverse.models.protocol import ChatModel, Delta
from agentverse.sandbox.protocol import SandboxBackend
from agentverse.settings import Settings

Begin = Callable[[Host], Awaitable[tuple[RunHandle, Known | None]]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run shows itself."""

    language: str
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    ask: bool = True
    """A person at the terminal may be asked."""
    again: str = ""
    """Options to repeat when the run is taken up again."""


def again(models: Sequence[str], *, offline: bool = False) -> str:
    """What a command line said of models, as options for the next one."""
    said = "".join(f" --model {shlex.quote(model)}" for model in models)
    return f"{said} --offline" if offline else said


async def drive(
    settings: Settings,
    manner: Manner,
    begin: Begin,
    *,
    models: dict[str, ChatModel] | None = None,
    recorded: bool = False,
    sandbox: SandboxBackend | None = None,
) -> int:
    """Begin a run and see it through; returns the exit code.

    Args:
        begin: begins or takes on the run; also says which entries are old news.
        recorded: the replies are from a recording; the last line says so.
        sandbox: used instead of what the settings choose.

    Raises:
        NoModel: the model was not reached, and nothing was begun.
    """
    with collected(offline=settings.offline):
        return await _drive(settings, manner, begin, models=models, recorded=recorded, sandbox=sandbox)


async def _drive(
    settings: Settings,
    manner: Manner,
    begin: Begin,
    *,
    models: dict[str, ChatModel] | None,
    recorded: bool,
    sandbox: SandboxBackend | None,
) -> int:
    watched = _Watched()
    people = manner.ask and not (manner.as_json or manner.quiet) and sys.stdin.isatty() and sys.stdout.isatty()
    reachable = manner.ask and not manner.quiet
    live = sys.stdout.isatty() and not (manner.as_json or manner.quiet)
    async with open_host(
        settings,
        models=models,
        watch=watched if live else None,
        interactive=people,
        reachable=reachable,
        sandbox=sandbox,
    ) as host:
        story = Story(manner.language, prices=host.prices, verbose=manner.verbose, plays=people)
        display = open_display(story, as_json=manner.as_json, quiet=manner.quiet)
        watched.display = display if isinstance(display, Terminal) else None
        try:
            handle, known = await _begun(begin, host)
            result, code = await see_through(handle, display, interactive=people, known=known)
        finally:
            display.close()
    if manner.as_json:
        more = {"commands": story.commands} if recorded else {}
        click.echo(as_json(result, **more))
        return code
    commands = story.commands if recorded else None
    show_lines(closing(result, manner.language, again=manner.again, commands=commands))
    return code


async def _begun(begin: Begin, host: Host) -> tuple[RunHandle, Known | None]:
    try:
        return await begin(host)
    except ModelError as error:
        raise NoModel(str(error), fix=error.fix) from error


class _Watched:
    """Hands tokens to the display once there is one."""

    def __init__(self) -> None:
        self.display: Terminal | None = None

    def __call__(self, delta: Delta) -> None:
        if self.display is not None:
            self.display.watch(delta)
