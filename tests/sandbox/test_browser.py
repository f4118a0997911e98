"""A real Chromium in a real box: what it does for a person, and what pages cannot do to it."""

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.box import Box
from agentverse.sandbox.live import browser as module
from agentverse.sandbox.live import cdp, chromium
from agentverse.sandbox.live.browser import Chromium
from agentverse.sandbox.live.cdp import Devtools, Refused
from agentverse.sandbox.looks import keys, pixels
from agentverse.sandbox.protocol import Limits, PageError

PORT = 8000
SITE = f"http://127.0.0.1:{PORT}"
FORM = """<!doctype html><meta charset=utf-8><title>Form</title>
<script>const say = (text) => { out.textContent = text }</script>
<label>Name: <input id=who></label> <input placeholder=City> <input type=password name=pin>
<table><tr><td>Age</td><td><input id=age type=number></td></tr></table>
<select name=fruit onchange="say(this.value)"><option value=a>Apple<option value=p>Pear</select>
<label><input type=checkbox onchange="say('agreed ' + this.checked)"> Agree</label>
<input type=date name=day onchange="say(this.value)"> <div contenteditable aria-label=Note>old</div>
<button onclick="say('Hello ' + who.value)">Greet</button> <button onclick="say('times')">*</button>
<button onclick="say(confirm('Sure?') ? 'removed' : 'kept')">Remove</button> <input type=submit value=Send>
<button style="display:none" onclick="say('hidden')">Secret</button> <div onclick="say('cell')">Cell 1</div>
<a href="next.html" target=_blank>Next</a> <canvas id=board width=50 height=50></canvas> <p id=out></p>
<script>board.onclick = (e) => say('at ' + e.offsetX); document.onkeydown = (e) => say(`${e.key} ${e.ctrlKey}`)</script>
"""
PAGES = {
    "index.html": FORM,
    "next.html": "<title>Next</title><h1>Next page</h1><div style='height:3000px'></div><button>Below</button>",
    "wrong.html": "<h1>Wrong</h1><img src=gone.png><script src='https://cdn.example.org/a.js'></script>"
    "<script>console.error('no', 3); Promise.reject(new Error('late')); missing()</script>",
}


@pytest.fixture
async def site(web: Box) -> Box:
    """A box in which a folder of pages is served."""
    server = await web.spawn(["python", "-u", "-P", "-m", "http.server", str(PORT)], name="server")
    assert await server.until(b"Serving HTTP", within=20)
    return web


async def shown(box: Box, **pages: str) -> Chromium:
    await box.put({f"{name}.html": text.encode() for name, text in pages.items()})
    made = await box.browser()
    assert isinstance(made, Chromium)
    return made


async def test_a_page_is_read_and_pictured(site):
    page = await shown(
        site, index="<meta charset=utf-8><title>标题</title><h1>你好</h1><input value=9><input value=x type=password>"
    )
    assert await page.goto(f"{SITE}/") == 200
    assert (await page.text()).split() == ["标题", "你好", "9"]
    picture = await page.screenshot()
    assert Image.open(io.BytesIO(picture)).size == (1000, 700)
    assert not pixels.blank(picture)
    other = b"<meta charset=utf-8><title>x</title><h1>\xe5\xa5\xbd\xe4\xbd\xa0</h1><input value=9>"
    await site.put({"other.html": other})  # under a name of its own: the browser keeps pages
    await page.goto(f"{SITE}/other.html")
    assert pixels.changed(picture, await page.screenshot()) > 0, "a character without a font is a box like any other"
    assert await page.goto(f"{SITE}/none") == 404
    with pytest.raises(PageError, match="ERR_CONNECTION_REFUSED"):
        await page.goto("http://127.0.0.1:9999/")


async def test_fields_are_written_and_things_are_clicked(site):
    page = await shown(site, **{name.removesuffix(".html"): text for name, text in PAGES.items()})
    await page.goto(f"{SITE}/")

    for field, text, saw in [
        ("name", "Bo +1", "Bo +1"), ("City field", "上海", "上海"), ("Age", "7", "7"), ("fruit", "pear", "Pear"),
        ("day", "2024-02-03", "2024-02-03"), ("note", "new", "new"), ("#who", "", "Delete false"), ("", "Z", "Z"),
    ]:  # fmt: skip
        await page.type(field, text)
        assert saw in await page.text(), field
    assert "Bo" not in await page.text()
    assert "old" not in await page.text()
    for what, saw in [
        ("greet button", "Hello Z"), ("*", "times"), ("Agree", "agreed true"), ("Remove", "removed"),
        ("Cell 1", "cell"), ("#board", "at 25"), ("Apple", "a"),
    ]:  # fmt: skip
        await page.click(what)
        assert saw in (await page.text()).splitlines(), what
    assert page.dialogs == ["Sure?"]
    await page.click("500,500")
    await page.key("Ctrl+ArrowLeft")
    assert "ArrowLeft true" in await page.text()
    await page.click("Next")
    await page.settle()
    assert "Next page" in await page.text()
    await page.click("Below")
    assert not page.troubles


