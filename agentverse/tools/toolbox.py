"""The tools that a process gives its runs: what its settings allow, what it hands in itself, its MCP servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agentverse.errors import UsageError
from agentverse.tools.policy import ToolPolicy
from agentverse.tools.protocol import Bench
from agentverse.tools.registry import installed, make

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from agentverse.tools.mcp import Servers

ALL = "*"
"""``SERVER.*``: all tools of an MCP server."""


class Toolbox:
    """Tools by name. MCP servers are started when one of their tools is first needed.

    Args:
        policy: the table ``[tools]`` of the settings.
        given: tools of the program that runs this.

    Raises:
        UsageError: two tools have one name, or one has a name that no list could hold.
    """

    def __init__(self, policy: ToolPolicy | None = None, given: Sequence[BaseTool] = ()) -> None:
        self.policy = policy or ToolPolicy()
        self._given = {tool.name: tool for tool in given}
        self._servers: Servers | None = None
        if twice := next((tool.name for tool in given if tool.name in installed()), None):
            raise UsageError(f"there is a tool {twice!r} already", fix="Call it something else.")
        if odd := next((tool.name for tool in given if "." in tool.name), None):
            raise UsageError(f"the name {odd!r} of a tool holds a dot; such names are those of MCP servers' tools")

    def names(self) -> list[str]:
        """Tools that there are without a server, sorted."""
        return sorted({*installed(), *self._given})

    def own(self, name: str) -> bool:
        """Whether a tool is neither handed in nor a server's: what it is follows from what is installed."""
        return "." not in name and name not in self._given and name in installed()

    async def start(self, names: Iterable[str]) -> None:
        """Start the servers whose tools are among ``names``, and see that they have them.

        Raises:
            ToolServerFailed: one does not start.
            UsageError: there is no such tool.
        """
        for name in sorted(set(names)):
            if "." in name:
                await self.listed(name)

    async def listed(self, name: str) -> list[str]:
        """The tools that a name in a list stands for: several, when it is ``SERVER.*``.

        Raises:
            ToolServerFailed, UsageError: see `start`.
        """
        server, dot, tool = name.partition(".")
        if not dot:
            return [name]
        there = await self._mcp().tools(server)
        if tool == ALL:
            return [f"{server}.{one}" for one in there]
        if tool not in there:
            known = ", ".join(there) or "none"
            raise UsageError(f"the MCP server {server!r} has no tool {tool!r}", fix=f"It has: {known}.")
        return [name]

    async def find(self, name: str, bench: Bench) -> BaseTool:
        """One tool for one turn.

        Raises:
            ToolServerFailed: its server does not start.
            UsageError: there is none of this name here.
        """
        if name in self._given:
            return self._given[name]
        server, dot, tool = name.partition(".")
        if not dot:
            return make(name, bench)
        await self.listed(name)
        return (await self._mcp().tools(server))[tool]

    async def close(self) -> None:
        """End the servers that were started."""
        servers, self._servers = self._servers, None
        if servers is not None:
            await servers.close()

    def _mcp(self) -> Servers:
        if self._servers is None:
            from agentverse.tools.mcp import Servers

            self._servers = Servers(self.policy.mcp)
        return self._servers
