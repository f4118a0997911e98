"""Somebody who plays a part sees on the page what that part hears, and nothing else of it reaches the browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import expect

from tests.cli.test_seats_of_people import INN
from tests.web.conftest import Browser, Model, Office
from tests.web.page.conftest import visiting

SECRET, HEARD, LAST = "I do not trust them.", "Good evening, stranger.", "Stay for the night."
REPLIES = {
    "scene#1/-/1": {"action": "speak", "text": HEARD},
    "scene#1/-/2": {"action": "whisper", "who": "Ada", "text": SECRET},
    "scene#1/-/4": {"action": "whisper", "who": "Ben", "text": "Neither do I, a secret."},
    "scene#1/-/5": {"action": "speak", "text": LAST},
}
HIDDEN = (SECRET, "a secret", "You are Ada.\\n", "whisper")
ROUTES = (
    "", "/entries", "/report", "/models", "/commits", "/files", "/diff", "/prompt?key=scene%231/-/2.1",
    "/download/journal.jsonl", "/download/replay.html", "/download/recording.json", "/download/report.md",
    "/download/product.zip",
)  # fmt: skip


@pytest.fixture
def inn(project: Path, model: Model) -> None:
    (project / "environments").mkdir()
    (project / "environments" / "inn.yaml").write_text(INN, encoding="utf-8")
    model.replies |= {turn: json.dumps(said) for turn, said in REPLIES.items()}


async def begin(browser: Browser, **more: object) -> None:
    answer = await browser.post("/api/simulations", {"environment": "inn", "name": "inn", **more})
    assert answer.status == 201, answer.body


async def question(browser: Browser, place: int) -> str:
    """The gate that waits; ``place`` counts them from 1."""
    opened: list[str] = []
    async for message in browser.events("/api/runs/inn/events"):
        if message.event == "entry" and message.json["event"]["type"] == "gate.opened":
            opened.append(message.json["key"])
            if len(opened) == place:
                return opened[-1]
    raise AssertionError("nobody was asked")


async def test_what_a_players_seat_may_not_hear_is_in_no_answer_until_it_is_over(inn: None, browser: Browser) -> None:
    await begin(browser)
    gate = await question(browser, 1)
    seen = [(await browser.get(f"/api/runs/inn{route}")).body.decode("utf-8", "replace") for route in ROUTES]
    seen.append((await browser.get("/api/runs")).body.decode())
    seen += [m.data for m in await browser.until("/api/runs/inn/events?watch=true", lambda m: m.event == "state")]
    several = await browser.until("/api/events?runs=inn:0&watch=inn", lambda m: m.event == "state")
    assert several[-1].json["veiled"] is True
    seen += [message.data for message in several]
    for text in seen:
        assert SECRET not in text
        assert '"type":"reply"' not in text, "who spoke in secret is one as well"
        assert '"place":{"ada"' not in text, "the world knows where everybody is"
    assert HEARD in seen[1]
    assert (await browser.fine("/api/runs/inn"))["veiled"] is True
    assert json.loads(seen[7])["error"]["code"] == "playing"

    await browser.post("/api/runs/inn/answer", {"gate": gate, "text": "May I stay?"})
    second = await question(browser, 2)
    assert "secret" not in (await browser.get("/api/runs/inn/entries")).body.decode()
    await browser.post("/api/runs/inn/answer", {"gate": second, "text": "Thank you."})

    await browser.over("inn")
    entries = await browser.over("inn")  # who watched reads it anew
    told = json.dumps(entries)
    assert SECRET in told
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1)), "when it is over all is shown"
    assert next(e["event"] for e in entries if e["event"]["type"] == "scene")["world"]["place"]["ada"] == "inn"
    assert SECRET in (await browser.get("/api/runs/inn/download/replay.html")).body.decode()
    assert (await browser.fine("/api/runs/inn"))["veiled"] is False


async def test_where_nobody_plays_nothing_is_hidden(inn: None, browser: Browser, model: Model) -> None:
    release = model.hold("scene#1/-/4")
    await begin(browser, ask=False)
    await model.reached["scene#1/-/4"].wait()
    assert SECRET in (await browser.get("/api/runs/inn/entries")).body.decode()
    assert (await browser.fine("/api/runs/inn"))["veiled"] is False
    await browser.post("/api/runs/inn/pause")
    release.set()
    await browser.over("inn")
    assert SECRET in (await browser.get("/api/runs/inn/entries")).body.decode(), "its seat was never held"


async def test_a_player_sees_the_whole_conversation_on_the_page_once_it_is_over(
    inn: None, office: Office, chromium: Chromium
) -> None:
    browser = await office.browser()
    async with visiting(chromium, office) as visitor:
        page = visitor.page
        await begin(browser)
        await visitor.go("/runs/inn")
        log = page.get_by_role("log")
        for said in ("May I stay?", "Thank you."):
            await page.get_by_role("textbox", name="Your answer").fill(said)
            await expect(log).to_contain_text(HEARD)
            await expect(page.get_by_text("You play a part in this.")).to_be_visible()
            assert SECRET not in await page.content()
            await page.get_by_role("button", name="Answer", exact=True).click()
            await expect(log).to_contain_text(said)
        await expect(log).to_contain_text(SECRET)
        await expect(log).to_contain_text(LAST)
        await expect(page.get_by_text("You play a part in this.")).to_have_count(0)
        assert visitor.troubles == []
