"""Pages from a real HTTP server on this machine, whose address has to be listed as it is not public."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from yarl import URL

from agentverse.tools.fetching import fetch
from agentverse.tools.hosts import listed
from agentverse.tools.protocol import ToolFailed

PAGE = (
    "<html><head><title>Owls</title><script>evil()</script></head><body><h1>On owls</h1><p>They see.</p></body></html>"
)


async def page(request: web.Request) -> web.StreamResponse:
    match request.match_info["what"]:
        case "page":
            assert "Cookie" not in request.headers
            return web.Response(text=PAGE, content_type="text/html", headers={"Set-Cookie": "a=b"})
        case "away":
            raise web.HTTPFound("http://169.254.169.254/latest/meta-data/")
        case "home":
            raise web.HTTPFound("/page")
        case "round":
            raise web.HTTPFound("/round")
        case "picture":
            return web.Response(body=b"\x89PNG", content_type="image/png")
        case "odd":
            return web.Response(body="schön".encode(), headers={"Content-Type": "text/plain; charset=hex"})
        case "endless":
            response = web.StreamResponse(headers={"Content-Type": "text/plain"})
            await response.prepare(request)
            for _ in range(10_000):
                await response.write(b"x" * 65536)
            return response
        case _:
            raise web.HTTPNotFound


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_get("/{what}", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_a_page_is_read_as_a_person_reads_it(port) -> None:
    text = await fetch(f"http://127.0.0.1:{port}/home", [f"127.0.0.1:{port}"], language="en")
    assert text == "Owls\n\nOn owls\nThey see."


async def test_no_more_is_read_than_is_wanted(port) -> None:
    text = await fetch(f"http://127.0.0.1:{port}/endless", [f"127.0.0.1:{port}"], language="en")
    assert len(text) == 1 << 20


async def test_a_charset_that_is_none_does_not_matter(port) -> None:
    assert await fetch(f"http://127.0.0.1:{port}/odd", [f"127.0.0.1:{port}"], language="en") == "schön"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("away", "169.254.169.254:80 is not among the hosts"),
        ("round", "without end"),
        ("picture", "image/png"),
        ("nothing", "404"),
    ],
)
async def test_what_cannot_be_fetched_is_told(port, path, words) -> None:
    with pytest.raises(ToolFailed, match=words):
        await fetch(f"http://127.0.0.1:{port}/{path}", [f"127.0.0.1:{port}"], language="en")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "224.0.0.1"]
)
async def test_a_name_that_leads_to_a_private_address_is_not_asked_even_when_it_is_listed(
    port, monkeypatch, address
) -> None:
    """The name service is the one part that is not real: no name is sure to lead there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)[: 4 if ":" in address else 2])]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ToolFailed, match=r"pages\.example\.org is not a public address"):
        await fetch(f"http://pages.example.org:{port}/page", [f"*.example.org:{port}"], language="en")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/", "http://", "no", "http://me:secret@example.org/"]
)
async def test_what_is_no_plain_address_is_not_asked(url) -> None:
    with pytest.raises(ToolFailed, match="is no http address"):
        await fetch(url, ["example.org"], language="en")


async def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(ToolFailed, match="cannot be reached"):
        await fetch("http://127.0.0.1:9/", ["127.0.0.1:9"], language="en")


@pytest.mark.parametrize(
    ("url", "hosts", "fine"),
    [
        ("https://docs.python.org/3/", ["docs.python.org"], True),
        ("http://DOCS.python.org./3/", ["docs.python.org"], True),
        ("https://docs.python.org:8443/", ["docs.python.org"], False),
        ("https://docs.python.org:8443/", ["docs.python.org:8443"], True),
        ("https://a.example.org/", ["*.example.org"], True),
        ("https://example.org/", ["*.example.org"], False),
        ("https://badexample.org/", ["*.example.org"], False),
        ("https://example.org.evil.com/", ["example.org"], False),
        ("http://[::1]:80/", ["[::1]"], True),
        ("http://127.0.0.1/", [], False),
    ],
)
def test_a_host_is_asked_only_when_it_is_listed(url, hosts, fine) -> None:
    assert listed(URL(url), hosts) is fine
