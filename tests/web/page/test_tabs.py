"""Several tabs, several runs, and what comes while one looks: tokens, questions, notifications."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web
from playwright.async_api import Browser, Page, Request, expect

from agentverse.models.keys import read_request_id
from tests.web.conftest import DESIGN, Model, Office, opened, place
from tests.web.page.conftest import PATIENCE, Visitor, visiting

NOTED = """  // a browser without a screen shows no notification
  window.Notification = class {
    static permission = "granted";
    constructor(title, options) { window.noted([title, options.body]); }
  };
  Object.defineProperty(document, "hidden", { get: () => window.away === true });
"""


class Connections:
    """The streams of events that a page has open."""

    def __init__(self, page: Page) -> None:
        self.open: set[Request] = set()
        page.on("request", lambda request: "/api/events" in request.url and self.open.add(request))
        page.on("requestfailed", lambda request: self.open.discard(request))
        page.on("requestfinished", lambda request: self.open.discard(request))


async def begin(visitor: Visitor, company: str, idea: str = "add") -> None:
    await visitor.page.get_by_label("Company").select_option(company)
    await visitor.page.get_by_label("Your idea, in one line").fill(idea)
    await visitor.page.get_by_role("button", name="Start", exact=True).click()


async def test_what_one_tab_answers_another_one_sees(visitor: Visitor) -> None:
    await begin(visitor, "gated")
    first, second = visitor.page, await visitor.page.context.new_page()
    gate = {page: page.get_by_role("form", name="The company asks you") for page in (first, second)}
    await expect(gate[first]).to_be_visible()
    await second.goto(first.url)
    await expect(gate[second]).to_be_visible()
    await gate[second].get_by_role("button", name="small").click()
    for page in (first, second):
        await expect(page.get_by_role("log")).to_contain_text("answered: small")
        await expect(gate[page]).to_have_count(0)
        await expect(page.get_by_role("log")).to_contain_text("Done: the software is there")


async def test_twenty_runs_are_listed_and_followed_over_one_connection(
    visitor: Visitor, model: Model, office: Office
) -> None:
    connections, page = Connections(visitor.page), visitor.page
    release = model.hold("design#1/-/1")
    inside = await office.browser()
    names = [f"run{number:02}" for number in range(20)]
    for name in names:
        assert (await inside.post("/api/runs", {"idea": f"add {name}", "name": name})).status == 201
    await page.reload()
    await expect(page.locator("tbody tr")).to_have_count(20)
    for name in names:
        await visitor.go(f"/runs/{name}")
        await expect(page.get_by_role("heading", name=f"add {name}")).to_be_visible()
        await expect(page.get_by_role("heading", name="Design")).to_be_visible()
        assert len(connections.open) == 1, name
    await visitor.go("/")
    for name in names:
        await inside.post(f"/api/runs/{name}/cancel")
    release.set()
    await expect(page.locator("tbody tr", has_text="stopped")).to_have_count(20)
    assert len(connections.open) == 1


async def test_who_looks_elsewhere_is_told_when_a_person_is_needed(chromium: Browser, office: Office) -> None:
    async with visiting(chromium, office) as visitor:
        page, told = visitor.page, asyncio.Queue[list[str]]()
        await page.expose_function("noted", lambda said: told.put_nowait(said))
        await page.add_init_script(NOTED)
        await page.reload()
        await page.evaluate("window.away = true")
        inside = await office.browser()
        await inside.post("/api/runs", {"idea": "add", "company": "gated", "name": "asks"})
        async with asyncio.timeout(PATIENCE):
            first = await told.get()
        assert first == ["A person is needed", "Shall it be␛[31m big?"]
        await expect(page).to_have_title("(1 waiting for you) agentverse")
        await page.evaluate("window.away = false")
        await inside.post("/api/runs/asks/cancel")
        await expect(page).to_have_title("agentverse")
        assert told.empty(), "once for each question"
        assert visitor.troubles == []


async def test_files_go_with_an_answer_unless_they_are_too_large(visitor: Visitor, office: Office) -> None:
    await begin(visitor, "gated")
    page = visitor.page
    gate = page.get_by_role("form", name="The company asks you")
    prices = {"name": "prices.csv", "mimeType": "text/csv", "buffer": "苹果,3\n".encode()}
    large = {"name": "large.bin", "mimeType": "application/octet-stream", "buffer": bytes((1 << 20) + 1)}
    await gate.locator("input[type=file]").set_input_files([prices, large])
    await expect(gate.get_by_role("alert")).to_have_text("large.bin is larger than 1 MB.")
    await gate.locator("input[type=file]").set_input_files({**prices, "name": "wrong.csv"})
    await gate.get_by_role("button", name="Leave wrong.csv out").click()
    await expect(gate).to_contain_text("prices.csv")
    await gate.get_by_role("button", name="big", exact=True).click()
    await visitor.see("Done: the software is there")
    await page.get_by_role("tab", name="Files").click()
    await page.get_by_role("button", name="prices.csv").click()
    await expect(page.locator(".cm-content")).to_have_text("苹果,3")
    assert await page.get_by_role("button", name="wrong.csv").count() == 0


@asynccontextmanager
async def slow_line(url: str, turn: str) -> AsyncIterator[tuple[str, asyncio.Semaphore]]:
    """A server between, which lets the pieces of one turn's reply through one by one, when they are let go."""
    let_go = asyncio.Semaphore(0)

    async def between(request: web.Request) -> web.StreamResponse:
        key = read_request_id(request.headers.get("X-Request-Id", ""))
        headers = {name: request.headers[name] for name in ("Content-Type", "X-Request-Id") if name in request.headers}
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, f"{url}/{request.match_info['path']}", data=await request.read(), headers=headers
            ) as there,
        ):
            answer = web.StreamResponse(status=there.status, headers={"Content-Type": there.headers["Content-Type"]})
            await answer.prepare(request)
            async for line in there.content:
                if key.startswith(turn) and b'"content"' in line:
                    await let_go.acquire()
                await answer.write(line)
            await answer.write_eof()
            return answer

    app = web.Application()
    app.router.add_route("*", "/v1/{path:.*}", between)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", let_go
    finally:
        await runner.cleanup()


async def test_a_reply_is_seen_piece_by_piece_as_it_is_written(chromium: Browser, project: Path, model: Model) -> None:
    async with (
        slow_line(model.url, "design#1") as (model.url, let_go),
        opened(place(project, model)) as office,
        visiting(chromium, office) as visitor,
    ):
        await begin(visitor, "tiny")
        writing = visitor.page.get_by_role("article", name="Chief technology officer is writing").locator("pre")
        seen: list[str] = []
        for _ in range(3):
            let_go.release()
            await expect(writing).not_to_have_text(seen[-1] if seen else "")
            seen.append(await writing.inner_text())
        assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(seen))
        assert DESIGN.startswith(seen[-1])
        assert seen[-1] != DESIGN
        for _ in DESIGN:
            let_go.release()
        await expect(writing).to_have_count(0)
        await visitor.see("Done: the software is there")
        assert visitor.troubles == []
