"""The runs that this server drives, in its own loop: begun, taken up, forked, steered, and ended in order with it.

A run is told what to do through its handle when it is at work here, and through the journal when another process drives
it, so the page and the command line steer the same runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from agentverse.blueprint.resolved import Resolved
from agentverse.engine import commands
from agentverse.engine.gates import fitting, given
from agentverse.engine.hearing import require_role
from agentverse.engine.protocol import Host, RunHandle
from agentverse.errors import UsageError
from agentverse.host import open_host, working_sandbox
from agentverse.journal.events import GateAnswered, GateOpened, Reply
from agentverse.journal.protocol import Journal, RunRow
from agentverse.models.protocol import ChatModel
from agentverse.past import begun
from agentverse.sandbox.protocol import SandboxBackend
from agentverse.settings import Settings
from agentverse.web.problems import Refused
from agentverse.web.writing import Writing

MOST = 64
"""Runs at work here at once."""
Make = Callable[[Host], Awaitable[RunHandle]]


@dataclass(eq=False)
class _AtWork:
    handle: RunHandle
    stack: AsyncExitStack
    writing: Writing
    ask: bool
    over: asyncio.Task[None] = field(init=False)


class Workshop:
    """Drives runs.

    Args:
        changed: called when a run began, ended, or has another question that waits.
    """

    def __init__(self, journal: Journal, changed: Callable[[], None]) -> None:
        self.journal = journal
        self._changed = changed
        self._here: dict[str, _AtWork] = {}
        self._sandboxes: dict[str, SandboxBackend] = {}
        self._beginning = 0
        self._closed = False

    def is_here(self, run: str) -> bool:
        return run in self._here

    def asks(self, run: str) -> bool:
        """Whether a person may hold a seat in a run. Of runs at work elsewhere it is not known, so they may."""
        at_work = self._here.get(run)
        return at_work is None or at_work.ask

    def writing(self, run: str) -> Writing | None:
        """The replies that are being written in a run, when it is at work here."""
        at_work = self._here.get(run)
        return at_work.writing if at_work else None

    def require_room(self, runs: int) -> None:
        """See that so many more runs can be at work here.

        Raises:
            Refused: they cannot.
        """
        if len(self._here) + self._beginning + runs > MOST:
            raise Refused(
                409, "busy", f"at most {MOST} runs can be at work here", fix="Wait for one of them, or pause it."
            )

    async def take_on(
        self, settings: Settings, make: Make, *, ask: bool, models: Mapping[str, ChatModel] | None = None
    ) -> str:
        """Begin, resume or fork a run with ``make``; returns its id once it is at work.

        Args:
            ask: somebody answers questions; otherwise they take their default.
            models: instead of those of the settings.

        Raises:
            Refused: too many runs are at work.
            What ``make`` raises.
        """
        if self._closed:
            raise Refused(503, "closing", "the server is about to end")
        self.require_room(1)
        self._beginning += 1
        stack, writing = AsyncExitStack(), Writing()
        try:
            sandbox = await self._sandbox(settings)
            opened = open_host(
                settings, models=models, watch=writing, interactive=ask, sandbox=sandbox, journal=self.journal
            )
            handle = await make(await stack.enter_async_context(opened))
        except BaseException:
            await stack.aclose()
            raise
        finally:
            self._beginning -= 1
        at_work = self._here[handle.id] = _AtWork(handle, stack, writing, ask)
        at_work.over = asyncio.create_task(self._see_through(at_work), name=f"see through {handle.id}")
        self._changed()
        return handle.id

    async def pause(self, row: RunRow) -> None:
        """Have a run end in order, so that it can be resumed.

        Raises:
            Refused: it is not running.
        """
        await self._stop(row, now=False, cancel=False)

    async def cancel(self, row: RunRow) -> None:
        """Have a run end at once and for good.

        Raises:
            Refused: it is not running.
        """
        await self._stop(row, now=True, cancel=True)

    async def _stop(self, row: RunRow, *, now: bool, cancel: bool) -> None:
        at_work = self._here.get(row.id)
        if at_work is not None:
            await at_work.handle.stop(now=now, cancel=cancel)
        elif row.state == "running":
            await self.journal.send(row.id, *commands.stop(now=now, cancel=cancel))
        else:
            raise Refused(409, "not_running", f"run {row.id} is not running")

    async def answer(self, row: RunRow, gate: str, *, text: str, choice: str, files: Mapping[str, bytes]) -> None:
        """Answer a question. One of a run that nobody drives is kept for it.

        Raises:
            UsageError: no such question waits, or the answer does not fit.
            PathRefused: a file may not have that name.
        """
        at_work = self._here.get(row.id)
        if at_work is not None:
            await at_work.handle.answer(gate, text=text, choice=choice, files=files)
            return
        entries = await self.journal.read(row.id)
        answered = {f"{e.key.rpartition('/')[0]}/gate" for e in entries if isinstance(e.event, GateAnswered)}
        opened = next((e.event for e in entries if e.key == gate and isinstance(e.event, GateOpened)), None)
        if opened is None or gate in answered:
            raise UsageError(f"no question {gate!r} is open in run {row.id}")
        text, choice = fitting(opened, text, choice, files=bool(files))
        given(text, choice, files)
        await self.journal.send(row.id, *commands.answer(gate, text=text, choice=choice, files=files))

    async def say(self, row: RunRow, text: str, *, role: str) -> None:
        """Have the next turn of a role read something. What is said to a run that nobody drives is kept for it.

        Raises:
            UsageError: there is no such role, or nothing is said.
            Refused: the run is over.
        """
        at_work = self._here.get(row.id)
        if at_work is not None:
            await at_work.handle.say(text, role=role)
            return
        if row.state not in ("running", "interrupted"):
            raise Refused(409, "not_running", f"run {row.id} is over")
        require_role(Resolved.model_validate((await begun(self.journal, row)).company), role)
        await self.journal.send(row.id, *commands.say(text, role=role))

    async def close(self) -> None:
        """Pause all runs, and take on no more; returns when they have ended."""
        self._closed = True
        tasks = [at_work.over for at_work in self._here.values()]
        for at_work in list(self._here.values()):
            await at_work.handle.stop()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def hurry(self) -> None:
        """Wait no longer for what is in flight."""
        for at_work in list(self._here.values()):
            await at_work.handle.stop(now=True)

    async def _see_through(self, at_work: _AtWork) -> None:
        """Follow a run to its end, then close what it used."""
        handle = at_work.handle
        try:
            async for entry in handle:
                if isinstance(entry.event, Reply):
                    at_work.writing.over(entry.key)
                elif isinstance(entry.event, GateOpened | GateAnswered):
                    self._changed()
            await handle.result()
        finally:
            del self._here[handle.id]
            await at_work.stack.aclose()
            self._changed()

    async def _sandbox(self, settings: Settings) -> SandboxBackend:
        """The sandbox of the settings, tried once."""
        key = settings.sandbox.model_dump_json()
        if key not in self._sandboxes:
            self._sandboxes[key] = await working_sandbox(settings)
        return self._sandboxes[key]
