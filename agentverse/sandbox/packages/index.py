"""The index that an install box sees: read-only, on its 127.0.0.1, served by the host.

It shows wheels of the real index and nothing else. A file goes into the box only when its sha256 is what the real
index's page says, so what was fetched once is kept by that hash and not fetched again.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import socket
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

from aiohttp import web

from agentverse.sandbox.packages.upstream import IndexFailed, Listed, Page, Upstream
from agentverse.sandbox.protocol import Stream

MOST_PAGES, MOST_BYTES = 2000, 4 << 30
"""Pages that one installation may ask for, and bytes that it may have fetched."""
PORT = 3128
"""In the box."""
URL = f"http://127.0.0.1:{PORT}/simple"
JSON = "application/vnd.pypi.simple.v1+json"
BYTES = "application/octet-stream"
PIECE = 1 << 16
PAGE = re.compile(r"/simple/([a-z0-9]+(?:-[a-z0-9]+)*)/")
FILE = re.compile(r"/files/([0-9a-f]{64})/([\w.+!-]+?)(\.metadata)?")


class Index:
    """Serves an `Upstream` to a box.

    Args:
        store: folder of fetched files, by hash.

    Attributes:
        pages: what was asked for so far; None for what the real index does not have.
        trouble: what went wrong with the real index, in order.
    """

    def __init__(self, upstream: Upstream, store: Path) -> None:
        self._upstream, self._store = upstream, store
        self.pages: dict[str, Page | None] = {}
        self.trouble: list[IndexFailed] = []
        self._listed: dict[str, Listed] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._fetched = 0
        self._server = web.Server(self._answer, access_log=None)

    async def serve(self, stream: Stream) -> None:
        """Serve one connection out of the box to its end."""
        near, far = socket.socketpair()
        near.setblocking(False)
        far.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(self._server, far)
        reader, writer = await asyncio.open_connection(sock=near)
        both = [asyncio.create_task(_inward(stream, writer)), asyncio.create_task(_outward(reader, stream))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method != "GET":
            return web.Response(status=405, headers={"Allow": "GET"})
        try:
            if found := PAGE.fullmatch(request.raw_path.partition("?")[0]):
                return await self._page(found[1])
            if found := FILE.fullmatch(request.raw_path):
                return await self._file(request, found[1], metadata=bool(found[3]))
        except IndexFailed as problem:
            self.trouble.append(problem)
            return web.Response(status=502 if problem.passing else 403, text=str(problem))  # uv tries again after a 502
        return web.Response(status=403)

    async def _page(self, name: str) -> web.Response:
        async with self._turns.setdefault(name, asyncio.Lock()):
            if name not in self.pages:
                if len(self.pages) >= MOST_PAGES:
                    raise IndexFailed(f"they need more than {MOST_PAGES} others")
                self.pages[name] = await self._upstream.page(name)
        page = self.pages[name]
        if page is None:
            return web.Response(status=404)
        self._listed |= {listed.hashes.sha256: listed for listed in page.wheels}
        return web.json_response(
            {"meta": {"api-version": "1.0"}, "name": page.name, "files": [_shown(listed) for listed in page.wheels]},
            content_type=JSON,
        )

    async def _file(self, request: web.BaseRequest, sha256: str, *, metadata: bool) -> web.StreamResponse:
        listed = self._listed.get(sha256)
        if listed is None or (metadata and not listed.metadata_hash):
            return web.Response(status=403)
        wanted = listed.metadata_hash if metadata else sha256
        async with self._turns.setdefault(wanted, asyncio.Lock()):
            file = await self._kept(wanted, listed, metadata=metadata)
        with file:
            size = os.fstat(file.fileno()).st_size
            answer = web.StreamResponse(headers={"Content-Length": str(size), "Content-Type": BYTES})
            await answer.prepare(request)
            while piece := await asyncio.to_thread(file.read, PIECE):
                await answer.write(piece)
            await answer.write_eof()
            return answer

    async def _kept(self, sha256: str, listed: Listed, *, metadata: bool) -> BinaryIO:
        """A file with this hash, open at its beginning; fetched when it is not there, or not whole."""
        path = self._store / sha256
        if (file := await asyncio.to_thread(_checked, path, sha256)) is not None:
            return file
        self._store.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._store, prefix="part-") as made:
            await self._upstream.fetch(listed, made.file, metadata=metadata)
            made.flush()
            self._fetched += os.fstat(made.fileno()).st_size
            if self._fetched > MOST_BYTES:
                raise IndexFailed(f"more than {MOST_BYTES >> 30} GiB would have to be fetched")
            with suppress(FileExistsError):  # another process was quicker
                os.link(made.name, path)
            made.seek(0)
            return os.fdopen(os.dup(made.fileno()), "rb")


def _checked(path: Path, sha256: str) -> BinaryIO | None:
    """A kept file, open at its beginning, when it is there and still is what it was."""
    with suppress(FileNotFoundError), ExitStack() as closed:
        file = closed.enter_context(open(path, "rb"))
        if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
            os.utime(path)
            file.seek(0)
            closed.pop_all()
            return file
        os.unlink(path)
    return None


def _shown(listed: Listed) -> dict[str, object]:
    """A file as the box is told of it."""
    shown: dict[str, object] = {
        "filename": listed.filename,
        "url": f"/files/{listed.hashes.sha256}/{listed.filename}",
        "hashes": {"sha256": listed.hashes.sha256},
    }
    if listed.requires_python:
        shown["requires-python"] = listed.requires_python
    if listed.yanked:
        shown["yanked"] = listed.yanked
    if listed.metadata_hash:
        shown["core-metadata"] = {"sha256": listed.metadata_hash}
    return shown


async def _inward(stream: Stream, writer: asyncio.StreamWriter) -> None:
    while data := await stream.read():
        writer.write(data)
        await writer.drain()


async def _outward(reader: asyncio.StreamReader, stream: Stream) -> None:
    while data := await reader.read(PIECE):
        await stream.write(data)
