"""Walks a company with placeholder replies: every phase once, whatever its guard says, and what each turn is asked.

The phases that ask and meet are the real ones, at a desk that answers by itself; commands, people and functions are
stood in for. No model, no sandbox, no store.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from agentverse import templates
from agentverse.agents.layout import messages
from agentverse.agents.protocol import TurnRequest, TurnResult
from agentverse.agents.purse import Purse
from agentverse.blueprint.artifacts import Answer, Evidence, Verdict
from agentverse.blueprint.load import Library
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.text import localize
from agentverse.engine.budget import RunBudget
from agentverse.engine.choosing import asks
from agentverse.engine.fan_out import fan_out
from agentverse.engine.flow import Flow
from agentverse.engine.graph import FORWARD, order
from agentverse.engine.kinds import KINDS
from agentverse.engine.languages import Languages
from agentverse.engine.notebook import Notebook
from agentverse.engine.placeholders import placeholder, shown
from agentverse.engine.protocol import Host
from agentverse.engine.run import refuse_broken
from agentverse.engine.state import State
from agentverse.engine.visit import Visit
from agentverse.engine.work import Work
from agentverse.errors import AgentverseError
from agentverse.journal.events import Entry, EvidenceSeen, Usage
from agentverse.models.estimate import prompt_tokens
from agentverse.models.profiles import UNBOUNDED
from agentverse.models.protocol import Message
from agentverse.workspace.repository import GitRepository

_TALKS = ("ask", "meet")


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn as it would be asked. ``tokens`` is estimated; ``placeholder`` stands in for the reply."""

    key: str
    phase: str
    role: str
    title: str
    seat: str
    tier: str
    expects: str
    messages: tuple[Message, ...]
    tokens: int
    placeholder: str


@dataclass(slots=True)
class Walked:
    """A phase that was walked. ``assumed`` is what was taken for granted to come here; "" for nothing."""

    name: str
    kind: str
    assumed: str = ""
    problem: str = ""
    turns: list[Turn] = field(default_factory=list[Turn])


