"""Runs the server: binds its two ports, prints the link, and ends in order."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Collection, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from agentverse.errors import UsageError
from agentverse.host import open_store
from agentverse.journal.protocol import Journal
from agentverse.settings import Settings, load_settings, state_home
from agentverse.web.answering import Answering
from agentverse.web.app import make_app
from agentverse.web.context import Announce, Options, Web
from agentverse.web.door import Door, read_secret
from agentverse.web.feed import Feeds
from agentverse.web.guard import Here
from agentverse.web.preview import make_preview
from agentverse.web.served import ManagedServer
from agentverse.web.workshop import Workshop

LEAST_PASSWORD = 8
"""Characters."""
_GRACE = 3
"""Seconds that answers in progress are given at the end."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for whom to serve.

    Attributes:
        port: 0 takes a free one.
        names: host names, besides addresses, that the server is called by.
        password: needed when others than this machine can reach it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    names: Collection[str] = ()
    password: str = field(default="", repr=False)
    project: Path = field(default_factory=Path.cwd)
    options: Options = field(default_factory=dict[str, "tuple[Any, str]"])


@asynccontextmanager
async def serving(place: Place, *, announce: Announce) -> AsyncGenerator[Web]:
    """A server that answers while the block lasts; then its runs are paused.

    Args:
        announce: is given each link that opens a session.

    Raises:
        UsageError: the port is taken, or a password is missing.
        SettingsError, JournalUnavailable.
    """
    loopback = is_loopback(place.host)
    if not loopback and len(place.password) < LEAST_PASSWORD:
        raise UsageError(
            f"a server that others can reach needs a password of at least {LEAST_PASSWORD} characters",
            fix="Set AGENTVERSE_WEB_PASSWORD, or leave --host out.",
        )
    settings = load_settings(place.project, options=place.options)
    async with AsyncExitStack() as stack:
        main, second = (stack.enter_context(_bound(place.host, port)) for port in (place.port, 0))
        journal = await stack.enter_async_context(open_store(settings, make=True))
        ports = (int(main.getsockname()[1]), int(second.getsockname()[1]))
        door = Door(read_secret(state_home()), port=ports[0], password=place.password)
        web = _web(place, door, settings=settings, journal=journal, ports=ports, announce=announce)
        servers = [_Server(make_app(web)), _Server(make_preview(web))]
        async with asyncio.TaskGroup() as group:
            for server, bound in zip(servers, (main, second), strict=True):
                group.create_task(server.serve(sockets=[bound]))
            lookout = group.create_task(web.lookout.watch(web), name="look out")
            web.renew_link()
            try:
                yield web
            finally:
                lookout.cancel()
                await _end(web, servers)


async def serve(place: Place, *, announce: Announce, stopping: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; a second one waits no longer for replies in flight.

    Args:
        stopping: is called when it is asked to stop.
    """
    asked = asyncio.Event()
    async with serving(place, announce=announce) as web:
        with _signals(web, asked, stopping):
            await asked.wait()
            await _pause(web)


async def _pause(web: Web) -> None:
    web.closing.set()
    web.feeds.changed()
    await web.workshop.close()


async def _end(web: Web, servers: Collection[uvicorn.Server]) -> None:
    await _pause(web)
    await web.served.stop()
    await web.feeds.close()
    for server in servers:
        server.should_exit = True


class _Server(uvicorn.Server):
    """Leaves signals to us, and says nothing: an address may hold a token."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=_GRACE,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _web(
    place: Place, door: Door, *, settings: Settings, journal: Journal, ports: tuple[int, int], announce: Announce
) -> Web:
    """The parts that routes share, put together."""
    loopback = is_loopback(place.host)
    own = [] if loopback else [socket.gethostname()]
    names = frozenset(name.lower() for name in (*place.names, *own))
    here = [Here(port, ports[1], loopback, names) for port in ports]
    served = ManagedServer()
    workshop = Workshop(journal, changed=lambda: feeds.changed())
    feeds = Feeds(journal, workshop.writing, lambda row: web.audience(row))
    web = Web(
        project=place.project,
        options=place.options,
        journal=journal,
        journal_name=settings.journal,
        workshop=workshop,
        feeds=feeds,
        served=served,
        answering=Answering(served),
        door=door,
        here=here[0],
        preview_here=here[1],
        address=f"http://{_spelt(place.host)}:{ports[0]}/",
        announce=announce,
    )
    return web


@contextlib.contextmanager
def _signals(web: Web, asked: asyncio.Event, stopping: Callable[[], None]) -> Generator[None]:
    loop = asyncio.get_running_loop()
    hurried: set[asyncio.Task[None]] = set()

    def heed() -> None:
        if asked.is_set():
            hurried.add(loop.create_task(web.workshop.hurry()))
            return
        asked.set()
        stopping()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heed)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server at ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def _bound(host: str, port: int) -> Generator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise UsageError(
            f"the server cannot listen at {host}:{port}: {error.strerror}", fix="Take another: --port N"
        ) from error
    with bound:
        yield bound


def _spelt(host: str) -> str:
    """A host as a link names it."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 (what is bound is said by the user)
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
