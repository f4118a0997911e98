"""The company editor: text and graph change each other, errors are shown where they are, and a dry run asks nobody."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import expect

from tests.web.conftest import COMPANY, Model
from tests.web.page.conftest import Visitor


async def test_text_and_graph_change_each_other_and_go_back_together(visitor: Visitor, project: Path) -> None:
    page = visitor.page
    await visitor.go("/companies/company/tiny")
    text, nodes = page.get_by_label("Text of tiny"), page.locator(".react-flow__node")
    await expect(nodes).to_have_count(3)
    await nodes.filter(has_text="code").click()
    await page.get_by_label("Only when").fill("design.files")
    await page.get_by_label("Only when").press("Tab")
    await expect(text).to_contain_text("when: design.files")
    await page.get_by_role("button", name="Add a phase").click()
    await page.get_by_role("menuitem", name="Command in the sandbox").click()
    await expect(nodes).to_have_count(4)
    for _ in range(2):
        await page.get_by_role("button", name="Undo").click()
    await expect(nodes).to_have_count(3)
    await expect(text).not_to_contain_text("when: design.files")
    await page.get_by_role("button", name="Redo").click()
    await page.get_by_role("button", name="Save", exact=True).click()
    await page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("not saved")).to_have_count(0)
    saved = (project / "companies" / "tiny.yaml").read_text(encoding="utf-8")
    assert saved == COMPANY.replace(
        "    produces: {source: files}\n", "    produces: {source: files}\n    when: design.files\n"
    )


async def test_an_error_is_shown_in_both_views_and_a_draft_survives_a_reload(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.go("/companies/company/tiny")
    node = page.locator(".react-flow__node", has_text="design")
    await node.click()
    await page.get_by_label("Only when").fill("nobody.passed")
    await page.get_by_label("Only when").press("Tab")
    await expect(page.get_by_role("region", name="Problems")).to_contain_text("nobody")
    await expect(node.locator("[data-problem=error]")).to_have_count(1)
    await expect(page.locator(".cm-lintRange-error").first).to_be_attached()
    await page.reload()
    await visitor.see("There are changes that were not saved.")
    await expect(page.get_by_label("Text of tiny")).to_contain_text("when: nobody.passed")
    await page.get_by_role("button", name="Discard them").click()
    await expect(page.get_by_label("Text of tiny")).not_to_contain_text("nobody")


async def test_names_are_completed_from_the_schema_and_from_what_there_is(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.go("/companies/company/tiny")
    await page.get_by_role("button", name="Line").first.or_(page.locator(".react-flow__node", has_text="check")).click()
    await page.get_by_label("Text of tiny").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("    on_")
    await expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("on_error")
    await page.keyboard.press("Escape")
    for _ in "on_":
        await page.keyboard.press("Backspace")
    await page.keyboard.type("then: des")
    await expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("design")


async def test_a_dry_run_shows_what_each_turn_would_be_asked(visitor: Visitor, model: Model) -> None:
    page = visitor.page
    await visitor.go("/companies/company/tiny")
    await page.get_by_role("button", name="Dry run").click()
    await page.get_by_role("button", name="Walk").click()
    await page.get_by_role("dialog").get_by_text("Chief technology officer", exact=True).click()
    await visitor.see("Design it.")
    assert model.asked == []


async def test_an_edge_that_is_drawn_in_the_graph_stands_in_the_text(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.go("/companies/company/tiny")
    text, nodes = page.get_by_label("Text of tiny"), page.locator(".react-flow__node")
    await expect(nodes).to_have_count(3)
    source = nodes.filter(has_text="design").locator("[data-handleid=right].source")
    target = nodes.filter(has_text="check").locator("[data-handleid=to-left].target")
    await source.hover()
    await page.mouse.down()
    await target.hover()
    await page.mouse.up()
    await expect(text).to_contain_text(re.compile(r"after:\s*- code\s*- design"))
    await expect(page.locator(".react-flow__edge")).to_have_count(3)
