"""``meet``: the seats of an environment talk until they agree or may talk no more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentverse.agents.protocol import Context, Segment
from agentverse.agents.showing import show_artifact
from agentverse.blueprint.artifacts import Opinion
from agentverse.blueprint.company import TypeSpec
from agentverse.blueprint.text import localize
from agentverse.engine.kinds import phase_kind
from agentverse.engine.remembering import meeting_memories
from agentverse.engine.state import State
from agentverse.engine.visit import PASSING
from agentverse.engine.words import word
from agentverse.environment.conversation import Conversation, Line
from agentverse.errors import PhaseFailed
from agentverse.journal.events import Stuck
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


@phase_kind("meet")
async def meet(visit: Visit) -> State:
    """Hold the conversation; the last value of each produced type is the artifact."""
    spec = visit.spec
    environment = visit.flow.blueprint.environments[spec.meet or ""]
    if spec.turns is not None:
        stop = {**environment.rules.stop, "turns": spec.turns}
        environment = environment.model_copy(update={"rules": environment.rules.model_copy(update={"stop": stop})})
    seats = {seat: (spec.seats[seat], visit.role(spec.seats[seat])) for seat in environment.seats}
    table = Table(visit, {seat: environment.seats[seat].writes for seat in seats}, spec.seats)
    conversation = Conversation(
        environment=environment,
        seats=seats,
        speak=table.speak,
        language=visit.work.language,
        memory=meeting_memories(visit, environment, spec.seats, lambda: table.context),
    )
    outcome = await conversation.hold()
    if outcome.reason == "circles":
        visit.work.journal.note(
            f"{visit.key}/stuck",
            Stuck(phase=visit.name, visit=visit.number, what="circles", measure="the meeting was ended"),
        )
    if table.missing:
        raise PhaseFailed(
            f"phase '{visit.name}' ended without '{table.missing[0]}'", code="no_result", fix="Give it more turns."
        )
    return table.visit.state


class Table:
    """What stands on the table while a meeting goes on: the state as the seats change it."""

    def __init__(self, visit: Visit, writes: dict[str, str], roles: dict[str, str]) -> None:
        self.visit = visit
        self._writes = writes
        self._roles = roles
        self._context = visit.context()
        self._heard = visit.heard()
        self._made: set[str] = set()
        self._versions = 0
        """How often the product was written; remarks name the version they are about."""
        self._spoke: set[str] = set()

    @property
    def context(self) -> Context:
        """What everybody may see just now."""
        return self._context

    @property
    def missing(self) -> list[str]:
        """Artifacts that nobody wrote. Edits need not be made when there was nothing to mend."""
        return [
            name
            for name, type in self.visit.spec.produces.items()
            if name not in self._made and type not in ("edits", "files")
        ]

    def _product(self, seat: str) -> tuple[str, TypeSpec]:
        """The artifact that a seat writes, and its type; "" when its words are only heard."""
        writes = self._writes[seat]
        produces = self.visit.spec.produces
        if writes == "product":
            return next(iter(produces.items()), ("", "text"))
        return next(((name, type) for name, type in produces.items() if type == writes), ("", writes))

    async def speak(self, seat: str, turn: int, transcript: tuple[Segment, ...], notes: str) -> Line:
        """One line of the conversation; what it produces is kept at once."""
        name, type = self._product(seat)
        visit = self.visit
        role = self._roles[seat]
        environment = visit.flow.blueprint.environments[visit.spec.meet or ""]
        held = environment.seats[seat]
        own = localize(held.again if held.again and seat in self._spoke else held.prompt, visit.work.language)
        self._spoke.add(seat)
        task = visit.instruction()
        if self._writes[seat] == "opinion" and task:
            task = word("task_was", visit.work.language, task=task)
        instruction = "\n".join(part for part in (task, own, notes) if part)
        request = visit.request(
            role,
            visit.expectation(name, type),
            turn=turn,
            instruction=instruction,
            context=self._context,
            transcript=self._heard + transcript,
            seat=seat,
        )
        result = await visit.take(request)
        if name:
            state = await visit.keep(name, type, result.value, author=role, turn=turn)
            self.visit = replace(visit, state=state)
            self._made.add(name)
            if not isinstance(result.value, PASSING):
                self._versions += 1
                self._context = self.visit.context()
        text = self._said(name, seat, result.value)
        title = localize(visit.role(role).title, visit.work.language) or role
        return Line(seat=seat, role=role, title=title, value=result.value, text=text, reply_key=result.reply)

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
