"""What the browser asks for until the first screen stands there."""

from __future__ import annotations

import gzip
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.web.conftest import Browser, Model, Office
from tests.web.page.conftest import visiting


async def test_built_files_are_compressed_for_who_takes_that_and_kept_for_ever(built: Path, browser: Browser) -> None:
    script = max((built / "assets").glob("index-*.js"), key=lambda path: path.stat().st_size)
    path, plain = f"/assets/{script.name}", script.read_bytes()
    packed = await browser.session.get(
        f"{browser.origin}{path}", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    )
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    body = await packed.read()
    assert gzip.decompress(body) == plain
    assert len(body) < len(plain) / 2
    whole = await browser.get(path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in whole.headers
    assert whole.headers["Vary"] == "Accept-Encoding"
    assert whole.body == plain
    assert (await browser.get("/icon.svg")).headers["Cache-Control"] == "no-cache"


async def test_the_list_of_runs_is_asked_for_once_and_before_any_script_ran(office: Office, chromium: Chromium) -> None:
    async with visiting(chromium, office) as visitor:
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        await visitor.page.reload()
        await expect(visitor.page.get_by_role("heading", name="Runs")).to_be_visible()
        assert asked.count("/api/runs") == 1
        assert asked.index("/api/runs") < asked.index("/api/status"), "the document names it; scripts ask for the rest"
        assert visitor.troubles == []


async def test_a_run_that_is_opened_by_its_address_is_followed_at_once_on_one_connection(
    office: Office, chromium: Chromium, model: Model
) -> None:
    browser = await office.browser()
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})
    await browser.over("sum")
    async with visiting(chromium, office) as visitor:
        asked: list[str] = []
        visitor.page.on(
            "request", lambda request: asked.append(urlsplit(request.url).path + urlsplit(request.url).query)
        )
        await visitor.go("/runs/sum")
        await visitor.page.reload()
        await visitor.see("Done: the software is there")
        streams = [one for one in asked if one.startswith("/api/events")]
        last = [one for one in streams if "sum" in one]
        assert streams[-1:] == last[-1:]
        assert len(streams) <= 2, "one before the reload, one after it"
        assert visitor.troubles == []


async def test_the_theme_that_was_chosen_stands_before_the_page_is_drawn(office: Office, chromium: Chromium) -> None:
    async with visiting(chromium, office, color_scheme="light") as visitor:
        page = visitor.page
        await page.evaluate("localStorage.setItem('agentverse.scheme', 'dark')")
        await page.route("**/assets/*.js", lambda route: route.abort())
        await page.reload(wait_until="domcontentloaded")
        assert await page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
        await expect(page.get_by_text("agentverse")).to_be_visible()
