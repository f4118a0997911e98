"""A server that is started, watched, started again when it dies, and stopped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agentverse.errors import CannotServe, ServerFailed
from agentverse.models.servers.complaints import failed
from agentverse.models.servers.launch import CALLED, Launch, News, Tell, quiet
from agentverse.models.servers.ports import require_free
from agentverse.models.servers.process import ServerProcess
from agentverse.models.servers.stages import Stage, loaded, stage_in

_LOOK = 0.05
"""Seconds between looks at a server that loads."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds.

    Attributes:
        silent: a server that loads may print nothing for so long.
        between: looks at whether it is well.
        sick: it may say that it is not, or nothing, for so long before it is started again.
        pauses: before each new start after a death; when they are used up, it is gone for good.
        well: after so long a life earlier deaths are forgotten.
        grace: for one that is stopped to end by itself, beyond its time to drain.
    """

    silent: float = 900.0
    between: float = 5.0
    sick: float = 60.0
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    well: float = 300.0
    grace: float = 5.0


class Running:
    """A server that answers, as long as it is kept up.

    Attributes:
        seconds: what its first start took.
    """

    def __init__(self, launch: Launch, log: Path, seconds: float, watch: asyncio.Task[ServerFailed]) -> None:
        self.launch, self.log, self.seconds = launch, log, seconds
        self._watch = watch

    async def wait(self) -> None:
        """Wait until it is given up.

        Raises:
            ServerFailed: why it was.
        """
        raise await asyncio.shield(self._watch)


@asynccontextmanager
async def running(
    launch: Launch, *, log: Path, tell: Tell = quiet, patience: Patience | None = None
) -> AsyncGenerator[Running]:
    """Start a server and wait until it answers; keep it up meanwhile; stop it in the end.

    Args:
        log: file that what it prints is added to.
        tell: is told what happens.

    Raises:
        CannotServe: its port is taken, or its program cannot be started.
        ServerFailed: it died while it loaded.
    """
    require_free(launch.port)
    keeper = _Keeper(ServerProcess(launch, log), tell, patience or Patience())
    try:
        await keeper.start()
        seconds = keeper.process.seconds
        watch = asyncio.create_task(keeper.keep(), name=f"keep {launch.model}")
        try:
            yield Running(launch, log, seconds, watch)
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
    finally:
        await keeper.process.stop(keeper.patience.grace)
        tell(News("stopped"))


class _Keeper:
    def __init__(self, process: ServerProcess, tell: Tell, patience: Patience) -> None:
        self.process, self.tell, self.patience = process, tell, patience

    async def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            CannotServe, ServerFailed.
        """
        process = self.process
        await process.start()
        self.tell(News("starting", process.launch.model))
        shown: Stage | None = None
        heard, last = 0, time.monotonic()
        while not await process.answers():
            if await process.ended(_LOOK):
                raise self._failed()
            stage, size = self._stage(), process.printed
            if stage != shown or size != heard:
                last = time.monotonic()
            if stage is not None and stage != shown:
                self.tell(News("loading", stage.name, stage.fraction, process.seconds))
            shown, heard = stage, size
            if time.monotonic() - last > self.patience.silent:
                name, seconds = CALLED[process.launch.engine], self.patience.silent
                raise ServerFailed(
                    f"{name} has said nothing for {seconds:.0f} s while it loaded {process.launch.model}",
                    fix=f"Its log may say more: {process.log}",
                )
        if process.code is not None:  # something else answered
            raise self._failed()
        self.tell(News("ready", process.launch.url, seconds=process.seconds))

    async def keep(self) -> ServerFailed:
        """Start it again whenever it dies; return why when that does not help any more."""
        pauses = iter(self.patience.pauses)
        while True:
            born = time.monotonic()
            why: ServerFailed | None = await self._until_dead()
            if time.monotonic() - born >= self.patience.well:
                pauses = iter(self.patience.pauses)
            while why is not None:
                pause = next(pauses, None)
                if pause is None:
                    self.tell(News("gone", str(why)))
                    return why
                self.tell(News("died", str(why), seconds=pause))
                await asyncio.sleep(pause)
                why = await self._again()

    async def _again(self) -> ServerFailed | None:
        """Start it once more; None when it answers."""
        try:
            await self.start()
        except (CannotServe, ServerFailed) as error:
            await self.process.stop(self.patience.grace)
            return error if isinstance(error, ServerFailed) else ServerFailed(str(error), fix=error.fix)
        return None

    async def _until_dead(self) -> ServerFailed:
        """Wait until it has ended, or end it because it was not well for too long; returns why."""
        well = time.monotonic()
        while not await self.process.ended(self.patience.between):
            if await self.process.answers():
                well = time.monotonic()
            elif time.monotonic() - well > self.patience.sick:
                await self.process.stop(self.patience.grace)
                launch = self.process.launch
                return ServerFailed(
                    f"{CALLED[launch.engine]} with {launch.model} was not well for {self.patience.sick:.3g} s",
                    fix=f"Its log may say more: {self.process.log}",
                )
        return self._failed()

    def _stage(self) -> Stage | None:
        process = self.process
        if process.launch.engine == "vllm":
            return stage_in(process.said())
        share = loaded(process.pid, process.launch.weights)
        return None if share is None else Stage("weights", round(share, 2))

    def _failed(self) -> ServerFailed:
        process = self.process
        return failed(process.launch, process.said(), code=process.code, where=str(process.log))
