import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from agentverse.blueprint.environment import Environment
from agentverse.blueprint.role import Role
from agentverse.environment.conversation import Conversation, Line


class Stage:
    """An environment whose seats say what a script tells them; keeps what each of them was shown."""

    def __init__(self, seats: Any, script: Callable[[str, int], Any] | Sequence[Any], **rules: Any) -> None:
        self.environment = Environment(name="stage", seats=seats, rules=rules)
        self.script = script if callable(script) else lambda seat, turn: script[(turn - 1) % len(script)]
        self.asked: list[tuple[str, int]] = []
        self.shown: list[tuple[str, ...]] = []
        self.sources: list[tuple[str | None, ...]] = []
        self.notes: list[str] = []

    async def speak(self, seat, turn, transcript, notes) -> Line:
        self.asked.append((seat, turn))
        self.shown.append(tuple(segment.text for segment in transcript))
        self.sources.append(tuple(segment.source for segment in transcript))
        self.notes.append(notes)
        value = self.script(seat, turn)
        await asyncio.sleep(0)
        if isinstance(value, BaseException):
            raise value
        return Line(
            seat, f"role_{seat}", seat.title(), value, getattr(value, "message", "") or str(value), f"p#1/-/{turn}"
        )

    def hold(self, *, roles: dict[str, str] | None = None, language: str = "en"):
        roles = roles or {seat: seat for seat in self.environment.seats}
        holders = {seat: (role, Role(name=role, title=role.title())) for seat, role in roles.items()}
        return Conversation(environment=self.environment, seats=holders, speak=self.speak, language=language).hold()

    @property
    def speakers(self) -> str:
        return " ".join(seat for seat, _ in self.asked)


@pytest.fixture(scope="session")
def stage() -> type[Stage]:
    return Stage
