"""Every screen in both themes and both languages, at a desk and on a phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Browser, Locator, Page

from tests.web.conftest import Model, Office
from tests.web.page.conftest import Visitor, visiting

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SCREENS = {
    "/": "h1",
    "/runs/asks": "form h2",
    "/runs/failed": "article",
    "/compare/done/failed": "main td",
    "/companies": "#kind-company",
    "/companies/company/chatdev": ".react-flow__node",
    "/companies/company/broken": ".react-flow__node",
    "/companies/environment/seminar": "h1",
    "/companies/role/tester": "h1",
    "/companies/language/python": "h1",
    "/models": "#served",
    "/settings": "#page-theme",
    "/runs/nobody": "main h1 + *",
    "/companies/company/nothing": "main [role=alert], main h1",
    "/compare/done/nobody": "main [role=alert]",
    "/nowhere": "main h1",
}
BROKEN = """\
name: broken
success: check.passed
phases:
  code:
    ask: nobody_at_all
    produces: {source: files}
  check:
    after: code
    run: pytest -q
    produces: {check: evidence}
"""
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that another theme can break."""


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
async def test_every_screen_can_be_read_by_everybody(
    chromium: Browser, office: Office, model: Model, language: str
) -> None:
    await runs_of_all_kinds(office, model)
    found: list[str] = []
    async with visiting(chromium, office, color_scheme="light", locale=language, viewport=DESK) as visitor:
        page = visitor.page

        async def look(where: str) -> None:
            """Note what is wrong at a desk, by day and by night, and what does not fit a phone."""
            await settled(page)
            found.extend(f"{where}: {one}" for one in await visitor.violations())
            await page.emulate_media(color_scheme="dark")
            await page.locator("html[data-mantine-color-scheme=dark]").wait_for()
            await settled(page)
            found.extend(f"{where}, dark: {one}" for one in await visitor.violations(*COLOURS))
            await page.emulate_media(color_scheme="light")
            await page.set_viewport_size(PHONE)
            if await visitor.overflows():
                found.append(f"{where}: wider than a phone")
            await page.set_viewport_size(DESK)

        for place, shown in SCREENS.items():
            await visitor.go(place)
            await page.locator(shown).first.wait_for(state="attached")
            await look(place)
        await parts_of_a_run(visitor, look)
        await what_opens(visitor, look)
        assert [one for one in visitor.troubles if "404" not in one and "422" not in one] == []
    assert "\n".join(found) == ""


async def runs_of_all_kinds(office: Office, model: Model) -> None:
    """One that succeeded, one that failed, one that waits for a person; and a company with an error."""
    (office.web.project / "companies" / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    inside = await office.browser()
    await inside.post("/api/runs", {"idea": "add", "name": "done"})
    await inside.over("done")
    model.replies["code#1/-/1"] = model.replies["code#1/-/1"].replace("a + b", "a - b")
    await inside.post("/api/runs", {"idea": "add", "name": "failed"})
    await inside.over("failed")
    await inside.post("/api/runs", {"idea": "add", "name": "asks", "company": "gated"})


async def parts_of_a_run(visitor: Visitor, look: Callable[[str], Awaitable[None]]) -> None:
    page = visitor.page
    await visitor.go("/runs/done")
    tabs = page.get_by_role("tab")
    await tabs.first.wait_for()
    for index in range(await tabs.count()):
        await tabs.nth(index).click()
        await page.get_by_role("tabpanel").locator("*").first.wait_for(state="attached")
        await look(f"tab {index}")
    await page.get_by_role("slider").first.fill("4")
    await look("an earlier moment")


async def what_opens(visitor: Visitor, look: Callable[[str], Awaitable[None]]) -> None:
    """The drawers and dialogues that stand over a screen."""
    page = visitor.page

    async def opened(button: Locator, what: str) -> None:
        await button.click()
        await page.get_by_role("dialog").wait_for()
        await look(what)
        await page.keyboard.press("Escape")
        await page.get_by_role("dialog").wait_for(state="detached")

    await visitor.go("/runs/done")
    log = page.get_by_role("log")
    await opened(
        log.get_by_role("button", name="What it was shown").or_(log.get_by_role("button", name="它看到了什么")).first,
        "prompt",
    )
    await visitor.go("/companies/company/tiny")
    await page.locator(".react-flow__node").first.click()
    await look("a phase in the editor")
    await opened(
        page.get_by_role("button", name="Dry run").or_(page.get_by_role("button", name="试走")).first, "dry run"
    )


async def settled(page: Page) -> None:
    """Wait until nothing moves: what fades in has not its colours yet."""
    await page.evaluate("""async () => {
      const frame = () => new Promise(requestAnimationFrame);
      await frame().then(frame);
      await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0)));
    }""")
