"""A model that plays a script, and a desk over a real journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from agentverse.agents.layout import build_context, system_text
from agentverse.agents.protocol import Context, Expectation, Segment, TurnRequest
from agentverse.agents.turn import Desk
from agentverse.blueprint.role import Role
from agentverse.journal.events import Usage
from agentverse.journal.prompts import PromptBook
from agentverse.journal.protocol import Journal, RunJournal
from agentverse.journal.store import open_journal
from agentverse.models.protocol import Choice, Profile, Request, Response

Answer = str | Choice | Sequence[str | Choice] | Exception


@dataclass
class ScriptedModel:
    """A `ChatModel` that says what it was told to say, in order, and remembers what it was asked."""

    answers: list[Answer]
    name: str = "scripted"
    provider: str = "script"
    profile: Profile = field(default_factory=lambda: Profile("script"))
    asked: list[Request] = field(default_factory=list)

    async def contact(self) -> Mapping[str, Any]:
        return {}

    async def complete(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        several = [answer] if isinstance(answer, str | Choice) else list(answer)
        choices = tuple(Choice(one) if isinstance(one, str) else one for one in several)
        return Response(choices, Usage(prompt=10, completion=2))

    async def close(self) -> None:
        pass


@dataclass
class Purse:
    """A `Budget` that counts."""

    checked: int = 0
    spent: list[Usage] = field(default_factory=list)
    refuses: Exception | None = None

    def check(self) -> None:
        self.checked += 1
        if self.refuses is not None:
            raise self.refuses

    def spend(self, usage: Usage) -> None:
        self.spent.append(usage)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await open_journal(tmp_path / "journal.db")
    yield opened
    await opened.close()


@pytest.fixture
async def run(journal: Journal, tmp_path: Path) -> RunJournal:
    return await journal.create("r1", company="software", idea="count words", folder=str(tmp_path))


@pytest.fixture
def purse() -> Purse:
    return Purse()


@pytest.fixture
def model() -> Callable[..., ScriptedModel]:
    """``model(answer, answer, ...)``."""
    return lambda *answers, **facts: ScriptedModel(list(answers), **facts)


@pytest.fixture
def desk(run: RunJournal, purse: Purse) -> Callable[..., Desk]:
    """``desk(model)`` or ``desk({"edge": model, "cloud": model})``, over the journal ``run``."""

    def make(models: Any, *, language: str = "en", over: RunJournal = run, **more: Any) -> Desk:
        by_tier = models if isinstance(models, dict) else {"edge": models}
        return Desk(over, by_tier, language, purse, PromptBook(over), **more)

    return make


@pytest.fixture
def context() -> Context:
    return build_context(idea="Count words.", language="en", artifacts=(), files=(), system=system_text("en"))


@pytest.fixture
def turn(context: Context) -> Callable[..., TurnRequest]:
    """``turn(expects, key=..., ...)``: a turn of the programmer."""
    base = TurnRequest(
        key="code#1/-/1",
        phase="code",
        visit=1,
        role="programmer",
        persona=Role(name="programmer", title="Programmer", prompt="You are the programmer."),
        instruction="Write main.py.",
        expects=Expectation(),
        context=context,
    )

    def make(expects: Expectation | None = None, **changes: Any) -> TurnRequest:
        return replace(base, expects=expects or Expectation(), **changes)

    return make


@pytest.fixture
def segments() -> Callable[[int], tuple[Segment, ...]]:
    return lambda count: tuple(Segment(f"message {number}: " + "word " * 40) for number in range(count))
