"""The server itself, models, settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from agentverse.blueprint.text import Localized
from agentverse.web.shapes.base import Asked, Told


class Login(Asked):
    """What opens a session: the token of a link, or the password."""

    token: str = Field(default="", max_length=200)
    password: str = Field(default="", max_length=1000)


class ModelState(Told):
    """A tier and what answers behind it."""

    tier: str
    provider: str
    model: str
    place: str
    origin: str
    """Where that was set; ``found on this machine`` and ``started on this machine`` when nothing was."""
    answers: bool | None
    """None when it was not asked, as for recordings."""
    context: int = 0
    server: str = ""
    problem: str = ""
    fix: str | None = None


class Status(Told):
    """The server at one glance."""

    version: str
    instance: str
    """Another one after each start of the server."""
    project: str
    """The folder it works in."""
    language: Literal["en", "zh"]
    company: str
    """What the settings name for runs that say none."""
    loopback: bool
    """Only this machine can reach it."""
    models: list[ModelState]
    """As seen in the last seconds."""
    runs: dict[str, int]
    """State: how many."""
    journal: str


class SettingRow(Told):
    path: str
    value: str
    """Secrets are masked."""
    origin: str
    writable: bool


class SettingsShown(Told):
    settings: list[SettingRow]
    files: list[str]
    """That settings are read from, the highest first."""


class SettingsWritten(Asked):
    """Settings to write into a file; None takes one out of it."""

    where: Literal["project", "user"] = "project"
    values: dict[
        Literal["company", "language", "limits.tokens", "limits.turns", "limits.minutes"],
        str | int | float | None,
    ]


class Written(Told):
    settings: list[SettingRow]
    shadowed: list[str]
    """Written, but something stronger says otherwise."""


class Serve(Asked):
    """A model to serve on this machine."""

    name: Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9._-]*$")] = ""
    """Of the catalogue; the best for this machine when left out."""
    file: str | None = Field(default=None, max_length=4096)
    """Path of a GGUF file on the server's machine, instead of a name; taken on loopback only."""
    engine: Literal["vllm", "llamacpp"] | None = None
    context: int | None = Field(default=None, ge=256, le=10_000_000)
    download: bool = False
    """Agree to a download of the weights when they are not here."""


class Served(Told):
    """The managed server."""

    state: Literal["none", "downloading", "starting", "ready", "stopping", "failed"]
    model: str = ""
    engine: str = ""
    url: str = ""
    context: int = 0
    stage: str = ""
    """What it does while it loads."""
    fraction: float | None = None
    seconds: float = 0.0
    problem: str = ""
    fix: str | None = None


class Metrics(Told):
    """What one server is doing. Rates are over the time since the request before."""

    url: str
    model: str
    in_flight: int
    """Requests of this process."""
    waiting: int
    limit: int
    tokens_per_second: float | None
    """None when the server does not count."""
    cache_hits: float | None
    """Share of the prompt tokens that were in its prefix cache."""


class MetricsList(Told):
    servers: list[Metrics]


class Doctor(Told):
    """As ``agentverse models doctor --json``."""

    report: dict[str, Any]


class Catalogue(Told):
    """As ``agentverse models list --json``."""

    report: dict[str, Any]


class DemoBrief(Told):
    name: str
    title: str
    company: str
    idea: str


class Demos(Told):
    demos: list[DemoBrief]


class LanguageBrief(Told):
    name: str
    title: Localized


class Languages(Told):
    languages: list[LanguageBrief]
