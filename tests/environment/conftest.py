import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from agentverse.blueprint.environment import Environment
from agentverse.blueprint.role import Role
from agentverse.environment.conversation import Conversation, Line
from agentverse.environment.protocol import Cue, Poll
from agentverse.environment.seating import lay_out


class Stage:
    """The floor of a conversation whose seats say what a script tells them; keeps what each of them was shown."""

    def __init__(
        self,
        seats: Any,
        script: Callable[..., Any] | Sequence[Any],
        *,
        world: Any = None,
        actions: Any = None,
        stages: Any = None,
        params: Any = None,
        answers: Callable[[Poll], Any] | None = None,
        report: str = "",
        measures: Any = None,
        **rules: Any,
    ) -> None:
        self.environment = Environment(
            name="stage",
            seats=seats,
            rules=rules,
            world=world or {},
            actions=actions or {},
            stages=stages or {},
            params=params or {},
            report=report,
            measures=measures or {},
        )
        self.script = script if callable(script) else lambda seat, turn: script[(turn - 1) % len(script)]
        self.answers = answers
        self.asked: list[tuple[str, int]] = []
        self.shown: list[tuple[str, ...]] = []
        self.sources: list[tuple[str | None, ...]] = []
        self.notes: list[str] = []
        self.cues: list[Cue] = []
        self.polls: list[Poll] = []
        self.log: list[tuple[str, str, Any, dict[str, Any]]] = []
        """Seat, text, who heard it (None: all), and what it changed."""
        self.ruled: list[dict[str, Any]] = []
        """What rules changed in the world, step by step."""
        self.stages: list[str] = []

    async def speak(self, cue: Cue) -> Line:
        self.asked.append((cue.seat, cue.turn))
        self.shown.append(tuple(segment.text for segment in cue.transcript))
        self.sources.append(tuple(segment.source for segment in cue.transcript))
        self.notes.append(cue.notes)
        self.cues.append(cue)
        value = self.script(cue.seat, cue.turn)
        await asyncio.sleep(0)
        if isinstance(value, BaseException):
            raise value
        if cue.acts is not None:
            value = cue.acts.read(value if isinstance(value, str) else json.dumps(value)).value
        text = "" if isinstance(value, dict) else getattr(value, "message", "") or str(value)
        seat = cue.seat
        return Line(seat, f"role_{seat}", seat.title(), value, text, f"p#1/-/{cue.turn}", cue.turn)

    def replied(self) -> None:
        pass

    async def settle(self, line: Line) -> Line:
        return line

    async def poll(self, poll: Poll) -> Any:
        self.polls.append(poll)
        assert self.answers is not None, poll
        return self.answers(poll)

    async def measure(self, line: Line, command: str) -> float:
        return float(str(line.value).count(command))

    def said(self, line, heard_by, changes, scene) -> None:
        self.log.append((line.seat, line.text, heard_by, dict(changes)))

    def changed(self, changes, scene) -> None:
        self.ruled.append(dict(changes))

    def staged(self, scene, stage) -> None:
        self.stages.append(scene.stage)

    def conversation(self, *, roles: dict[str, str] | None = None, language: str = "en", seed: int = 0, **params: Any):
        places = lay_out(self.environment, params)
        roles = roles or {seat: seat for seat in places}
        holders = {seat: (role, Role(name=role, title=role.title())) for seat, role in roles.items()}
        return Conversation(
            environment=self.environment, seats=holders, floor=self, language=language, params=params, seed=seed
        )

    def hold(self, **how: Any):
        return self.conversation(**how).hold()

    @property
    def speakers(self) -> str:
        return " ".join(seat for seat, _ in self.asked)


@pytest.fixture(scope="session")
def stage() -> type[Stage]:
    return Stage
