"""The one model server that the page starts and stops."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from agentverse.errors import AgentverseError, UsageError
from agentverse.models.catalogue import Progress
from agentverse.models.catalogue.machine import Machine, probe
from agentverse.models.servers.choose import Plan, plan_for, plans
from agentverse.models.servers.launch import CALLED, Launch, News
from agentverse.models.servers.ports import free_port
from agentverse.models.servers.running import running
from agentverse.serving import RETRIES, fetch, log_of
from agentverse.settings import Settings
from agentverse.web.problems import Refused
from agentverse.web.shapes.machine import Serve, Served


class ManagedServer:
    """Starts a model server, keeps it up, stops it; at most one."""

    def __init__(self) -> None:
        self._told = Served(state="none")
        self._since = 0.0
        self._launch: Launch | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def told(self) -> Served:
        """What it does."""
        if self._told.state in ("downloading", "starting", "ready"):
            return self._told.model_copy(update={"seconds": time.monotonic() - self._since})
        return self._told

    def settings(self, settings: Settings) -> Settings | None:
        """The settings of those who use it; None while it is not ready."""
        launch = self._launch
        if launch is None or self._told.state != "ready":
            return None
        place = {"base_url": launch.url, "model": launch.model, "api_key": SecretStr(launch.key)}
        return settings.with_edge("started on this machine", place, {"in_flight": launch.slots, "retries": RETRIES})

    async def start(self, asked: Serve) -> Served:
        """Start what was asked for; returns at once.

        Raises:
            UsageError: there is no such model, nothing can be served here, or it would have to be downloaded.
            CannotServe.
            Refused: one is at work already.
        """
        if self._task is not None and not self._task.done():
            raise Refused(409, "running", f"{self._told.model} is being served already", fix="Stop it first.")
        machine = await asyncio.to_thread(probe)
        plan = await asyncio.to_thread(_plan, asked, machine)
        if plan.place is None and not asked.download:
            raise UsageError(
                f"{plan.entry.name} ({plan.size / 1e9:.1f} GB) would have to be downloaded", fix="Agree to that."
            )
        self._since = time.monotonic()
        self._told = Served(state="starting", model=plan.entry.name, engine=CALLED[plan.engine])
        self._task = asyncio.create_task(self._serve(plan, machine, asked), name="managed server")
        return self.told

    async def stop(self) -> Served:
        """Stop it, and wait until it has ended."""
        task, self._task = self._task, None
        if task is not None and not task.done():
            self._told = self._told.model_copy(update={"state": "stopping"})
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._told.state != "failed":
            self._told = Served(state="none")
        self._launch = None
        return self._told

    async def _serve(self, plan: Plan, machine: Machine, asked: Serve) -> None:
        try:
            place = plan.place or await self._download(plan)
            launch = plan.launch(place, machine, port=free_port(), context=asked.context, key=secrets.token_urlsafe(24))
            self._say(state="starting", context=launch.context)
            async with running(launch, log=log_of(launch), tell=self._heed) as server:
                self._launch = launch
                self._say(state="ready", url=launch.url, stage="", fraction=None)
                await server.wait()
        except AgentverseError as error:
            self._say(state="failed", problem=str(error), fix=error.fix)
        finally:
            self._launch = None

    async def _download(self, plan: Plan) -> Path:
        self._say(state="downloading", fraction=0.0)
        loop = asyncio.get_running_loop()

        def progress(now: Progress) -> None:
            share = now.done / now.total if now.total else None
            loop.call_soon_threadsafe(lambda: self._say(fraction=share))

        return await fetch(plan, progress)

    def _heed(self, news: News) -> None:
        if news.kind in ("starting", "loading", "died"):
            self._say(state="starting", stage=news.text, fraction=news.fraction)
        elif news.kind == "ready":
            self._say(state="ready", stage="", fraction=None)

    def _say(self, **changes: object) -> None:
        self._told = self._told.model_copy(update=changes)


def _plan(asked: Serve, machine: Machine) -> Plan:
    """What to serve.

    Raises:
        UsageError, CannotServe.
    """
    if asked.file is not None:
        path = Path(asked.file)
        if "\0" in asked.file or not path.is_absolute() or path.suffix != ".gguf" or not path.is_file():
            raise UsageError(f"{asked.file!r} is no GGUF file", fix="Give the whole path of one on this machine.")
        return plan_for(asked.file, machine, engine=asked.engine)
    if asked.name:
        return plan_for(asked.name, machine, engine=asked.engine)
    best = next((plan for plan in plans(machine) if asked.engine in (None, plan.engine)), None)
    if best is None:
        raise UsageError("nothing can be served on this machine", fix="See what it lacks: agentverse models doctor")
    return best
