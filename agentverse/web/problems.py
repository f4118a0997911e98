"""Errors as answers: a status, a stable code, one sentence and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from agentverse.errors import (
    AgentverseError,
    BlueprintError,
    CompanyChanged,
    JournalUnavailable,
    ModelError,
    RunBusy,
    RunFenced,
    RunNotFound,
    SandboxUnavailable,
    UsageError,
)
from agentverse.web.shapes.base import ErrorBody, Failure, LocatedProblem

_STATUS: tuple[tuple[type[AgentverseError], int], ...] = (
    (RunNotFound, 404),
    (BlueprintError, 422),
    (CompanyChanged, 409),
    (UsageError, 400),
    (RunBusy, 409),
    (RunFenced, 409),
    (JournalUnavailable, 503),
    (SandboxUnavailable, 503),
    (ModelError, 502),
)
"""The first that fits; anything else is a 400."""
_CODES = {404: "not_found", 405: "not_allowed", 413: "too_large"}
ANSWERS: Mapping[int | str, dict[str, Any]] = {
    status: {"model": Failure} for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 502, 503, 507)
}
"""For the OpenAPI document: every route may answer with an error."""


class Refused(Exception):
    """A request that is refused for a reason that only the web has."""

    def __init__(self, status: int, code: str, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.fix = status, code, fix


def failure(
    status: int, code: str, message: str, *, fix: str | None = None, problems: Sequence[LocatedProblem] = ()
) -> JSONResponse:
    """An error as an answer."""
    body = Failure(error=ErrorBody(code=code, message=message, fix=fix, problems=list(problems)))
    return JSONResponse(body.model_dump(mode="json"), status_code=status)


def handle_errors(app: FastAPI) -> None:
    """Have ``app`` answer errors in this way."""
    app.add_exception_handler(AgentverseError, _of_ours)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(OSError, _of_the_system)
    app.add_exception_handler(Exception, _unexpected)


async def _of_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AgentverseError)
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 400)
    problems = [LocatedProblem(**asdict(one)) for one in error.problems] if isinstance(error, BlueprintError) else []
    return failure(status, type(error).__name__, str(error), fix=error.fix, problems=problems)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return failure(error.status, error.code, str(error), fix=error.fix)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return failure(422, "invalid", f"{where}: {first['msg']}")


async def _plain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = failure(error.status_code, _CODES.get(error.status_code, "refused"), str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _of_the_system(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OSError)
    said = error.strerror or type(error).__name__
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return failure(507, "disk_full", "there is no room left on the disk", fix="Remove runs that are not needed.")
    return failure(500, "system", f"the system refused it: {said}")


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    return failure(
        500,
        "unexpected",
        f"something unexpected happened: {type(error).__name__}",
        fix="This is a fault in agentverse; the server's terminal says more.",
    )
