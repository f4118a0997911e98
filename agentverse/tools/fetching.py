"""Fetching a page for an agent: from listed hosts, bounded in size and time, as text."""

from __future__ import annotations

import re
from collections.abc import Sequence

import aiohttp
from yarl import URL

from agentverse.tools.hosts import NotPublic, PublicOnly, listed
from agentverse.tools.protocol import ToolFailed
from agentverse.tools.words import say

_BYTES = 1 << 20
_SECONDS = 30.0
_REDIRECTS = 5
_TEXT = re.compile(r"text/|application/(?:[\w.+-]*\+)?(?:json|xml)|application/(?:javascript|x-yaml|toml)")
_HEADERS = {"User-Agent": "agentverse", "Accept": "text/html, text/*;q=0.9, */*;q=0.1", "Accept-Encoding": "identity"}
_UNREAD = ("script", "style", "noscript", "template", "svg", "head")
_BLANK = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")


async def fetch(url: str, hosts: Sequence[str], *, language: str) -> str:
    """The text of a page.

    Args:
        hosts: see `agentverse.tools.policy.ToolPolicy.hosts`; each redirect is held to them too.

    Raises:
        ToolFailed: it may not be fetched, or cannot.
    """
    # No proxy of the environment: it would resolve names in our place. No cookies, no credentials.
    connector = aiohttp.TCPConnector(resolver=PublicOnly(), use_dns_cache=False)
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar(), headers=_HEADERS
    ) as session:
        target = _url(url, language)
        for _ in range(_REDIRECTS + 1):
            if not listed(target, hosts):
                allowed = ", ".join(hosts) or "-"
                raise ToolFailed(say("host_refused", language, host=target.authority, hosts=allowed))
            found = await _get(session, target, language)
            if isinstance(found, str):
                return found
            target = found
    raise ToolFailed(say("redirects", language))


def _url(url: str, language: str) -> URL:
    try:
        target = URL(url.strip())
        if target.scheme in ("http", "https") and target.host and not target.user and not target.password:
            return target
    except ValueError:
        pass
    raise ToolFailed(say("no_url", language, url=url[:200]))


async def _get(session: aiohttp.ClientSession, target: URL, language: str) -> str | URL:
    """The text, or where the page has gone."""
    host = target.host or ""
    try:
        async with session.get(target, allow_redirects=False) as response:
            if response.status in (301, 302, 303, 307, 308) and (to := response.headers.get("Location")):
                return _url(str(target.join(URL(to))), language)
            if response.status >= 400:
                raise ToolFailed(say("status", language, status=response.status))
            kind = response.content_type
            if not _TEXT.match(kind):
                raise ToolFailed(say("not_a_page", language, kind=kind[:80]))
            text = _decoded(await _body(response), response.charset)
    except NotPublic:
        raise ToolFailed(say("private", language, host=host)) from None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        if isinstance(error.__cause__, NotPublic) or isinstance(getattr(error, "os_error", None), NotPublic):
            raise ToolFailed(say("private", language, host=host)) from None
        raise ToolFailed(say("unreachable", language, host=host)) from None
    return _readable(text) if "html" in kind else text


async def _body(response: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        data += chunk
        if len(data) >= _BYTES:
            break
    return bytes(data[:_BYTES])


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", "replace")
    except LookupError:  # a server may name what is no encoding of text
        return data.decode("utf-8", "replace")


def _readable(html: str) -> str:
    """What a person would read of a page."""
    from bs4 import BeautifulSoup

    try:
        page = BeautifulSoup(html, "html.parser")
        title = page.title.get_text(" ", strip=True) if page.title else ""
        for part in page.find_all(_UNREAD):
            part.decompose()
        text = _BLANK.sub("\n\n", page.get_text("\n")).strip()
    except RecursionError:
        return ""
    return f"{title}\n\n{text}" if title else text
