"""Doubt about a reply: it cannot be used, its samples differ, or its tokens were improbable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agentverse.agents.agreement import agreement
from agentverse.agents.ladder import Ladder
from agentverse.agents.protocol import TurnRequest
from agentverse.journal.events import Escalated, Reply
from agentverse.models.cascade import Cascade


@dataclass(frozen=True, slots=True)
class Doubt:
    """What was measured, and the bound it was held against."""

    why: Literal["invalid", "agreement", "logprob"]
    measured: float
    allowed: float


def doubt(reply: Reply, values: Sequence[Any], cascade: Cascade) -> Doubt | None:
    """Why a higher tier is to be asked although the reply can be used, or None.

    Args:
        values: of all samples that could be read.
    """
    if reply.logprob is not None and cascade.logprob is not None and reply.logprob < cascade.logprob:
        return Doubt("logprob", reply.logprob, cascade.logprob)
    if cascade.agreement and reply.samples:
        share = agreement(values, drawn=1 + len(reply.samples))
        if share < cascade.agreement:
            return Doubt("agreement", share, cascade.agreement)
    return None


def risen(turn: TurnRequest, ladder: Ladder, key: str, found: Doubt) -> Escalated:
    """The event that the next tier is asked because of the reply ``key``; before the ladder is climbed."""
    return Escalated(
        phase=turn.phase,
        visit=turn.visit,
        step=key,
        tier=ladder.tier,
        to=ladder.above or ladder.tier,
        why=found.why,
        measured=found.measured,
        allowed=found.allowed,
    )
