"""Puts the server together."""

from __future__ import annotations

from functools import cache

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from agentverse import __version__
from agentverse.web import page
from agentverse.web.context import Web
from agentverse.web.guard import Guard
from agentverse.web.problems import ANSWERS, handle_errors
from agentverse.web.routes import (
    blueprints,
    compare,
    downloads,
    events,
    files,
    machine,
    models,
    runs,
    session,
    simulations,
)

ROUTERS = (
    session.router,
    machine.router,
    runs.router,
    simulations.router,
    compare.router,
    events.router,
    files.router,
    downloads.router,
    blueprints.router,
    models.router,
)


def make_app(web: Web) -> ASGIApp:
    """The application of one server, behind its guard."""
    return Guard(make_api(), web)


@cache
def make_api() -> FastAPI:
    """The routes and their OpenAPI document. They find the server that a request came to in its state."""
    app = FastAPI(
        title="agentverse",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation,
        responses=dict(ANSWERS),
    )
    app.state.built = page.Built()
    handle_errors(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(page.router)
    return app


def _operation(route: APIRoute) -> str:
    return route.name
