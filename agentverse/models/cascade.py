"""When a stronger model is asked than the one at the edge, and what it may cost. A policy; it does nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agentverse.blueprint.tiers import Escalation

Said = Literal["never"] | Escalation | None
"""What a role or a phase says of escalation."""


class Cascade(BaseModel):
    """The settings ``[cascade]``. The defaults suit a model of a few billion parameters at the edge."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    on: bool = True
    """Whether anything escalates by itself. A role or phase whose tier is set is asked there all the same."""
    after_invalid: int = Field(default=2, ge=1, le=20)
    """Replies to one prompt that could not be used, before the next tier is asked."""
    after_red: int = Field(default=2, ge=1, le=100)
    """Repairs after which the evidence still did not pass, before the next tier is asked to repair."""
    agreement: float = Field(default=0.5, ge=0, le=1)
    """Smallest share of the samples that must agree, under ``pick: vote``; 0 asks for none."""
    logprob: float | None = Field(default=None, le=0)
    """Smallest mean log probability of a reply's tokens. Servers are asked for it only when it is set."""
    tokens: int | None = Field(default=None, gt=0)
    """Prompt and completion tokens that a run may use on the tier ``cloud``; then it goes on at the edge."""
    money: float | None = Field(default=None, gt=0)
    """What a run may spend on the tier ``cloud``, in the currency of the prices."""

    def refined(self, *said: Said) -> Cascade:
        """This, as a role and then a phase would have it; the later one counts."""
        policy = self
        for one in said:
            if one == "never":
                policy = policy.model_copy(update={"on": False})
            elif one is not None:
                policy = policy.model_copy(update={"on": self.on, **one.model_dump(exclude_none=True)})
        return policy
