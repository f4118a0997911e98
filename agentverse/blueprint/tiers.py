"""The tiers of models, and when a turn is given to the next, as a role or a phase may say it."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Tier = Literal["edge", "cloud", "vision"]
TIERS: tuple[Tier, ...] = get_args(Tier)
"""In order of escalation; pictures have a tier of their own."""
CLOUD: Tier = "cloud"
"""The tier whose use is bounded."""
VISION: Tier = "vision"
"""A tier for pictures; it is not above the others."""


class Escalation(BaseModel):
    """Evidence that sends a turn to the next tier. What is left out is as the settings ``[cascade]`` say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after_invalid: int | None = Field(default=None, ge=1, le=20)
    """Replies to one prompt that could not be used."""
    after_red: int | None = Field(default=None, ge=1, le=100)
    """Repairs after which the evidence still did not pass."""
    agreement: float | None = Field(default=None, ge=0, le=1)
    """Smallest share of the samples that must agree, under ``pick: vote``; 0 asks for none."""
    logprob: float | None = Field(default=None, le=0)
    """Smallest mean log probability of a reply's tokens."""
