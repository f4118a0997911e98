"""A run on the page: begun, watched, answered, spoken to, replayed, forked and compared."""

from __future__ import annotations

from playwright.async_api import expect

from tests.web.conftest import DESIGN, FILES, Model
from tests.web.page.conftest import Visitor


async def test_an_idea_becomes_software_before_ones_eyes(visitor: Visitor, model: Model) -> None:
    model.replies["code#1/-/1"] = f"{FILES}\n```html page/index.html\n<p>sum</p>\n```\n"
    release, page = model.hold("code#1/-/1"), visitor.page
    await page.get_by_label("Your idea, in one line").fill("add two numbers")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.get_by_role("article", name="Chief technology officer")).to_contain_text("adds")
    await expect(page.locator(".react-flow__node", has_text="Design")).to_contain_text("done")
    await expect(page.locator(".react-flow__node", has_text="Code")).to_contain_text("at work")
    release.set()
    await expect(page.locator("header").first).to_contain_text("succeeded")
    await expect(page.get_by_role("log")).to_contain_text("Done: the software is there")
    await page.get_by_role("tab", name="Files").click()
    await page.get_by_role("button", name="main.py").click()
    await expect(page.locator(".cm-content")).to_contain_text("return a + b")
    await page.get_by_text("Changes", exact=True).click()
    await expect(page.get_by_role("region", name="check.py")).to_contain_text("+assert add(1, 2) == 3")
    await page.get_by_text("Page", exact=True).click()
    frame = page.locator("iframe")
    assert await frame.get_attribute("sandbox") == "allow-scripts"
    assert not (await frame.get_attribute("src") or "").startswith(visitor.origin), (
        "a page of the product's is elsewhere"
    )
    await page.get_by_role("tab", name="Evidence").click()
    await expect(page.get_by_role("tabpanel")).to_contain_text("python check.py")


async def test_what_a_turn_was_shown_is_shown_exactly(visitor: Visitor, model: Model) -> None:
    page = visitor.page
    await page.get_by_label("Your idea, in one line").fill("add two numbers")
    await page.get_by_role("button", name="Start", exact=True).click()
    await visitor.see("Done: the software is there")
    await page.get_by_role("button", name="What it was shown").last.click()
    await visitor.see("New in this prompt")
    shown = await page.get_by_role("dialog").locator("pre").all_inner_texts()
    sent = model.prompts["code#1/-/1"]
    assert all(part.strip() in sent for part in shown)
    assert "\n".join(shown).split() == sent.split()


async def test_a_question_finds_its_person_and_takes_the_answer(visitor: Visitor) -> None:
    page = visitor.page
    await page.get_by_label("Company").select_option("gated")
    await page.get_by_label("Your idea, in one line").fill("add")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.get_by_role("form", name="The company asks you")).to_contain_text("Shall it be␛[31m big?")
    await visitor.go("/")
    await expect(page).to_have_title("(1 waiting for you) agentverse")
    await page.get_by_role("status").get_by_role("button", name="Open").click()
    await page.get_by_role("button", name="small", exact=True).click()
    await visitor.see("answered: small")
    await visitor.see("Done: the software is there")
    await expect(page).to_have_title("agentverse")


async def test_a_role_is_spoken_to_and_a_draft_survives_a_reload(visitor: Visitor, model: Model) -> None:
    release, page = model.hold("design#1/-/1"), visitor.page
    await page.get_by_label("Your idea, in one line").fill("add")
    await page.get_by_role("button", name="Start", exact=True).click()
    words = page.get_by_label("What the next turn of this role must read")
    await words.fill("Call it plus.")
    await page.reload()
    await expect(words).to_have_value("Call it plus.")
    await page.get_by_label("Role", exact=True).select_option("programmer")
    await words.press("Enter")
    await visitor.see("You said to Programmer: Call it plus.")
    release.set()
    await visitor.see("Done: the software is there")
    assert "Call it plus." in model.prompts["code#1/-/1"]


async def test_an_earlier_moment_is_shown_whole_and_forked(visitor: Visitor, model: Model) -> None:
    page = visitor.page
    await page.get_by_label("Your idea, in one line").fill("add")
    await page.get_by_role("button", name="Start", exact=True).click()
    await visitor.see("Done: the software is there")
    await page.get_by_role("slider", name="Time").fill("4")
    await visitor.see("You are looking at an earlier moment.")
    await expect(page.get_by_role("log")).not_to_contain_text("Done: the software is there")
    await expect(page.locator(".react-flow__node", has_text="Check")).to_contain_text("not yet")
    model.replies["design#1/-/1"] = DESIGN.replace("adds", "adds up")
    await page.get_by_role("button", name="Fork from here").click()
    await page.get_by_label("From phase").select_option("design")
    await page.get_by_label("Its prompt, edited").fill("Design it otherwise.")
    await page.get_by_label("Name of the new run").fill("other")
    await page.get_by_role("dialog").get_by_role("button", name="Fork", exact=True).click()
    await expect(page).to_have_url(f"{visitor.origin}/#/runs/other")
    await visitor.see("Done: the software is there")
    assert "Design it otherwise." in model.prompts["design#1/-/1"]
    await page.get_by_role("button", name="More", exact=True).click()
    await page.get_by_role("menuitem", name="Compare with").click()
    await visitor.see("They part in design")
    await visitor.see("Their evidence is equally good.")


async def test_a_run_is_paused_and_resumed(visitor: Visitor, model: Model) -> None:
    release, page = model.hold("code#1/-/1"), visitor.page
    await page.get_by_label("Your idea, in one line").fill("add")
    await page.get_by_role("button", name="Start", exact=True).click()
    await model.reached["code#1/-/1"].wait()
    await page.get_by_role("button", name="Pause", exact=True).click()
    release.set()
    await visitor.see("The run is paused. It goes on where it was.")
    await page.get_by_role("button", name="Resume").click()
    await visitor.see("The run goes on where it was.")