async def test_what_is_not_there_is_answered_with_what_is(site):
    page = await shown(site, **{name.removesuffix(".html"): text for name, text in PAGES.items()})
    await page.goto(f"{SITE}/")
    with pytest.raises(
        PageError, match=r"there is nothing called 'Secret' to click; there is: Name:, Apple, Pear, Agree, Greet"
    ):
        await page.click("Secret")
    with pytest.raises(PageError, match=r"there is no field 'zip'; there is: Name:, City, pin"):
        await page.type("zip", "1")
    with pytest.raises(PageError, match=r"'fruit' has no choice 'kiwi'; there is: Apple, Pear"):
        await page.type("fruit", "kiwi")
    with pytest.raises(keys.UnknownKey):
        await page.key("Hyper")


async def test_what_goes_wrong_on_a_page_is_told(site):
    page = await shown(site, wrong=PAGES["wrong.html"])
    await page.goto(f"{SITE}/wrong.html")
    await page.settle()
    assert sorted((trouble.kind, trouble.text) for trouble in page.troubles) == [
        ("console", "no 3"),
        ("error", "Error: late (/wrong.html:1)"),
        ("error", "ReferenceError: missing is not defined (/wrong.html:1)"),
        ("status", "GET /gone.png was answered 404"),
        ("unanswered", "https://cdn.example.org/a.js could not be loaded: ERR_INTERNET_DISCONNECTED"),
    ]  # fmt: skip


async def test_a_page_that_never_comes_is_told(web, monkeypatch):
    monkeypatch.setattr(module, "LOADING", 1.0)
    source = "import socket, time; s = socket.create_server(('', 8000)); print('up', flush=True); time.sleep(99)"
    assert await (await web.spawn(["python", "-c", source], name="mute")).until(b"up", within=20)
    page = await web.browser()
    with pytest.raises(PageError, match="it was not loaded within 1 seconds"):
        await page.goto(f"{SITE}/mute")
    page._tools.tell("Runtime.evaluate", page=page._page, expression=f"location = '{SITE}/later'")
    await page.settle(quiet=0.5, within=0.6)
    assert page.troubles[-1].text == "/later was not answered in time"


async def test_pages_cannot_hold_the_browser(site, monkeypatch):
    """Each of these ends in a result, and the browser can still be used."""
    monkeypatch.setattr(module, "LOADING", 1.5)
    page = await shown(
        site,
        endless="<h1>Endless</h1><script>while (true);</script>",
        stubborn="<script>for (;;) { r = new XMLHttpRequest(); r.open('GET', '/', false); r.send() }</script>",
        away="<h1>Away</h1><script>location = 'http://example.org/'</script>",
        popups="<h1>Popups</h1><script>for (let i = 0; i < 100; i++) open('/away.html')</script>",
        loud="<h1>Loud</h1><script>console.log('x'.repeat(1e7)); console.error('y'.repeat(1e7))</script>",
        liar="<h1>Truth</h1><script>Object.defineProperty(document.body, 'innerText', {get: () => 'lie'});"
        "String = Array = JSON = null; Array.prototype</script>",
        asks="<h1>Asks</h1><script>onbeforeunload = () => 'stay'; document.write(prompt('Who?', 'me'))</script>",
    )
    with pytest.raises(PageError, match=r"it was not loaded within 1\.5 seconds"):
        await page.goto(f"{SITE}/endless.html")
    assert "Endless" in await page.text()
    monkeypatch.undo()
    for name, saw in [("popups", "Popups"), ("liar", "Truth"), ("loud", "Loud"), ("asks", "me")]:
        assert await page.goto(f"{SITE}/{name}.html") == 200
        assert saw in await page.text()
    assert not pixels.blank(await page.screenshot())
    targets = await page._tools.ask("Target.getTargets")
    assert len([one for one in targets["targetInfos"] if one["type"] == "page"]) == 1
    await page.goto(f"{SITE}/away.html")
    async with asyncio.timeout(20):
        while not any("http://example.org/ could not be loaded" in trouble.text for trouble in page.troubles):
            await page.settle()
    assert all(len(trouble.text) <= 300 for trouble in page.troubles)
    monkeypatch.setattr(module, "LOADING", 1.5)
    with pytest.raises(PageError, match=r"it was not loaded within 1\.5 seconds"):
        await page.goto(f"{SITE}/stubborn.html")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("while (true) alert('again')", "the page opens dialogs without end"),
        ("while (true) console.log('x'.repeat(1000))", "the page says more than can be read"),
    ],
    ids=["dialogs", "talk"],
)
async def test_a_page_without_measure_ends_the_browser(site, monkeypatch, source, why):
    monkeypatch.setattr(cdp, "MOST", 4 << 20)
    page = await shown(site, index=f"<script>{source}</script>")
    with pytest.raises(ConnectionError, match=why):
        await page.goto(f"{SITE}/")
    with pytest.raises(ConnectionError, match=why):
        await page.screenshot()


