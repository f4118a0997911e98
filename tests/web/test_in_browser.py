"""What a real browser makes of a replay, and of a produced page that would like more than it gets."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.live.chromium import find
from tests.web.conftest import FILES, Browser, Model, Office

PAGE = """\
```html page/index.html
<p id="said">nothing</p>
<script type="module" src="more.js"></script>
```
```js page/more.js
const said = [];
const tries = {
  own: async () => (await fetch("more.js")).status,
  api: async () => (await fetch("ORIGIN/api/status", { credentials: "include" })).status,
  simple: async () => (await fetch("ORIGIN/api/runs/evil/cancel", { method: "POST", mode: "no-cors" })).type,
  storage: async () => localStorage.length,
  cookie: async () => document.cookie.length,
  outside: async () => (await fetch("http://example.com/")).status,
};
for (const [name, attempt] of Object.entries(tries)) {
  try { said.push(`${name}=${await attempt()}`); } catch (error) { said.push(`${name}!${error.name}`); }
}
document.getElementById("said").textContent = said.join(" ");
```
"""


async def dom(url: str, profile: Path) -> str:
    """The document at ``url`` once its scripts have run."""
    try:
        program = find().program
    except SandboxUnavailable as error:
        pytest.skip(f"{error}; {error.fix}")
    words = ["--no-sandbox", "--headless", "--disable-gpu", f"--user-data-dir={profile}", "--virtual-time-budget=5000"]
    process = await asyncio.create_subprocess_exec(
        str(program), *words, "--dump-dom", url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode()


async def test_a_replay_shows_the_run_by_itself(browser: Browser, model: Model, tmp_path: Path) -> None:
    model.replies["code#1/-/1"] = f"<b>bold</b> & {FILES}"
    await browser.post("/api/runs", {"idea": "add <i>two</i> numbers", "name": "sum"})
    await browser.over("sum")
    file = tmp_path / "sum.html"
    file.write_bytes((await browser.get("/api/runs/sum/download/replay.html")).body)
    shown = await dom(file.as_uri(), tmp_path / "profile")
    assert "<title>sum</title>" in shown
    assert "add &lt;i&gt;two&lt;/i&gt; numbers</h1>" in shown
    assert "&lt;b&gt;bold&lt;/b&gt; &amp;" in shown
    count = len(re.findall(r"<article|<section", shown))
    assert f"{count} / {count}" in shown
    assert count > 5


async def test_a_produced_page_works_and_gets_nothing_of_ours(
    browser: Browser, model: Model, office: Office, tmp_path: Path
) -> None:
    model.replies["code#1/-/1"] = FILES + PAGE.replace("ORIGIN", office.origin)
    await browser.post("/api/runs", {"idea": "a page", "name": "evil"})
    await browser.over("evil")
    told = await browser.fine("/api/runs/evil/preview")
    assert told["pages"] == ["page/index.html"]
    shown = await dom(f"{told['url']}page/index.html", tmp_path / "profile")
    (said,) = re.findall(r'<p id="said">(.*?)</p>', shown)
    assert dict(re.findall(r"(\w+)[=!](\S+)", said)) == {
        "own": "200",
        "api": "TypeError",
        "simple": "TypeError",
        "storage": "SecurityError",
        "cookie": "SecurityError",
        "outside": "TypeError",
    }
