"""One server process: started, listened to, ended with all it started."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agentverse.errors import CannotServe
from agentverse.models.servers import leash
from agentverse.models.servers.launch import HOST, Launch

if TYPE_CHECKING:
    from asyncio.subprocess import Process

TAIL = 64 * 1024
"""Bytes of a log that are looked at for what went wrong."""
_ANSWER_SECONDS = 10.0
# These would make a server ask for a key that nobody knows, or name a server that it is not.
_NOT_FOR_SERVERS = ("VLLM_API_KEY", "LLAMA_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")


class ServerProcess:
    """A server that is being tried or used. What it prints goes into ``log``, and outlives it."""

    def __init__(self, launch: Launch, log: Path) -> None:
        self.launch, self.log = launch, log
        self.started = 0.0
        self._from = 0
        self._process: Process | None = None

    async def start(self) -> None:
        """Raises CannotServe: this machine has no room for another process."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.started = time.monotonic()
        with self.log.open("ab") as out:
            self._from = out.tell()
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *_tied(self.launch.argv),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=out,
                    stderr=asyncio.subprocess.STDOUT,
                    env=environment(self.launch),
                    start_new_session=True,  # Ctrl-C is for us; we stop it in order
                )
            except OSError as error:
                raise CannotServe(f"no process can be started: {error.strerror}") from error

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def code(self) -> int | None:
        """Exit code; None while it runs."""
        return self._process.returncode if self._process else None

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    async def ended(self, within: float) -> bool:
        """Whether it ends by itself within so many seconds. What it leaves behind is ended, too."""
        assert self._process is not None
        try:
            async with asyncio.timeout(within):
                await self._process.wait()
        except TimeoutError:
            return False
        self._sweep()
        return True

    async def answers(self) -> bool:
        """Whether it says that it is well."""
        from aiohttp import ClientError, ClientSession, ClientTimeout

        try:
            async with (
                ClientSession(timeout=ClientTimeout(total=_ANSWER_SECONDS)) as client,
                client.get(f"http://{HOST}:{self.launch.port}/health") as response,
            ):
                return response.status == 200
        except (ClientError, TimeoutError, OSError):
            return False

    @property
    def printed(self) -> int:
        """Bytes in its log."""
        with suppress(OSError):
            return self.log.stat().st_size
        return 0

    def said(self) -> str:
        """The end of what it has printed since it was started."""
        with suppress(OSError), self.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._from, size - TAIL))
            return log.read().decode("utf-8", "replace")
        return ""

    async def stop(self, grace: float) -> None:
        """Let it finish what is in flight, then end it and all it started. Safe to call twice.

        Args:
            grace: seconds beyond its time to drain until it is ended by force.
        """
        if self._process is None or self.code is not None:
            return
        try:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await self.ended(self.launch.drain + grace)
        finally:
            if self.code is None:
                self._sweep()
        await self._process.wait()

    def _sweep(self) -> None:
        """End all that is left of its process group."""
        assert self._process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def environment(launch: Launch) -> dict[str, str]:
    """The variables a server runs with."""
    return {name: value for name, value in os.environ.items() if name not in _NOT_FOR_SERVERS} | dict(launch.env)


def _tied(argv: tuple[str, ...]) -> tuple[str, ...]:
    return (sys.executable, "-P", leash.__file__, str(os.getpid()), *argv)
