"""What the settings say of tools: the table ``[tools]``."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

HOST = re.compile(r"(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?|\[[0-9a-fA-F:.]+\](?::\d{1,5})?")
Server = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=30)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class McpServer(_Table):
    """An MCP server: a program that is started, or an address."""

    command: str = ""
    """Program that speaks MCP on its stdin and stdout. It runs on this machine, outside the sandbox: name only one that
    you trust.
    """
    args: list[str] = []
    env: list[str] = []
    """Names of the variables that are handed on to it; besides PATH, HOME and the like it gets no other."""
    url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    """Address of a server that speaks streamable HTTP."""
    token_env: str = ""
    """Name of the variable that holds its bearer token."""

    @model_validator(mode="after")
    def _one_way(self) -> McpServer:
        if bool(self.command) == bool(self.url):
            raise ValueError("an MCP server has either a command or a url")
        if self.url and (self.args or self.env):
            raise ValueError("args and env belong to a command")
        if self.command and self.token_env:
            raise ValueError("token_env belongs to a url")
        return self


class ToolPolicy(_Table):
    """What tools may do."""

    hosts: tuple[str, ...] = ()
    """From where ``fetch_page`` may fetch: ``docs.python.org``, ``*.example.org``, ``127.0.0.1:8000``."""
    seconds: float = Field(default=60.0, gt=0, le=3600)
    """A call may take; waiting for a person is not bounded."""
    mcp: dict[Server, McpServer] = {}
    """Servers by name; a tool of one is called ``NAME.TOOL``."""

    @field_validator("hosts", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """A variable of the environment lists them with commas."""
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value

    @field_validator("hosts")
    @classmethod
    def _plain(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = next((host for host in value if HOST.fullmatch(host) is None), None)
        if wrong is not None:
            raise ValueError(f"{wrong!r} is no host; write it as docs.python.org or 127.0.0.1:8000")
        return tuple(host.lower() for host in value)
