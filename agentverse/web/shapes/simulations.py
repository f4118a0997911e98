"""Environments that run by themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from agentverse.blueprint.text import Localized
from agentverse.web.shapes.base import NAME, RUN_ID, Asked, Told
from agentverse.web.shapes.runs import AskedLimits, ModelChoice, Tier


class Parameter(Told):
    """What can be set of an environment."""

    name: str
    kind: Literal["text", "number", "yes_no", "data"]
    value: Localized
    """Its default, as it would be typed."""


class SimulationBrief(Told):
    """An environment whose seats are all taken."""

    name: str
    title: Localized
    description: Localized
    params: list[Parameter]
    persons: int
    """Kinds of seats that a person holds."""


class SimulationList(Told):
    simulations: list[SimulationBrief]


class Simulate(Asked):
    """An environment to run by itself."""

    environment: str = Field(pattern=NAME)
    seed: int = Field(default=0, ge=0, le=2**53 - 1)
    """Of all chance in it."""
    params: dict[str, Annotated[str, StringConstraints(max_length=20_000)]] = Field(default_factory=dict)
    """Parameter: value, as it is typed; those left out have their default."""
    language: Literal["en", "zh"] | None = None
    limits: AskedLimits = AskedLimits()
    """``turns`` bounds the replies of the conversation."""
    models: dict[Tier, ModelChoice] = Field(default_factory=dict[Tier, ModelChoice])
    """Instead of those of the settings."""
    name: str | None = Field(default=None, pattern=RUN_ID)
    ask: bool = True
    """People are asked for their seats; otherwise these pass."""
