"""Ports of this machine."""

from __future__ import annotations

import socket

from agentverse.errors import CannotServe
from agentverse.models.servers.launch import HOST


def free_port() -> int:
    """One that nothing listens on."""
    with socket.socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
        return port


def require_free(port: int) -> None:
    """Raises CannotServe when something listens on ``port``, or this user may not."""
    with socket.socket() as one:
        # Connections that have just ended do not count; a listener does.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((HOST, port))
        except OSError as error:
            if isinstance(error, PermissionError):
                raise CannotServe(f"port {port} is for root alone", fix="Take one above 1023: --port N") from None
            raise CannotServe(
                f"port {port} is taken",
                fix=f"Take another: --port N. If a model answers there, use it: --model http://{HOST}:{port}/v1",
            ) from None
