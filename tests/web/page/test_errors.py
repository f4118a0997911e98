"""What goes wrong has words of its own and a next step, and takes nothing that was typed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

import agentverse
from agentverse.web.serve import Place
from tests.web.conftest import COMPANY, Model, opened, place
from tests.web.page.conftest import Visitor, visiting

ESSAY = """\
name: essay
success: check.passed
phases:
  agree:
    human: What shall it be?
    produces: {agree: answer}
  check:
    after: agree
    run: python check.py
    produces: {check: evidence}
"""
BROKEN = """\
name: broken
success: check.passed
phases:
  code:
    ask: nobody_at_all
    prompt: Write it.
    produces: {source: files}
"""


async def begin(visitor: Visitor, company: str = "tiny") -> None:
    await visitor.page.get_by_label("Company").select_option(company)
    await visitor.page.get_by_label("Your idea, in one line").fill("add two numbers")
    await visitor.page.get_by_role("button", name="Start", exact=True).click()


async def told(visitor: Visitor, what: str, step: str) -> None:
    """Wait until an error is told, with what to do about it; the idea is still there."""
    alert = visitor.page.get_by_role("alert")
    await expect(alert).to_contain_text(what)
    await expect(alert).to_contain_text(step)
    await expect(visitor.page.get_by_label("Your idea, in one line")).to_have_value("add two numbers")
    visitor.troubles.clear()  # the browser notes each answer that is no


async def test_a_run_that_is_not_there(visitor: Visitor) -> None:
    await visitor.go("/runs/nobody")
    await expect(visitor.page.get_by_role("heading")).to_have_text("There is no run nobody.")
    await visitor.page.get_by_role("link", name="To the runs").click()
    await visitor.see("No run yet.")
    visitor.troubles.clear()


async def test_an_address_that_is_no_address(visitor: Visitor) -> None:
    said = {
        "/nowhere": "There is no such page.",
        "/runs/%E0%A4%A": "There is no run %E0%A4%A.",
        "/runs/%2e%2e%2fapi%2fstatus": "There is no run ../api/status.",
        "/companies/company/%": "The server does not take this.",
        "/companies/dragon/x": "The server does not take this.",
        "/compare/a/%": "The server does not take this.",
    }
    for address, words in said.items():
        await visitor.go(address)
        await expect(visitor.page.locator("main")).to_contain_text(words)
        await visitor.page.get_by_role("link", name="Runs", exact=True).click()
        await visitor.see("No run yet.")
    visitor.troubles.clear()


async def test_a_company_with_errors_says_where_they_are(visitor: Visitor, project: Path) -> None:
    (project / "companies" / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    await visitor.page.reload()
    await begin(visitor, "broken")
    await told(visitor, "The company has errors.", "nobody_at_all")
    await expect(visitor.page.get_by_role("alert")).to_contain_text("broken.yaml:5")
    await visitor.page.reload()
    await expect(visitor.page.get_by_label("Your idea, in one line")).to_have_value("add two numbers")


async def test_no_model_is_configured(chromium: Browser, project: Path) -> None:
    (project / "agentverse.toml").write_text("[serve]\nports = []\n", encoding="utf-8")
    async with opened(Place(project=project)) as office, visiting(chromium, office) as visitor:
        await begin(visitor)
        await told(visitor, "No model", "models")


async def test_a_draft_of_an_answer_survives_a_reload(visitor: Visitor, project: Path) -> None:
    (project / "companies" / "essay.yaml").write_text(ESSAY, encoding="utf-8")
    page = visitor.page
    await page.reload()
    await begin(visitor, "essay")
    await page.get_by_label("Your answer").fill("Something with ducks")
    await page.reload()
    await expect(page.get_by_label("Your answer")).to_have_value("Something with ducks")


@pytest.fixture
def full(project: Path) -> Iterator[Path]:
    """A project on a disk of a few megabytes, and the file that fills it."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(project)], check=True)
    try:
        (project / "companies").mkdir()
        yield project / "filler"
    finally:
        subprocess.run(["umount", "-l", str(project)], check=True)


def fill(path: Path) -> None:
    """Write a file until there is no more room."""
    with path.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(1 << 12))


async def test_a_full_disk_is_told_and_a_run_begins_once_there_is_room(
    chromium: Browser, full: Path, model: Model
) -> None:
    project = full.parent
    (project / "companies" / "tiny.yaml").write_text(COMPANY, encoding="utf-8")
    os.chdir(project)
    async with opened(place(project, model)) as office, visiting(chromium, office) as visitor:
        fill(full)
        await begin(visitor)
        await expect(visitor.page.get_by_role("alert")).to_contain_text("The disk is full.")
        visitor.troubles.clear()
        os.unlink(full)
        await visitor.page.get_by_role("button", name="Start", exact=True).click()
        await visitor.see("Done: the software is there")


async def test_a_page_of_another_version_asks_to_be_loaded_anew(
    chromium: Browser, project: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(place(project, model)) as office:
        port = int(office.origin.rpartition(":")[2])
        visit = visiting(chromium, office)
        visitor = await visit.__aenter__()
        await visitor.page.get_by_label("Your idea, in one line").fill("add two numbers")
    monkeypatch.setattr(agentverse, "__version__", "99.0")
    async with opened(place(project, model, port=port)):
        await visitor.see("agentverse was updated while this page was open.")
        await visitor.page.get_by_role("button", name="Load the new page").click()
        await expect(visitor.page.get_by_text("agentverse was updated")).to_have_count(0)
        await expect(visitor.page.get_by_label("Your idea, in one line")).to_have_value("add two numbers")
        await visit.__aexit__(None, None, None)
