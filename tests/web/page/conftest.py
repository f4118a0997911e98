"""The built page in a real Chromium, against the real server of `tests.web.conftest`.

One Chromium serves all tests, so they share its loop; each has a server of its own, and visits it with a new profile.
"""

from __future__ import annotations

import inspect
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from agentverse.sandbox.live.chromium import NAMES
from agentverse.web.app import make_api
from scripts.hatch_page import Page as Sources
from tests.conftest import page_of
from tests.web.conftest import Browser as HttpBrowser
from tests.web.conftest import Model, Office, opened, place, scripted

CHECKOUT = Path(__file__).parents[3]
SOURCES = Sources(CHECKOUT)
MODULES = SOURCES.source / "node_modules"
PATIENCE = 15
"""Seconds that a machine with other work may take to show something."""
expect.set_options(timeout=1000 * PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test may have to build the page; all share the loop of the browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(240))
            if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def built() -> Path:
    target = page_of(CHECKOUT)
    make_api.cache_clear()  # it knows the files of a page that was there before
    return target


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(built: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def model() -> AsyncIterator[Model]:
    async with scripted() as model:
        yield model


@pytest_asyncio.fixture(loop_scope="session")
async def office(project: Path, model: Model) -> AsyncIterator[Office]:
    async with opened(place(project, model)) as office:
        yield office


@pytest_asyncio.fixture(loop_scope="session")
async def browser(office: Office) -> HttpBrowser:
    """A browser that only asks, without a page."""
    return await office.browser()


def program() -> str:
    """The browser that `agentverse` itself would take."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert found, "the page is tested in a real browser: scripts/setup.sh dev installs it"
    return found


@dataclass
class Visitor:
    """Somebody who looks at the page; what the page did wrong meanwhile is kept."""

    page: Page
    origin: str
    troubles: list[str] = field(default_factory=list)

    async def go(self, place: str) -> None:
        await self.page.goto(f"{self.origin}/#{place}")

    async def see(self, text: str) -> None:
        """Wait until a text stands on the page."""
        await expect(self.page.get_by_text(text).first).to_be_visible()

    def watch(self) -> None:
        """Note every error, and every request that leaves the server's own origins."""
        page = self.page
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", lambda said: said.type == "error" and self.troubles.append(f"console: {said.text}"))
        page.on("request", lambda request: self._local(request.url) or self.troubles.append(f"asks {request.url}"))
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))

    def _local(self, url: str) -> bool:
        return bool(re.match(r"(https?://(127\.0\.0\.1|[\w.-]*localhost)[:/]|data:|blob:|about:)", url))

    async def violations(self, *rules: str) -> list[str]:
        """What axe finds on the page as it is, by these rules or by all."""
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
        options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
        found: list[dict[str, Any]] = await self.page.evaluate(
            "(options) => axe.run(document, options).then((result) => result.violations)", options
        )
        return [f"{one['id']}: {json.dumps([node['html'][:160] for node in one['nodes'][:3]])}" for one in found]

    async def overflows(self) -> bool:
        return await self.page.evaluate("document.documentElement.scrollWidth > innerWidth")


@asynccontextmanager
async def visiting(chromium: Browser, office: Office, **options: Any) -> AsyncIterator[Visitor]:
    """A new browser that opens the link the server printed."""
    context = await chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-US", **options})
    try:
        visitor = Visitor(await context.new_page(), office.origin)
        visitor.watch()
        await visitor.page.goto(office.links[-1])
        office.web.renew_link()
        yield visitor
    finally:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(chromium: Browser, office: Office) -> AsyncIterator[Visitor]:
    """Somebody at a desk; a test fails when the page did anything wrong, whatever else it showed."""
    async with visiting(chromium, office) as visitor:
        yield visitor
        assert visitor.troubles == []
