"""Stands before everything: Host, Origin, the session, the size of bodies, and what every answer says to browsers.

Another site can make a browser ask this server. It is kept out three times: its name is not among ours (which also
stops names that were made to lead here), its requests say where they come from, and cookies are for our own pages only.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentverse.web.problems import failure

if TYPE_CHECKING:
    from agentverse.web.context import Web

MOST_BYTES = 32 << 20
"""Of a body."""
OPEN = {("POST", "/api/session")}
"""What needs no session."""
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Here:
    """Where the server is.

    Attributes:
        names: that it may be called by in ``Host``, besides addresses.
        loopback: only this machine reaches it; then its names are loopback's and no other address will do.
        preview_port: where produced pages are served.
    """

    port: int
    preview_port: int
    loopback: bool = True
    names: Collection[str] = field(default_factory=frozenset[str])

    def beside(self, host: str, port: int) -> str:
        """The origin at another port of ``host``, as a request says it."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return f"http://{name}:{port}"

    def is_called(self, host: str) -> bool:
        """Whether ``host``, as a request says it, is this server. An address is never a name that was made to lead
        here.
        """
        name, _, port = host.rpartition(":") if host.rpartition(":")[2].isdigit() else (host, "", "")
        if (port or "80") != str(self.port) and not (port == "" and name in self.names):
            return False
        name = name.strip("[]").lower()
        if name == "localhost" or name in self.names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self.loopback


class Guard:
    """Lets through what is ours, and tells routes which server they are of."""

    def __init__(self, app: ASGIApp, web: Web) -> None:
        self._app, self._web = app, web
        self._door, self._here = web.door, web.here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # there are no web sockets here: uvicorn answers that the request failed
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        nonce = secrets.token_urlsafe(16)
        preview = self._here.beside(headers.get("host", ""), self._here.preview_port)
        scope.setdefault("state", {}).update(web=self._web, nonce=nonce, preview=preview)
        answer = self._dressed(send, preview, nonce)
        refused = self._refusal(scope, headers)
        if refused is not None:
            await failure(refused[0], refused[1], refused[2], fix=refused[3])(scope, receive, answer)
            return
        await self._app(scope, _bounded(receive), answer)

    def session(self, headers: Mapping[str, str]) -> str:
        """The cookie of the session that a request belongs to; "" when it belongs to none."""
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(self._door.cookie_name)
        except CookieError:
            return ""
        return morsel.value if morsel and self._door.holds(morsel.value) else ""

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> tuple[int, str, str, str | None] | None:
        """Status, code, message and fix, or None."""
        method, path = str(scope["method"]), str(scope["path"])
        if why := self._foreign(headers, method, path):
            return 403, "foreign", why, "Open the page at the address that the server printed."
        if not path.startswith("/api/"):
            return None
        if (method, path) not in OPEN and not self.session(headers):
            return 401, "no_session", "this request belongs to no session", "Open the link that the server printed."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return 413, "too_large", f"the body is larger than {MOST_BYTES >> 20} MiB", None
        has_body = length != "0" or "transfer-encoding" in headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if method not in _SAFE and has_body and kind != "application/json":
            return 415, "not_json", "the body must be application/json", None
        return None

    def _foreign(self, headers: Mapping[str, str], method: str, path: str) -> str:
        """Why a request is somebody else's, or ""."""
        host = headers.get("host", "")
        if not self._here.is_called(host):
            return "this server is not called by that name"
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return "the request comes from another origin"
        site = headers.get("sec-fetch-site", "none")
        opens_page = method == "GET" and headers.get("sec-fetch-mode") == "navigate" and not path.startswith("/api/")
        return "" if site in ("same-origin", "none") or opens_page else "the request comes from another site"

    def _dressed(self, send: Send, preview: str, nonce: str) -> Send:
        """``send`` that adds what every answer says."""
        policy = (
            "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
            f"style-src 'self' 'nonce-{nonce}'; worker-src 'self'; manifest-src 'self'; "
            f"frame-src {preview}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        return dressed


def _bounded(receive: Receive) -> Receive:
    """``receive`` that ends a body which is larger than it may be, whatever it said of its length."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message: dict[str, Any] = dict(await receive())
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            return {"type": "http.disconnect"}
        return message

    return bounded
