"""Doubt about a reply that can be used: samples that differ, or tokens that were improbable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agentverse.agents.agreement import agreement
from agentverse.journal.events import Reply
from agentverse.models.cascade import Cascade


@dataclass(frozen=True, slots=True)
class Doubt:
    """What was measured, and the least that would have done."""

    why: Literal["agreement", "logprob"]
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