async def test_a_crashed_page_and_a_killed_browser_are_noticed(site):
    page = await shown(site, index="<h1>Here</h1>")
    await page.goto(f"{SITE}/")
    page._tools.tell("Page.crash", page=page._page)
    with pytest.raises(ConnectionError, match="the page crashed"):
        await page.text()
    page = await shown(site)
    await site.warm(["pkill", "-9", "chrom"])
    with pytest.raises(ConnectionError, match="the browser is gone"):
        await page.goto(f"{SITE}/")


BROKEN = """
import json, os
def say(data):
    while data:
        data = data[os.write(4, data) :]
while True:
    asked = b""
    while not asked.endswith(b"\\0"): asked += os.read(3, 1)
    asked = json.loads(asked[:-1])
    number = str(asked["id"]).encode()
    wrong = [b'[1]', b'{"id": [1]}', b'{"method": 3}', b'{"id": "x", "method": {}}', b'7']
    for part in {
        "wrong": [*wrong, b'{"id": %s, "result": [4]}' % number],
        "long": [b"x" * (2 << 20), b'{"id": %s, "result": {"fine": true}}' % number],
        "no": [b'{"id": %s, "error": {"message": "never"}}' % number],
        "noise": [b"not json"], "deep": [b"[" * 500000], "silence": [], "end": [],
    }[asked["method"]]: say(part + b"\\0")
    if asked["method"] == "end": os._exit(0)
"""


async def test_what_a_browser_says_is_not_believed(box, monkeypatch):
    monkeypatch.setattr(cdp, "LONGEST", 1 << 20)
    session = await box.session()

    def browser() -> Devtools:
        program = session.spawn(["python", "-c", BROKEN], name="liar", pipes=True, limits=Limits(memory=0))
        return Devtools(program, lambda method, said: None, lambda: None)

    tools = browser()
    assert await tools.ask("wrong") == {}
    assert await tools.ask("long") == {"fine": True}
    with pytest.raises(Refused, match="never"):
        await tools.ask("no")
    with pytest.raises(ConnectionError, match=r"did not answer within 0\.1 seconds"):
        await tools.ask("silence", within=0.1)
    with pytest.raises(ConnectionError, match="the browser is gone"):
        await tools.ask("end")
    for method in ("noise", "deep"):
        with pytest.raises(ConnectionError, match="the browser makes no sense"):
            await browser().ask(method)


def test_without_a_browser_the_fix_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="Chromium is not installed") as caught:
        chromium.find()
    assert caught.value.fix == "apt-get install -y chromium"


def test_a_browser_outside_of_the_system_is_shown_in_the_box(monkeypatch, tmp_path):
    folder = tmp_path / "opt"
    folder.mkdir()
    (folder / "chrome").write_bytes(b"\x7fELF")
    (folder / "google-chrome").write_text("#!/bin/sh\nexec chrome\n")
    (tmp_path / "google-chrome").symlink_to(folder / "google-chrome")
    for path in (folder / "chrome", folder / "google-chrome"):
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = chromium.find()
    assert found.program == folder / "chrome"
    assert [(mount.source, mount.target) for mount in found.mounts] == [(folder, str(folder))]


def test_what_is_no_picture_is_told_from_one(tmp_path):
    good = io.BytesIO()
    Image.new("RGB", (3, 3), "red").save(good, "PNG")
    assert pixels.blank(good.getvalue())
    huge = good.getvalue().replace(b"\0\0\0\3\0\0\0\3", b"\0\1\0\0\0\1\0\0")
    for bad in (b"", b"GIF89a", good.getvalue()[:40], huge):
        with pytest.raises(ConnectionError, match="what should be a picture is none"):
            pixels.blank(bad)


async def test_a_box_without_the_host_s_programs_says_what_to_do(box, monkeypatch):
    monkeypatch.setattr(chromium, "find", lambda: chromium.Found(Path("/usr/nowhere/chromium")))
    with pytest.raises(SandboxUnavailable, match=r"Chromium does not start here: .*not found") as caught:
        await box.browser()
    assert caught.value.fix == "use the sandbox bubblewrap, or set sandbox.image to an image that has Chromium"


def test_flags_leave_no_port_open():
    words = chromium.Found(Path("/usr/bin/chromium")).words("profile")
    assert "--remote-debugging-pipe" in words
    assert not [word for word in words if "debugging-port" in word]
