"""Environments that run by themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from agentverse.blueprint.text import Localized
from agentverse.web.shapes.base import NAME, RUN_ID, Asked, Told
from agentverse.web.shapes.runs import AskedLimits, ModelChoice, RunBrief, Tier


class Parameter(Told):
    """What can be set of an environment."""

    name: str
    kind: Literal["text", "number", "yes_no", "data"]
    value: Localized
    """Its default, as it would be typed."""
    title: Localized = ""
    least: float | None = None
    most: float | None = None
    whole: bool = False
    """A number is a whole one."""
    choices: list[str] = Field(default_factory=list[str])
    open: bool = False
    """Texts that are none of ``choices`` are taken as well."""


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


class Repeat(Asked):
    """An environment to run several times, with one seed after the other."""

    simulate: Simulate
    """``name`` is left out; people's seats pass."""
    times: int = Field(ge=2, le=50)


class SeriesBar(Told):
    """A measure over all runs that are over: its mean, or the share of those in which it holds."""

    name: str
    filled: float
    """How much of its row it fills, from 0 to 1."""
    said: str


class Series(Told):
    """Runs of one environment that were begun together."""

    series: str
    environment: str
    runs: list[RunBrief]
    """By their seeds."""
    bars: list[SeriesBar]
