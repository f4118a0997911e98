"""``agentverse doctor``."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from agentverse.cli.options import asynchronous, json_option, model_option, read_settings

if TYPE_CHECKING:
    from agentverse.settings import Settings

ROOM = 2 << 30
"""Bytes of disk below which a run is likely to be cramped."""


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Also try to break out of the sandbox.")
@model_option
@json_option
@asynchronous
async def command(deep: bool, models: tuple[str, ...], as_json: bool) -> int:
    """Say what works here: settings with their origins, sandbox, programming languages, Python, disk.

    Exit code 1 when runs cannot work.

    Whether the models answer, says: agentverse models doctor
    """
    from agentverse import __version__

    settings = read_settings(models=models)
    found: dict[str, Any] = {
        "agentverse": __version__,
        "python": f"{platform.python_version()} at {sys.executable}",
        "system": platform.platform(),
        "settings": [asdict(one) for one in settings.shown()],
        "disk": _disk(settings),
        "sandbox": await _sandbox(settings, deep=deep),
        "languages": await _languages(settings),
        "tools": await _tools(settings),
        "agents": await _agents(settings),
        "model": "edge" in settings.models.placed(),
        "memory": _memory(settings),
    }
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
    else:
        _print(found)
    return 0 if found["sandbox"]["works"] else 1


def _memory(settings: Settings) -> dict[str, Any]:
    """What agents that recall things do it with. Nothing is contacted."""
    placed = settings.models.embeddings
    if placed is None or not placed.placed:
        return {"embeddings": "hashing", "place": "", "store": settings.memory.store}
    shown = {one.path: one.value for one in settings.shown()}
    place = shown.get("models.embeddings.base_url") or placed.model
    return {"embeddings": placed.provider, "place": place, "store": settings.memory.store}


def _disk(settings: Settings) -> dict[str, Any]:
    folder = settings.runs.folder.expanduser().resolve()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    return {"folder": str(folder), "free": free, "enough": free >= ROOM}


async def _sandbox(settings: Settings, *, deep: bool) -> dict[str, Any]:
    from agentverse.errors import AgentverseError
    from agentverse.sandbox.registry import choose
    from agentverse.sandbox.survey import stronger, survey

    wanted = settings.sandbox
    all_found = await survey(image=wanted.image, runtime=wanted.runtime)
    found: dict[str, Any] = {"backends": [asdict(one) for one in all_found]}
    try:
        chosen = await choose(wanted.named, minimum=wanted.least, image=wanted.image, runtime=wanted.runtime)
        info = await chosen.probe()
        found |= {"works": True, "backend": info.backend, "strength": info.strength}
        found |= {"enforced": dict(info.enforced), "stronger": stronger(all_found, info.backend)}
        if deep:
            from agentverse.sandbox.selfcheck import selfcheck

            checks = await selfcheck(chosen)
            found["checks"] = [asdict(check) for check in checks]
            found["works"] = all(check.fine for check in checks)
    except AgentverseError as error:
        return {**found, "works": False, "problem": str(error), "fix": error.fix}
    return found


async def _languages(settings: Settings) -> list[dict[str, Any]]:
    """Each programming language: whether products can be written in it here, else why not and the fix."""
    from agentverse.blueprint.load import Library
    from agentverse.blueprint.text import localize
    from agentverse.errors import AgentverseError
    from agentverse.sandbox.registry import choose
    from agentverse.sandbox.toolchain import survey

    known, wanted = Library.default().languages(), settings.sandbox
    try:
        box = await choose(wanted.named, minimum=wanted.least, image=wanted.image, runtime=wanted.runtime)
        lacks = await survey(box, known)
    except AgentverseError:
        return []  # what is wrong with the sandbox is said there
    titles = {name: localize(language.title, settings.language) or name for name, language in known.items()}
    return [
        {"name": name, "title": titles[name], "works": lack is None}
        | ({"problem": lack.why, "fix": lack.fix} if lack else {})
        for name, lack in lacks.items()
    ]


async def _tools(settings: Settings) -> list[dict[str, Any]]:
    """What each kind of evidence needs, looked for in the sandbox that runs would use."""
    from agentverse.errors import AgentverseError
    from agentverse.sandbox.equipment import inspect
    from agentverse.sandbox.registry import choose

    wanted = settings.sandbox
    try:
        chosen = await choose(wanted.named, minimum=wanted.least, image=wanted.image, runtime=wanted.runtime)
    except AgentverseError:
        chosen = None
    return [asdict(tool) for tool in await inspect(chosen)]


async def _agents(settings: Settings) -> dict[str, Any]:
    """The tools that agents may be given, and whether the MCP servers start."""
    from agentverse.errors import AgentverseError
    from agentverse.tools.toolbox import Toolbox

    toolbox = Toolbox(settings.tools)
    servers: list[dict[str, Any]] = []
    try:
        for name in settings.tools.mcp:
            try:
                servers.append({"name": name, "works": True, "tools": await toolbox.listed(f"{name}.*")})
            except AgentverseError as error:
                servers.append({"name": name, "works": False, "problem": str(error), "fix": error.fix})
    finally:
        await toolbox.close()
    return {"tools": toolbox.names(), "hosts": list(settings.tools.hosts), "servers": servers}


def _print(found: dict[str, Any]) -> None:
    from agentverse.cli.text import clean

    def line(text: str) -> None:
        click.echo(clean(text))

    line(f"agentverse {found['agentverse']}, Python {found['python']}, {found['system']}")
    line("\nsettings")
    wide = max(len(one["path"]) for one in found["settings"])
    for one in found["settings"]:
        line(f"  {one['path']:<{wide}}  {one['value'] or '-':<30}  {one['origin']}")
    disk = found["disk"]
    line(
        f"\ndisk\n  {disk['free'] / 1e9:.1f} GB free for {disk['folder']}" + ("" if disk["enough"] else ": too little")
    )
    memory = found["memory"]
    line(f"\nmemory\n  embeddings {memory['embeddings']}" + (f" at {memory['place']}" if memory["place"] else ""))
    line(f"  store      {memory['store'] or 'in the process'}")
    box = found["sandbox"]
    line("\nsandbox")
    if "problem" in box:
        line(f"  does not work: {box['problem']}")
    else:
        line(f"  {box['backend']} works ({box['strength']})")
        for what, how in box["enforced"].items():
            line(f"  {what:<10} {how or 'NOT ENFORCED'}")
        for check in box.get("checks", []):
            held = "held" if check["passed"] else "not held, as it says" if check["admitted"] else "BROKEN"
            line(f"  {held:<7} {check['name']}" + ("" if held == "held" else f": {check['detail']}"))
    for one in box["backends"]:
        lacks = "" if one["works"] else f"no: {one['problem']}" + (f" (fix: {one['fix']})" if one["fix"] else "")
        line(f"  {one['name']:<10} {lacks or 'works (' + one['strength'] + ')'}")
    if box.get("stronger"):
        line(f"  stronger   {box['stronger']}")
    if found["languages"]:
        line("\nlanguages")
    for one in found["languages"]:
        lacks = "" if one["works"] else f"no: {one['problem']}" + (f" (fix: {one['fix']})" if one["fix"] else "")
        line(f"  {one['name']:<10} {lacks or 'works'}")
    line("\ntools")
    for tool in found["tools"]:
        state = {True: "there", False: "MISSING", None: "unknown"}[tool["there"]]
        line(
            f"  {tool['name']:<10} {state:<8} for {tool['serves']}" + (f" (fix: {tool['fix']})" if tool["fix"] else "")
        )
    agents = found["agents"]
    line("\ntools of agents")
    for name in agents["tools"]:
        off = name == "fetch_page" and not agents["hosts"]
        line(f"  {name:<14} " + ('off (fix: [tools] hosts = ["…"])' if off else "there"))
    for one in agents["servers"]:
        lacks = "" if one["works"] else f"no: {one['problem']}" + (f" (fix: {one['fix']})" if one["fix"] else "")
        line(f"  {one['name']:<14} {lacks or 'MCP server: ' + ', '.join(one['tools'])}")
    if box.get("fix"):
        line(f"\nnext: {box['fix']}")
    elif not found["model"]:
        line("\nnext: agentverse demo, or see what a model needs here: agentverse models doctor")
    else:
        line("\nnext: agentverse models doctor")
