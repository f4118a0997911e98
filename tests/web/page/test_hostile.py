"""What a model writes is shown, and does nothing."""

from __future__ import annotations

import json

from playwright.async_api import expect

from agentverse.testing import Reply
from tests.web.conftest import Model
from tests.web.page.conftest import Visitor

SCRIPT = "<img src=x onerror=\"alert('own')\"><script>alert('own')</script>"
LINK = "[look](javascript:alert('own')) http://evil.example/x.png"
TRICKS = "\u202egpj.exe \u001b]0;title\u0007\u001b[2J <b>bold</b>"
DESIGN = json.dumps(
    {
        "files": [{"path": "main.py", "purpose": SCRIPT, "names": [LINK, TRICKS]}],
        "entry": "main.py",
        "start": f"python main.py {SCRIPT}",
    }
)
FILES = f"""\
{SCRIPT} {LINK} {TRICKS}
```python main.py
add = lambda a, b: a + b  # {SCRIPT} {TRICKS}
```
```html index.html
<script>
  alert("own"); top.document.title = "own";
  fetch("http://evil.example/").catch(() => 0); document.cookie = "a=b"; parent.postMessage("own", "*");
</script>
```
```python check.py
import sys

from main import add
print({SCRIPT!r}, {TRICKS!r}, "\\x1b[31mred")
sys.exit(add(1, 2) != 3)
```
"""


async def test_nothing_that_a_model_writes_acts_on_the_page(visitor: Visitor, model: Model) -> None:
    model.replies = {"design#1/-/1": DESIGN, "code#1/-/1": Reply(FILES, thinking=f"{SCRIPT} {TRICKS}")}
    page = visitor.page
    await page.get_by_label("Your idea, in one line").fill(f"{SCRIPT} add {TRICKS}")
    await page.get_by_role("button", name="Start", exact=True).click()
    await visitor.see("Done: the software is there")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("<script>alert('own')</script>")
    await expect(log).to_contain_text("⟨U+202E⟩gpj.exe ␛]0;title␇␛[2J <b>bold</b>")
    assert await page.locator("main img[src=x], main script, main b").count() == 0
    assert await page.locator("a[href^=javascript], a[href*=evil]").count() == 0
    for tab in ("Evidence", "Cost", "Stage", "Graph", "Files"):
        await page.get_by_role("tab", name=tab).click()
        await page.get_by_role("tabpanel").locator("*").first.wait_for(state="attached")
    await page.get_by_role("button", name="main.py").click()
    await expect(page.locator(".cm-content")).to_contain_text("⟨U+202E⟩gpj.exe ␛]0;title")
    await page.get_by_text("Page", exact=True).click()
    await page.frame_locator("iframe").locator("script").wait_for(state="attached")
    await page.get_by_role("button", name="What it was shown").last.click()
    await visitor.see("New in this prompt")
    await expect(page).to_have_title("agentverse")
    assert all("evil.example" not in one or "Content Security Policy" in one for one in visitor.troubles), (
        "asked nobody"
    )
    errors = [one for one in visitor.troubles if one.startswith(("dialog", "error"))]
    assert all("Blocked a frame" in one for one in errors), "only the product's own page tried, and was held"
    visitor.troubles.clear()  # what the frame was refused
