"""Produced pages, on an origin of their own: a model wrote them, so they get nothing of the page's.

Another port is another origin. Each answer says that it is to be sandboxed even when somebody opens it by itself, so
its scripts have no origin at all, no storage, and nobody to talk to but this port.
"""

from __future__ import annotations

import asyncio
import hmac
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from agentverse.engine.run import REPOSITORY
from agentverse.errors import RunNotFound
from agentverse.web.context import Web
from agentverse.workspace.repository import GitRepository

_KINDS = {
    "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8", "json": "application/json",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "ico": "image/x-icon", "wasm": "application/wasm", "txt": "text/plain; charset=utf-8",
    "csv": "text/plain; charset=utf-8", "md": "text/plain; charset=utf-8", "woff2": "font/woff2", "mp3": "audio/mpeg",
    "wav": "audio/wav", "ogg": "audio/ogg", "xml": "text/plain; charset=utf-8",
}  # fmt: skip


def make_preview(web: Web) -> Starlette:
    """The application behind the second port."""

    async def show(request: Request) -> Response:
        host = request.headers.get("host", "")
        if not web.preview_here.is_called(host):
            return PlainTextResponse("This server is not called by that name.", 403)
        path = request.path_params["path"]
        content = await _content(web, **request.path_params)
        if content is None:
            return _dressed(web, host, PlainTextResponse("There is no such file.", 404))
        kind = _KINDS.get((path or "index.html").rpartition(".")[2].lower(), "application/octet-stream")
        return _dressed(web, host, Response(content, media_type=kind))

    return Starlette(routes=[Route("/{run}/{commit}/{key}/{path:path}", show, methods=["GET"])])


async def _content(web: Web, *, run: str, commit: str, key: str, path: str) -> bytes | None:
    """The file at an address that was handed out; None for any other."""
    if not hmac.compare_digest(key.encode("utf-8", "replace"), web.door.sign(f"{run}@{commit}").encode()):
        return None
    try:
        row = await web.row(run)
        return await asyncio.to_thread(_read, Path(row.folder) / REPOSITORY, commit, path)
    except (RunNotFound, FileNotFoundError, KeyError):
        return None


def _read(repository: Path, commit: str, path: str) -> bytes:
    """Raises FileNotFoundError, KeyError."""
    repo = GitRepository.open(repository)
    try:
        return repo.read(commit, f"{path}index.html" if path.endswith("/") or not path else path)
    finally:
        repo.close()


def _dressed(web: Web, host: str, response: Response) -> Response:
    own = web.preview_here.beside(host, web.preview_here.port)
    response.headers["Content-Security-Policy"] = (
        "sandbox allow-scripts allow-forms allow-modals allow-pointer-lock; "
        f"default-src {own} 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'none'; base-uri 'none'; "
        f"frame-ancestors {web.here.beside(host, web.here.port)}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    # Scripts without an origin may load modules and data of this product, whose address nobody else knows.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    return response
