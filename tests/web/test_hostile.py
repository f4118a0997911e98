"""Runs whose every word tries to be more than a word."""

from __future__ import annotations

import json
import re
import struct
import zlib
from pathlib import Path

from tests.web.conftest import Browser, Model, Office

EVIL = "</script><script>alert(1)</script>\x1b]0;owned\x07\u202egnp.exe<img src=x onerror=alert(2)>"
FILES = f"""\
```python main.py
print({EVIL!r})
```
```html page/index.html
<script src="data.js"></script><script>fetch("/api/status")</script>
```
```python check.py
assert True, {EVIL!r}
```
"""


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


async def played(browser: Browser, model: Model) -> None:
    model.replies["code#1/-/1"] = FILES
    model.replies["design#1/-/1"] = json.dumps({"files": [{"path": "main.py", "purpose": EVIL}], "entry": "main.py"})
    begun = await browser.post("/api/runs", {"idea": EVIL, "name": "evil"})
    assert begun.status == 201, begun.body
    await browser.over("evil")


async def test_what_a_model_says_goes_out_as_data(browser: Browser, model: Model) -> None:
    await played(browser, model)
    for path in ("", "/entries", "/files", "/report", "/file?path=main.py", "/diff?phase=code", "/models"):
        answer = await browser.get(f"/api/runs/evil{path}")
        assert answer.headers["Content-Type"] == "application/json", path
        answer.json  # noqa: B018
    stream = await browser.get("/api/runs/evil/events?end=true")
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert stream.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("report.md", "journal.jsonl", "replay.html", "recording.json", "product.zip"):
        answer = await browser.get(f"/api/runs/evil/download/{name}")
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment"), name


async def test_a_replay_runs_its_own_script_and_no_other(browser: Browser, model: Model) -> None:
    await played(browser, model)
    text = (await browser.get("/api/runs/evil/download/replay.html")).body.decode()
    assert text.count("<script") == text.count("</script>") == 2
    assert "<img" not in text
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[^']+';", policy)
    assert "unsafe" not in policy
    (data,) = re.findall(r'<script type="application/json" id="run">(.*?)</script>', text, re.DOTALL)
    shown = json.loads(data)
    assert shown["run"]["idea"] == EVIL.strip()
    assert len(shown["entries"]) == shown["run"]["events"]
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?https?:", text)


async def test_produced_pages_come_from_another_origin_and_are_sandboxed(
    browser: Browser, model: Model, office: Office
) -> None:
    await played(browser, model)
    told = await browser.fine("/api/runs/evil/preview")
    assert told["pages"] == ["page/index.html"]
    origin, path = re.fullmatch(r"(http://[^/]+)(/.*)", told["url"]).groups()
    assert origin != office.origin
    assert f"frame-src {origin};" in (await browser.get("/")).headers["Content-Security-Policy"]
    stranger = await office.browser(inside=False)
    stranger.origin = origin
    page = await stranger.get(f"{path}page/index.html")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert f"frame-ancestors {office.origin}" in policy
    assert "connect-src" not in policy
    assert f"default-src {origin} " in policy
    assert (await stranger.get(f"{path}page/")).body == page.body
    for other in (f"{path}../x", f"{path}check.pyc", f"{path[:-2]}x/main.py", "/", "/api/status", "/evil/x/y/main.py"):
        assert (await stranger.get(other)).status == 404, other
    assert (await stranger.get(path, headers={"Host": "evil.example"})).status == 403
    assert (await stranger.post(path)).status == 405


async def test_pictures_are_pictures_or_nothing(browser: Browser, model: Model, project: Path) -> None:
    await played(browser, model)
    folder = project / "agentverse-runs" / "evil" / "pictures"
    folder.mkdir()
    (folder / "fine.png").write_bytes(png())
    (folder / "page.png").write_text("<script>alert(1)</script>")
    (folder / "big.png").write_bytes(png() + bytes(5 << 20))
    (folder / "link.png").symlink_to(folder / "fine.png")
    fine = await browser.get("/api/runs/evil/pictures/fine.png")
    assert (fine.status, fine.headers["Content-Type"], fine.body) == (200, "image/png", png())
    for name in ("page.png", "big.png", "link.png", "none.png"):
        assert (await browser.get(f"/api/runs/evil/pictures/{name}")).status == 404, name
    assert (await browser.get("/api/runs/evil/pictures/fine.svg")).status == 422
