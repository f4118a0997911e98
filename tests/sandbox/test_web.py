"""Products that serve pages, looked at with a real browser in a real box."""

import importlib.metadata
import io
from pathlib import Path

import pytest
from PIL import Image

from agentverse.blueprint.artifacts import Design, DesignFile, Requirement, Requirements, Step
from agentverse.engine.judging import is_test
from agentverse.sandbox import tooling
from agentverse.sandbox.looks import choose, pixels, serving
from agentverse.sandbox.looks.protocol import Look, Start
from agentverse.sandbox.looks.web import look
from agentverse.sandbox.protocol import ExecResult, Limits, Mount

SHOP = b"""
import html, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
items = []
class Handler(BaseHTTPRequestHandler):
    def answer(self, status, body):
        self.send_response(status); self.send_header("Content-Type", "text/html; charset=utf-8"); self.end_headers()
        self.wfile.write(("<!doctype html><title>Shop</title>" + body).encode())
    def do_GET(self):
        if self.path != "/": return self.answer(404, "<h1>No such page</h1>")
        rows = "".join(f"<li>{html.escape(one)}</li>" for one in items)
        self.answer(200, f"<h1>{len(items)} things</h1><ul>{rows}</ul><form method=post>"
                         "<label>Thing <input name=thing></label><button>Add</button></form><a href=/nowhere>Help</a>")
    def do_POST(self):
        thing = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).get("thing", [""])[0]
        if not thing: return self.answer(400, "Nothing was named<script>console.error('refused')</script>")
        if thing == "end": os._exit(3)
        items.append(thing.upper() if thing != "fault" else 1 / 0)
        self.send_response(303); self.send_header("Location", "/"); self.end_headers()
print("at http://localhost:8123")
ThreadingHTTPServer(("", 8123), Handler).serve_forever()
"""
FLASK = b"""
from flask import Flask, request
app = Flask(__name__)
@app.get("/")
def home(): return "<h1>Counting</h1><form action=/sum>a <input name=a> b <input name=b><button>Sum</button></form>"
@app.get("/sum")
def total(): return f"<p>sum {int(request.args['a']) + int(request.args['b'])}</p>"
if __name__ == "__main__": app.run(debug=True, port=0)
"""
START = Start(("python", "main.py"))


def step(do: str, what: str = "", see: str = "") -> Step:
    return Step.model_validate({"do": do, "what": what, "see": see})


async def seen(box, files: dict[str, bytes], *steps: Step, start: Start | None = None) -> Look:
    await box.put(files)
    found = start or serving.start_of(files, None)
    assert found is not None
    return await look(box, found, steps, limits=Limits())


async def test_a_person_uses_a_product_that_serves_pages(web):
    shown = await seen(
        web, {"main.py": SHOP}, step("open", "/", "0 things"), step("type", "thing = milk & 茶"),
        step("click", "Add", "MILK & 茶"), step("type", "thing=tea"), step("key", "Enter", "2 things"),
        step("click", "Add", "Nothing was named"), step("open", "http://localhost:1/nowhere?a=b", "no such page"),
    )  # fmt: skip
    assert shown.show.passed, shown.show.reason
    assert shown.show.kind == "web"
    assert [moment.did for moment in shown.show.moments][:3] == ["open /", "type thing = milk & 茶", "click Add"]
    assert "milk & 茶" in shown.show.moments[1].saw
    assert len(shown.pictures) == len(shown.show.moments) == 7
    assert 0 < pixels.changed(shown.pictures["0.png"], shown.pictures["2.png"]) < 0.2
    assert Image.open(io.BytesIO(shown.pictures["6.png"])).size == (1000, 700)


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([step("click", "Buy")], "click Buy: there is nothing called 'Buy' to click; there is: Thing, Add, Help"),
        ([step("click", "Help")], "after 'click Help' GET /nowhere was answered 404"),
        ([step("click", "Add")], "after 'click Add' POST / was answered 400"),
        ([step("type", "thing = end"), step("click", "Add", "x")], "the server ended with exit code 3"),
        ([step("type", "thing = fault"), step("click", "Add")], "while the server said: ZeroDivisionError: division"),
        ([step("wait", "0.1", "9 things")], "after 'wait 0.1' the page did not show '9 things'"),
    ],
    ids=["button", "missing", "refused", "ended", "fault", "see"],
)
async def test_what_goes_wrong_on_a_tour_has_a_name(web, steps, why):
    shown = await seen(web, {"main.py": SHOP}, *steps)
    assert not shown.show.passed
    assert why in shown.show.reason


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"main.py": b"import http.server, nothere"}, "the server ended with exit code 1: ModuleNotFoundError: No"),
        ({"index.html": b"<body>"}, "after 'open /' the page stays blank"),
        ({"index.html": b"<h1>x</h1><script src=a.js></script>"}, "after 'open /' GET /a.js was answered 404"),
        ({"index.html": b"<h1>x</h1><script>go()</script>"}, "raised an error: ReferenceError: go is not defined"),
        ({"index.html": b"<link rel=stylesheet href='https://cdn.example.org/a.css'><h1>x</h1>"},
         "https://cdn.example.org/a.css could not be loaded: ERR_INTERNET_DISCONNECTED; a page may need only what"),
    ],
    ids=["import", "blank", "script", "error", "elsewhere"],
)  # fmt: skip
async def test_what_is_wrong_from_the_start_has_a_name(web, files, why):
    shown = await seen(web, files)
    assert not shown.show.passed
    assert why in shown.show.reason


async def test_what_serves_no_pages_is_not_waited_for_without_end(web, monkeypatch):
    monkeypatch.setattr("agentverse.sandbox.looks.web.APPEARS", 1.0)
    shown = await seen(web, {"main.py": b"import time; time.sleep(60)"})
    assert shown.show.reason == "nothing was served within 1 seconds"
    source = (
        b"import socket\ns = socket.create_server(('127.0.0.1', 7100))\nwhile True: s.accept()[0].sendall(b'hello')"
    )
    shown = await seen(web, {"main.py": source})
    assert "open /: it could not be opened" in shown.show.reason


async def test_a_server_that_reloads_itself_and_whose_port_nobody_knows(web):
    """Flask from the test environment, shown in the box as a layer of packages is."""
    packages = Path(str(importlib.metadata.distribution("flask").locate_file("")))
    layer = (Mount(packages, "/opt/layer"),)
    env = {"PYTHONPATH": f"{tooling.OURS}/lib:/opt/layer"}
    start = Start(("python", "main.py"), env=env, mounts=layer)
    shown = await seen(
        web, {"main.py": FLASK}, step("type", "a = 20"), step("type", "b = 22"), step("click", "Sum", "sum 42"),
        step("open", "/sum?a=1&b=x"), start=start,
    )  # fmt: skip
    assert "after 'open /sum?a=1&b=x' GET /sum?a=1&b=x was answered 500" in shown.show.reason
    assert "ValueError: invalid literal for int()" in shown.show.reason
    assert "sum 42" in shown.show.moments[3].saw
    run = serving.start_of({"main.py": FLASK}, design("", "PORT=1 flask --app main run --port 5001"))
    assert run == Start(("python", "-m", "flask", "--app", "main", "run", "--port", "5001"), env={"PORT": "1"})


async def test_without_a_browser_nothing_is_claimed(box, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    shown = await look(box, START, [], limits=Limits())
    assert (shown.show.passed, shown.show.ended) == (False, "not_run")
    assert shown.show.fix == "apt-get install -y chromium"


async def test_where_nothing_can_be_served_nothing_is_claimed(landlock):
    async with landlock.open(limits=Limits(wall=30.0)) as box:
        shown = await look(box, START, [], limits=Limits())
    assert (shown.show.passed, shown.show.ended) == (False, "not_run")
    assert shown.show.fix == "use bubblewrap or a container"


# ---------------------------------------------------------------------- without a browser


def design(entry: str, start: str = "") -> Design:
    return Design(files=[DesignFile(path=entry or "main.py", purpose="all")], entry=entry, start=start)


def agreed(kind: str) -> Requirements:
    wanted = {"title": "t", "summary": "s", "kind": kind, "items": [Requirement(id="R1", text="t")]}
    return Requirements.model_validate(wanted)


@pytest.mark.parametrize(
    ("files", "kind", "looks"),
    [
        ({"app.py": b"from flask import Flask"}, None, ("web",)),
        ({"app.py": b"import uvicorn"}, "command", ("web",)),
        ({"app.py": b"from http.server import HTTPServer"}, "other", ("web",)),
        ({"app.py": b"from http import server"}, None, ("web",)),
        ({"app.py": b"from aiohttp import web"}, None, ("web",)),
        ({"main.py": b"from http.server import HTTPServer"}, "command", ()),
        ({"main.py": b"from http import HTTPStatus"}, None, ("command",)),
        ({"main.py": b"x = 1", "test_main.py": b"import http.server"}, None, ("command",)),
        ({"main.py": b"x = 1", "tests/fake.py": b"import flask"}, "command", ("command",)),
        ({"main.py": b"import socketserver"}, None, ()),
        ({"main.py": b"import tkinter, http.server"}, "web", ("window",)),
        ({"lib.py": b"import flask"}, "library", ()),
        ({"main.py": b"x = 1"}, "web", ("web",)),
        ({"index.html": b"", "game.js": b""}, "other", ("web",)),
        ({"index.html": b"", "build.py": b""}, None, ("web",)),
        ({"index.html": b"", "main.py": b""}, "command", ("command",)),
        ({"lib.py": b"x = 1"}, "other", ()),
    ],
)
def test_which_products_are_looked_at_in_a_browser(files, kind, looks):
    assert choose.kinds_of(files, agreed(kind) if kind else None, None, is_test=is_test) == looks


@pytest.mark.parametrize(
    ("files", "start", "words"),
    [
        (["main.py"], "python main.py --port 80", "python main.py --port 80"),
        (["main.py"], "uvicorn main:app --reload", "python -m uvicorn main:app --reload"),
        (["main.py"], "python -m waitress main:app", "python -m waitress main:app"),
        (["main.py"], "python main.py & open index.html", "python main.py"),
        (["main.py"], "rm -rf /", "python main.py"),
        (["main.py"], "python 'main.py", "python main.py"),
        (["app/__main__.py"], "python -m app", "python -m app"),
        (["main.py"], "python -m app", "python main.py"),
        (["server.py", "index.html"], "", "python server.py"),
        (["site/index.html", "a.html"], "", "python -P -m http.server --directory site 8000"),
        (["a/index.html", "main.py"], "python -m http.server", "python -P -m http.server --directory a 8000"),
        (["index.html"], "open index.html", "python -P -m http.server 8000"),
        (["a.html", "b.html"], "", None),
    ],
)  # fmt: skip
def test_how_a_server_is_started(files, start, words):
    found = serving.start_of(dict.fromkeys(files, b""), design("", start))
    assert (" ".join(found.argv) if found else None) == words


def test_a_site_is_opened_at_its_own_page():
    files = dict.fromkeys(["web/game.html", "web/help.html"], b"")
    found = serving.start_of(files, design("web/game.html", "open web/game.html"))
    assert found is not None
    assert (found.argv[-3:], found.page) == (("--directory", "web", "8000"), "/game.html")


def test_a_command_is_started_without_its_options():
    found = choose.start_of({"main.py": b""}, design("main.py", "python main.py --help"), "command")
    assert found == START


@pytest.mark.parametrize(
    ("reason", "code", "number", "said", "words"),
    [
        ("exited", 0, None, b"", "the server ended by itself"),
        ("exited", 1, None, b'bye\n127.0.0.1 - - "GET / HTTP/1.1" 200 -\n', "the server ended with exit code 1: bye"),
        ("killed", None, 11, b"", "the server was killed by signal 11"),
        ("memory", None, 9, b"", "the server was stopped (memory)"),
        ("sandbox_lost", None, None, b"", "the sandbox broke down"),
    ],
)
def test_how_a_server_ended_is_said(reason, code, number, said, words):
    assert serving.ending(ExecResult(("x",), code, number, b"", said, False, reason, 1.0)) == words


def test_the_last_error_is_found_in_what_a_server_prints():
    said = b'Traceback (most recent call last):\n  File "a"\nKeyError: 1\n\nTraceback (most recent call last):\n'
    said += b'  File "/work/a.py", line 3\n    x\nValueError: \x1b[31mno\n127.0.0.1 - - "GET / HTTP/1.1" 500 -\n'
    assert serving.crash(said) == "ValueError: no"
    assert serving.crash(b"all is well") == ""
