"""Reads a package index: the page of a package, and the files it lists. Asks nobody else for anything."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urljoin

import aiohttp
from mousebender import simple
from pydantic import BaseModel, Field, ValidationError
from yarl import URL

from agentverse.sandbox.packages.source import Source

LONGEST_PAGE, LONGEST_METADATA = 64 << 20, 8 << 20
CONNECTING, SILENCE = 10.0, 60.0
"""Seconds to reach a server, and that it may say nothing."""
REDIRECTS = 5
PIECE = 1 << 18
UNREADABLE = (
    ValueError, KeyError, TypeError, AssertionError, RecursionError,
    simple.UnsupportedMIMEType, simple.UnsupportedAPIVersion,
)  # fmt: skip
"""What reading a page that makes no sense may raise."""
SHA256 = r"^[0-9a-f]{64}$"


class IndexFailed(Exception):
    """The index does not answer, or what it says cannot be used.

    Args:
        passing: it has nothing to do with what was asked for, and may be otherwise another time.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class Hashes(BaseModel):
    sha256: str = Field(pattern=SHA256)


class Listed(BaseModel):
    """A file as a page lists it; what agentverse does not need is left out."""

    filename: str = Field(pattern=r"^[\w.+!-]+$", max_length=250)
    url: str
    hashes: Hashes
    requires_python: str | None = Field(default=None, alias="requires-python")
    yanked: bool | str = False
    upload_time: datetime | None = Field(default=None, alias="upload-time")
    size: int | None = None
    metadata: Hashes | bool | dict[str, str] | None = Field(
        default=None, alias="core-metadata", union_mode="left_to_right"
    )

    @property
    def metadata_hash(self) -> str:
        """Of the file beside it that holds its metadata; "" when there is none, or none that can be checked."""
        return self.metadata.sha256 if isinstance(self.metadata, Hashes) else ""


@dataclass(frozen=True, slots=True)
class Page:
    """A package: the wheels that can be checked and are old enough.

    Attributes:
        sources: files that would have to be built.
        fresh: wheels that were uploaded too lately.
    """

    name: str
    wheels: tuple[Listed, ...]
    sources: int = 0
    fresh: int = 0


class Upstream:
    """A package index somewhere, as an async context manager.

    Args:
        source: where it is.
        newest: files uploaded later than this are left out, where the index says when that was.
    """

    def __init__(self, source: Source, *, newest_days: int, largest: int) -> None:
        self._source, self._largest = source, largest
        self._newest = datetime.now(UTC) - timedelta(days=newest_days) if newest_days else None
        self._hosts = {_host(source.url)}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        trust = await asyncio.to_thread(ssl.create_default_context, cafile=self._source.authorities or None)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=trust, limit=16),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECTING, sock_read=SILENCE),
            trust_env=True,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def page(self, name: str) -> Page | None:
        """The page of a package by the name that requirements spell; None when the index has no such package.

        Raises:
            IndexFailed: it does not answer, or makes no sense.
        """
        url = simple.create_project_url(self._source.url, name)
        async with self._get(url, accept=simple.ACCEPT_SUPPORTED) as answer:
            if answer.status in (404, 410):
                return None
            body = await _all(answer, LONGEST_PAGE)
            return await asyncio.to_thread(self._read, name, body, answer.content_type, answer.url)

    async def fetch(self, listed: Listed, to: IO[bytes], *, metadata: bool = False) -> None:
        """Write a listed file, or the metadata beside it, to an open file.

        Raises:
            IndexFailed: it does not come, is too large, or is not what the page says it is.
        """
        url, wanted = (
            (f"{listed.url}.metadata", listed.metadata_hash) if metadata else (listed.url, listed.hashes.sha256)
        )
        most = LONGEST_METADATA if metadata else self._largest
        digest, size = hashlib.sha256(), 0
        async with self._get(url, accept="*/*") as answer:
            if answer.status != 200:
                raise IndexFailed(f"the index lists {listed.filename} and does not have it")
            async for piece in answer.content.iter_chunked(PIECE):
                size += len(piece)
                if size > most:
                    raise IndexFailed(f"{listed.filename} is larger than {most >> 20} MiB")
                digest.update(piece)
                await asyncio.to_thread(to.write, piece)
        if digest.hexdigest() != wanted:
            raise IndexFailed(
                f"{listed.filename} is not the file that the index lists: its sha256 is another", passing=True
            )

    def _knows(self, url: str) -> bool:
        """Whether a URL is on the index's own host, or on one that its pages named; https will do for http."""
        scheme, host, _ = place = _host(url)
        return place in self._hosts or (scheme == "https" and any(host == known for _, known, _ in self._hosts))

    def _read(self, name: str, body: bytes, kind: str, url: URL) -> Page:
        try:
            found: Any = simple.parse_project_details(body.decode(), kind, name)
            entries: list[dict[str, Any]] = [dict(entry) for entry in found["files"]]
        except UNREADABLE as error:
            raise IndexFailed(f"the index's page of {name} cannot be read: {error}") from error
        wheels: list[Listed] = []
        sources = fresh = 0
        for entry in entries:
            if not str(entry.get("filename", "")).endswith(".whl"):
                sources += 1
                continue
            try:
                listed = Listed.model_validate({**entry, "url": urljoin(str(url), str(entry["url"]))})
            except (ValidationError, KeyError, ValueError):
                continue  # without a hash, or with a name that is none: it could not be checked
            if self._newest and listed.upload_time and _aware(listed.upload_time) > self._newest:
                fresh += 1
            elif listed.url.startswith(("http://", "https://")):
                self._hosts.add(_host(listed.url))
                wheels.append(listed)
        return Page(name, tuple(wheels), sources, fresh)

    @asynccontextmanager
    async def _get(self, url: str, *, accept: str) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Ask, and follow redirections to hosts of this index only."""
        assert self._session is not None
        headers = {
            "Accept": accept,
            "User-Agent": "agentverse",
            "Accept-Encoding": "gzip" if "html" in accept else "identity",
        }
        try:
            for _ in range(REDIRECTS):
                async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
                    if answer.status not in (301, 302, 303, 307, 308):
                        if answer.status != 200 and answer.status not in (404, 410):
                            raise IndexFailed(f"the index answered {answer.status}", passing=answer.status >= 400)
                        yield answer
                        return
                    url = urljoin(str(answer.url), answer.headers.get("Location", ""))
                    if not self._knows(url):
                        raise IndexFailed(f"the index leads elsewhere, to {URL(url).host}")
            raise IndexFailed("the index leads in a circle")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            said = str(error) or type(error).__name__
            raise IndexFailed(f"{self._source.shown} does not answer: {said}", passing=True) from error


async def _all(answer: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_chunked(PIECE):
        body += piece
        if len(body) > most:
            raise IndexFailed(f"a page of the index is larger than {most >> 20} MiB")
    return bytes(body)


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _host(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: what has to be the same for two URLs to be of one index."""
    parsed = URL(url)
    return parsed.scheme, parsed.host, parsed.port
