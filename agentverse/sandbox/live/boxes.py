"""The part of a box that is the same for every backend: what goes on while commands come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.protocol import (
    Browser,
    Display,
    ExecResult,
    Limits,
    Mount,
    Running,
    Sandbox,
    Stream,
    Terminal,
)

if TYPE_CHECKING:
    from agentverse.sandbox.live.publish import Published
    from agentverse.sandbox.live.session import Session


class Live:
    """Mixed into the boxes of backends that can talk to a running command. Everything here shares one session."""

    def __init__(self, limits: Limits) -> None:
        self._live_limits = limits
        self._session: Session | None = None
        self._opening = asyncio.Lock()
        self._shown: tuple[Mount, ...] = ()
        self._published: list[Published] = []

    async def session(self, mounts: Sequence[Mount] = ()) -> Session:
        """The session, started when there is none. One that broke down is replaced by a new one.

        Raises:
            SandboxUnavailable: it cannot be started, or runs already without a folder that is to be shown.
        """
        from agentverse.sandbox.live.session import Session

        async with self._opening:
            new = [mount for mount in mounts if mount not in self._shown]
            if self._session is not None and self._session.alive:
                if not new:
                    return self._session
                if self._session.busy:
                    raise SandboxUnavailable(
                        "the session runs already, and cannot be shown another folder",
                        fix="Start first what needs most folders.",
                    )
            if self._session is not None:
                await self._session.close()
            self._shown = (*self._shown, *new)
            self._session = Session(cast(Sandbox, self), limits=self._live_limits, mounts=self._shown)
            await self._session.start()
            return self._session

    async def end_session(self) -> None:
        """Kill what runs in the session, and close what was published."""
        for published in self._published:
            await published.close()
        self._published.clear()
        if self._session is not None:
            await self._session.close()
            self._session = None
        self._shown = ()

    async def renew(self, files: Mapping[str, bytes]) -> None:
        """Start over with these files, in the same session where it lets us; see the protocol."""
        session, box = self._session, cast(Sandbox, self)
        if session is None or not session.alive or not await session.clean() or not await self.is_empty():
            await box.reset(files)
        else:
            await box.put(files)

    async def is_empty(self) -> bool:
        """Whether nothing at all is in the workspace."""
        raise NotImplementedError

    async def spawn(
        self,
        argv: Sequence[str],
        *,
        name: str,
        cwd: str = ".",
        env: Mapping[str, str] | None = None,
        mounts: Sequence[Mount] = (),
    ) -> Running:
        """Start a program that goes on; see the protocol."""
        session = await self.session(mounts)
        return session.spawn(argv, name=name, cwd=cwd, env=env)

    async def warm(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        mounts: Sequence[Mount] = (),
    ) -> ExecResult:
        """Run a command in the session; see the protocol."""
        session = await self.session(mounts)
        return await session.run(argv, env=env, limits=limits)

    async def connect(self, port: int) -> Stream:
        """Connect to a server in the session; see the protocol."""
        session = await self.session()
        return await session.connect(port)

    async def listen(
        self, port: int, serve: Callable[[Stream], Awaitable[None]], *, mounts: Sequence[Mount] = ()
    ) -> None:
        """Serve connections that programs in the session make; see the protocol."""
        session = await self.session(mounts)
        await session.listen(port, serve)

    async def publish(self, port: int) -> str:
        """Let the host's browser reach a server in the session; see the protocol."""
        from agentverse.sandbox.live.publish import Published

        session = await self.session()
        published = await Published.open(session, port)
        self._published.append(published)
        return published.url

    async def terminal(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        mounts: Sequence[Mount] = (),
    ) -> Terminal:
        """Start a program on a terminal; see the protocol."""
        from agentverse.sandbox.live.terminal import PtyTerminal

        session = await self.session(mounts)
        return PtyTerminal.start(session, argv, columns=columns, rows=rows, env=env)

    async def display(self, width: int = 800, height: int = 600, *, mounts: Sequence[Mount] = ()) -> Display:
        """Start an X server; see the protocol.

        Raises:
            SandboxUnavailable: there is no Xvfb; the fix says how to get it.
        """
        from agentverse.sandbox.live.display import XDisplay

        return await XDisplay.start(await self.session([*XDisplay.mounts(), *mounts]), width=width, height=height)

    async def browser(self, width: int = 1000, height: int = 700) -> Browser:
        """Start a web browser; see the protocol.

        Raises:
            SandboxUnavailable: there is no Chromium; the fix says how to get it.
        """
        from agentverse.sandbox.live.browser import Chromium

        return await Chromium.start(await self.session(Chromium.mounts()), width=width, height=height)
