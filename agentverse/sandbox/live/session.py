"""One long-lived box in which programs are started within milliseconds and see one another.

The box is an ordinary command of the sandbox, so every backend that can run one and talk to it can hold a session. What
comes out of it is as hostile as the worst program in it: such a program can kill the session or lie in its name. It is
good for trying, watching and for looking at a product; a verdict takes a fresh box.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox import tooling
from agentverse.sandbox.live import frames
from agentverse.sandbox.live.accepting import FIRST, Accepting, Serve
from agentverse.sandbox.live.running import Accepted, Connection, Program
from agentverse.sandbox.protocol import ExecResult, Limits, Mount, Sandbox

STARTING = 20.0
"""Seconds in which a session is there; it takes a tenth of one."""
OBEYING = 2.0
"""Seconds in which a program that is to be killed is dead; then the whole session dies."""
CLEANING = 5.0
"""Seconds in which a session is clean; then a new one is quicker."""
UNBOUNDED = 1 << 50
"""Bytes of address space."""
FOREVER = 7 * 24 * 3600.0
ROOMY = 4
"""A session's box may hold this many times the processes of one command: it holds several."""


class Session:
    """The host's side; see the module. Made by `start`."""

    def __init__(self, box: Sandbox, *, limits: Limits, mounts: Sequence[Mount] = ()) -> None:
        self._box, self._limits, self._mounts = box, limits, tuple(mounts)
        self._write: Callable[[bytes], None] = lambda _: None
        self._frames = frames.Reader()
        self._programs: dict[int, Program] = {}
        self._numbers = itertools.count(1)
        self._accepting = Accepting()
        self._task: asyncio.Task[ExecResult] | None = None
        self._broken = False
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def alive(self) -> bool:
        return self._task is not None and not self._task.done() and not self._broken

    @property
    def busy(self) -> bool:
        """Whether a program is at work in it."""
        return bool(self._programs)

    async def start(self) -> None:
        """Start the box.

        Raises:
            SandboxUnavailable: it could not be started.
        """
        # Address space says nothing about a box of many programs, and a browser reserves terabytes: each program gets
        # a bound of its own when it is started.
        in_sum = self._box.info.enforced.get("memory", "").startswith("c")
        limits = Limits(
            wall=FOREVER,
            cpu=int(FOREVER),
            memory=self._limits.memory * 2 if in_sum else UNBOUNDED,
            pids=self._limits.pids * ROOMY,
            disk=self._limits.disk,
            file=self._limits.file,
            output=self._limits.output,
            nofile=self._limits.nofile,
        )
        argv = ["python", "-P", "-m", tooling.AGENT]
        self._task = asyncio.create_task(self._box.exec(argv, limits=limits, mounts=self._mounts, line=self))
        self._task.add_done_callback(self._lost)
        done, _ = await asyncio.wait([self._ready, self._task], timeout=STARTING, return_when="FIRST_COMPLETED")
        if self._ready in done and not self._ready.cancelled():
            return
        if self._task in done and not self._task.cancelled():
            said = self._task.result().stderr.decode(errors="replace").strip().splitlines()  # raises what exec raised
            raise SandboxUnavailable(f"a session ended as it began: {said[-1] if said else 'without a word'}")
        await self.close()
        raise SandboxUnavailable(f"a session was not there within {STARTING:g} seconds", fix="Try again.")

    async def close(self) -> None:
        """Kill everything in it, and end the handlers of its connections."""
        await self._accepting.close()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            with suppress(asyncio.CancelledError, SandboxUnavailable):
                await self._task

    # ------------------------------------------------------------------ what is asked of it

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> ExecResult:
        """Run one command to its end; ``pytest`` in a fork that reports."""
        bounds = limits or self._limits
        words = tooling.command(argv)
        warm = words[:3] == ("python", "-m", "pytest")
        order: dict[str, Any] = {"argv": list(words[3:] if warm else words), "warm": warm, "report": warm}
        program = self._begin(order, argv=words, name=words[0], cwd=cwd, env=env, limits=bounds)
        self._send(frames.data(program.number, frames.STDIN, stdin) + frames.end(program.number, frames.STDIN))
        try:
            async with asyncio.timeout(bounds.wall):
                return await program.wait()
        except TimeoutError:
            program.stopped = program.stopped or "timeout"
            return await self._killed(program)
        finally:
            if not program.over:
                await self._killed(program)

    def spawn(
        self,
        argv: Sequence[str],
        *,
        name: str,
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        terminal: tuple[int, int] | None = None,
        pipes: bool = False,
    ) -> Program:
        """Start a program that goes on.

        Args:
            limits: bounds of its processes; ``memory`` 0 for none but the session's own.
            terminal: columns and rows of a terminal it is on; its output comes as stdout.
            pipes: it can read descriptor 3 and write 4, as Chromium is told what to do.
        """
        words = tuple(argv)
        order: dict[str, Any] = {"argv": list(words), "keep": True, "terminal": terminal, "pipes": pipes}
        return self._begin(order, argv=words, name=name, cwd=cwd, env=env, limits=limits or self._limits)

    async def clean(self) -> bool:
        """Kill all programs and empty the folders they could write to; False when that was not done in time."""
        program = self._add(Program(next(self._numbers), ("clean",), "clean", 0, self))
        self._send(frames.order({"do": "clean", "id": program.number}))
        try:
            async with asyncio.timeout(CLEANING):
                return (await program.wait()).ok
        except TimeoutError:
            return False

    async def connect(self, port: int) -> Connection:
        """Connect to a port of the session's 127.0.0.1.

        Raises:
            ConnectionError: nothing listens there, or the session is lost.
        """
        program = self._add(Program(next(self._numbers), ("connect", str(port)), f"port {port}", 0, self))
        self._send(frames.order({"do": "connect", "id": program.number, "port": port}))
        return await Connection.opened(program)

    async def listen(self, port: int, serve: Serve) -> None:
        """Have connections to a port of the session's 127.0.0.1 served by the host.

        Raises:
            ConnectionError: the port is taken, or the session is lost.
        """
        program = self._add(Program(next(self._numbers), ("listen", str(port)), f"port {port}", 0, self))
        self._accepting.handlers[port] = serve
        self._send(frames.order({"do": "listen", "id": program.number, "port": port}))
        begun = await program.begin()
        self._programs.pop(program.number, None)
        if not begun:
            raise ConnectionError(program.failed or "the session is lost")

    # ------------------------------------------------------------------ for programs

    def give(self, number: int, stream: int, content: bytes) -> None:
        self._send(frames.data(number, stream, content))

    def give_end(self, number: int, stream: int) -> None:
        self._send(frames.end(number, stream))

    def drop(self, number: int) -> None:
        self._send(frames.order({"do": "kill", "id": number}))

    async def kill(self, program: Program) -> ExecResult:
        """Kill a program and all below it; the whole session when it does not die of that."""
        self.drop(program.number)
        try:
            async with asyncio.timeout(OBEYING):
                return await program.wait()
        except TimeoutError:
            await self.close()
            return await program.wait()

    async def _killed(self, program: Program) -> ExecResult:
        """Like `kill`, and done even while being cancelled."""
        task = asyncio.create_task(self.kill(program))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise

    # ------------------------------------------------------------------ both ends

    def connected(self, write: Callable[[bytes], None]) -> None:
        """Part of `agentverse.sandbox.protocol.Line`."""
        self._write = write

    def heard(self, data: bytes) -> None:
        """Part of `agentverse.sandbox.protocol.Line`. Whatever makes no sense ends the session."""
        try:
            for kind, number, stream, body in self._frames.feed(data):
                if kind == frames.ORDER:
                    self._told(json.loads(body))
                elif (program := self._programs.get(number)) is not None:
                    program.heard(stream, body if kind == frames.DATA else None)
        except (ValueError, TypeError, KeyError, RecursionError):
            self._broken = True
            if self._task is not None:
                self._task.cancel()

    def _told(self, said: dict[str, Any]) -> None:
        if "ready" in said:
            if not self._ready.done():
                self._ready.set_result(None)
            return
        if "accepted" in said:
            self._accept(said["accepted"], said["port"])
            return
        program = self._programs.get(said["id"])
        if program is None:
            return
        if "started" in said:
            program.begun()
        elif "took" in said:
            program.took(int(said["took"]))
        else:
            del self._programs[program.number]
            program.finish(said)

    def _accept(self, number: int, port: int) -> None:
        if number < FIRST or number in self._programs or port not in self._accepting.handlers:
            raise ValueError("not a connection that can be")
        if self._accepting.full:
            self._send(frames.order({"do": "kill", "id": number}))
        else:
            self._accepting.accept(Accepted(self._add(Program(number, ("accepted",), "accepted", 0, self))), port)

    def _begin(
        self,
        order: dict[str, Any],
        *,
        argv: tuple[str, ...],
        name: str,
        cwd: str,
        env: Mapping[str, str] | None,
        limits: Limits,
    ) -> Program:
        if not argv or any("\0" in word for word in (*argv, cwd)):
            raise ValueError("a command is one or more words without NUL")
        program = self._add(Program(next(self._numbers), argv, name, limits.output, self))
        bounds = {
            "core": (0, 0),
            "nofile": (limits.nofile, limits.nofile),
            "fsize": (limits.file, limits.file),
            "cpu": (limits.cpu, limits.cpu + 1),
        }
        if limits.memory and not self._box.info.enforced.get("memory", "").startswith("c"):
            bounds["as"] = (limits.memory, limits.memory)
        folder = os.path.normpath(os.path.join("/work", cwd))
        if not f"{folder}/".startswith("/work/"):
            raise ValueError(f"{cwd!r} is not in the workspace")
        order |= {
            "do": "start",
            "id": program.number,
            "cwd": "." if folder == "/work" else os.path.relpath(folder, "/work"),
            "env": dict(env or {}),
            "limits": bounds,
        }
        self._send(frames.order(order))
        return program

    def _add(self, program: Program) -> Program:
        program.started = time.monotonic()
        self._programs[program.number] = program
        if not self.alive:
            asyncio.get_running_loop().call_soon(self._drop_all)
        return program

    def _send(self, data: bytes) -> None:
        if self.alive:
            self._write(data)

    def _lost(self, task: asyncio.Task[ExecResult]) -> None:
        if not self._ready.done():
            self._ready.cancel()
        self._drop_all()

    def _drop_all(self) -> None:
        for program in tuple(self._programs.values()):
            program.finish({"code": None})
        self._programs.clear()
