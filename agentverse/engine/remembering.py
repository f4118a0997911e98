"""What the engine does for the memories of a visit: turns of their own, a record of what was chosen, counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentverse.agents.fitting import room
from agentverse.agents.protocol import Context, Expectation, Segment, TurnResult
from agentverse.blueprint.memory import MemorySpec
from agentverse.blueprint.role import Role
from agentverse.engine.seats import Held
from agentverse.engine.words import word
from agentverse.errors import PhaseFailed
from agentverse.journal.events import Remembered, SeatFailed
from agentverse.memory.memories import Memories
from agentverse.memory.protocol import Answer, Heard, Question, Shown
from agentverse.memory.store import StoreSpec
from agentverse.memory.words import MEMORIST
from agentverse.models.embeddings.protocol import Embedder
from agentverse.models.protocol import ChatModel
from agentverse.models.tokens import count_tokens
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


def memory_of(visit: Visit, role: Role, seat: MemorySpec | None = None) -> MemorySpec | None:
    """The phase's memory, else the seat's, else the role's."""
    return next((memory for memory in (visit.spec.memory, seat, role.memory) if memory is not None), None)


class Diary:
    """What a role that is asked alone remembers of its earlier visits to the same phase.

    One for each phase and item; a resumed run makes the visits again in the same order.
    """

    def __init__(self, visit: Visit, role: str, spec: MemorySpec) -> None:
        self._role = role
        self._help = VisitHelp(visit, {role: (role, visit.role(role))}, asked="1")
        self._memories = Memories({role: spec}, self._help)
        self._heard: list[Heard] = []

    @classmethod
    def of(cls, visit: Visit, role: str) -> Diary | None:
        """The diary for a visit; None when the role has no memory there."""
        spec = memory_of(visit, visit.role(role))
        if not spec:
            return None
        diaries = visit.work.diaries
        key = f"{visit.flow.prefix}{visit.name}/{visit.item}"
        diary = diaries[key] = diaries.get(key) or cls(visit, role, spec)
        diary._help.visit = visit
        return diary

    async def shown(self) -> Shown:
        """What the role is shown of its earlier visits."""
        number = self._help.visit.number
        return await self._memories.shown(self._role, number, number, self._heard)

    def note(self, result: TurnResult) -> None:
        """Keep what it said on this visit. Files stand in the prompt anyway, and are only named."""
        visit, value = self._help.visit, result.value
        changed = isinstance(value, Changes)
        paths = ", ".join(sorted((*value.write, *value.delete))) if isinstance(value, Changes) else ""
        said = word("mended", visit.work.language, paths=paths) if changed else result.text
        text = f"{word('earlier_visit', visit.work.language, visit=visit.number)}\n{said}"
        self._heard.append(Heard(len(self._heard) + 1, self._role, Segment(text, None if changed else result.reply)))


class VisitHelp:
    """See `agentverse.memory.protocol.Help`. Keys are those of the visit, with ``memory/`` before the memory's own.

    Args:
        seats: who sits where.
        context: what everybody may see just now; that of the visit when left out.
        asked: end of the key of the turn that is about to be taken; its number when left out.
    """

    def __init__(
        self, visit: Visit, seats: Mapping[str, Held], context: Callable[[], Context] | None = None, *, asked: str = ""
    ) -> None:
        self.visit, self._seats, self._context, self._asked = visit, seats, context, asked
        self._counts: dict[tuple[str, int], int] = {}
        """Tier and number of a line: its tokens."""

    @property
    def language(self) -> str:
        return self.visit.work.language

    @property
    def embedder(self) -> Embedder:
        return self.visit.work.host.embedder

    @property
    def run(self) -> str:
        return self.visit.work.journal.run

    @property
    def store(self) -> StoreSpec:
        return self.visit.work.host.store

    def room(self, seat: str) -> int:
        return room(self._model(self._tier(seat)).profile)

    async def count(self, seat: str, lines: Sequence[Heard]) -> Sequence[int]:
        tier = self._tier(seat)
        new = [line for line in lines if (tier, line.number) not in self._counts]
        if new:
            counts = await count_tokens(self._model(tier), [line.segment.text for line in new])
            self._counts.update({(tier, line.number): count for line, count in zip(new, counts, strict=True)})
        return [self._counts[tier, line.number] for line in lines]

    def past(self, turn: int) -> bool:
        return self.visit.work.journal.recall(f"{self.visit.key}/{self._asked or turn}.1") is not None

    def recorded(self, key: str) -> Any:
        entry = self.visit.work.journal.recall(f"{self.visit.key}/memory/{key}")
        return entry.event.value if entry is not None and isinstance(entry.event, Remembered) else None

    async def settle(self, key: str, seat: str, what: str, value: Any) -> Any:
        visit = self.visit
        if visit.failed is not None:
            raise visit.failed
        event = Remembered(phase=visit.name, visit=visit.number, seat=seat, what=what, value=value)
        entry = await visit.work.journal.record(f"{visit.key}/memory/{key}", event)
        assert isinstance(entry.event, Remembered)
        return entry.event.value

    async def ask(self, question: Question) -> Answer | None:
        name, role = self._seats[question.who or next(iter(self._seats))]
        request = self.visit.request(
            name,
            Expectation(type=question.type),
            persona=role,
            turn=f"memory/{question.key}",
            instruction=question.instruction,
            context=self._context() if self._context is not None else self.visit.context(),
            transcript=self.visit.heard() + question.transcript,
            seat=question.who,
        )
        if not question.who:
            request = replace(request, role=MEMORIST.name, persona=MEMORIST, temperature=None)
        try:
            result = await self.visit.take(replace(request, tier=question.tier or request.tier))
        except PhaseFailed as error:
            if error is request.failed or error.code != "reply":
                raise
            self._note_failed(question, error)
            return None
        return Answer(result.value, result.text, result.reply)

    def _note_failed(self, question: Question, error: PhaseFailed) -> None:
        visit = self.visit
        event = SeatFailed(
            phase=visit.name, visit=visit.number, seat=question.who, reason=str(error), memory=question.part
        )
        visit.work.journal.note(f"{visit.key}/memory/{question.key}/failed", event)

    def _tier(self, seat: str) -> str:
        return self.visit.spec.model or self._seats[seat][1].model

    def _model(self, tier: str) -> ChatModel:
        models = self.visit.work.host.models
        return models[tier] if tier in models else next(iter(models.values()))
