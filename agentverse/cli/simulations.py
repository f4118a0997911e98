"""What `simulate` prints beside a single run: the list of environments, and many runs side by side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentverse.blueprint.text import localize
from agentverse.cli.plotting import save
from agentverse.cli.text import columns, one_line, pad
from agentverse.cli.words import word
from agentverse.errors import BlueprintError
from agentverse.report.series import bars, shares

if TYPE_CHECKING:
    from agentverse.blueprint.load import Library
    from agentverse.cli.driving import Manner
    from agentverse.engine.protocol import Host, RunResult
    from agentverse.settings import Settings

_BAR = 30
"""Characters of a full bar."""
Start = Callable[["Host", dict[str, str]], Awaitable[Any]]


def listed(library: Library, language: str, *, as_json: bool) -> int:
    """Print the environments that run by themselves."""
    from agentverse.engine.simulate import stage

    found: dict[str, dict[str, Any]] = {}
    for source in library.names("environment"):
        try:
            blueprint = stage(library, source.name)
        except BlueprintError:
            continue
        environment = blueprint.environments[source.name]
        found[source.name] = {
            "title": localize(environment.title, language),
            "description": localize(environment.description, language),
            "params": environment.params,
        }
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return 0
    longest = max(map(len, found), default=0)
    for name, about in found.items():
        params = ", ".join(f"{key}={value}" for key, value in about["params"].items())
        click.echo(f"{name:<{longest}}  {one_line(about['description'])}")
        if params:
            click.echo(f"{'':<{longest}}  --set {one_line(params, 100)}")
    return 0


async def repeated(
    settings: Settings, manner: Manner, start: Start, given: Mapping[str, str], *, name: str, times: int
) -> int:
    """Run an environment several times, with one seed after the other, print what it measured and draw it.

    Args:
        name: of the environment.

    Returns:
        The exit code: 1 when any of the runs failed.
    """
    from agentverse.host import open_host

    first = int(given.get("seed", 0))
    rows: list[dict[str, Any]] = []
    failed = False
    async with open_host(settings) as host:
        for seed in range(first, first + times):
            result = await _one(host, start, {**given, "seed": str(seed)})
            failed |= result.outcome != "succeeded"
            measures = dict(result.scene.measures) if result.scene is not None else {}
            rows.append({"seed": seed, "run": result.run, "outcome": result.outcome, **measures})
            if not (manner.as_json or manner.quiet):
                said = result.scene.report if result.scene is not None else result.reason
                click.echo(f"{result.run}  {one_line(said, 120)}")
        picture = _picture(rows, host, name, manner.language)
    if manner.as_json:
        body = {"type": "simulations", "runs": rows, "shares": shares(rows), "plot": picture and str(picture)}
        click.echo(json.dumps(body, ensure_ascii=False))
        return int(failed)
    for line in [*table(rows), "", *plot(rows, manner.language)]:
        click.echo(line)
    if picture is not None:
        click.echo(f"{word('plot', manner.language)}: {picture}")
    return int(failed)


def _picture(rows: Sequence[Mapping[str, Any]], host: Host, name: str, language: str) -> Path | None:
    """Draw the means into the folder of the runs; None when nothing was measured in numbers."""
    found = bars(rows)
    if not found:
        return None
    path = host.runs.absolute() / f"{name}-{rows[0]['seed']}-{rows[-1]['seed']}.svg"
    return save(path, f"{name}: {word('means', language, count=len(rows))}", found)


async def _one(host: Host, start: Start, given: dict[str, str]) -> RunResult:
    handle, _ = await start(host, given)
    try:
        return await handle.result()
    except asyncio.CancelledError:
        await handle.stop(now=True)
        await handle.result()
        raise


def table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The runs as lines of a table."""
    names = [name for name in rows[0] if name != "run"]
    lines = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(columns(line[at]) for line in lines) for at in range(len(names))]
    return ["  ".join(pad(text, widths[at]) for at, text in enumerate(line)).rstrip() for line in lines]


def plot(rows: Sequence[Mapping[str, Any]], language: str) -> list[str]:
    """The bars as text."""
    found = bars(rows)
    lines = [word("means", language, count=len(rows))] if found else []
    longest = max((columns(bar.name) for bar in found), default=0)
    for bar in found:
        length = round(_BAR * bar.filled)
        lines.append(f"{pad(bar.name, longest)}  {'█' * length}{'·' * (_BAR - length)}  {bar.said}")
    return lines


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else one_line(f"{value:g}" if isinstance(value, float) else str(value), 40)
