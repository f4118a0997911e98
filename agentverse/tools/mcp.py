"""MCP servers: programs that are started, and addresses. Needs the extra ``agentverse[mcp]``.

A server that cannot be had is no agent's fault: that is told to the user, and the run stops and can be resumed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from agentverse.errors import SettingsError, ToolServerFailed
from agentverse.tools.policy import McpServer

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool
    from mcp import ClientSession

STARTING = 30.0
"""Seconds until a server must have said what tools it has."""
ENDING = 10.0
"""Seconds that it is given to end."""
_LAST_WORDS = 300


class Servers:
    """The servers of the settings; each is started when it is first needed, and ends with `close`.

    Args:
        known: by name.
    """

    def __init__(self, known: Mapping[str, McpServer]) -> None:
        self._known = known
        self._at_work: dict[str, _Server] = {}

    async def tools(self, name: str) -> Mapping[str, BaseTool]:
        """The tools of a server by the names that it gives them.

        Raises:
            SettingsError: no such server is set up.
            ToolServerFailed: it does not start, or is gone.
        """
        if name not in self._known:
            raise SettingsError(f"no MCP server {name!r} is set up", fix=f"Set it up: [tools.mcp.{name}].")
        server = self._at_work.get(name)
        if server is None:
            server = self._at_work[name] = _Server(name, self._known[name])
        return await server.tools()

    async def close(self) -> None:
        for server in list(self._at_work.values()):
            await server.close()
        self._at_work.clear()


class _Server:
    """One server. The connection lives in a task of its own: the one that opens it has to close it."""

    def __init__(self, name: str, spec: McpServer) -> None:
        self._name, self._spec = name, spec
        self._ready: asyncio.Future[dict[str, BaseTool]] = asyncio.get_running_loop().create_future()
        self._enough = asyncio.Event()
        self._lost = asyncio.Event()
        """The connection broke; some calls that were under way then would never hear of it."""
        self._task = asyncio.create_task(self._live(), name=f"MCP server {name}")

    async def tools(self) -> Mapping[str, BaseTool]:
        """Raises ToolServerFailed."""
        tools = await asyncio.shield(self._ready)
        if self._task.done() or self._lost.is_set():
            raise ToolServerFailed(f"the MCP server {self._name!r} is gone", fix="Start it, then resume the run.")
        return tools

    async def close(self) -> None:
        self._enough.set()
        with suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(ENDING):
                await self._task
        if self._ready.done() and not self._ready.cancelled():
            self._ready.exception()  # whoever needed the tools has seen it

    async def _live(self) -> None:
        with cast("TextIO", tempfile.TemporaryFile("w+", errors="replace")) as said:
            try:
                async with self._session(said) as session:
                    async with asyncio.timeout(STARTING):
                        await session.initialize()
                        tools = await self._load(session)
                    self._ready.set_result(tools)
                    await self._enough.wait()
            except asyncio.CancelledError:
                self._ready.cancel()
                raise
            except Exception as error:
                if not self._ready.done():
                    self._ready.set_exception(self._why(error, said))

    async def _load(self, session: ClientSession) -> dict[str, BaseTool]:
        from langchain_mcp_adapters.tools import load_mcp_tools

        tools = await load_mcp_tools(session, handle_tool_errors=False)
        return {tool.name: guarded(tool, self._name, self._lost) for tool in tools}

    @asynccontextmanager
    async def _session(self, said: TextIO) -> AsyncGenerator[ClientSession]:
        """A connection, not greeted yet.

        Args:
            said: gets what a program writes to its stderr.
        """
        from mcp import ClientSession

        async with self._streams(said) as (read, write), ClientSession(read, write) as session:
            yield session

    def _streams(self, said: TextIO) -> Any:
        return _program(self._spec, said) if self._spec.command else _address(self._spec, self._lost)

    def _why(self, error: BaseException, said: TextIO) -> ToolServerFailed:
        while isinstance(error, BaseExceptionGroup):
            error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
        said.seek(0)
        words = " ".join(said.read().split())[-_LAST_WORDS:]
        place = self._spec.command or self._spec.url
        if isinstance(error, ImportError):
            return ToolServerFailed(
                f"MCP servers need the package {error.name}", fix="Install it: pip install 'agentverse[mcp]'"
            )
        if isinstance(error, SettingsError):
            return ToolServerFailed(f"the MCP server {self._name!r}: {error}", fix=error.fix)
        how = (
            "did not answer in time" if isinstance(error, TimeoutError) else f"does not start ({type(error).__name__})"
        )
        return ToolServerFailed(
            f"the MCP server {self._name!r} ({place}) {how}" + (f"; it said: {words}" if words else ""),
            fix=f"Try it by hand, or mend [tools.mcp.{self._name}] in the settings.",
        )


@asynccontextmanager
async def _program(spec: McpServer, said: TextIO) -> AsyncGenerator[Any]:
    """A program's stdin and stdout. It gets few variables: PATH, HOME and the like, and those that are named."""
    from mcp import StdioServerParameters
    from mcp.client.stdio import stdio_client

    if shutil.which(spec.command) is None:
        raise SettingsError(f"there is no program {spec.command!r}", fix="Install it, or write its whole path.")
    env = {name: os.environ[name] for name in spec.env if name in os.environ}
    parameters = StdioServerParameters(command=spec.command, args=list(spec.args), env=env)
    async with stdio_client(parameters, errlog=said) as streams:
        yield streams


