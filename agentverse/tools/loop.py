"""A turn with tools: calls and their results, round by round, until the agent answers or may call no more.

Everything said is appended behind the prompt, so that a server computes each round only what is new. A call is a step:
a resumed run makes none again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agentverse.agents.forms import form
from agentverse.agents.protocol import Budget, Calling, Expectation, Said, TakesTurns, TurnRequest, TurnResult
from agentverse.agents.reading.calls import Answered, Calls, call_reader
from agentverse.journal.events import Accepted, Usage
from agentverse.journal.protocol import RunJournal
from agentverse.models.calling import Wanted, as_text
from agentverse.tools.caller import Caller, Numbered
from agentverse.tools.calls import only_reads
from agentverse.tools.describing import call_schema, spec_of, told
from agentverse.tools.protocol import Course
from agentverse.tools.words import say

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool


class Loop:
    """One turn being taken with tools.

    Args:
        desk: takes the single replies.
        turn: as it would be taken without tools.
        tools: that may be called, by name.
        course: of the files. None of the tools may change them but through it.
        budget: asked before each call.
        most: calls that may be made.
        seconds: one call may take.
    """

    def __init__(
        self,
        desk: TakesTurns,
        turn: TurnRequest,
        tools: Mapping[str, BaseTool],
        course: Course,
        *,
        journal: RunJournal,
        budget: Budget,
        most: int,
        seconds: float,
        language: str,
    ) -> None:
        self._desk, self._turn, self._tools, self._course = desk, turn, tools, course
        self._journal, self._language, self._most = journal, language, most
        self._caller = Caller(
            turn, tools, course, ask=self.ask, journal=journal, budget=budget, seconds=seconds, language=language
        )
        specs = tuple(spec_of(tool) for tool in tools.values())
        native = say("native", language, most=most, form=form(turn.expects, language))
        self._calling = Calling(specs, told(specs, most=most, language=language), native)
        self._schema = call_schema(specs)
        self._behind: list[Said] = []
        self._usage = Usage()
        self._attempts = self._made = 0
        self._spoken = False
        """The call at work has been answered already, by a question to the agent."""

    async def take(self) -> TurnResult:
        """See `agentverse.agents.protocol.TakesTurns`.

        Raises:
            PhaseFailed, ModelError, LimitReached.
            ToolServerFailed, SandboxLost …: what a tool stands on is broken; the run stops and can be resumed.
        """
        rounds = 0
        decided: TurnResult | None = None
        while self._made < self._most:
            rounds += 1
            decided = await self._reply(self._decision(rounds))
            value = decided.value
            if isinstance(value, Answered) and self._turn.samples == 1:
                return self._answered(decided, value)
            if not isinstance(value, Calls) or not value.calls:
                self._behind.append(Said("assistant", decided.text, decided.reply))
                break
            await self._call(value.calls, decided, self._made)
        if decided is not None and self._turn.expects.type == "edits" and self._course.moved:
            return self._finished(decided, self._course.changes(), [])
        return await self._final()

    async def ask(self, question: str, expects: Expectation, *, step: str) -> TurnResult:
        """Have the agent say something that a call needs, in a form of its own.

        Args:
            step: end of the reply's key.

        Raises:
            PhaseFailed: code ``reply``; it said nothing that can be used.
        """
        self._behind.append(Said("tool", question))
        self._spoken = True
        asked = self._with(step, expects)
        result = await self._reply(replace(asked, calling=replace(self._calling, open=False), samples=1))
        self._behind.append(Said("assistant", result.text, result.reply))
        return result

    # ------------------------------------------------------------------ replies

    def _decision(self, number: int) -> TurnRequest:
        answer = self._course.now(self._turn.expects)
        reader = call_reader(list(self._tools), answer)
        expects = Expectation(type=self._schema, reader=reader)
        return replace(self._with(f"call/{number}", expects), samples=1)

    def _with(self, step: str, expects: Expectation) -> TurnRequest:
        key = f"{self._turn.key}/{step}" if step else self._turn.key
        return replace(self._turn, key=key, expects=expects, calling=self._calling, behind=tuple(self._behind))

    async def _reply(self, turn: TurnRequest) -> TurnResult:
        result = await self._desk.take(turn)
        self._usage += result.usage
        self._attempts += result.attempts
        return result

    async def _final(self) -> TurnResult:
        """The reply itself, asked for in its own form."""
        expects = self._course.now(self._turn.expects)
        self._behind.append(Said("user", say("now", self._language, form=form(expects, self._language))))
        asked = replace(self._with("", expects), calling=replace(self._calling, open=False))
        result = await self._reply(asked)
        return replace(result, usage=self._usage, attempts=self._attempts, moved=self._course.moved, calls=self._made)

    def _answered(self, decided: TurnResult, answer: Answered) -> TurnResult:
        return self._finished(decided, answer.read.value, answer.read.mended)

    def _finished(self, decided: TurnResult, value: object, mended: list[str]) -> TurnResult:
        """The turn ends with the reply in which a call could have been made."""
        turn = self._turn
        accepted = Accepted(phase=turn.phase, visit=turn.visit, reply=decided.reply, mended=mended)
        self._journal.note(f"{turn.key}/accepted", accepted)
        return TurnResult(
            value=value,
            text=decided.text,
            reply=decided.reply,
            attempts=self._attempts,
            usage=self._usage,
            moved=self._course.moved,
            calls=self._made,
        )

    # ------------------------------------------------------------------ calls

    async def _call(self, calls: Sequence[Wanted], decided: TurnResult, before: int) -> None:
        """Make the calls of one reply. Each is shown with its result before the next, as if they had been apart: some
        of them speak with the agent.
        """
        allowed = calls[: self._most - before]
        self._made += len(allowed)
        alone = len(calls) == 1 and decided.text == as_text(calls)
        for group in self._groups(allowed, before):
            said = [Said("assistant", as_text([one.wanted]), decided.reply if alone else None) for one in group]
            self._behind += said[: len(group) == 1]
            results = await self._caller.make(group)
            if len(group) == 1:
                self._behind.append(Said("user" if self._spoken else "tool", results[0]))
            else:
                for call, text in zip(said, results, strict=True):
                    self._behind += [call, Said("tool", text)]
            self._spoken = False
        for wanted in calls[len(allowed) :]:
            told = say("no_more", self._language, most=self._most)
            self._behind += [Said("assistant", as_text([wanted])), Said("tool", told)]

    def _groups(self, calls: Sequence[Wanted], before: int) -> list[list[Numbered]]:
        """Neighbours that only read go together."""
        groups: list[list[Numbered]] = []
        reading = False
        for number, wanted in enumerate(calls, start=before + 1):
            tool = self._tools.get(wanted.tool)
            reads = tool is not None and only_reads(tool)
            if reads and reading:
                groups[-1].append(Numbered(number, wanted))
            else:
                groups.append([Numbered(number, wanted)])
            reading = reads
        return groups
