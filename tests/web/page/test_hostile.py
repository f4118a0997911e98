"""What others write is shown, and does nothing: every field of every event, companies, questions, files, pictures."""

from __future__ import annotations

import json
import re

from playwright.async_api import Page, expect

from agentverse.testing import Reply
from tests.web.conftest import FILES, Model, Office
from tests.web.evil import COMPANY, EVIL, NESTED, hostile_events
from tests.web.page.conftest import Visitor

CODE = f"""\
{EVIL}
{FILES.replace("return a + b", f"return a + b  # {EVIL}")}
```html index.html
<script>
  alert("own"); top.document.title = "own";
  fetch("http://evil.example/").catch(() => 0); document.cookie = "a=b"; parent.postMessage("own", "*");
</script>
```
"""
NAME = "it's(){};&amp;.py"
"""Of a file; those that a path may not hold are refused before they are seen."""
LOOK = """
() => {
  const tricks =
    /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/;
  const told = ["title", "aria-label", "aria-valuetext", "alt", "placeholder", "label"], found = [];
  const acts = "script:not([src^='./']), img[src=x], .own, [onerror], [href^=javascript i], [srcdoc]";
  const look = (text, where) => {
    if (tricks.test(text)) found.push(`tricks in ${where}: ${JSON.stringify(text.slice(0, 60))}`);
    if (!where.includes("cm-line") && /«(?!…|\\$t\\(|\\{\\{|$)/.test(text))
      found.push(`filled in ${where}: ${text.slice(0, 80)}`);
  };
  const walk = (node, where) => {
    if (node.nodeType === Node.TEXT_NODE) look(node.data, where);
    if (node.nodeType === Node.ELEMENT_NODE) {
      if (node.matches("textarea")) return; // one's own words, as they are
      where = `${where} ${node.localName}.${node.getAttribute("class") ?? ""}`;
      if (node.matches(acts)) found.push(`acts: ${node.outerHTML.slice(0, 120)}`);
      for (const name of told) if (node.hasAttribute(name)) look(node.getAttribute(name), `${where}[${name}]`);
      if (node.shadowRoot) walk(node.shadowRoot, where);
    }
    for (const child of node.childNodes) walk(child, where.slice(-70));
  };
  walk(document.documentElement, "");
  look(document.title, "document.title");
  return [...new Set(found)];
}
"""


async def look(visitor: Visitor) -> None:
    """Note what on the page acts, hides or turns a line around, and what was taken for a word of the page's own."""
    visitor.troubles += await visitor.page.evaluate(LOOK)


async def unfold(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


async def test_every_word_of_every_event_is_only_a_word(visitor: Visitor, model: Model, office: Office) -> None:
    (office.web.project / "companies" / "evil.yaml").write_text(COMPANY, encoding="utf-8")
    model.replies = {"code#1/-/1": Reply(CODE, thinking=EVIL)}
    page = visitor.page
    await page.reload()
    await page.get_by_label("Company").select_option("evil")
    await page.get_by_label("Your idea, in one line").fill(EVIL)
    await look(visitor)
    await page.get_by_role("button", name="Start", exact=True).click()
    gate = page.get_by_role("form", name="The company asks you")
    await gate.locator("input[type=file]").set_input_files(
        {"name": NAME, "mimeType": "text/html", "buffer": EVIL.encode()}
    )
    await look(visitor)
    await gate.get_by_role("button", name="gpj.exe").click()
    await visitor.see("Done: the software is there")
    run = page.url.rpartition("/")[2]
    await everything_else_happens(office, run)
    await visitor.see("Not done: ")
    await look(visitor)
    await scrolled_through(visitor)
    for tab in ("Evidence", "Cost", "Stage", "Graph", "Files"):
        await page.get_by_role("tab", name=tab).click()
        await page.get_by_role("tabpanel").locator("*").first.wait_for(state="attached")
        await unfold(page)
        await look(visitor)
    await files_are_harmless(visitor)
    await page.goto(f"{visitor.origin}/#/compare/{run}/{run}")
    await page.locator("main td").first.wait_for()
    await look(visitor)
    await page.goto(f"{visitor.origin}/#/companies/company/evil")
    await page.locator(".react-flow__node").first.wait_for()
    await page.get_by_label("Text of evil").wait_for()
    await look(visitor)
    await page.locator(".react-flow__node").first.click()
    await look(visitor)
    for place, shown in {"/": "table", "/companies": "#kind-company", "/models": "#served", "/settings": "td"}.items():
        await visitor.go(place)
        await page.locator(shown).first.wait_for(state="attached")
        await look(visitor)
    only_the_products_page_tried(visitor)


async def everything_else_happens(office: Office, run: str) -> None:
    """Write an event of each kind into the journal of a run that has ended."""
    entries = await office.web.journal.read(run)
    written = next(one.event for one in entries if one.event.type == "files")
    reply = next(one for one in entries if one.event.type == "reply")
    known = {"phase": "code", "visit": 2, "commit": written.commit, "parents": written.parents, "reply": reply.key}
    ended = {"outcome": "failed", "reason": EVIL}
    journal = await office.web.journal.drive(run)
    for number, event in enumerate(hostile_events(known)):
        led = {"reply": {"prompt": reply.event.prompt}, "run.ended": ended}.get(event.type, {})
        journal.note(f"evil{number}", event.model_copy(update=led))
    journal.note("nested", reply.event.model_copy(update={"text": NESTED}))
    journal.note("action", reply.event.model_copy(update={"seat": EVIL, "text": json.dumps({"action": "constructor"})}))
    await journal.record("end@2", entries[-1].event.model_copy(update=ended))
    await journal.close(state="failed")


async def scrolled_through(visitor: Visitor) -> None:
    """Look at all of the dialogue, a screen at a time, everything unfolded."""
    page = visitor.page
    log = page.get_by_role("log")
    await log.evaluate("(list) => list.scrollTo(0, 0)")
    seen = -1
    while (at := await log.evaluate("(list) => list.scrollTop")) != seen:
        seen = at
        await unfold(page)
        for button in await log.get_by_role("button", expanded=False).all():
            await button.click()
        await look(visitor)
        await log.evaluate("(list) => list.scrollBy(0, list.clientHeight)")
        await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await log.get_by_role("button", name="What it was shown").last.click()
    await page.get_by_text("New in this prompt").first.wait_for()
    await look(visitor)
    await page.get_by_role("button", name="Close", exact=True).click()


async def files_are_harmless(visitor: Visitor) -> None:
    page = visitor.page
    for name in ("main.py", NAME):
        await page.get_by_role("button", name=name, exact=True).click()
        await expect(page.locator(".cm-content")).to_contain_text("⟨U+202E⟩gpj.exe")
        await look(visitor)
    await page.get_by_text("Changes", exact=True).click()
    await page.get_by_role("region", name="main.py").first.wait_for()
    await look(visitor)
    await page.get_by_text("Page", exact=True).click()
    await page.frame_locator("iframe").locator("script").wait_for(state="attached")
    await look(visitor)


def only_the_products_page_tried(visitor: Visitor) -> None:
    """What was noted is what the product's own page was refused."""
    tried = re.compile("status of 422|Content Security Policy|Blocked a frame|sandboxed|allow-modals|cookie")
    assert "\n".join({one for one in visitor.troubles if not tried.search(one)}) == ""
    visitor.troubles.clear()
