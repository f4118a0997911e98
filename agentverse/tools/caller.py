"""Calls as steps of a run: made once, written down, and told to the agent within bounds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from agentverse.agents.protocol import Budget, TurnRequest
from agentverse.blueprint.text import localize
from agentverse.journal.events import ToolCalled
from agentverse.journal.prompts import text_hash
from agentverse.journal.protocol import RunJournal
from agentverse.models.calling import Wanted, as_text
from agentverse.models.tracing import describe, operation, tracer
from agentverse.tools.calls import Outcome, WrongCall, arguments, cut, find, make
from agentverse.tools.protocol import Ask, Course
from agentverse.tools.registry import STEPS
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

SHOWN = 6000
"""Characters of one result that a prompt holds."""
ROOM = 24_000
"""Characters of all results of a turn; when they are used up, each further one is shown in brief."""
BRIEF = 600


class Numbered(NamedTuple):
    """A call, and which of the turn's it is, from 1."""

    number: int
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class _Made:
    outcome: Outcome
    seconds: float
    commit: str = ""


class Caller:
    """Makes the calls of one turn.

    Args:
        ask: has the agent say something that a call needs.
    """

    def __init__(
        self,
        turn: TurnRequest,
        tools: Mapping[str, BaseTool],
        course: Course,
        *,
        ask: Ask,
        journal: RunJournal,
        budget: Budget,
        seconds: float,
        language: str,
    ) -> None:
        self._turn, self._tools, self._course, self._ask = turn, tools, course, ask
        self._journal, self._budget = journal, budget
        self._seconds, self._language = seconds, language
        self._room = ROOM

    async def make(self, calls: Sequence[Numbered]) -> list[str]:
        """Make calls, at the same time when there are several, or recall them. Returns what the agent is told."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(call)) for call in calls]
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        return [await self._record(call, task.result()) for call, task in zip(calls, tasks, strict=True)]

    def _key(self, call: Numbered) -> str:
        return f"{self._turn.key}/tool/{call.number}"

    async def _one(self, call: Numbered) -> _Made | None:
        """What became of a call; None when that is on record."""
        known = self._journal.recall(self._key(call))
        if known is None:
            if self._turn.failed is not None:
                raise self._turn.failed
            self._budget.check()
        elif call.wanted.tool not in STEPS:
            return None
        # A call that consists of steps goes through them again: they are on record, and what they lead to is not.
        begun, before = time.monotonic(), len(self._course.moved)
        try:
            tool = find(call.wanted, self._tools, self._language)
            given = arguments(call.wanted, tool, self._language)
        except WrongCall as error:
            return _Made(Outcome(False, str(error)), 0.0)
        self._course.at(call.number, self._ask)
        outcome = await self._traced(tool, given, call)
        moved = self._course.moved[before:]
        return _Made(outcome, round(time.monotonic() - begun, 3), moved[-1].commit if moved else "")

    async def _traced(self, tool: BaseTool, given: Mapping[str, Any], call: Numbered) -> Outcome:
        spans = tracer()
        if spans is None:
            return await make(tool, given, seconds=self._seconds, language=self._language)
        known = {"gen_ai.tool.name": tool.name, "agentverse.step": self._key(call)}
        with operation(spans, "execute_tool", tool.name, known) as span:
            outcome = await make(tool, given, seconds=self._seconds, language=self._language)
            describe(span, {"agentverse.ok": outcome.ok})
            return outcome

    async def _record(self, call: Numbered, made: _Made | None) -> str:
        """Write a call down. What was written first counts, for the agent too."""
        key, turn, wanted = self._key(call), self._turn, call.wanted
        if made is None:
            known = self._journal.recall(key)
            assert known is not None
            return self._told(wanted, known.event)
        text = made.outcome.text or say("nothing", self._language)
        shown = cut(text, max(BRIEF, min(SHOWN, self._room)), self._language)
        blobs = {text_hash(text): text} if shown != text else dict[str, str]()
        given = wanted.arguments
        event = ToolCalled(
            phase=turn.phase,
            visit=turn.visit,
            item=turn.item,
            role=turn.role,
            title=localize(turn.persona.title, self._language) or turn.role,
            seat=turn.seat,
            tool=wanted.tool,
            arguments=cast("dict[str, Any]", given) if isinstance(given, dict) else {},
            ok=made.outcome.ok,
            result=shown,
            whole=next(iter(blobs), ""),
            commit=made.commit,
            seconds=made.seconds,
        )
        input = blake2b(as_text([wanted]).encode("utf-8", "replace"), digest_size=16).hexdigest()
        entry = await self._journal.record(key, event, input=input, blobs=blobs)
        return self._told(wanted, entry.event)

    def _told(self, wanted: Wanted, event: object) -> str:
        assert isinstance(event, ToolCalled)
        self._room = max(0, self._room - len(event.result))
        text = event.result if event.ok else say("failed", self._language, why=event.result)
        return say("result", self._language, tool=wanted.tool[:80], text=text)
