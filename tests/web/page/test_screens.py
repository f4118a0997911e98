"""Every screen in both themes and both languages, at a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.web.conftest import Office
from tests.web.page.conftest import Visitor, visiting

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SCREENS = {
    "/": "h1",
    "/runs/done": "article, [role=tab]",
    "/compare/done/done": "main td",
    "/companies": "#kind-company",
    "/companies/company/chatdev": ".react-flow__node",
    "/companies/environment/seminar": "h1",
    "/companies/role/tester": "h1",
    "/models": "#served",
    "/settings": "#page-theme",
    "/runs/nobody": "main h1 + *",
}
LOOKS = {
    "light, English, desk": {"color_scheme": "light", "locale": "en-US", "viewport": DESK},
    "dark, Chinese, phone": {"color_scheme": "dark", "locale": "zh-CN", "viewport": PHONE},
}


@pytest.mark.parametrize("look", LOOKS)
async def test_every_screen_can_be_read_by_everybody(chromium: Browser, office: Office, look: str) -> None:
    inside = await office.browser()
    await inside.post("/api/runs", {"idea": "add", "name": "done"})
    await inside.over("done")
    async with visiting(chromium, office, **LOOKS[look]) as visitor:
        for place, shown in SCREENS.items():
            await visitor.go(place)
            await visitor.page.locator(shown).first.wait_for(state="attached")
            assert await visitor.violations() == [], place
            assert not await visitor.overflows(), place
        await _parts_of_a_run(visitor)
        unknown = [trouble for trouble in visitor.troubles if "404" not in trouble]
        assert unknown == [], "nothing but the run that is not there goes wrong"


async def _parts_of_a_run(visitor: Visitor) -> None:
    await visitor.go("/runs/done")
    tabs = visitor.page.get_by_role("tab")
    await tabs.first.wait_for()
    for index in range(await tabs.count()):
        await tabs.nth(index).click()
        await visitor.page.get_by_role("tabpanel").locator("*").first.wait_for(state="attached")
        assert await visitor.violations() == [], await tabs.nth(index).inner_text()
        assert not await visitor.overflows()
