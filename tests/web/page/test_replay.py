"""The replay in one file: a simulation and all that a run may tell, on a desk and on a phone, and nothing is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from agentverse.journal.events import (
    AnyEvent,
    Decision,
    Entry,
    Escalated,
    LimitHit,
    LineSaid,
    Remembered,
    Reply,
    RunEnded,
    RunStarted,
    SceneEnded,
    SceneSet,
    SeatFailed,
    TierSpent,
    ToolCalled,
)
from agentverse.web.replaying import replay
from tests.web.page.conftest import MODULES

IN = {"phase": "scene", "visit": 1}
COMPANY = {"company": {"name": "inn", "phases": {"scene": {"title": {"en": "The inn", "zh": "客栈"}}}}}
SEATS = {"ada": {"name": "Ada", "held": "agent"}, "guest": {"name": "Guest <b>", "held": "person"}}
EDIT = "m.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE"
EVENTS: list[AnyEvent] = [
    RunStarted(idea="An evening", company=COMPANY, revision="", clock=0.0),
    SceneSet(**IN, environment="inn", stage="night", title="Night", seats=SEATS),
    Reply(**IN, role="ada", seat="ada", text='{"action": "whisper"}'),
    LineSaid(**IN, seat="ada", action="whisper", text="Stay <script>.", heard_by=["ada", "guest"], reply="k3"),
    LineSaid(**IN, seat="", text="The lamp goes out."),
    SeatFailed(**IN, seat="guest", reason="no usable reply"),
    Remembered(**IN, seat="ada", what="recall", value=["3", "plan"]),
    Remembered(**IN, seat="ada", what="window", value=[8, 4]),
    ToolCalled(**IN, role="ada", title="Ada", tool="look_up", arguments={"table": "load"}, ok=True, result="97 %"),
    ToolCalled(**IN, role="ada", title="Ada", tool="fetch", ok=False, result="no such host"),
    Escalated(**IN, step="k", tier="edge", to="cloud", why="red", measured=3.0),
    TierSpent(tier="cloud", kind="tokens", used=900, allowed=800),
    LimitHit(kind="turns", used=5, allowed=5),
    Decision(what="first_of", value="a"),
    Reply(**IN, role="dev", title="Developer", text=f"See:\n```python m.py\nx = 1\n```\n{EDIT}"),
    SceneEnded(**IN, reason="turns", turns=5, report="Nobody slept.", measures={"asleep": 0, "calm": False}),
    RunEnded(outcome="succeeded"),
]
FACTS: dict[str, Any] = {
    "id": "inn", "idea": "An evening", "language": "en", "company": "inn", "state": "succeeded", "turns": 5,
    "company_title": {"en": "The inn", "zh": "客栈"}, "usage": {"prompt": 10, "completion": 5}, "events": len(EVENTS),
}  # fmt: skip
TOLD = {
    "en": [
        "Night", "In this conversation: Ada, Guest <b>", "Stay <script>.", "heard only by Guest <b>",
        "The lamp goes out.", "passes: no usable reply", "Ada remembers #3, plan",
        "Ada: the oldest 12 lines have left its memory", "Ada uses look_up", "Ada uses fetch, in vain",
        "edge → cloud: repairs left the evidence red", "cloud is used up: 900 of 800", "Limit reached: 5 of 5 turns",
        "<<<<<<< SEARCH", "The conversation is over after 5 turns", "the bound on turns was reached", "Nobody slept.",
        "calm: no", "succeeded",
    ],
    "zh": [
        "参加谈话的有：Ada, Guest <b>", "只有 Guest <b> 听到", "跳过：no usable reply", "Ada 想起 #3, plan",
        "Ada：最早的 12 行已离开记忆", "Ada 使用 look_up", "edge → cloud：多次修复后证据仍不通过",
        "cloud 已用完：900 / 800", "达到上限：轮 5 / 5", "谈话在 5 轮后结束", "达到轮数上限", "calm: 否", "成功",
    ],
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    entries = [Entry(run="inn", seq=n, key=f"k{n}", at=1.7e9 + n, event=event) for n, event in enumerate(EVENTS, 1)]
    path = tmp_path / "replay.html"
    path.write_text(replay(FACTS, entries, pictures={}, language="en"), encoding="utf-8")
    return path


async def opened(chromium: Browser, file: Path, asked: list[str], **options: Any) -> Page:
    context = await chromium.new_context(bypass_csp=False, **options)
    page = await context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(f"error: {error}"))
    await page.goto(file.as_uri())
    return page


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
async def test_everything_is_told_in_both_languages_and_nothing_is_asked(
    chromium: Browser, file: Path, theme: str, width: int
) -> None:
    asked: list[str] = []
    page = await opened(chromium, file, asked, viewport={"width": width, "height": 844}, color_scheme=theme)
    for language, other in (("en", "中文"), ("zh", "English")):
        main = page.get_by_role("main")
        for told in TOLD[language]:
            await expect(main).to_contain_text(told)
        assert await main.locator("script, b b").count() == 0, "what agents say is text"
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        await page.get_by_role("button", name=other).click()
    assert asked == [file.as_uri()]


async def test_the_theme_can_be_chosen_and_a_moment_gone_to(chromium: Browser, file: Path) -> None:
    asked: list[str] = []
    page = await opened(chromium, file, asked, viewport={"width": 390, "height": 844}, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = await page.evaluate(ground)
    await page.get_by_role("button", name="Light or dark").click()
    assert await page.evaluate(ground) != before
    await page.get_by_role("slider", name="Moment of the run").fill("2")
    await expect(page.get_by_role("main")).to_contain_text("Stay <script>.")
    await expect(page.get_by_role("main")).not_to_contain_text("The lamp goes out.")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_everybody_can_read_it(chromium: Browser, file: Path, built: Path, theme: str) -> None:
    context = await chromium.new_context(color_scheme=theme, viewport={"width": 390, "height": 844}, bypass_csp=True)
    page = await context.new_page()
    await page.goto(file.as_uri())
    await page.evaluate((MODULES / "axe-core" / "axe.min.js").read_text())
    found: list[dict[str, Any]] = await page.evaluate("axe.run(document).then((result) => result.violations)")
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == []
