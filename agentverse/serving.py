"""A model for a run when none is configured: one that answers on this machine already, or one started for it."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from agentverse.errors import CannotServe, NoModel, ServerFailed
from agentverse.models.catalogue import Progress, pull
from agentverse.models.catalogue.machine import Machine, probe
from agentverse.models.servers.choose import Plan, engines, plan_for, plans
from agentverse.models.servers.discover import discover
from agentverse.models.servers.launch import CALLED, Launch, News
from agentverse.models.servers.ports import free_port
from agentverse.models.servers.running import Running, running
from agentverse.settings import Settings, state_home

RETRIES = 12
"""Of calls to a server that we start again when it dies: some two and a half minutes."""
LOGS = 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen and why: ``found`` answers already, ``served`` is about to be started."""

    how: Literal["found", "served"]
    model: str
    where: str
    """Address of the server, or the engine."""


class Onlooker:
    """Is asked before something is downloaded, and told what goes on. This one agrees to nothing and says nothing."""

    async def may_download(self, plan: Plan) -> bool:
        return False

    def chosen(self, chosen: Chosen) -> None: ...

    def progress(self, progress: Progress) -> None: ...

    def news(self, news: News) -> None: ...

    def passed_over(self, plan: Plan, why: Exception) -> None:
        """It could not be served after all; the next is tried."""


@asynccontextmanager
async def with_model(
    settings: Settings, *, least: int = 0, onlooker: Onlooker | None = None
) -> AsyncGenerator[Settings]:
    """The settings, with a model for the tier ``edge`` when they name none. What was started is stopped in the end.

    Args:
        least: tokens of context below which there is no use in a model.

    Raises:
        UsageError: the settings name a model, no server has it, and the catalogue does not know it.
        NoModel: there is none to be had: nothing answers, and nothing can be served here or may be downloaded.
        CannotServe, ServerFailed, PullFailed: the last thing that was tried.
    """
    onlooker = onlooker or Onlooker()
    if "edge" in settings.models.placed():
        yield settings
        return
    name = settings.models.edge.model if settings.models.edge else ""
    for found in await discover(settings.serve.ports, model=name):
        if found.context >= least:
            onlooker.chosen(Chosen("found", found.model, found.url))
            yield settings.with_edge("found on this machine", {"base_url": found.url, "model": found.model}, {})
            return
    async with AsyncExitStack() as stack:
        server = await _serve(name, least, onlooker, stack, offline=settings.offline)
        yield _with_server(settings, server.launch)


async def _serve(name: str, least: int, onlooker: Onlooker, stack: AsyncExitStack, *, offline: bool) -> Running:
    """Start the model that was named, or the best that can be served here."""
    machine = await asyncio.to_thread(probe)
    failed: CannotServe | ServerFailed | None = None
    refused: Plan | None = None
    for plan in [plan_for(name, machine)] if name else await asyncio.to_thread(_plans, machine, least):
        place = plan.place
        if place is None:
            if refused is not None or offline or not await onlooker.may_download(plan):
                refused = refused or plan
                continue
            place = await fetch(plan, onlooker.progress)
        try:
            launch = plan.launch(place, machine, port=free_port(), least=least, key=secrets.token_urlsafe(24))
            onlooker.chosen(Chosen("served", plan.entry.name, CALLED[plan.engine]))
            return await stack.enter_async_context(running(launch, log=log_of(launch), tell=onlooker.news))
        except (CannotServe, ServerFailed) as error:
            failed = error
            onlooker.passed_over(plan, error)
    if failed is not None:
        raise failed
    raise _nothing(machine, refused, offline=offline)


async def fetch(plan: Plan, progress: Callable[[Progress], None]) -> Path:
    """Download the weights of a plan. When it is cancelled, what is there so far stays, and is gone on with next time.

    Raises:
        PullFailed.
    """
    stopped = threading.Event()

    def heed(now: Progress) -> None:
        if stopped.is_set():
            raise InterruptedError
        progress(now)

    try:
        return await asyncio.to_thread(pull, plan.entry, plan.form, progress=heed)
    finally:
        stopped.set()


def log_of(launch: Launch) -> Path:
    """A file for what a server prints. Those of earlier servers are kept, but not many."""
    folder = state_home() / "servers"
    folder.mkdir(parents=True, exist_ok=True)
    old = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime)
    for path in old[: -LOGS + 1]:
        path.unlink(missing_ok=True)
    return folder / f"{launch.model}-{time.strftime('%m%d-%H%M%S')}-{launch.port}.log"


def _plans(machine: Machine, least: int) -> list[Plan]:
    return list(plans(machine, least=least))


def _with_server(settings: Settings, launch: Launch) -> Settings:
    """The settings of those for whom a server of ours answers."""
    place = {"base_url": launch.url, "model": launch.model, "api_key": SecretStr(launch.key)}
    usual = {"in_flight": launch.slots, "retries": RETRIES}
    return settings.with_edge("started on this machine", place, usual)


def _nothing(machine: Machine, refused: Plan | None, *, offline: bool) -> NoModel:
    if refused is not None:
        get = f"agentverse models pull {refused.entry.name}"
        return NoModel(
            f"{refused.entry.name} ({refused.size / 1e9:.1f} GB) could be served here, and would have to be downloaded",
            fix=f"Get it first: {get}" if offline else f"Say yes to it (--yes), or get it first: {get}",
        )
    if not engines(machine):
        return NoModel(
            "nothing that serves a model is installed here",
            fix="Install llama.cpp (pip install xllamacpp), or name a server: --model URL",
        )
    return NoModel(
        f"this machine has too little memory to serve a model: {machine.ram / 1e9:.1f} GB",
        fix="Name a server elsewhere: --model URL",
    )
