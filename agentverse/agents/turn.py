"""One turn: prompt, model call, reading the reply, and the repair ladder, each step an event."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from agentverse.agents.asking import Asking
from agentverse.agents.cleaning import clean
from agentverse.agents.joining import join
from agentverse.agents.ladder import Ladder, Rung
from agentverse.agents.pieces import Pieces, digest
from agentverse.agents.protocol import Budget, TurnRequest, TurnResult, Watcher
from agentverse.agents.purse import Purse
from agentverse.agents.reading import Read, Unreadable, read_reply
from agentverse.agents.rising import Doubt, doubt, risen
from agentverse.blueprint.text import localize
from agentverse.blueprint.tiers import VISION
from agentverse.errors import CompanyChanged, NoModel, PhaseFailed, ToolsRefused
from agentverse.journal.events import Accepted, Entry, Repair, Reply, Usage
from agentverse.journal.prompts import PromptBook
from agentverse.journal.protocol import RunJournal
from agentverse.models.cascade import Cascade
from agentverse.models.protocol import ChatModel, Choice


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


class _Taking:
    """A turn being taken."""

    def __init__(self, desk: Desk, turn: TurnRequest) -> None:
        self.desk, self.turn = desk, turn
        tiers = desk.tiers(turn.tier, turn.cascade)
        self.ladder = Ladder(tiers, enough=turn.cascade.after_invalid, affords=desk.purse.affords)
        self.asking = Asking(turn, desk.pieces, desk.language, run=desk.journal.run, watch=desk.watch)
        self.at = self.asking.at
        self.usage = Usage()
        self.attempt = 0
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
                said = join(self.at.partial, reply.text) if self.at.rung == "continue" else reply.text
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
        pieces = self.asking.prompt(model)
        request = self.asking.request(model, pieces, key)
        try:
            response = await model.complete(request)
        except ToolsRefused:
            pieces = self.asking.prompt(model)  # in which calls are asked for as JSON
            request = self.asking.request(model, pieces, key)
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
            asked=self.asking.asked(request, response),
            logprob=choices[0].logprob,
            pictures=shown,
        )
        return await desk.journal.record(key, event, input=hash, blobs=blobs)

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

    # ------------------------------------------------------------------ what it was given

    def _base_digest(self) -> bytes:
        """Of the prompt and what is expected; not of the model, its context or the tier, nor of the pictures that are
        shown to some tiers alone: they are of the commit and the evidence that the prompt tells of.
        """
        turn, pieces = self.turn, self.desk.pieces
        prompt = pieces.user((*turn.context.segments, *turn.transcript, *self.asking.ending(native=False)))
        prompt += pieces.behind(turn.behind, native=False)
        state = blake2b(pieces.system(turn.context.system).digest, digest_size=16)
        state.update(b"".join([piece.digest for piece in prompt]))
        expects = (turn.expects.type, turn.expects.paths, turn.samples, turn.temperature)
        state.update(json.dumps(expects, sort_keys=True, default=str).encode())
        return state.digest()

    def _input_hash(self) -> str:
        state = blake2b(self.base, digest_size=16)
        if self.at.rung is not None:
            state.update(self.at.rung.encode())
            state.update(digest(self.at.bad))
        return state.hexdigest()

    # ------------------------------------------------------------------ what came

    def _read_whole(self, key: str, reply: Reply) -> _Usable:
        """The text that counts and its value: joined with what was cut off, or alone when only that can be read."""
        if self.at.rung != "continue":
            return self._usable(key, reply.text, reply)
        joined = join(self.at.partial, reply.text)
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
        mended = [*read.mended, "joined what was cut off"] if self.at.rung == "continue" else read.mended
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
        self.at.thought_only = trouble.code == "only_thinking"
        self.at.partial = text if rung == "continue" else ""
        self.at.source = key if rung == "continue" else None
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
        self.at.rung, self.at.bad, self.at.trouble = rung, text, trouble
        self.at.resamples = self.ladder.resamples

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
