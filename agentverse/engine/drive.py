"""Drives one run in this process to its end: limits, commands from outside, delivery, report."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentverse import templates
from agentverse.blueprint.artifacts import Evidence
from agentverse.engine.commands import heed
from agentverse.engine.drain import Drain
from agentverse.engine.flow import Flow
from agentverse.engine.gates import answer_key, fitting, given
from agentverse.engine.gravest import gravest, innermost
from agentverse.engine.hearing import require_role
from agentverse.engine.protocol import RunResult
from agentverse.engine.state import State
from agentverse.engine.trust import prove
from agentverse.engine.work import Seen, Work
from agentverse.errors import (
    AgentverseError,
    LimitReached,
    PhaseFailed,
    RunFenced,
    SandboxLost,
    ToolServerFailed,
    Unsupplied,
    UsageError,
)
from agentverse.journal.entries import stream
from agentverse.journal.events import (
    Accepted,
    Entry,
    FilesChanged,
    GateOpened,
    LimitHit,
    Note,
    Remembered,
    RunEnded,
    Said,
    SceneEnded,
    ServersCounted,
)
from agentverse.models.counters import Counted, Counters
from agentverse.models.tracing import describe, operation, tracer
from agentverse.report import Report, build_report, write_report

if TYPE_CHECKING:
    from agentverse.blueprint.load import Resolved

_UNREPORTED = (Accepted, Remembered)
"""Nothing in a report is told by these, and there are as many as turns."""
PATIENCE = 10.0
"""Seconds that calls in flight are given when a run is stopped."""
COUNTING = 2.0
"""Seconds that the servers of a tier are given to say what they counted."""


class Stopped(AgentverseError):
    """The run was asked to stop."""


class Driver:
    """A run at work; see `agentverse.engine.protocol.RunHandle`."""

    def __init__(
        self,
        work: Work,
        blueprint: Resolved,
        *,
        start: State,
        inputs: Mapping[str, Any],
        folder: Path,
        drain: Drain,
    ) -> None:
        self.id = work.journal.run
        self.folder = folder
        self._work = work
        self._blueprint = blueprint
        self._flow = Flow(work, blueprint, idea=work.idea, inputs=inputs, start=start)
        self._drain = drain
        self._cancelled = False
        self._task = asyncio.create_task(self._run(), name=f"run {self.id}")

    def __aiter__(self) -> AsyncIterator[Entry]:
        return self._work.host.journal.follow(self.id)

    async def result(self) -> RunResult:
        """Wait for the end."""
        return await asyncio.shield(self._task)

    async def stop(self, *, now: bool = False, cancel: bool = False) -> None:
        """End in order, or at once; with ``cancel`` as a run that nobody means to go on with."""
        self._cancelled = self._cancelled or cancel
        if now:
            self._drain.hurry()
        self._work.stopping.set()

    async def answer(
        self, gate: str, *, text: str = "", choice: str = "", files: Mapping[str, bytes] | None = None
    ) -> None:
        """Answer an open gate. One that was opened before the run was resumed may be answered before it is reached."""
        journal = self._work.journal
        opened = journal.recall(gate)
        if opened is None or not isinstance(opened.event, GateOpened) or journal.recall(answer_key(gate)) is not None:
            raise UsageError(f"no question {gate!r} is open in run {self.id}")
        text, choice = fitting(opened.event, text, choice, files=bool(files))
        answer = given(text, choice, files or {})
        waiting = self._work.gates.setdefault(gate, asyncio.get_running_loop().create_future())
        if waiting.done():
            raise UsageError(f"the question {gate!r} is answered already")
        waiting.set_result(answer)

    async def say(self, text: str, *, role: str = "") -> None:
        """Have the next turn of ``role``, or of anybody, read ``text``. It is in the journal when this returns.

        Raises:
            UsageError: the company has no such role, or nothing is said.
        """
        require_role(self._blueprint, role)
        if not text.strip():
            raise UsageError("nothing was said")
        await self._work.journal.record(f"said/{secrets.token_hex(8)}", Said(role=role, text=text.strip()))

    # ------------------------------------------------------------------ the run

    async def _run(self) -> RunResult:
        spans = tracer()
        if spans is None:
            return await self._until_result()
        name = self._blueprint.company.name
        known = {"gen_ai.workflow.name": name, "gen_ai.conversation.id": self.id}
        with operation(spans, "invoke_workflow", name, known) as span:
            result = await self._until_result()
            describe(span, {"agentverse.outcome": result.outcome})
            return result

    async def _until_result(self) -> RunResult:
        work = self._work
        try:
            state: State | None = None
            problem: AgentverseError | None = None
            try:
                state = await self._until_end()
            except* AgentverseError as errors:
                problem = gravest(errors)
            if isinstance(problem, RunFenced):
                return self._result("stopped", str(problem), None, None, None, None)
            return await self._finish(state, problem)
        except BaseExceptionGroup as errors:
            raise innermost(errors) from errors
        finally:
            await work.journal.close()
            await asyncio.to_thread(work.repo.close)

    async def _until_end(self) -> State:
        """The flow, with the watchers beside it that can end it."""
        async with asyncio.TaskGroup() as group:
            flow = group.create_task(self._flow.run())
            beside = [
                group.create_task(self._work.budget.watch()),
                group.create_task(self._commands()),
                group.create_task(self._stop_when_asked()),
            ]
            try:
                return await flow
            finally:
                for task in beside:
                    task.cancel()

    async def _stop_when_asked(self) -> None:
        await self._work.stopping.wait()
        await self._drain.close(patience=PATIENCE)
        raise Stopped("the run was cancelled" if self._cancelled else "the run was stopped")

    async def _commands(self) -> None:
        """Commands that other processes left in the journal."""
        while True:
            for command in await self._work.journal.commands():
                await heed(self, self._work.journal, command)
            await asyncio.sleep(1.0)

    # ------------------------------------------------------------------ the end

    async def _finish(self, state: State | None, problem: AgentverseError | None) -> RunResult:
        work = self._work
        if isinstance(problem, LimitReached):
            hit = LimitHit(kind=problem.kind, used=problem.used, allowed=problem.allowed)
            work.journal.note(f"limit@{work.journal.epoch}", hit)
        outcome, reason = "failed", ""
        best = work.best()
        if state is not None:
            try:
                best, outcome, reason = await self._judge(state, best)
            except SandboxLost as error:
                outcome, reason = "stopped", str(error)
        elif isinstance(problem, PhaseFailed | LimitReached | templates.TemplateError):
            reason = str(problem)
        elif problem is not None:
            outcome, reason = "stopped", str(problem)
            if isinstance(problem, Unsupplied | ToolServerFailed) and problem.fix:
                reason = f"{reason}. {problem.fix}"
        commit = state.commit if state is not None and outcome == "succeeded" else ""
        commit = commit or (best.commit if best else work.latest)
        product = None
        if work.repo.tree(commit):
            product = await asyncio.to_thread(
                work.repo.deliver, commit, self.folder / "workspace", branch=self._branch()
            )
            await asyncio.to_thread(self._write_patch, commit)
        await self._count_servers()
        ended = RunEnded(outcome=outcome, reason=reason, commit=commit)  # pyright: ignore[reportArgumentType]
        await work.journal.record(f"end@{work.journal.epoch}", ended)
        entries = [entry for entry in stream(work.journal) if not isinstance(entry.event, _UNREPORTED)]
        report = build_report(entries, folder=self.folder, prices=work.host.prices)
        scene = self._scene(entries)
        del entries
        path = await asyncio.to_thread(write_report, report, self.folder)
        await work.journal.close(state="interrupted" if outcome == "stopped" and not self._cancelled else outcome)
        result = self._result(outcome, reason, product, best.evidence if best else None, path, report)
        return replace(result, scene=scene, limit=problem.kind if isinstance(problem, LimitReached) else result.limit)

    async def _judge(self, state: State, best: Seen | None) -> tuple[Seen | None, str, str]:
        """Whether the company's ``success`` holds, for the very files that will be delivered."""
        success = self._blueprint.company.success
        values = {
            **self._flow.inputs,
            **state.values(),
            "idea": self._work.idea,
            "language": self._work.language,
        }
        try:
            holds = bool(templates.evaluate(success, values))
        except templates.MissingName as error:
            return best, "failed", f"'{error.name}' was never produced"
        if not holds:
            if best is None or not best.evidence.reason:
                return best, "failed", f"the end was reached without {success}"
            why = best.evidence.reason.splitlines()[0]
            return best, "failed", f"the end was reached without {success}: {why}"
        if best is None or best.commit == state.commit:
            return best, "succeeded", ""
        return await self._confirm(state, best)

    async def _confirm(self, state: State, best: Seen) -> tuple[Seen | None, str, str]:
        """Files changed after the evidence was seen: the same command must pass on what is delivered."""
        visit = replace(best.visit, number=0, state=state)
        # A fork may hold what an older end showed, so the key says of which files it is.
        key = f"{visit.flow.prefix}{visit.name}#0/-/confirm@{state.commit[:12]}"
        evidence = await prove(self._work, state.commit, list(best.command), key=key, visit=visit)
        if evidence.passed or not best.evidence.passed:
            return Seen(evidence, state.commit, best.command, visit.stamp, visit), "succeeded", ""
        self._work.journal.note(
            "confirm",
            Note(text="what was added after the last test broke it and was left out", phase=visit.name),
        )
        return best, "failed", f"the finished files fail where earlier ones passed: {evidence.reason.splitlines()[0]}"

    async def _count_servers(self) -> None:
        """Write down what the servers of the models counted; one that is slow to say is not waited for, and none when
        the run was to stop at once.
        """
        journal = self._work.journal
        for tier, model in self._work.host.models.items():
            if self._drain.hurried:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(COUNTING):
                    counted = await model.counted() if isinstance(model, Counted) else dict[str, Counters]()
                    if counted:
                        servers = {where: dict(counters) for where, counters in counted.items()}
                        journal.note(f"counters/{tier}@{journal.epoch}", ServersCounted(tier=tier, servers=servers))

    def _scene(self, entries: Sequence[Entry]) -> SceneEnded | None:
        """How an environment that ran by itself ended."""
        if self._blueprint.company.scene is None:
            return None
        ended = (entry.event for entry in reversed(entries))
        return next((event for event in ended if isinstance(event, SceneEnded)), None)

    def _branch(self) -> str:
        return f"agentverse/{self.id}" if self._adopted else "main"

    @property
    def _adopted(self) -> FilesChanged | None:
        """What was there before the run, when it works on existing code."""
        known = self._work.journal.recall("adopted")
        return known.event if known is not None and isinstance(known.event, FilesChanged) else None

    def _write_patch(self, commit: str) -> None:
        """For existing code: the result as a patch beside the workspace, for ``git apply`` in the user's folder."""
        if self._adopted is not None:
            patch = self._work.repo.patch(self._adopted.commit, commit)
            (self.folder / "changes.patch").write_text(patch, encoding="utf-8", newline="")

    def _result(
        self,
        outcome: str,
        reason: str,
        product: Path | None,
        evidence: Evidence | None,
        path: Path | None,
        report: Report | None,
    ) -> RunResult:
        work = self._work
        return RunResult(
            run=self.id,
            outcome=outcome,
            reason=reason,
            folder=self.folder,
            product=product,
            start=report.start if report else "",
            evidence=evidence,
            usage=work.budget.usage,
            turns=work.budget.turns,
            seconds=work.budget.seconds,
            cost=(report.cost or 0.0) if report else 0.0,
            report=path,
            tiers=tuple(report.tiers) if report else (),
            saved=report.cascade.saved if report and report.cascade else None,
            environment=self._blueprint.company.scene or "",
        )
