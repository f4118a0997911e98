"""Coming in and going out."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from agentverse.web.context import TheWeb, Web
from agentverse.web.door import DAYS
from agentverse.web.problems import Refused
from agentverse.web.shapes.base import Done
from agentverse.web.shapes.machine import Login

router = APIRouter(tags=["session"])


@router.post("/api/session")
async def log_in(asked: Login, response: Response, web: TheWeb) -> Done:
    """Open a session with the token of a link, or with the password."""
    door = web.door
    if asked.token:
        if not door.use(asked.token):
            raise Refused(401, "wrong_token", "this token opens nothing any more", fix="Use the newest link.")
    elif door.tired:
        raise Refused(429, "too_often", "too many wrong passwords", fix="Wait a minute.")
    elif not door.knows(asked.password):
        await asyncio.sleep(0.5)  # guessing is to be slow
        raise Refused(401, "wrong_password", "this is not the password")
    let_in(response, web)
    return Done()


@router.delete("/api/session")
async def log_out(request: Request, response: Response, web: TheWeb) -> Done:
    """End the session."""
    web.door.end(request.cookies.get(web.door.cookie_name, ""))
    response.delete_cookie(web.door.cookie_name, path="/", httponly=True, samesite="strict")
    return Done()


def let_in(response: Response, web: Web) -> None:
    """Give a browser the cookie of a new session."""
    response.set_cookie(
        web.door.cookie_name, web.door.cookie(), max_age=DAYS * 86_400, path="/", httponly=True, samesite="strict"
    )
