"""A tiny MCP server: over stdio, or over HTTP when it is given a port to say on stdout once it listens."""

import os
import sys

from mcp.server.fastmcp import FastMCP
from mcp.types import ToolAnnotations

server = FastMCP("notes")


@server.tool(annotations=ToolAnnotations(readOnlyHint=True))
def find(text: str, most: int = 3) -> str:
    """Finds notes."""
    return f"{most} notes about {text}"


@server.tool()
def fail() -> str:
    """Fails."""
    raise ValueError("the notes are locked")


@server.tool()
def variable(name: str) -> str:
    """What a variable of the environment holds."""
    return os.environ.get(name, "unset")


@server.tool()
def die() -> str:
    """Ends the server, unless it was started as immortal."""
    if "--immortal" not in sys.argv:
        os._exit(3)
    return "not this time"


@server.tool()
def token() -> str:
    """What the last request was authorized with."""
    request = server.get_context().request_context.request
    return request.headers.get("authorization", "none")


def serve() -> None:
    """Listen on a free port, and say which."""
    import asyncio
    import socket

    import uvicorn

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(server.streamable_http_app(), log_level="error")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))


if "--http" in sys.argv:
    serve()
elif "--broken" in sys.argv:
    sys.exit("the notes cannot be opened")
else:
    server.run()
