"""What all shapes have in common, and the shape of errors."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

RUN_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""Ids of runs; `run --name` allows the same."""
COMMIT = r"^[0-9a-f]{40}$"
NAME = r"^[a-z][a-z0-9_]{0,39}$"
"""Names of companies, roles, environments and languages."""


class Asked(BaseModel):
    """Base of request bodies: a key that does not exist is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """Base of answers."""

    model_config = ConfigDict(frozen=True)


class LocatedProblem(Told):
    """One thing wrong in one file; see `agentverse.errors.Problem`."""

    file: str
    line: int
    column: int
    where: str
    what: str
    fix: str | None = None
    severity: str = "error"


class ErrorBody(Told):
    """What went wrong, and what to do about it."""

    code: str
    """Stable: the name of the exception, or a word such as ``invalid``, ``no_session``, ``foreign``, ``too_large``."""
    message: str
    fix: str | None = None
    problems: list[LocatedProblem] = Field(default_factory=list[LocatedProblem])


class Failure(Told):
    """The body of every answer with a status from 400 on."""

    error: ErrorBody


class Done(Told):
    """It was done, or left for whoever drives the run."""

    ok: bool = True
    detail: str = ""