class _Desk:
    """Answers every turn by itself, and remembers what was asked."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.turns: list[Turn] = []

    async def take(self, turn: TurnRequest) -> TurnResult:
        value = placeholder(turn.expects, self.language)
        said = shown(value)
        asked = messages(turn, UNBOUNDED, self.language)
        self.turns.append(
            Turn(
                key=turn.key,
                phase=turn.phase,
                role=turn.role,
                title=localize(turn.persona.title, self.language) or turn.role,
                seat=turn.seat,
                tier=turn.tier,
                expects=str(turn.expects.type) if isinstance(turn.expects.type, str) else "json",
                messages=asked,
                tokens=prompt_tokens(asked, UNBOUNDED),
                placeholder=said,
            )
        )
        return TurnResult(value=value, text=said, reply=f"{turn.key}.1", attempts=1, usage=Usage())


async def dry_run(
    blueprint: Resolved, *, idea: str, language: str, inputs: Mapping[str, str] | None = None
) -> list[Walked]:
    """The phases in an order in which they can run, those of inner companies after the phase that runs them.

    Raises:
        BlueprintError: the company cannot be run.
    """
    refuse_broken(blueprint)
    desk = _Desk(language)
    with tempfile.TemporaryDirectory(prefix="agentverse-dry-") as folder:
        repo = await asyncio.to_thread(GitRepository.create, Path(folder) / "repository.git")
        try:
            base = repo.start(at=0)
            journal = _Passing("dry")
            # Nothing that is walked here reaches for the store, a model or the sandbox.
            host = Host(journal=cast(Any, None), runs=Path(folder), models={}, sandbox=cast(Any, None))
            usable = Library.default().languages() if asks(blueprint) else {}
            work = Work(
                host=host,
                journal=journal,
                repo=repo,
                desk=desk,
                budget=RunBudget(blueprint.company.limits),
                purse=Purse(host.cascade, host.prices, journal),
                idea=idea,
                language=language,
                clock=0.0,
                folder=Path(folder),
                languages=Languages(usable=usable, asked=bool(usable)),
            )
            known = {**blueprint.company.inputs, **(inputs or {})}
            walk = _Walk(Flow(work, blueprint, idea=idea, inputs=known, start=State(commit=base)), desk, outer="")
            return await walk.run()
        finally:
            repo.close()


class _Passing(Notebook):
    """A journal in which every command that is to be run has passed already: nothing here runs one."""

    def recall(self, key: str) -> Entry | None:
        known = super().recall(key)
        if known is None and key.endswith("/run"):
            passed = Evidence(command=["…"], passed=True, exit_code=0)
            known = self._put(key, EvidenceSeen(phase="", visit=0, evidence=passed.model_dump(mode="json")), "")
        return known


class _Walk:
    def __init__(self, flow: Flow, desk: _Desk, *, outer: str) -> None:
        self._flow, self._desk, self._outer = flow, desk, outer
        self._left: dict[str, State] = {}
        self._walked: list[Walked] = []
        self.end = flow.start

    async def run(self) -> list[Walked]:
        for place, name in enumerate(order(self._flow.graph)):
            await self._phase(name, place)
        self.end = await self._flow.join(list(self._left.values()), "the end", "end") if self._left else self.end
        return self._walked

    async def _phase(self, name: str, place: int) -> None:
        spec = self._flow.company.phases[name]
        edges: Iterable[tuple[str, str, str]] = self._flow.graph.in_edges(name, data="kind")
        before = [self._left[source] for source, _, how in edges if how in FORWARD]
        state = await self._flow.join(before, name, f"{name}#1") if before else self._flow.start
        walked = Walked(f"{self._outer}{name}", spec.kind)
        self._walked.append(walked)
        first = len(self._desk.turns)
        visit, walked.assumed = _through_the_guard(Visit(self._flow, name, spec, 1, state, place))
        try:
            state = await self._done(visit)
        except (AgentverseError, BaseExceptionGroup) as error:
            walked.problem = str(error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error)
        walked.turns = self._desk.turns[first:]
        self._left[name] = state

    async def _done(self, visit: Visit) -> State:
        spec = visit.spec
        if spec.kind in _TALKS:
            run = KINDS.find(spec.kind)
            return await (fan_out(visit, run) if spec.each is not None else run(visit))
        if spec.kind == "company":
            return await self._inner(visit)
        name, type = next(iter(spec.produces.items()), (visit.name, spec.kind))
        if spec.kind == "run":
            passed = Evidence(command=[str(spec.run)], passed=True, exit_code=0)
            return visit.make(visit.state, name, "evidence", passed)
        if spec.kind == "human":
            templates.render(localize(spec.human, visit.work.language), visit.variables())
            answer = Answer(text="" if spec.choices else "…", choice=next(iter(spec.choices), ""))
            value = answer if type in ("answer", "human") else answer.choice or answer.text
            return visit.make(visit.state, name, "answer" if type == "human" else type, value)
        state = visit.state
        for name, type in spec.produces.items():
            state = visit.make(state, name, type, placeholder(visit.expectation(name, type), visit.work.language))
        return state

    async def _inner(self, visit: Visit) -> State:
        blueprint = visit.flow.blueprint.companies[visit.spec.company or ""]
        inputs: dict[str, Any] = dict(blueprint.company.inputs)
        inputs.update({name: visit.evaluate(expression) for name, expression in visit.spec.inputs.items()})
        idea = str(inputs.pop("idea", visit.flow.idea))
        start = State(commit=visit.state.commit, clock=visit.state.clock, files=visit.state.files)
        flow = Flow(visit.work, blueprint, idea=idea, inputs=inputs, start=start, prefix=f"{visit.key}>")
        walk = _Walk(flow, self._desk, outer=f"{self._outer}{visit.name}.")
        self._walked += await walk.run()
        state = replace(visit.state, commit=walk.end.commit, files=walk.end.files)
        outputs = visit.spec.outputs or {name: name for name in visit.spec.produces}
        for here, there in outputs.items():
            if (made := walk.end.made.get(there)) is not None:
                state = replace(visit, state=state).make(state, here, made.type, made.value)
        return state


def _through_the_guard(visit: Visit) -> tuple[Visit, str]:
    """The visit with what its guard wants: one judgement turned round, when that lets it through; and which."""
    if visit.spec.when is None or _lets_through(visit):
        return visit, ""
    for made in visit.state.oldest_first():
        value = made.value
        if isinstance(value, Evidence):
            other: Any = _failed(value) if value.passed else value.model_copy(update={"passed": True})
        elif isinstance(value, Verdict):
            other = value.model_copy(update={"approved": not value.approved})
        else:
            continue
        changed = replace(visit, state=visit.state.with_made(made.name, made.type, other, made.stamp))
        if _lets_through(changed):
            return changed, visit.spec.when
    return visit, visit.spec.when


def _lets_through(visit: Visit) -> bool:
    try:
        return bool(visit.evaluate(visit.spec.when or "true"))
    except templates.TemplateError:
        return False


def _failed(evidence: Evidence) -> Evidence:
    return evidence.model_copy(update={"passed": False, "exit_code": 1, "reason": "…", "head": "…"})
