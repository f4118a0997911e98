"""What one model call of a turn asks: the prompt with what went before, and how the reply is to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from agentverse.agents.cleaning import brief, shortened
from agentverse.agents.fitting import fit
from agentverse.agents.ladder import Rung
from agentverse.agents.layout import tail
from agentverse.agents.pieces import Piece, Pieces, to_messages
from agentverse.agents.protocol import Said, Segment, TurnRequest, Watcher
from agentverse.agents.reading import Unreadable
from agentverse.agents.reading.schemas import constraint_for
from agentverse.agents.wording import say
from agentverse.errors import ContextOverflow
from agentverse.models.protocol import ChatModel, Request, Response, Sampling

_WARMER = 0.2
_HOTTEST = 1.3


@dataclass(slots=True)
class Standing:
    """How far a turn has come: what the next call makes of the replies before it."""

    rung: Rung | None = None
    bad: str = ""
    """The reply that is shown back, or continued, in the next prompt."""
    partial: str = ""
    trouble: Unreadable | None = None
    source: str | None = None
    thought_only: bool = False
    resamples: int = 0


class Asking:
    """Makes the calls of one turn.

    Args:
        pieces: of the run's prompts.
        language: of the product's own words.
        run: id of the run.
        watch: receives the reply as it is generated.
    """

    def __init__(self, turn: TurnRequest, pieces: Pieces, language: str, *, run: str, watch: Watcher | None) -> None:
        self.turn, self.pieces, self.language = turn, pieces, language
        self.at = Standing()
        self._run, self._watch = run, watch
        self._constraint = constraint_for(turn.expects.type)

    def request(self, model: ChatModel, pieces: Sequence[Piece], key: str) -> Request:
        """The call for a prompt."""
        turn, at = self.turn, self.at
        switch_off = at.thought_only and model.profile.thinking == "switch"
        calling = turn.calling if model.profile.tools else None
        open = calling is not None and calling.open
        # A server that is given a constraint lets nothing but a new document be said: no rest of one, and no call.
        free = at.rung == "continue" or open
        return Request(
            messages=to_messages(pieces),
            key=key,
            run=self._run,
            constraint=None if free else self._constraint,
            tools=calling.specs if calling is not None else (),
            may_call=open,
            n=1 if at.rung == "continue" else turn.samples,
            sampling=self._sampling(model, key),
            thinking=False if switch_off else None,
            priority=turn.priority,
            on_delta=self._watch,
            deadline=turn.deadline,
            logprobs=turn.cascade.on and turn.cascade.logprob is not None,
        )

    def prompt(self, model: ChatModel) -> list[Piece]:
        """The prompt as it stands, cut to fit. Raises ContextOverflow."""
        turn, pieces, language = self.turn, self.pieces, self.language
        native = turn.calling is not None and model.profile.tools
        ending = self.ending(native=native)
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
            prompt += [pieces.assistant(said, self.at.source), *pieces.user((Segment(asked),))]
        return prompt

    def ending(self, *, native: bool) -> tuple[Segment, ...]:
        """The volatile end of the prompt."""
        return tuple(Segment(text) for text in tail(self.turn, self.language, native=native))

    def _exchange(self) -> tuple[str, str] | tuple[()]:
        """What is shown behind the prompt on a second try: the earlier reply, and what is wrong with it."""
        language = self.language
        if self.at.rung == "continue":
            return self.at.partial, say("continue", language)
        if self.at.rung == "reask" and self.at.trouble is not None:
            return shortened(self.at.bad, language), say("reask", language, detail=self.at.trouble.detail(language))
        return ()

    def _sampling(self, model: ChatModel, key: str) -> Sampling:
        turn = self.turn
        temperature = turn.temperature if turn.temperature is not None else turn.persona.temperature
        if self.at.rung != "resample":
            return Sampling(temperature=temperature)
        base = temperature if temperature is not None else model.profile.sampling.temperature
        warmer = min(_HOTTEST, (0.7 if base is None else base) + _WARMER * self.at.resamples)
        return Sampling(temperature=round(warmer, 2), seed=crc32(key.encode()))

    def asked(self, request: Request, response: Response) -> dict[str, Any]:
        """Sampling and constraint, for the record."""
        asked = {
            "temperature": request.sampling.temperature,
            "seed": request.sampling.seed,
            "constraint": request.constraint.name if request.constraint else None,
            "unconstrained": response.unconstrained or None,
            "samples": request.n if request.n > 1 else None,
            "rung": self.at.rung,
            "tools": None if self.turn.calling is None else "native" if request.tools else "asked",
        }
        return {name: value for name, value in asked.items() if value is not None}


def _texts(said: Sequence[Said]) -> list[str]:
    return [one.text for one in said]
