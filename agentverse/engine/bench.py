"""What the built-in tools of one turn work on: the files as they stand, a box, the agent, a person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from agentverse.agents.forms import form
from agentverse.agents.protocol import Expectation, Moved, TurnRequest
from agentverse.blueprint.artifacts import Evidence
from agentverse.engine.allowed import files_of
from agentverse.engine.gates import ask
from agentverse.engine.recordings import recording_of
from agentverse.engine.samples import Warm
from agentverse.engine.supply import supply
from agentverse.errors import PathRefused, PhaseFailed, SandboxLost, Unsupplied
from agentverse.journal.events import GateOpened
from agentverse.sandbox.evidence import gather
from agentverse.sandbox.protocol import Limits
from agentverse.tools.protocol import Ask, ToolFailed
from agentverse.tools.words import say
from agentverse.workspace.paths import safe_path
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


class VisitBench:
    """The bench of one turn; see `agentverse.tools.protocol.Bench` and `Course`. It moves on as tools change files."""

    def __init__(self, visit: Visit, turn: TurnRequest) -> None:
        self._visit, self._turn = visit, turn
        self._artifact = files_of(visit.spec)
        self.language = visit.work.language
        self.policy = visit.work.host.tools.policy
        self.recording = recording_of(visit, turn.seat)
        self._moved: list[Moved] = []
        self._step = ""
        self._ask: Ask | None = None
        self._stack = AsyncExitStack()
        self._warm: Warm | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    # ------------------------------------------------------------------ the course of the files

    @property
    def moved(self) -> tuple[Moved, ...]:
        return tuple(self._moved)

    def at(self, number: int, ask: Ask) -> None:
        self._step, self._ask = f"tool/{number}", ask

    def now(self, expects: Expectation) -> Expectation:
        """The expectation on the files as they stand; what it forbids and checks was said of those it began with."""
        if not self._moved or expects.type not in ("files", "edits"):
            return expects
        return replace(expects, base=self._files())

    def changes(self) -> Changes:
        written = {path for move in self._moved for path in move.written}
        files = self._files()
        return Changes(write={path: files[path] for path in sorted(written) if path in files})

    def _files(self) -> Mapping[str, bytes]:
        return self._visit.work.repo.files(self._visit.state.commit)

    # ------------------------------------------------------------------ what tools do

    def paths(self) -> Sequence[str]:
        return sorted(self._visit.work.repo.tree(self._visit.state.commit))

    async def read(self, path: str) -> bytes:
        return await asyncio.to_thread(self._visit.work.repo.read, self._visit.state.commit, path)

    async def run(self, argv: Sequence[str], *, seconds: float) -> Evidence:
        """Raises SandboxLost: nothing is written down, so that a resumed run tries again."""
        visit = self._visit
        files = await asyncio.to_thread(self._files)
        try:
            provision = await supply(visit, files)
        except Unsupplied as error:
            if error.stops:
                raise
            raise ToolFailed(f"{error} {error.fix or ''}".strip()) from error
        limits = Limits(wall=seconds)
        if self._warm is None:
            self._warm = await self._stack.enter_async_context(Warm(visit.work.host.sandbox))
        seen = await self._warm.run(files, argv, limits=limits, provision=provision)
        if seen is None:
            async with visit.work.host.sandbox.open(limits=limits) as box:
                await box.put(files)
                seen = await gather(box, argv, limits=limits, provision=provision)
        if seen.ended == "sandbox_lost":
            raise SandboxLost("the sandbox broke down while an agent's command ran")
        return seen

    async def edit(self, path: str) -> str:
        visit = self._visit
        try:
            plain = safe_path(path)
        except PathRefused as error:
            raise ToolFailed(str(error)) from error
        expects = replace(self.now(visit.expectation(self._artifact, "edits")), paths=(plain,))
        if why := expects.owned.get(plain):
            raise ToolFailed(f"{plain}: {why}")
        assert self._ask is not None
        question = say("write_edits", self.language, path=plain, form=form(expects, self.language))
        try:
            said = await self._ask(question, expects, step=f"{self._step}/edits")
            assert isinstance(said.value, Changes)
            await self._commit(said.value)
        except PhaseFailed as error:
            if error is self._turn.failed:
                raise
            raise ToolFailed(str(error)) from error
        return say("wrote", self.language, paths=", ".join(sorted(said.value.write)))

    async def _commit(self, changes: Changes) -> None:
        visit, before = self._visit, self._visit.state.commit
        turn = self._turn.key.removeprefix(f"{visit.key}/")
        state = await visit.change_files(self._artifact, changes, author=self._turn.role, turn=f"{turn}/{self._step}")
        self._visit = replace(visit, state=state)
        written, deleted = tuple(sorted(changes.write)), tuple(sorted(changes.delete))
        self._moved.append(Moved(state.commit, before, self._artifact, written, deleted))

    async def ask(self, question: str) -> str:
        visit = self._visit
        default = say("nobody", self.language)
        gate = GateOpened(phase=visit.name, visit=visit.number, question=question, default=default)
        answer = await ask(visit, f"{self._turn.key}/{self._step}/gate", gate)
        return default if answer is None else answer.text or answer.choice
