"""Who is let in, from where, with what; and what every answer says to browsers."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import quote

import aiohttp
import pytest

from agentverse.errors import UsageError
from agentverse.web.app import make_api
from agentverse.web.guard import MOST_BYTES, Here
from agentverse.web.serve import Place, serving
from tests.web.conftest import Browser, Office, opened

ROUTES = sorted(
    (method.upper(), path)
    for path, operations in make_api().openapi()["paths"].items()
    for method in operations
    if path != "/api/session"
)
UP = ["..%2f..%2fetc%2fpasswd", "../..", "/etc/passwd", "..\\x\0"]


def filled(path: str, run: str = "x") -> str:
    for name, value in {"run": run, "kind": "company", "name": "x.png" if "pictures" in path else "x"}.items():
        path = path.replace(f"{{{name}}}", value)
    return path


async def raw(origin: str, request: str) -> str:
    """The answer to a request as it is written here."""
    host, _, port = origin.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.replace("\n", "\r\n").encode("latin-1"))
    try:
        return (await reader.read()).decode("utf-8", "replace")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def test_without_a_session_no_route_answers(bare: Office) -> None:
    stranger = await bare.browser(inside=False)
    assert len(ROUTES) > 40
    for method, path in ROUTES:
        answer = await stranger.ask(method, filled(path))
        assert (answer.status, answer.code) == (401, "no_session"), (method, path)
    assert (await stranger.get("/api/openapi.json")).status == 401
    assert (await stranger.get("/api/session")).status == 401


async def test_a_link_opens_one_browser_and_a_used_one_prints_another(bare: Office) -> None:
    first, second = await bare.browser(inside=False), await bare.browser(inside=False)
    link = bare.links[-1].removeprefix(bare.origin)
    answer = await first.get(link)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert (await first.get("/api/status")).status == 200
    assert len(bare.links) == 1
    refused = await second.get(link)
    assert refused.status == 401
    assert "Set-Cookie" not in refused.headers
    assert len(bare.links) == 2
    assert (await second.get("/?token=made-up")).status == 401
    assert len(bare.links) == 2
    assert (await second.get(bare.links[-1].removeprefix(bare.origin))).status == 303
    wrong = await second.post("/api/session", {"token": "made-up"})
    assert (wrong.status, wrong.code) == (401, "wrong_token")


async def test_a_session_can_be_ended(bare: Office) -> None:
    browser = await bare.browser()
    cookies = {morsel.key: morsel.value for morsel in browser.session.cookie_jar}
    assert (await browser.ask("DELETE", "/api/session")).status == 200
    assert (await browser.get("/api/status")).status == 401
    kept = await browser.get("/api/status", headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())})
    assert kept.status == 401


async def test_another_origin_is_refused(bare: Office) -> None:
    browser = await bare.browser()
    for origin in ("http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1", "file://"):
        for method, path in (("GET", "/api/status"), ("POST", "/api/runs"), ("GET", "/")):
            answer = await browser.ask(method, path, headers={"Origin": origin})
            assert (answer.status, answer.code) == (403, "foreign"), (origin, method, path)
    assert (await browser.get("/api/status", headers={"Origin": bare.origin})).status == 200


async def test_a_name_that_was_made_to_lead_here_is_refused(bare: Office) -> None:
    browser = await bare.browser()
    port = bare.web.here.port
    for host in (
        "evil.example",
        f"evil.example:{port}",
        f"127.0.0.1.evil.example:{port}",
        "127.0.0.1",
        f"8.8.8.8:{port}",
    ):
        answer = await browser.get("/api/status", headers={"Host": host})
        assert (answer.status, answer.code) == (403, "foreign"), host
    local = await browser.get("/api/status", headers={"Host": f"localhost:{bare.web.here.port}"})
    assert local.status == 200


async def test_requests_that_another_site_makes_a_browser_send_are_refused(bare: Office) -> None:
    browser = await bare.browser()
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}
        assert (await browser.get("/api/status", headers=headers)).status == 403
        assert (await browser.get("/", headers=headers)).status == 200
        assert (await browser.get("/", headers={**headers, "Sec-Fetch-Mode": "no-cors"})).status == 403
    assert (await browser.get("/api/status", headers={"Sec-Fetch-Site": "same-origin"})).status == 200


async def test_bodies_are_json_and_bounded(bare: Office) -> None:
    browser = await bare.browser()
    form = await browser.ask("POST", "/api/runs", data={"idea": "x"})
    assert (form.status, form.code) == (415, "not_json")
    text = await browser.ask("POST", "/api/runs", data=b'{"idea": "x"}', headers={"Content-Type": "text/plain"})
    assert (text.status, text.code) == (415, "not_json")
    head = {"Content-Type": "application/json", "Content-Length": str(MOST_BYTES + 1)}
    said = "\n".join(f"{name}: {value}" for name, value in {**head, **await _cookie(browser)}.items())
    answer = await raw(bare.origin, f"POST /api/runs HTTP/1.1\nHost: {bare.origin[7:]}\nConnection: close\n{said}\n\n")
    assert answer.startswith("HTTP/1.1 413")
    assert "too_large" in answer

    async def endless():
        for _ in range((MOST_BYTES >> 20) + 2):
            yield b" " * (1 << 20)

    with contextlib.suppress(aiohttp.ClientError):
        kind = {"Content-Type": "application/json"}
        chunked = await browser.ask("POST", "/api/runs", data=endless(), headers=kind)
        assert chunked.status >= 400
    assert (await browser.fine("/api/runs"))["total"] == 0


async def _cookie(browser: Browser) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{morsel.key}={morsel.value}" for morsel in browser.session.cookie_jar)}


async def test_every_answer_keeps_scripts_and_frames_of_others_out(bare: Office) -> None:
    browser = await bare.browser()
    for path in ("/", "/api/status", "/api/nothing", "/api/runs/x", "/assets/x.js", "/?token=x"):
        headers = (await browser.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "no-store" in headers["Cache-Control"]
        assert "server" not in {name.lower() for name in headers}
        assert "Access-Control-Allow-Origin" not in headers
    one, two = [(await browser.get("/")).headers["Content-Security-Policy"] for _ in range(2)]
    assert one != two, "a nonce is used once"


async def test_no_parameter_leads_out_of_its_folder(bare: Office) -> None:
    browser = await bare.browser()
    queries = {
        "/api/runs": ("before", "state"), "/api/compare": ("a", "b"), "/api/blueprints": ("kind",),
        "/api/runs/x/file": ("path", "commit"), "/api/runs/x/diff": ("from", "to", "commit"),
        "/api/runs/x/prompt": ("key",), "/api/runs/x/preview": ("commit",),
    }  # fmt: skip
    for up in UP:
        for method, path in ROUTES:
            for parameter in ("run", "name", "kind"):
                target = filled(path.replace(f"{{{parameter}}}", quote(up, safe="%/")))
                if target != filled(path):
                    answer = await browser.ask(method, target, {} if method in ("POST", "PUT") else None)
                    assert answer.status != 500, target
                    assert b"root:" not in answer.body
                    assert answer.status >= 400 or b"<h1>agentverse</h1>" in answer.body, (method, target)
        for path, names in queries.items():
            for parameter in names:
                answer = await browser.get(f"{path}?{parameter}={quote(up, safe='')}")
                assert answer.status in (404, 422), (path, parameter, answer.status)
        for static in (up, f"assets/{up}", f"/{up}"):
            address = quote(static, safe="%/.\\")
            request = f"GET /{address} HTTP/1.1\nHost: {bare.origin[7:]}\nConnection: close\n\n"
            assert "root:" not in await raw(bare.origin, request)


async def test_a_file_of_a_run_cannot_be_had_by_a_path_that_leads_out(browser: Browser) -> None:
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})
    await browser.over("sum")
    for path in (*UP, ".git/config", "../repository.git/config", "main.py/../../x"):
        answer = await browser.get(f"/api/runs/sum/file?path={quote(path, safe='')}")
        assert (answer.status, answer.code) == (404, "not_found"), path
    tree = (await browser.fine("/api/runs/sum/commits"))["commits"][0]
    for commit in ("0" * 40, "f" * 40):
        assert (await browser.get(f"/api/runs/sum/files?commit={commit}")).status == 404
        assert (await browser.get(f"/api/runs/sum/diff?from={commit}&to={tree['commit']}")).status == 404
        assert (await browser.get(f"/api/runs/sum/diff?commit={commit}")).status == 404
        assert (await browser.get(f"/api/runs/sum/download/product.zip?commit={commit}")).status == 404


async def test_others_than_this_machine_need_a_password(project) -> None:
    for password in ("", "short"):
        with pytest.raises(UsageError, match="needs a password"):
            async with serving(Place("0.0.0.0", password=password), announce=lambda link: None):
                raise AssertionError("it served")


async def test_a_password_opens_a_session_and_names_are_not_taken_from_others(project) -> None:
    async with opened(Place("0.0.0.0", password="long enough", names=["Office.Example"])) as office:
        origin = f"http://127.0.0.1:{office.web.here.port}"
        browser = await office.browser(inside=False)
        browser.origin = origin
        wrong = await browser.post("/api/session", {"password": "long enough?"})
        assert (wrong.status, wrong.code) == (401, "wrong_password")
        right = await browser.post("/api/session", {"password": "long enough"})
        assert right.status == 200
        assert (await browser.fine("/api/status"))["loopback"] is False
        source = await browser.post("/api/runs", {"idea": "x", "source": "/etc"})
        assert source.status == 400
        rebound = await browser.get("/api/status", headers={"Host": "evil.example"})
        assert rebound.status == 403


def test_names_and_addresses_that_are_this_server() -> None:
    here = Here(8095, 8096)
    for host in ("127.0.0.1:8095", "localhost:8095", "[::1]:8095", "LOCALHOST:8095"):
        assert here.is_called(host), host
    for host in ("127.0.0.1:80", "127.0.0.1", "localhost", "10.0.0.1:8095", "a.localhost:8095", "[::1]", ""):
        assert not here.is_called(host), host
    open_to_all = Here(8095, 8096, loopback=False, names=frozenset({"office.example"}))
    for host in ("10.0.0.1:8095", "office.example:8095", "office.example"):
        assert open_to_all.is_called(host), host
    assert not open_to_all.is_called("evil.example:8095")
