"""Much: a run of ten thousand events, and a file of 50 MB in the workspace.

`benchmarks/page_bench.py` asks for more.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright.async_api import Page, expect

from benchmarks.page_bench import long_run
from tests.web.conftest import Office
from tests.web.page.conftest import Visitor

EVENTS = 10_000
MOST_NODES = 1000
BIG = 50 << 20


COUNT = """() => {
  const count = (root) =>
    [...root.querySelectorAll("*")].reduce((sum, one) => sum + 1 + (one.shadowRoot ? count(one.shadowRoot) : 0), 0);
  return count(document);
}"""


async def bounded(page: Page) -> bool:
    """Whether the document holds what is on the screen, and not the run."""
    return await page.evaluate(COUNT) <= MOST_NODES


async def test_a_long_run_is_read_scrolled_and_scrubbed_in_a_small_document(visitor: Visitor, office: Office) -> None:
    await long_run(office.web.journal, office.web.project, EVENTS)
    page = visitor.page
    await visitor.go("/runs/long")
    await visitor.see(f"{EVENTS} / {EVENTS}")
    assert await bounded(page)
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Not done: it was long")
    for place in (0, 0.5, 0.99):
        await log.evaluate(f"(list) => list.scrollTo(0, {place} * list.scrollHeight)")
        await expect(log.get_by_role("article").first).to_be_visible()
        assert await bounded(page)
    for seq in (EVENTS // 2, 7, EVENTS - 100):
        await page.get_by_role("slider", name="Time").fill(str(seq))
        await visitor.see(f"{seq} / {EVENTS}")
        await visitor.see("You are looking at an earlier moment.")
        await expect(log).not_to_contain_text("Not done")
        assert await bounded(page)
    await page.get_by_role("button", name="End", exact=True).click()
    await expect(log).to_contain_text("Not done: it was long")


def repository(folder: Path) -> Path:
    """A code base of a user's with one line of 50 MB in it."""
    folder.mkdir()
    (folder / "big.txt").write_bytes(b"<b>x" * (BIG // 4))
    (folder / "small.txt").write_text("small\n", encoding="utf-8")
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    return folder


async def test_a_file_of_50_mb_is_shown_in_part_and_downloaded_whole(
    visitor: Visitor, office: Office, tmp_path: Path
) -> None:
    inside = await office.browser()
    source = repository(tmp_path / "theirs")
    begun = await inside.post("/api/runs", {"idea": "add", "name": "big", "source": str(source)})
    assert begun.status == 201, begun.body
    await inside.over("big")
    page = visitor.page
    await visitor.go("/runs/big")
    await page.get_by_role("tab", name="Files").click()
    await page.get_by_role("button", name="big.txt").click()
    await visitor.see("Only the beginning is shown.")
    await expect(page.locator(".cm-content")).to_contain_text("<b>x<b>x")
    assert await bounded(page)
    shown = await page.locator(".cm-content").evaluate("(editor) => editor.textContent.length")
    assert shown < 100_000, "the editor draws what is on the screen"
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download this file").click()
    path = await (await download.value).path()
    assert path.stat().st_size == BIG
    await page.get_by_role("button", name="small.txt").click()
    await expect(page.locator(".cm-content")).to_contain_text("small")
    await page.get_by_text("Changes", exact=True).click()
    await page.get_by_role("region", name="main.py").first.wait_for()
    assert await bounded(page)
