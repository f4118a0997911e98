"""One environment many times over: begun together, each with its own seed, and what they measured side by side."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from tests.web.conftest import Browser, Model
from tests.web.page.conftest import Visitor
from tests.web.test_simulations import PRISONERS

CELL = {"environment": "prisoners", "params": {"rounds": "1"}, "seed": 5}


async def test_a_series_is_one_run_for_each_seed_and_their_means(browser: Browser, model: Model) -> None:
    model.replies |= PRISONERS
    begun = await browser.post("/api/simulations/series", {"simulate": CELL, "times": 3})
    assert begun.status == 201, begun.body
    series = begun.json["series"]
    await asyncio.gather(*(browser.over(run["id"]) for run in begun.json["runs"]))
    found = await browser.fine(f"/api/simulations/series/{series}")
    assert [run["scene"]["seed"] for run in found["runs"]] == [5, 6, 7]
    assert [run["scene"]["measures"]["avery_years"] for run in found["runs"]] == [10, 10, 10]
    assert all("10 years" in run["scene"]["report"] for run in found["runs"])
    bars = {bar["name"]: (bar["filled"], bar["said"]) for bar in found["bars"]}
    assert bars["avery_years"] == (1.0, "10")
    assert bars["blake_years"] == (0.0, "0")
    assert bars["cooperated"] == (0.0, "0%")


async def test_a_series_that_cannot_be_begins_nothing(browser: Browser, model: Model) -> None:
    for asked, status, code in (
        ({"simulate": CELL, "times": 1}, 422, "invalid"),
        ({"simulate": CELL, "times": 51}, 422, "invalid"),
        ({"simulate": {**CELL, "params": {"rounds": "11"}}, "times": 2}, 400, "UsageError"),
        ({"simulate": {**CELL, "environment": "nowhere"}, "times": 2}, 422, "BlueprintError"),
    ):
        answer = await browser.post("/api/simulations/series", asked)
        assert (answer.status, answer.code) == (status, code), answer.body
    missing = await browser.get("/api/simulations/series/prisoners-000000")
    assert (missing.status, missing.code) == (404, "RunNotFound")
    assert (await browser.fine("/api/runs"))["total"] == 0


async def test_the_page_repeats_a_simulation_and_shows_what_came_of_it(visitor: Visitor, model: Model) -> None:
    model.replies |= PRISONERS
    page = visitor.page
    await page.get_by_text("Simulation", exact=True).click()
    await page.get_by_label("Environment").select_option("prisoners")
    rounds = page.get_by_label("Questions to each")
    await expect(rounds).to_have_attribute("max", "10")
    await rounds.fill("1")
    await page.get_by_label("How often").fill("3")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.get_by_text("3 of 3 are over.")).to_be_visible(timeout=20_000)
    await expect(page.get_by_role("heading", name="The prisoner's dilemma, 3 runs")).to_be_visible()
    rows = page.get_by_role("table").get_by_role("row")
    await expect(rows).to_have_count(4)
    await expect(rows.nth(1)).to_contain_text("testify")
    await expect(page.get_by_text("avery years", exact=True).first).to_be_visible()
    assert await visitor.violations() == []
    await page.get_by_role("link", name="Runs", exact=True).click()
    listed = page.get_by_role("table").get_by_role("row").nth(1)
    await expect(listed).to_contain_text("Blake: testify, 0 years")
    assert "none yet" not in await page.get_by_role("table").inner_text()


async def test_parameters_are_typed_where_they_fit(visitor: Visitor) -> None:
    page = visitor.page
    await page.get_by_text("Simulation", exact=True).click()
    await page.get_by_label("Environment").select_option("incident_room")
    incident = page.get_by_label("Incident", exact=True)
    await incident.select_option("stuck_checkout")
    await incident.select_option(label="another …")
    await page.get_by_label("Incident: another …").fill("mine")
    await page.get_by_label("Environment").select_option("coders")
    assert await page.get_by_label("Given tests").evaluate("field => field.tagName") == "TEXTAREA"
    assert await visitor.violations() == []
