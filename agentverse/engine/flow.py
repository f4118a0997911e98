"""Runs one company's graph: who goes when, joins, guards, loops.

The graph is executed from the start each time, also when a run is resumed; steps that are in the journal answer at
once. Nothing here may depend on timing unless it is written down first as a decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from agentverse import templates
from agentverse.blueprint.company import Company
from agentverse.engine.fan_out import fan_out
from agentverse.engine.graph import Loop, Region, compile_graph, critical, forward, plan
from agentverse.engine.gravest import gravest
from agentverse.engine.kinds import KINDS
from agentverse.engine.state import State, join
from agentverse.engine.visit import Visit
from agentverse.errors import ContextOverflow, ModelRejected, PhaseFailed
from agentverse.journal.events import (
    Decision,
    PhaseFailedEvent,
    PhaseFinished,
    PhaseSkipped,
    PhaseStarted,
    Stuck,
)

if TYPE_CHECKING:
    from agentverse.blueprint.load import Resolved
    from agentverse.engine.work import Seen, Work

GIVE_UP_STRAIN = 4
"""How often the same failure may come back before a loop is left."""


@dataclass(frozen=True, slots=True)
class Result:
    """How the latest visit of a phase ended. A phase that was skipped hands on what came in."""

    status: Literal["done", "skipped", "failed"]
    state: State
    bound: bool = False
    """Its back edge could not be taken once more."""


@dataclass(slots=True)
class Level:
    """One region at work: which of its phases have settled, and what a loop carries back to its header."""

    settled: dict[str, asyncio.Future[None]]
    carried: Mapping[str, State] = field(default_factory=dict[str, State])


class Flow:
    """One company at work on one idea.

    Args:
        prefix: put before every step key; "" for the outermost company.
        start: what is there before the first phase.
        failed: how the visit that this company is run for is known to have failed.
        code: the product's programming language as far as a calling company knows it.
        urgent: how long the run takes depends on this company.
    """

    def __init__(
        self,
        work: Work,
        blueprint: Resolved,
        *,
        idea: str,
        inputs: Mapping[str, Any],
        start: State,
        prefix: str = "",
        failed: PhaseFailed | None = None,
        code: str = "",
        urgent: bool = True,
    ) -> None:
        self.work = work
        self.blueprint = blueprint
        self.company: Company = blueprint.company
        self.idea = idea
        self.inputs = dict(inputs)
        self.start = start
        self.prefix = prefix
        self.graph = compile_graph(self.company)
        self._line = forward(self.graph)
        self.critical = critical(self.graph) if urgent else frozenset[str]()
        self.results: dict[str, Result] = {}
        self.failed = failed
        self.code = code
        self._places = {name: place for place, name in enumerate(self.company.phases)}
        self._visits = dict.fromkeys(self.company.phases, 0)
        self._rounds = dict.fromkeys(self.company.phases, 0)
        self._taken = dict.fromkeys(self.company.phases, 0)
        self.shown: dict[str, list[Seen]] = {}
        """Phase: the evidence of its visits so far."""

    async def run(self) -> State:
        """Run to the end; returns the join of what all last phases left.

        Raises:
            PhaseFailed, ModelError, LimitReached: the run cannot go on.
        """
        await self._region(plan(self.graph), {})
        return await self._final()

    def reads(self, name: str) -> set[str]:
        """Artifacts that a phase names in its prompt, guard, fan-out, inputs or ``reads``."""
        spec = self.company.phases[name]
        prompts = spec.prompt.values() if isinstance(spec.prompt, dict) else [spec.prompt]
        expressions = [e for e in (spec.when, spec.each and spec.each.split(" in ", 1)[1]) if e]
        named = set(spec.reads or ())
        for text in prompts:
            named |= templates.names(text)
        for expression in [*expressions, *spec.inputs.values()]:
            named |= templates.names(expression, expression=True)
        return {dotted.split(".", 1)[0] for dotted in named}

    # ------------------------------------------------------------------ regions and loops

    async def _region(self, region: Region, carried: Mapping[str, State]) -> None:
        loop = asyncio.get_running_loop()
        members = {step: _members(step) for step in region.steps}
        level = Level({name: loop.create_future() for names in members.values() for name in names}, carried)
        async with asyncio.TaskGroup() as group:
            for step in region.steps:
                group.create_task(self._step(step, members[step], level))

    async def _step(self, step: str | Loop, members: Sequence[str], level: Level) -> None:
        waits = {
            level.settled[before]
            for name in members
            for before in self._needed(name)
            if before in level.settled and before not in members
        }
        if waits:
            await asyncio.wait(waits)
        if isinstance(step, Loop):
            await self._loop(step, level.carried)
        else:
            await self._phase(step, level)
        for name in members:
            level.settled[name].set_result(None)

    def _needed(self, name: str) -> list[str]:
        """Predecessors that must all have settled before ``name`` may be looked at."""
        return self._sources(name, "after", "or_else")

    def _sources(self, name: str, *kinds: str) -> list[str]:
        """Where edges of these kinds into ``name`` come from."""
        edges: Iterable[tuple[str, str, str]] = self.graph.in_edges(name, data="kind")
        return [before for before, _, kind in edges if kind in kinds]

    async def _loop(self, loop: Loop, carried: Mapping[str, State]) -> None:
        for source in loop.sources:
            self._taken[source] = 0
        while True:
            await self._region(loop.body, carried)
            fired = [self.results[source].state for source in loop.sources if self.results[source].status == "done"]
            if not fired:
                return
            back = await self._join(fired, loop.header)
            carried = {**carried, loop.header: back}

    # ------------------------------------------------------------------ one phase

    async def _phase(self, name: str, level: Level) -> None:
        self._rounds[name] += 1
        spec = self.company.phases[name]
        state = await self._incoming(name, level)
        strain = self._strain(state) if spec.then is not None else 0
        number, repairs = self._visits[name] + 1, self._taken[name]
        visit = Visit(self, name, spec, number, state, self._places[name], strain=strain, repairs=repairs)
        reason = self._why_not(visit)
        if reason is None and spec.then is not None:
            reason = self._why_no_more(visit)
            if reason is not None:
                await self._bound(visit, reason)
                return
        if reason is not None:
            self._skip(visit, reason)
            return
        self._visits[name] += 1
        if spec.then is not None:
            self._taken[name] += 1
        self.results[name] = await self._visit(visit)

    async def _incoming(self, name: str, level: Level) -> State:
        spec = self.company.phases[name]
        before = self._needed(name)
        if spec.any:
            before = [n for n in before if n not in spec.any] + [await self._first_of(name, spec.any, level)]
        states = [self.results[n].state for n in spec.predecessors if n in before]
        states += [self.results[n].state for n in before if n not in spec.predecessors]
        if name in level.carried:
            states.append(level.carried[name])
        return await self._join(states, name) if states else self.start

    async def _first_of(self, name: str, among: Sequence[str], level: Level) -> str:
        """The first of several phases to finish. Which one that was is written down before it counts."""
        key = f"{self.prefix}{name}#{self._visits[name] + 1}/first@{self._rounds[name]}"
        known = self.work.journal.recall(key)
        if known is not None and isinstance(known.event, Decision):
            winner = str(known.event.value)
            if winner in level.settled:
                await asyncio.wait({level.settled[winner]})
            return winner
        while True:
            settled = [n for n in among if n not in level.settled or level.settled[n].done()]
            finished = [n for n in settled if self.results[n].status == "done"]
            if finished or len(settled) == len(among):
                winner = (finished or settled)[0]
                entry = await self.work.journal.record(key, Decision(what="first_of", value=winner))
                return str(entry.event.value) if isinstance(entry.event, Decision) else winner
            waiting = {level.settled[n] for n in among if n in level.settled and not level.settled[n].done()}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)

    def _why_not(self, visit: Visit) -> str | None:
        """Why the phase is skipped, or None."""
        for before in self._sources(visit.name, "or_else"):
            if not self.results[before].bound:
                return f"'{before}' did not hit its bound"
        try:
            if visit.spec.when is not None and not visit.evaluate(visit.spec.when):
                return f"only when {visit.spec.when}"
            if visit.spec.each is not None:
                visit.evaluate(visit.spec.each.split(" in ", 1)[1])
            else:
                visit.instruction()
        except templates.MissingName as error:
            return f"it reads '{error.name}', which nothing has produced"
        return None

    def _why_no_more(self, visit: Visit) -> str | None:
        """Why a loop is not gone round once more, or None."""
        at_most = visit.spec.at_most or 0
        if self._taken[visit.name] >= at_most:
            return f"'{visit.name}' was tried {at_most} times"
        if visit.strain >= GIVE_UP_STRAIN:
            return f"the same failure came back {visit.strain} times"
        return None

    def _strain(self, state: State) -> int:
        return max((int(getattr(made.value, "repeats", 0) or 0) for made in state.made.values()), default=0)

    def _skip(self, visit: Visit, reason: str, *, bound: bool = False) -> None:
        key = f"{self.prefix}{visit.name}#{visit.number}/skipped@{self._rounds[visit.name]}"
        self.work.journal.note(key, PhaseSkipped(phase=visit.name, visit=visit.number, reason=reason))
        self.results[visit.name] = Result("skipped", visit.state, bound=bound)

    async def _bound(self, visit: Visit, reason: str) -> None:
        if visit.strain >= GIVE_UP_STRAIN:
            self.work.journal.note(
                f"{self.prefix}{visit.name}#{visit.number}/stuck",
                Stuck(phase=visit.name, visit=visit.number, what="same_evidence", measure="the loop is left"),
            )
        if visit.spec.or_else == "fail":
            raise PhaseFailed(f"phase '{visit.name}': {reason}", code="bound")
        self._skip(visit, reason, bound=True)

    async def _visit(self, visit: Visit) -> Result:
        """One visit with its retries, as ``on_error`` says."""
        journal = self.work.journal
        key = f"{self.prefix}{visit.name}#{visit.number}"
        journal.note(key, PhaseStarted(phase=visit.name, visit=visit.number, kind=visit.spec.kind))
        self._note_strain(visit)
        tries = {"retry": 2, "escalate": max(2, len(self.work.tiers))}.get(visit.spec.on_error, 1)
        for again in range(tries):
            raised = again if visit.spec.on_error == "escalate" else 0
            attempt = replace(visit, again=again, raised=raised)
            try:
                state = await self._timed(attempt)
            except (PhaseFailed, ModelRejected, templates.TemplateError) as error:
                last = again == tries - 1
                code = error.code if isinstance(error, PhaseFailed) else _code(error)
                handled = "fail" if last and visit.spec.on_error != "continue" else visit.spec.on_error
                journal.note(
                    f"{attempt.visit_key}/failed",
                    PhaseFailedEvent(
                        phase=visit.name, visit=visit.number, code=code, reason=str(error), handled=handled
                    ),
                )
                if handled == "continue":
                    return Result("failed", visit.state)
                if last:
                    if isinstance(error, PhaseFailed):
                        raise
                    raise PhaseFailed(f"phase '{visit.name}': {error}", code=code, fix=error.fix) from error
                continue
            journal.note(f"{key}/finished", PhaseFinished(phase=visit.name, visit=visit.number, commit=state.commit))
            return Result("done", state)
        raise AssertionError("the last try returns or raises")

    def _note_strain(self, visit: Visit) -> None:
        if visit.strain:
            self.work.journal.note(
                f"{self.prefix}{visit.name}#{visit.number}/stuck",
                Stuck(phase=visit.name, visit=visit.number, what="same_evidence", measure="asked with more freedom"),
            )

    async def _timed(self, visit: Visit) -> State:
        """Run a visit within its timeout. That it passed is a decision: a resumed run does not try its luck again.

        A person's time is up when the gate says so; a command's is the sandbox's to keep, and evidence when it is up.
        """
        if visit.spec.timeout is None or visit.spec.kind in ("human", "run"):
            return await self._run(visit)
        key = f"{visit.visit_key}/timeout"
        failed = PhaseFailed(
            f"phase '{visit.name}' took longer than its {visit.spec.timeout:g} seconds", code="timeout"
        )
        if self.work.journal.recall(key) is not None:
            raise failed
        try:
            async with asyncio.timeout(visit.spec.timeout):
                return await self._run(visit)
        except TimeoutError:
            await self.work.unless_stopping()
            await self.work.journal.record(key, Decision(what="timeout", value=visit.spec.timeout))
            raise failed from None

    async def _run(self, visit: Visit) -> State:
        run = KINDS.find(visit.spec.kind)
        try:
            return await (fan_out(visit, run) if visit.spec.each is not None else run(visit))
        except BaseExceptionGroup as errors:
            # Items and inner companies fail in groups; `on_error` and the run want the one reason.
            one = gravest(errors)
            if one is None:
                raise
            raise one from errors

    # ------------------------------------------------------------------ joins

    async def _join(self, states: Sequence[State], before: str) -> State:
        key = f"{self.prefix}{before}#{self._visits[before] + 1}@{self._rounds[before]}"
        return await self.join(states, before, key)

    async def join(self, states: Sequence[State], before: str, key: str) -> State:
        """Join states; files are merged by commit."""
        commits = list(dict.fromkeys(state.commit for state in states))
        merged = commits[0]
        clock = max(state.clock for state in states)
        if len(commits) > 1:
            merged = await self.work.merge(
                commits, phase=before, visit=self._visits.get(before, 0) + 1, key=key, at=int(self.work.clock) + clock
            )
        return join(states, lambda _: merged)

    async def _final(self) -> State:
        ends = [
            name
            for name in self.company.phases
            if name in self.results and not any(after in self.results for after in self._line.successors(name))
        ]
        ends = ends or list(self.results)
        return await self.join([self.results[name].state for name in ends], "the end", f"{self.prefix}end")


def _members(step: str | Loop) -> tuple[str, ...]:
    return (step,) if isinstance(step, str) else step.phases


def _code(error: ModelRejected | templates.TemplateError) -> str:
    if isinstance(error, templates.TemplateError):
        return "template"
    return "context" if isinstance(error, ContextOverflow) else "model"
