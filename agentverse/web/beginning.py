"""How runs are begun, taken up and forked over HTTP: what `run`, `resume`, `fork` and `demo` do."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentverse.blueprint.load import Layer, Library
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.sources import shipped_folder
from agentverse.engine import run as engine
from agentverse.engine.choosing import named
from agentverse.engine.protocol import Host, RunHandle
from agentverse.errors import NoModel, UsageError
from agentverse.journal.protocol import RunRow
from agentverse.past import as_now, begun, limits_of
from agentverse.settings import Settings
from agentverse.web.context import Options, Web
from agentverse.web.shapes.runs import AskedLimits, Begin, Fork, GoOn, Tier

ORIGIN = "the request"


async def begin(web: Web, asked: Begin) -> str:
    """Begin a run; returns its id.

    Raises:
        UsageError, BlueprintError, NoModel, ModelError, SandboxUnavailable: it cannot begin.
    """
    if asked.demo is not None:
        return await _play(web, asked.demo, asked.name)
    more = {"company": (asked.company, ORIGIN), "language": (asked.language, ORIGIN)}
    settings = await placed(web, web.settings({**more, **asked_for(asked.limits, asked.models)}))
    library = Library.default(web.project)
    blueprint = library.company(settings.company)
    code = named(asked.code, library).name if asked.code else ""
    source = _source(web, asked.source)

    async def make(host: Host) -> RunHandle:
        return await engine.begin(
            host,
            blueprint,
            asked.idea,
            language=settings.language,
            code=code,
            inputs=asked.inputs,
            limits=settings.bounds(blueprint.company.limits),
            source=source,
            run=asked.name,
        )

    return await web.workshop.take_on(settings, make, ask=asked.ask)


async def _play(web: Web, name: str, run: str | None) -> str:
    """Play a recorded run: real engine, real sandbox, no model."""
    from agentverse.demos import demos, find_demo
    from agentverse.models.recording import RecordingModel

    demo = find_demo(name, demos())
    about = demo.recording.about
    blueprint = Library([Layer("shipped", shipped_folder())]).company(demo.company)

    async def make(host: Host) -> RunHandle:
        run_id = run or f"demo-{demo.name}-{secrets.token_hex(2)}"
        return await engine.begin(host, blueprint, about.idea, language=about.language, run=run_id)

    models = {"edge": RecordingModel(demo.recording, demo.name)}
    return await web.workshop.take_on(web.settings(), make, ask=False, models=models)


async def resume(web: Web, row: RunRow, asked: GoOn) -> str:
    """Go on with a run; returns its id.

    Raises:
        RunBusy, RunNotFound, CompanyChanged, NoModel, ModelError, SandboxUnavailable.
    """
    started = await begun(web.journal, row)
    settings = web.settings(asked_for(asked.limits, asked.models))
    limits = settings.bounds(limits_of(started)) if settings.limits.model_dump(exclude_none=True) else None
    demo = await _recorded(web, row)
    if demo is None:
        settings = await placed(web, settings)

    async def make(host: Host) -> RunHandle:
        return await engine.resume(
            host, row.id, limits=limits, as_begun=asked.as_begun or demo is not None, blueprint=as_now(started)
        )

    return await web.workshop.take_on(settings, make, ask=asked.ask, models=demo)


async def fork(web: Web, row: RunRow, asked: Fork) -> str:
    """Begin a run that takes over what another did before a phase; returns its id.

    Raises:
        UsageError, BlueprintError, RunNotFound, NoModel, ModelError, SandboxUnavailable.
    """
    started = await begun(web.journal, row)
    settings = await placed(web, web.settings(asked_for(asked.limits, asked.models)))
    blueprint = Library.default(web.project).company(asked.company) if asked.company else None
    was = blueprint.company.limits if blueprint else limits_of(started)
    if asked.prompt is not None:
        blueprint = prompted(blueprint or Resolved.model_validate(started.company), asked.phase, asked.prompt)

    async def make(host: Host) -> RunHandle:
        return await engine.fork(
            host, row.id, phase=asked.phase, blueprint=blueprint, limits=settings.bounds(was), new_run=asked.name
        )

    return await web.workshop.take_on(settings, make, ask=asked.ask)


def prompted(blueprint: Resolved, phase: str, prompt: str) -> Resolved:
    """A company whose phase ``phase`` has another prompt. One that does not exist is left to whoever forks."""
    spec = blueprint.company.phases.get(phase)
    if spec is None:
        return blueprint
    phases = {**blueprint.company.phases, phase: spec.model_copy(update={"prompt": prompt})}
    return blueprint.model_copy(update={"company": blueprint.company.model_copy(update={"phases": phases})})


async def _recorded(web: Web, row: RunRow) -> Mapping[str, Any] | None:
    """The model of a run that plays a recording that comes with agentverse; None for any other run."""
    if not (await web.tally(row)).recorded:
        return None
    from agentverse.demos import demos
    from agentverse.models.recording import RecordingModel

    known = [demo for demo in demos() if demo.recording.about.idea == row.idea]
    return {"edge": RecordingModel(known[0].recording, known[0].name)} if known else None


def asked_for(limits: AskedLimits, models: Mapping[Tier, str]) -> Options:
    """What a request says about limits and models, as settings."""
    said: dict[str, tuple[Any, str]] = {
        f"limits.{name}": (value, ORIGIN) for name, value in limits.model_dump(exclude_none=True).items()
    }
    return {**said, **{f"models.{tier}": (spec, ORIGIN) for tier, spec in models.items()}}


async def placed(web: Web, settings: Settings) -> Settings:
    """The settings, with what answers on this machine when they name no model.

    Raises:
        NoModel: nothing does.
    """
    if "edge" in settings.models.placed():
        return settings
    if (served := web.served.settings(settings)) is not None:
        return served
    from agentverse.models.servers.discover import discover

    name = settings.models.edge.model if settings.models.edge else ""
    found = await discover(settings.serve.ports, model=name)
    if not found:
        raise NoModel(
            "no model is configured, and none answers on this machine",
            fix="Start one (POST /api/models/serve), or name a server: models.edge.base_url.",
        )
    return settings.with_edge("found on this machine", {"base_url": found[0].url, "model": found[0].model}, {})


def _source(web: Web, said: str | None) -> Path | None:
    """The folder of an existing code base.

    Raises:
        UsageError: it is none, or others than this machine's user can ask.
    """
    if said is None:
        return None
    if not web.here.loopback:
        raise UsageError("folders of the server's machine are taken on loopback only")
    folder = Path(said).expanduser()
    if "\0" in said or not folder.is_absolute() or not folder.is_dir():
        raise UsageError(f"{said!r} is no folder", fix="Give the whole path of a folder on this machine.")
    return folder
