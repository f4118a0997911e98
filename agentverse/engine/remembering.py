"""What the engine does for the memories of a visit: turns of their own, a record of what was chosen, counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentverse.agents.fitting import room
from agentverse.agents.protocol import Context, Expectation
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.memory import MemorySpec
from agentverse.journal.events import Remembered
from agentverse.memory.memories import Memories
from agentverse.memory.protocol import Answer, Heard, Question
from agentverse.memory.store import StoreSpec
from agentverse.memory.words import MEMORIST
from agentverse.models.embeddings.protocol import Embedder
from agentverse.models.protocol import ChatModel
from agentverse.models.tokens import count_tokens

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit


def memory_of(visit: Visit, role: str, seat: MemorySpec | None = None) -> MemorySpec | None:
    """The phase's memory, else the seat's, else the role's."""
    said = (visit.spec.memory, seat, visit.role(role).memory)
    return next((memory for memory in said if memory is not None), None)


def meeting_memories(
    visit: Visit, environment: Environment, roles: Mapping[str, str], context: Callable[[], Context]
) -> Memories:
    """The memories of a meeting.

    Args:
        roles: seat: role that sits there.
        context: what everybody may see just now.
    """
    specs = {seat: memory_of(visit, roles[seat], held.memory) for seat, held in environment.seats.items()}
    return Memories(specs, VisitHelp(visit, roles, context))


class VisitHelp:
    """See `agentverse.memory.protocol.Help`. Keys are those of the visit, with ``memory/`` before the memory's own."""

    def __init__(self, visit: Visit, roles: Mapping[str, str], context: Callable[[], Context]) -> None:
        self.visit, self._roles, self._context = visit, roles, context
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
        return self.visit.work.journal.recall(f"{self.visit.key}/{turn}.1") is not None

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

    async def ask(self, question: Question) -> Answer:
        seat = question.who or next(iter(self._roles))
        request = self.visit.request(
            self._roles[seat],
            Expectation(type=question.type),
            turn=f"memory/{question.key}",
            instruction=question.instruction,
            context=self._context(),
            transcript=self.visit.heard() + question.transcript,
            seat=question.who,
        )
        if not question.who:
            request = replace(request, role=MEMORIST.name, persona=MEMORIST, temperature=None)
        result = await self.visit.take(replace(request, tier=question.tier or request.tier))
        return Answer(result.value, result.text, result.reply)

    def _tier(self, seat: str) -> str:
        return self.visit.spec.model or self.visit.role(self._roles[seat]).model

    def _model(self, tier: str) -> ChatModel:
        models = self.visit.work.host.models
        return models[tier] if tier in models else next(iter(models.values()))
