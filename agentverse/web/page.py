"""The page: the built files, where they are, and what is shown where they are not."""

from __future__ import annotations

import gzip
import html
import mimetypes
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from agentverse.web.context import TheWeb
from agentverse.web.routes.session import let_in

router = APIRouter(include_in_schema=False)
_SMALL = 1024
"""Bytes below which compressing is not worth it."""
NONCE = "__NONCE__"
"""In the built page, where the nonce of an answer is to stand."""
_UNBUILT = (
    "The page is not built. The API is here: /api/openapi.json",
    "Build it and install again:  pip install .   (AGENTVERSE_SKIP_UI must not be set)",
    "页面还没有构建，接口可以使用：/api/openapi.json",
    "构建后重新安装：  pip install .   （不要设置 AGENTVERSE_SKIP_UI）",
)
_WRONG = (
    "This link opens nothing any more: each is good for one browser.",
    "If it was yours, the server has just printed a new one where it was started.",
    "这个链接已经失效：每个链接只能用于一个浏览器。",
    "如果它是你的，服务器刚刚在启动它的终端里打印了一个新的。",
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A built file: its bytes, and the same compressed where that makes them much smaller."""

    kind: str
    content: bytes
    packed: bytes | None

    @classmethod
    def read(cls, path: Path) -> Asset:
        content = path.read_bytes()
        packed = gzip.compress(content, 6, mtime=0) if len(content) > _SMALL else content
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return cls(kind, content, packed if len(packed) < 0.8 * len(content) else None)


class Built:
    """The built files by their addresses. They are listed once, so no address leads anywhere else, and read once."""

    def __init__(self, folder: Path | None = None) -> None:
        root = folder or Path(str(files("agentverse.web"))) / "static"
        self._files: dict[str, Path] = {}
        if root.is_dir():
            found = (path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
            self._files = {path.relative_to(root).as_posix(): path for path in found}
        self._read: dict[str, Asset] = {}

    @property
    def there(self) -> bool:
        return "index.html" in self._files

    def index(self, nonce: str) -> str:
        return self._files["index.html"].read_text(encoding="utf-8").replace(NONCE, nonce)

    def asset(self, name: str) -> Asset | None:
        if name == "index.html" or name not in self._files:
            return None
        if name not in self._read:
            self._read[name] = Asset.read(self._files[name])
        return self._read[name]


@router.get("/")
async def front(request: Request, web: TheWeb, token: str = "") -> Response:
    """The page; with a token, first the cookie."""
    if not token:
        return _page(request)
    if not web.door.use(token):
        if web.door.was_used(token):
            web.renew_link()
        return _plain(_WRONG, 401)
    answer = RedirectResponse("/", 303)
    let_in(answer, web)
    return answer


@router.get("/{path:path}")
async def anything(path: str, request: Request) -> Response:
    """A built file, or the page, whose own addresses mean something to itself alone."""
    built: Built = request.app.state.built
    file = built.asset(path)
    if file is None:
        return _page(request) if not path.startswith(("api/", "assets/")) else _plain(("404",), 404)
    forever = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
    headers = {"Cache-Control": forever, "Vary": "Accept-Encoding"}
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, media_type=file.kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(file.content, media_type=file.kind, headers=headers)


def _page(request: Request) -> Response:
    built: Built = request.app.state.built
    return HTMLResponse(built.index(request.state.nonce)) if built.there else _plain(_UNBUILT, 200)


def _plain(lines: tuple[str, ...], status: int) -> Response:
    said = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return HTMLResponse(f"{head}<title>agentverse</title><h1>agentverse</h1>{said}</html>", status)