@asynccontextmanager
async def _address(spec: McpServer, lost: asyncio.Event) -> AsyncGenerator[Any]:
    """A server that speaks streamable HTTP.

    Args:
        lost: set when it cannot be reached any more.
    """
    from httpx import AsyncClient, AsyncHTTPTransport, ConnectError, Request, Response
    from mcp.client.streamable_http import streamable_http_client

    headers: dict[str, str] = {}
    if spec.token_env:
        token = os.environ.get(spec.token_env)
        if not token:
            raise SettingsError(f"its token is to come from {spec.token_env}, which is not set")
        headers["Authorization"] = f"Bearer {token}"

    class Watched(AsyncHTTPTransport):
        async def handle_async_request(self, request: Request) -> Response:
            try:
                return await super().handle_async_request(request)
            except ConnectError:
                lost.set()
                raise

    # Calls have a time of their own. Redirects are not followed: the token is for this address.
    async with (
        AsyncClient(headers=headers, timeout=None, transport=Watched()) as client,  # noqa: S113
        streamable_http_client(spec.url, http_client=client) as streams,
    ):
        yield streams[:2]


def guarded(tool: BaseTool, server: str, lost: asyncio.Event) -> BaseTool:
    """A tool whose failures tell a broken server from a call that did not work.

    Args:
        lost: set when the server is gone, which ends a call.
    """
    from langchain_core.tools import StructuredTool, ToolException
    from mcp import McpError
    from mcp.types import CONNECTION_CLOSED

    async def call(**given: Any) -> Any:
        try:
            return await _unless(lost, tool.ainvoke(given))
        except (ToolException, ToolServerFailed, TimeoutError):
            raise
        except McpError as error:
            if error.error.code != CONNECTION_CLOSED:
                raise ToolException(str(error)) from error
            raise _gone(server) from error
        except Exception as error:
            raise _gone(server) from error

    return StructuredTool(
        name=tool.name,
        description=tool.description,
        args_schema=tool.args_schema or {},
        coroutine=call,
        metadata=tool.metadata,
    )


async def _unless(lost: asyncio.Event, call: Awaitable[Any]) -> Any:
    """What a call returns. Raises ConnectionError when the connection is lost before."""
    made, ended = asyncio.ensure_future(call), asyncio.ensure_future(lost.wait())
    try:
        await asyncio.wait((made, ended), return_when=asyncio.FIRST_COMPLETED)
        if not made.done():
            raise ConnectionError
        return made.result()
    finally:
        made.cancel()
        ended.cancel()


def _gone(server: str) -> ToolServerFailed:
    return ToolServerFailed(f"the MCP server {server!r} broke down", fix="Start it, then resume the run.")
