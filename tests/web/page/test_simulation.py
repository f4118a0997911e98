"""A simulation on the page: begun with parameters and a seed, seen as a picture at any of its moments."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.conftest import Model, Office
from tests.web.page.conftest import Visitor, visiting
from tests.web.test_simulations import PRISONERS

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "zh-CN"}


async def begin(page: Page) -> None:
    """Choose the prisoners and one question each, and start."""
    await page.get_by_text("Simulation", exact=True).click()
    await page.get_by_label("Environment").select_option("prisoners")
    await page.get_by_label("Questions to each").fill("1")
    await page.get_by_label("Years: the only one who is silent").fill("12")
    await page.get_by_label("Seed of all chance").fill("7")
    await page.get_by_role("button", name="Start", exact=True).click()


async def test_a_simulation_is_begun_and_seen_as_it_happens(visitor: Visitor, model: Model) -> None:
    model.replies |= PRISONERS
    release, page = model.hold("scene#1/-/3"), visitor.page
    await begin(page)
    stage = page.get_by_role("tabpanel", name="Stage")
    await expect(stage.get_by_role("img").first).to_have_accessible_name("Avery speaks. Detective Moss hears it")
    await expect(stage.get_by_role("heading", name="The second room")).to_be_visible()
    await expect(page.get_by_role("log")).to_contain_text("Heard only by Avery")
    release.set()
    ended = page.get_by_role("article", name="How the conversation ended")
    await expect(ended).to_contain_text("The prisoner's dilemma is over after 6 turns: its last stage ended.")
    await expect(ended).to_contain_text("avery years12")
    await expect(page.get_by_role("log")).to_contain_text("testify against the other")
    await expect(page.get_by_role("log")).to_contain_text("The verdict: Avery gets 12 years, Blake gets 0.")
    await expect(page.get_by_role("log")).to_contain_text("It is over.")
    assert "this page does not know" not in await page.get_by_role("log").inner_text()
    await expect(stage.get_by_role("img", name="Over time: years")).to_be_visible()
    assert await visitor.violations() == []


async def test_the_picture_moves_with_the_time(visitor: Visitor, model: Model) -> None:
    model.replies |= PRISONERS
    page = visitor.page
    await begin(page)
    await visitor.see("It is over.")
    run = page.url.rpartition("/")[2]
    answer = await page.request.get(f"{visitor.origin}/api/runs/{run}/entries")
    lines = [
        entry
        for entry in (await answer.json())["entries"]
        if entry["event"].get("type") == "line" and entry["event"]["seat"]
    ]
    stage = page.get_by_role("tabpanel", name="Stage")
    picture = stage.get_by_role("img").first
    expected = {
        0: ("Detective Moss speaks. Avery hears it", "The first room"),
        3: ("Blake speaks. Detective Moss hears it", "The second room"),
        5: ("Blake speaks. Detective Moss hears it", "The decision"),
    }
    for index, (said, title) in expected.items():
        await page.get_by_role("slider", name="Time").fill(str(lines[index]["seq"]))
        await expect(picture).to_have_accessible_name(said)
        await expect(stage.get_by_role("heading", name=title)).to_be_visible()
        await expect(stage.get_by_role("img", name="Over time: years")).to_have_count(0)
    await expect(picture).to_contain_text("room: A")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_simulation_can_be_begun_and_watched_on_a_phone_in_chinese(
    chromium: Browser, office: Office, model: Model, theme: str
) -> None:
    model.replies |= PRISONERS
    async with visiting(chromium, office, **{**PHONE, "color_scheme": theme}) as visitor:
        page = visitor.page
        await page.get_by_text("模拟", exact=True).click()
        await page.get_by_label("环境").select_option("prisoners")
        await page.get_by_label("每人提问数").fill("1")
        assert await visitor.violations() == []
        assert not await visitor.overflows()
        await page.get_by_role("button", name="开始", exact=True).click()
        await visitor.see("结束了。")
        assert await visitor.violations() == []
        await page.get_by_role("tab", name="舞台").click()
        await page.get_by_role("img").first.wait_for()
        assert await visitor.violations() == []
        assert not await visitor.overflows()
        assert visitor.troubles == []
