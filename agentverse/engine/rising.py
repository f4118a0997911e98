"""On which tier a turn begins: where its role or phase says, or above that when there is evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.role import Role
from agentverse.journal.events import Escalated
from agentverse.models.cascade import Cascade

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

SAME = 2
"""How often the same failure comes back before the next tier is asked to mend it."""


class _Reason(NamedTuple):
    why: Literal["red", "same", "failed"]
    measured: int
    allowed: int | None
    steps: int


def cascade_of(visit: Visit, persona: Role) -> Cascade:
    """The settings, as the role and then the phase refine them."""
    cascade = visit.work.host.cascade.refined(persona.escalate, visit.spec.escalate)
    # Only a vote asks whether samples agree: files are picked by a command or a judge, and hardly ever alike.
    return cascade if visit.spec.pick == "vote" else cascade.model_copy(update={"agreement": 0.0})


def first_tier(visit: Visit, tier: str, key: str, cascade: Cascade) -> str:
    """The tier on which the turn ``key`` begins; why it is not ``tier`` is an event."""
    reason = _reason(visit, cascade) if cascade.on else None
    if reason is None:
        return tier
    above = visit.work.tier_above(tier, reason.steps)
    if above == tier or not visit.work.purse.affords(above):
        return tier
    event = Escalated(
        phase=visit.name,
        visit=visit.number,
        step=key,
        tier=tier,
        to=above,
        why=reason.why,
        measured=reason.measured,
        allowed=reason.allowed,
    )
    if visit.work.journal.recall(f"{key}.1") is None:  # else it was asked before there was such a tier
        visit.work.journal.note(f"{key}/escalated", event)
    return above


def _reason(visit: Visit, cascade: Cascade) -> _Reason | None:
    if visit.raised:
        return _Reason("failed", visit.raised, None, visit.raised)
    if visit.strain >= SAME:
        return _Reason("same", visit.strain, SAME, 1)
    if visit.repairs >= cascade.after_red and _is_red(visit):
        return _Reason("red", visit.repairs, cascade.after_red, 1)
    return None


def _is_red(visit: Visit) -> bool:
    """Whether evidence that the phase is given did not pass."""
    return any(isinstance(made.value, Evidence) and not made.value.passed for made in visit.state.made.values())
