"""The server goes away, comes back, and lets nobody in without a word."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from agentverse.web.serve import Place
from tests.web.conftest import Model, opened
from tests.web.page.conftest import Visitor, visiting
from tests.web.test_restart import server


async def test_a_server_that_comes_back_is_found_again_and_nothing_typed_is_lost(
    chromium: Browser, project: Path, model: Model
) -> None:
    options = {"models.edge": (f"{model.url}#scripted", "--model"), "company": ("tiny", "--company")}
    async with opened(Place(project=project, options=options)) as office:
        port = int(office.origin.rpartition(":")[2])
        visit = visiting(chromium, office)
        visitor: Visitor = await visit.__aenter__()
        page = visitor.page
        await page.get_by_label("Your idea, in one line").fill("add two numbers")
    await visitor.see("The server does not answer. Connecting again …")
    await page.get_by_role("button", name="Start", exact=True).click()
    await visitor.see("The server cannot be reached.")
    async with opened(Place(port=port, project=project, options=options)):
        await expect(page.get_by_text("The server does not answer.")).to_have_count(0)
        await expect(page.get_by_label("Your idea, in one line")).to_have_value("add two numbers")
        await page.get_by_role("button", name="Start", exact=True).click()
        await visitor.see("Done: the software is there")
        await visit.__aexit__(None, None, None)


async def test_a_session_that_is_over_says_so_and_is_entered_again(visitor: Visitor, office) -> None:
    await visitor.page.context.clear_cookies()
    await visitor.page.reload()
    await visitor.see("Your session is over.")
    await visitor.page.get_by_label("Password or token").fill("wrong")
    await visitor.page.get_by_role("button", name="Enter").click()
    await visitor.see("This link was used already, or is wrong.")
    await visitor.page.get_by_label("Password or token").fill(office.links[-1].partition("token=")[2])
    await visitor.page.get_by_role("button", name="Enter").click()
    await expect(visitor.page.get_by_text("Your session is over.")).to_have_count(0)
    await visitor.see("No run yet.")
    visitor.troubles.clear()  # the browser notes each answer of 401


async def test_a_server_that_was_killed_goes_on_where_the_run_was(
    chromium: Browser, project: Path, model: Model
) -> None:
    release = model.hold("code#1/-/1")
    context = await chromium.new_context(locale="en-US")
    page = await context.new_page()
    try:
        async with server(model) as (process, link):
            await page.goto(link)
            origin = link.partition("/?")[0]
            await page.get_by_label("Company").select_option("tiny")
            await page.get_by_label("Your idea, in one line").fill("add two numbers")
            await page.get_by_role("button", name="Start", exact=True).click()
            await model.reached["code#1/-/1"].wait()
            await expect(page.get_by_role("article", name="Chief technology officer")).to_contain_text("adds")
            process.kill()
            await expect(page.get_by_text("The server does not answer.")).to_be_visible()
        release.set()
        async with server(model, int(origin.rpartition(":")[2])):
            await expect(page.get_by_text("The process that drove this run is gone.")).to_be_visible()
            await page.get_by_role("button", name="Resume", exact=True).click()
            await expect(page.get_by_role("log")).to_contain_text("Done: the software is there")
            assert model.asked.count("design#1/-/1.1") == 1
    finally:
        await context.close()
