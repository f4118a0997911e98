"""The floor of a meeting: takes its turns, keeps what they produce, and writes down what was said."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentverse.agents.protocol import Expectation, Segment, TurnRequest
from agentverse.agents.showing import show_artifact
from agentverse.blueprint.artifacts import Evidence, Opinion
from agentverse.blueprint.company import TypeSpec
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.text import localize
from agentverse.engine import languages
from agentverse.engine.languages import NAMED
from agentverse.engine.minutes import Minutes
from agentverse.engine.persons import ask_person
from agentverse.engine.remembering import VisitHelp, memory_of
from agentverse.engine.seats import Held
from agentverse.engine.trust import prove
from agentverse.engine.visit import PASSING
from agentverse.engine.words import word
from agentverse.engine.work import Seen
from agentverse.environment.protocol import PASS, Cue, Line, Poll
from agentverse.environment.seating import lay_out
from agentverse.errors import PhaseFailed
from agentverse.journal.events import SeatFailed
from agentverse.memory.memories import Memories
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

_MOST_FAILED = 20
"""Turns in a row without a usable reply after which nobody can act."""


class Table(Minutes):
    """What stands on the table while a meeting goes on: the state as the seats change it.

    Args:
        seats: who sits where.
        params: of the environment.
    """

    def __init__(
        self, visit: Visit, environment: Environment, seats: Mapping[str, Held], params: Mapping[str, Any]
    ) -> None:
        several = {kind: sum(seat.rpartition("_")[0] == kind for seat in seats) for kind in environment.seats}
        super().__init__(visit, environment, lay_out(environment, params, several))
        self.visit = visit
        self._seats = seats
        self._setting = self._scene(params)
        self._context = self._shared()
        self._heard = visit.heard()
        self._made: set[str] = set()
        self._versions = 0
        """How often the product was written; remarks name the version they are about."""
        self._failed = 0
        """Turns without a usable reply since the last step with one."""
        self._usable = 0
        self._unusable: dict[int, PhaseFailed] = {}
        """Of the step that is being taken, whatever came first: usable replies, and turns without one."""
        self._told: dict[str, int] = {}
        """Seat held by a person: how many of the lines it heard it was told."""
        agents = sum(not place.about.person and place.about.runs is None for place in self._places.values())
        self._patience = min(agents, _MOST_FAILED)

    def _scene(self, params: Mapping[str, Any]) -> str:
        from agentverse import templates

        text = localize(self._environment.setting, self.visit.work.language)
        return templates.render(text, {**self.visit.variables(), **params}).strip()

    def _shared(self) -> Any:
        """The beginning of every prompt: what all phases see, then the setting."""
        context = self.visit.context()
        if not self._setting:
            return context
        return replace(context, segments=(*context.segments, Segment(self._setting)))

    def memories(self) -> Memories:
        """What those at the table are shown of what they heard."""
        specs = {
            seat: memory_of(self.visit, role, self._places[seat].about.memory)
            for seat, (_, role) in self._seats.items()
        }
        return Memories(specs, VisitHelp(self.visit, self._seats, lambda: self._context))

    @property
    def missing(self) -> list[str]:
        """Artifacts that nobody wrote. Edits need not be made when there was nothing to mend."""
        return [
            name
            for name, type in self.visit.spec.produces.items()
            if name not in self._made and type not in ("edits", "files")
        ]

    # ------------------------------------------------------------------ turns

    async def speak(self, cue: Cue) -> Line:
        """One reply. Nothing is kept of it before `settle`."""
        about = self._places[cue.seat].about
        if about.runs is not None:
            return self._line(cue, await self._run(about.runs, cue.turn))
        if about.person:
            value = await ask_person(self.visit, cue, self._name(cue.seat), self._news(cue))
            return self._line(cue, value, text=value if isinstance(value, str) else "")
        _, type = self._product(cue.seat)
        request = self._request(cue, self._expectation(cue, type))
        try:
            result = await self.visit.take(request)
        except PhaseFailed as error:
            if cue.acts is None or error is request.failed or error.code != "reply":
                raise
            return self._pass(cue, error)
        self._usable += 1
        if result.moved:
            self.visit = await self.visit.after(result)
            self._context = self._shared()
        return self._line(cue, result.value, reply=result.reply, calls=result.calls)

    def _news(self, cue: Cue) -> str:
        """What a person's seat heard since its last turn; at first also the setting."""
        known = self._told.get(cue.seat)
        self._told[cue.seat] = len(cue.transcript)
        lines = [segment.text for segment in cue.transcript[known or 0 :]]
        return "\n".join((self._setting, *lines) if known is None and self._setting else lines)

    def _expectation(self, cue: Cue, type: TypeSpec) -> Expectation:
        if cue.acts is not None:
            return cue.acts.expectation()
        return self.visit.expectation(self._product(cue.seat)[0], type)

    def _request(self, cue: Cue, expects: Expectation) -> TurnRequest:
        visit = self.visit
        task = visit.instruction()
        if self._places[cue.seat].about.writes == "opinion" and task:
            task = word("task_was", visit.work.language, task=task)
        name, role = self._seats[cue.seat]
        return visit.request(
            name,
            expects,
            persona=role,
            turn=cue.turn,
            instruction="\n".join(part for part in (task, cue.prompt, cue.notes) if part),
            context=self._context,
            transcript=self._heard + cue.transcript,
            seat=cue.seat,
        )

    def _pass(self, cue: Cue, error: PhaseFailed) -> Line:
        """An agent that gives no usable action passes."""
        visit = self.visit
        event = SeatFailed(phase=visit.name, visit=visit.number, seat=cue.seat, reason=str(error))
        visit.work.journal.note(f"{visit.key}/{cue.turn}/passed", event)
        self._unusable[cue.turn] = error
        return self._line(cue, {"action": PASS})

    def replied(self) -> None:
        """Count the step's turns without a usable reply, in which order ever they came.

        Raises:
            PhaseFailed: code ``nobody``; nobody can act any more.
        """
        unusable, self._unusable = self._unusable, {}
        usable, self._usable = self._usable, 0
        self._failed = 0 if usable else self._failed + len(unusable)
        if unusable and self._failed >= self._patience:
            first = unusable[min(unusable)]
            raise PhaseFailed(
                f"phase '{self.visit.name}': nobody gave a usable reply any more ({self._failed} turns in a row)",
                code="nobody",
                fix=first.fix,
            ) from first

    def _line(self, cue: Cue, value: Any, *, text: str = "", reply: str = "", calls: int = 0) -> Line:
        name, role = self._seats[cue.seat]
        title = localize(role.title, self.visit.work.language) or name
        shown = value if isinstance(value, str) else text
        return Line(cue.seat, name, title, value, shown, reply, cue.turn, calls=calls)

    def _name(self, seat: str) -> str:
        name, role = self._seats[seat]
        return localize(role.title, self.visit.work.language) or name

    async def poll(self, poll: Poll) -> Any:
        """A seat's answer to a question nobody else hears; the usual one when it gives none that can be used."""
        visit = self.visit
        name, role = self._seats[poll.seat]
        request = visit.request(
            name,
            Expectation(type=poll.type),
            persona=role,
            turn=f"{poll.turn}/{poll.what}/{poll.seat}",
            instruction=poll.question,
            context=self._context,
            transcript=self._heard + poll.transcript,
            seat=poll.seat,
        )
        try:
            return (await visit.take(request)).value
        except PhaseFailed as error:
            if error is request.failed or error.code != "reply":
                raise
            event = SeatFailed(phase=visit.name, visit=visit.number, seat=poll.seat, reason=str(error))
            visit.work.journal.note(f"{visit.key}/{poll.turn}/{poll.what}/{poll.seat}/passed", event)
            return poll.usual

    # ------------------------------------------------------------------ the sandbox

    async def _run(self, command: str | list[str], turn: int) -> Evidence:
        """What a command shows of the files as they stand."""
        visit = self.visit
        argv = self._argv(command)
        commit = visit.state.commit
        evidence = await prove(visit.work, commit, argv, key=f"{visit.key}/{turn}/run", visit=visit, looked=False)
        visit.work.seen.append(Seen(evidence, commit, tuple(argv), visit.stamp, visit))
        return evidence

    def _argv(self, command: str | list[str]) -> list[str]:
        if isinstance(command, list):
            return command
        return languages.command(self.visit.code, command) if command in NAMED else shlex.split(command)

    async def measure(self, line: Line, command: str) -> float:
        """How well the files of a reply do: the share of tests that pass, or whether the command does."""
        if not isinstance(line.value, Changes):
            return 0.0
        visit = self.visit
        state = await visit.change_files("", line.value, author=line.role, turn=f"{line.turn}/tried")
        key = f"{visit.key}/{line.turn}/tried/run"
        seen = await prove(visit.work, state.commit, self._argv(command), key=key, visit=visit, looked=False)
        if seen.passed or seen.tests is None:
            return float(seen.passed)
        total = seen.tests.passed + seen.tests.failed + seen.tests.errors
        return min(0.99, seen.tests.passed / total) if total else 0.0

    # ------------------------------------------------------------------ what is kept

    def _product(self, seat: str) -> tuple[str, TypeSpec]:
        """The artifact that a seat writes, and its type; "" when its words are only heard."""
        about = self._places[seat].about
        writes = "evidence" if about.runs is not None else about.writes
        produces = self.visit.spec.produces
        if writes == "product":
            return next(iter(produces.items()), ("", "text"))
        return next(((name, type) for name, type in produces.items() if type == writes), ("", writes))

    async def settle(self, line: Line) -> Line:
        """Keep what a reply that counts has produced."""
        if line.action or self._places[line.seat].about.person:
            return line
        name, type = self._product(line.seat)
        if name:
            state = await self.visit.keep(name, type, line.value, author=line.role, turn=line.turn)
            self.visit = replace(self.visit, state=state)
            self._made.add(name)
            if not isinstance(line.value, PASSING):
                self._versions += 1
                self._context = self._shared()
        return replace(line, text=self._said(name, line.seat, line.value))

    def _said(self, name: str, seat: str, value: Any) -> str:
        """A line as the others hear it. What stands in the shared context is named, not said twice."""
        language = self.visit.work.language
        if isinstance(value, Changes):
            return word("mended", language, paths=", ".join(sorted((*value.write, *value.delete))))
        if name and self.visit.shown(name) and not isinstance(value, PASSING):
            return word("wrote", language, artifact=name, version=self._versions)
        if isinstance(value, Opinion):
            said = value.message or word("agreed" if value.agreed else "not_agreed", language)
            return word("remark", language, version=self._versions, said=said) if self._versions else said
        return value if isinstance(value, str) else show_artifact(name or seat, value, language)
