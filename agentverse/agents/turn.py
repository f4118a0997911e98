"""One turn: prompt, model call, reading the reply, and the repair ladder, each step an event."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from zlib import crc32

from agentverse.agents.cleaning import brief, clean, shortened
from agentverse.agents.fitting import fit
from agentverse.agents.joining import join
from agentverse.agents.ladder import Ladder, Rung
from agentverse.agents.layout import tail
from agentverse.agents.pieces import Piece, Pieces, digest, to_messages
from agentverse.agents.protocol import Budget, Said, Segment, TurnRequest, TurnResult, Watcher
from agentverse.agents.purse import Purse
from agentverse.agents.reading import Read, Unreadable, read_reply
from agentverse.agents.reading.schemas import constraint_for
from agentverse.agents.rising import Doubt, doubt, risen
from agentverse.agents.wording import say
from agentverse.blueprint.text import localize
from agentverse.blueprint.tiers import VISION
from agentverse.errors import CompanyChanged, ContextOverflow, NoModel, PhaseFailed, ToolsRefused
from agentverse.journal.events import Accepted, Entry, Repair, Reply, Usage
from agentverse.journal.prompts import PromptBook
from agentverse.journal.protocol import RunJournal
from agentverse.models.cascade import Cascade
from agentverse.models.protocol import ChatModel, Choice, Request, Response, Sampling

_WARMER = 0.2
_HOTTEST = 1.3


class Desk:
    """Where the agents of one run take their turns.

    Args:
        journal: the run's; a reply recorded there is used instead of asking again.
        models: by tier, in order of escalation.
        language: of the product's own words in prompts.
        budget: asked before each model call, told after it, and told of recalled replies too.
        book: how prompts are recorded.
        watch: receives replies as they are generated; without it nothing is streamed.
        clock: seconds, for models that do not say how long they took.
        purse: says whether a tier may still be asked, and is told of each reply; without it nothing is bounded.
    """

    def __init__(
        self,
        journal: RunJournal,
        models: Mapping[str, ChatModel],
        language: str,
        budget: Budget,
        book: PromptBook,
        watch: Watcher | None = None,
        clock: Callable[[], float] = time.monotonic,
        purse: Purse | None = None,
    ) -> None:
        if not models:
            raise NoModel("no model is configured for this run")
        self.journal, self.models, self.language = journal, models, language
        self.budget, self.book, self.watch, self.clock = budget, book, watch, clock
        self.purse = purse or Purse(Cascade(), {}, journal)
        self.pieces = Pieces()

    async def take(self, turn: TurnRequest) -> TurnResult:
        """See `agentverse.agents.protocol.TakesTurns`.

        Raises:
            PhaseFailed: code ``reply``; the ladder ended without a usable reply.
            CompanyChanged: a recorded reply answered another prompt than this one.
            ModelError, LimitReached.
        """
        return await _Taking(self, turn).run()

    def tiers(self, first: str, cascade: Cascade) -> list[str]:
        """``first``, or the lowest tier there is when nothing is configured for it, and those above that
        ``cascade`` lets it escalate to.
        """
        if first == VISION and first in self.models:
            return [first]
        ladder = [tier for tier in self.models if tier != VISION] or list(self.models)
        ladder = ladder[ladder.index(first) :] if first in ladder else ladder
        return ladder if cascade.on else ladder[:1]

    def afforded(self, tier: str) -> str:
        """``tier``, or the lowest one there is when it is used up."""
        return tier if self.purse.affords(tier) else next(iter(self.models))


@dataclass(frozen=True, slots=True)
class _Usable:
    """A reply that could be read."""

    key: str
    text: str
    reply: Reply
    read: Read
    mended: Sequence[str]


def _texts(said: Sequence[Said]) -> list[str]:
    return [one.text for one in said]


class _Taking:
    """A turn being taken."""

    def __init__(self, desk: Desk, turn: TurnRequest) -> None:
        self.desk, self.turn = desk, turn
        tiers = desk.tiers(turn.tier, turn.cascade)
        self.ladder = Ladder(tiers, enough=turn.cascade.after_invalid, affords=desk.purse.affords)
        self.constraint = constraint_for(turn.expects.type)
        self.ending = self._ending(native=False)
        self.usage = Usage()
        self.attempt = 0
        self.rung: Rung | None = None
        self.bad = ""
        """The reply that is shown back, or continued, in the next prompt."""
        self.partial = ""
        self.trouble: Unreadable | None = None
        self.source: str | None = None
        self.thought_only = False
        self.spare: _Usable | None = None
        """A reply that was doubted, for when the next tier has none to use."""
        self.base = self._base_digest()

    async def run(self) -> TurnResult:
        while True:
            self.attempt += 1
            key = f"{self.turn.key}.{self.attempt}"
            reply = await self._reply(key)
            self.usage += reply.usage
            self.desk.budget.spend(reply.usage)
            self.desk.purse.spend(reply)
            try:
                usable = self._read_whole(key, reply)
            except Unreadable as trouble:
                said = join(self.partial, reply.text) if self.rung == "continue" else reply.text
                if (usable := self._mend(key, trouble, said)) is None:
                    continue
            else:
                if self._doubted(usable):
                    continue
            return self._accept(usable)

    # ------------------------------------------------------------------ one model call

    async def _reply(self, key: str) -> Reply:
        """The reply recorded under ``key``, or a new one."""
        hash = self._input_hash()
        entry = self.desk.journal.recall(key)
        if entry is None:
            if self.turn.failed is not None:
                raise self.turn.failed
            self.desk.budget.check()
            entry = await self._call(key, hash)
        if entry.input != hash:
            raise CompanyChanged(
                f"phase '{self.turn.phase}' would now ask something else than it did when this run recorded its reply",
                fix="Resume it as it was begun, or fork it from that phase.",
            )
        assert isinstance(entry.event, Reply)
        return entry.event

    async def _call(self, key: str, hash: str) -> Entry:
        desk, turn = self.desk, self.turn
        tier = desk.afforded(self.ladder.tier)
        model = desk.models[tier]
        begun = desk.clock()
        pieces = self._prompt(model)
        request = self._request(model, pieces, key)
        try:
            response = await model.complete(request)
        except ToolsRefused:
            pieces = self._prompt(model)  # in which calls are asked for as JSON
            request = self._request(model, pieces, key)
            response = await model.complete(request)
        seconds = response.seconds or desk.clock() - begun
        shown = [piece.picture.ref for piece in pieces if piece.picture is not None]
        ref, blobs = desk.book.ref(piece.part for piece in pieces)
        choices = self._best_first(response.choices)
        event = Reply(
            phase=turn.phase,
            visit=turn.visit,
            item=turn.item,
            role=turn.role,
            title=localize(turn.persona.title, desk.language) or turn.role,
            seat=turn.seat,
            attempt=self.attempt,
            tier=tier,
            model=response.model or model.name,
            prompt=ref,
            text=choices[0].text,
            thinking=choices[0].thinking,
            samples=[choice.text for choice in choices[1:]],
            requests=response.requests,
            finish=choices[0].finish,
            usage=response.usage,
            seconds=seconds,
            first_token=response.first_token,
            where=response.where,
            asked=self._asked(request, response),
            logprob=choices[0].logprob,
            pictures=shown,
        )
        return await desk.journal.record(key, event, input=hash, blobs=blobs)

    def _request(self, model: ChatModel, pieces: Sequence[Piece], key: str) -> Request:
        desk, turn = self.desk, self.turn
        switch_off = self.thought_only and model.profile.thinking == "switch"
        calling = turn.calling if model.profile.tools else None
        open = calling is not None and calling.open
        # A server that is given a constraint lets nothing but a new document be said: no rest of one, and no call.
        free = self.rung == "continue" or open
        return Request(
            messages=to_messages(pieces),
            key=key,
            run=desk.journal.run,
            constraint=None if free else self.constraint,
            tools=calling.specs if calling is not None else (),
            may_call=open,
            n=1 if self.rung == "continue" else turn.samples,
            sampling=self._sampling(model, key),
            thinking=False if switch_off else None,
            priority=turn.priority,
            on_delta=desk.watch,
            deadline=turn.deadline,
            logprobs=turn.cascade.on and turn.cascade.logprob is not None,
        )

    def _best_first(self, choices: Sequence[Choice]) -> list[Choice]:
        """The samples without thoughts, one that can be read in front: that one is the reply others quote."""
        ordered = [clean(choice) for choice in choices] or [Choice("")]
        if len(ordered) > 1:
            good = next((number for number, choice in enumerate(ordered) if self._readable(choice)), 0)
            ordered.insert(0, ordered.pop(good))
        return ordered

    def _readable(self, choice: Choice) -> bool:
        try:
            read_reply(choice.text, self.turn.expects, finish=choice.finish)
        except Unreadable:
            return False
        return True

    def _prompt(self, model: ChatModel) -> list[Piece]:
        turn, pieces, language = self.turn, self.desk.pieces, self.desk.language
        native = turn.calling is not None and model.profile.tools
        ending = self._ending(native=native)
        exchange, behind = self._exchange(), turn.behind
        always = (turn.context.system, *(segment.text for segment in ending))
        if native and turn.calling is not None:
            always += (turn.calling.asked,)  # about what the tools take in the request's own fields
        try:
            fitted = fit(turn, model.profile, language, fixed=(*always, *_texts(behind), *exchange))
        except ContextOverflow:
            if not exchange and not behind:
                raise
            # There is no room to show the bad reply, nor all that tools said: the turn is asked for anew.
            exchange, behind = (), brief(behind, language)
            fitted = fit(turn, model.profile, language, fixed=(*always, *_texts(behind)))
        prompt = [
            pieces.system(turn.context.system),
            *pieces.user((*fitted.segments, *fitted.transcript, *ending)),
            *pieces.behind(behind, native=native),
        ]
        if exchange:
            said, asked = exchange
            prompt += [pieces.assistant(said, self.source), *pieces.user((Segment(asked),))]
        return prompt

    def _ending(self, *, native: bool) -> tuple[Segment, ...]:
        return tuple(Segment(text) for text in tail(self.turn, self.desk.language, native=native))

    def _exchange(self) -> tuple[str, str] | tuple[()]:
        """What is shown behind the prompt on a second try: the earlier reply, and what is wrong with it."""
        language = self.desk.language
        if self.rung == "continue":
            return self.partial, say("continue", language)
        if self.rung == "reask" and self.trouble is not None:
            return shortened(self.bad, language), say("reask", language, detail=self.trouble.detail(language))
        return ()

    def _sampling(self, model: ChatModel, key: str) -> Sampling:
        turn = self.turn
        temperature = turn.temperature if turn.temperature is not None else turn.persona.temperature
        if self.rung != "resample":
            return Sampling(temperature=temperature)
        base = temperature if temperature is not None else model.profile.sampling.temperature
        warmer = min(_HOTTEST, (0.7 if base is None else base) + _WARMER * self.ladder.resamples)
        return Sampling(temperature=round(warmer, 2), seed=crc32(key.encode()))

    def _asked(self, request: Request, response: Response) -> dict[str, Any]:
        asked = {
            "temperature": request.sampling.temperature,
            "seed": request.sampling.seed,
            "constraint": request.constraint.name if request.constraint else None,
            "unconstrained": response.unconstrained or None,
            "samples": request.n if request.n > 1 else None,
            "rung": self.rung,
            "tools": None if self.turn.calling is None else "native" if request.tools else "asked",
        }
        return {name: value for name, value in asked.items() if value is not None}

    # ------------------------------------------------------------------ what it was given

    def _base_digest(self) -> bytes:
        """Of the prompt and what is expected; not of the model, its context or the tier, nor of the pictures that are
        shown to some tiers alone: they are of the commit and the evidence that the prompt tells of.
        """
        turn, pieces = self.turn, self.desk.pieces
        prompt = pieces.user((*turn.context.segments, *turn.transcript, *self.ending))
        prompt += pieces.behind(turn.behind, native=False)
        state = blake2b(pieces.system(turn.context.system).digest, digest_size=16)
        state.update(b"".join([piece.digest for piece in prompt]))
        expects = (turn.expects.type, turn.expects.paths, turn.samples, turn.temperature)
        state.update(json.dumps(expects, sort_keys=True, default=str).encode())
        return state.digest()

    def _input_hash(self) -> str:
        state = blake2b(self.base, digest_size=16)
        if self.rung is not None:
            state.update(self.rung.encode())
            state.update(digest(self.bad))
        return state.hexdigest()

    # ------------------------------------------------------------------ what came

    def _read_whole(self, key: str, reply: Reply) -> _Usable:
        """The text that counts and its value: joined with what was cut off, or alone when only that can be read."""
        if self.rung != "continue":
            return self._usable(key, reply.text, reply)
        joined = join(self.partial, reply.text)
        try:
            return self._usable(key, joined, reply)
        except Unreadable as trouble:
            if joined == reply.text:
                raise
            try:
                return self._usable(key, reply.text, reply)
            except Unreadable:
                raise trouble from None

    def _usable(self, key: str, text: str, reply: Reply) -> _Usable:
        read = self._read(text, reply)
        mended = [*read.mended, "joined what was cut off"] if self.rung == "continue" else read.mended
        return _Usable(key, text, reply, read, mended)

    def _read(self, text: str, reply: Reply) -> Read:
        if not text.strip() and reply.thinking.strip():
            raise Unreadable("only_thinking")
        if not text.strip() and reply.finish == "content_filter":
            raise Unreadable("refusal")
        return read_reply(text, self.turn.expects, finish=reply.finish)

    def _mend(self, key: str, trouble: Unreadable, text: str) -> _Usable | None:
        """Take the next rung of the ladder, and return None; or an earlier reply that is better than none.

        Raises:
            PhaseFailed: there is neither.
        """
        turn, journal = self.turn, self.desk.journal
        rung = self.ladder.next(trouble, text)
        recalled = journal.recall(f"{key}/repair")
        if recalled is not None and isinstance(recalled.event, Repair):
            rung = recalled.event.rung
        detail = trouble.detail(self.desk.language)
        journal.note(
            f"{key}/repair",
            Repair(phase=turn.phase, visit=turn.visit, reply=key, problem=trouble.code, detail=detail, rung=rung),
        )
        if rung == "give_up" and self.spare is not None:
            return self.spare
        if rung == "give_up":
            title = localize(turn.persona.title, "en") or turn.role
            raise PhaseFailed(
                f"{title} gave no usable reply in phase '{turn.phase}' ({self.attempt} attempts). {trouble.detail()}",
                code="reply",
                fix="A larger model may manage; the replies are in the journal.",
            )
        if rung == "escalate":
            found = Doubt("invalid", self.ladder.bad, turn.cascade.after_invalid)
            journal.note(f"{key}/escalated", risen(turn, self.ladder, key, found))
        self._take(rung, text, trouble)
        self.thought_only = trouble.code == "only_thinking"
        self.partial = text if rung == "continue" else ""
        self.source = key if rung == "continue" else None
        return None

    def _doubted(self, usable: _Usable) -> bool:
        """Whether the next tier is asked although the reply can be used."""
        turn, journal, reply = self.turn, self.desk.journal, usable.reply
        if journal.recall(f"{usable.key}/escalated") is None:
            if journal.recall(f"{turn.key}/accepted") is not None or not self.ladder.higher:
                return False
            found = doubt(reply, [usable.read.value, *self._others(reply)], turn.cascade)
            if found is None:
                return False
            journal.note(f"{usable.key}/escalated", risen(turn, self.ladder, usable.key, found))
        self.spare = usable
        self._take("escalate", usable.text, None)
        return True

    def _take(self, rung: Rung, text: str, trouble: Unreadable | None) -> None:
        self.ladder.take(rung)
        self.rung, self.bad, self.trouble = rung, text, trouble

    def _accept(self, usable: _Usable) -> TurnResult:
        turn = self.turn
        accepted = Accepted(phase=turn.phase, visit=turn.visit, reply=usable.key, mended=list(usable.mended))
        self.desk.journal.note(f"{turn.key}/accepted", accepted)
        return TurnResult(
            value=usable.read.value,
            text=usable.text,
            reply=usable.key,
            attempts=self.attempt,
            usage=self.usage,
            others=tuple(self._others(usable.reply)),
        )

    def _others(self, reply: Reply) -> list[Any]:
        values: list[Any] = []
        for sample in reply.samples:
            try:
                values.append(read_reply(sample, self.turn.expects).value)
            except Unreadable:
                continue
        return values
