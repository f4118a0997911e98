"""A real server on loopback, spoken to over HTTP; real engine, sandbox and journal; a scripted model over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from agentverse.models.keys import read_request_id, split_attempt
from agentverse.testing import Reply, ScriptedServer
from agentverse.web.context import Web
from agentverse.web.serve import Place, serving

TIME = aiohttp.ClientTimeout(total=30)
COMPANY = """\
name: tiny
title: {en: Tiny company, zh: 小公司}
limits: {tokens: 50000, minutes: 5, turns: 20}
success: check.passed
phases:
  design:
    ask: cto
    prompt: Design it.
    produces: {design: design}
  code:
    after: design
    ask: programmer
    prompt: Write the files.
    produces: {source: files}
  check:
    after: code
    run: python check.py
    produces: {check: evidence}
"""
GATED = """\
name: gated
success: check.passed
phases:
  agree:
    human: {en: "Shall it be\\u001b[31m big?", zh: 要大的吗？}
    choices: [big, small]
    produces: {agree: answer}
  code:
    after: agree
    ask: programmer
    prompt: Write it.
    produces: {source: files}
  check:
    after: code
    run: python check.py
    produces: {check: evidence}
"""
DESIGN = json.dumps({"files": [{"path": "main.py", "purpose": "adds"}], "entry": "main.py", "start": "python main.py"})
FILES = """\
```python main.py
def add(a, b):
    return a + b
```
```python check.py
from main import add

assert add(1, 2) == 3
```
"""
REPLIES = {"design#1/-/1": DESIGN, "code#1/-/1": FILES}


@dataclass
class Model:
    """What the model says; a reply with a gate waits until it is opened."""

    replies: dict[str, str | Reply] = field(default_factory=lambda: dict(REPLIES))
    prompts: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    holds: dict[str, asyncio.Event] = field(default_factory=dict)
    reached: dict[str, asyncio.Event] = field(default_factory=dict)
    url: str = ""

    def hold(self, turn: str) -> asyncio.Event:
        """Let the turn wait until the event is set; `reached` is set when it was asked for."""
        self.reached[turn] = asyncio.Event()
        return self.holds.setdefault(turn, asyncio.Event())

    async def answer(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> str | Reply:
        key = read_request_id(headers["X-Request-Id"])
        turn = split_attempt(key)[0]
        self.asked.append(key)
        self.prompts[turn] = "\n".join(str(message["content"]) for message in body["messages"])
        if turn in self.holds:
            self.reached[turn].set()
            await self.holds[turn].wait()
        return self.replies[turn]


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


class Browser:
    """One browser: it has a session once it has opened a link."""

    def __init__(self, session: aiohttp.ClientSession, origin: str) -> None:
        self.session, self.origin = session, origin

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        if body is not None:
            more["json"] = body
        url = URL(f"{self.origin}{path}", encoded=True)  # as it is written: dots stay
        async with self.session.request(method, url, allow_redirects=False, timeout=TIME, **more) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.ask("POST", path, {} if body is None else body, **more)

    async def fine(self, path: str) -> Any:
        """What is told at a path, which must be there."""
        answer = await self.get(path)
        assert answer.status == 200, answer.body
        return answer.json

    async def events(self, path: str, **more: Any) -> AsyncIterator[Message]:
        """The messages of a stream until it ends."""
        headers = more.pop("headers", {})
        async with self.session.get(f"{self.origin}{path}", headers=headers) as response:
            assert response.status == 200, await response.read()
            assert response.content_type == "text/event-stream"
            fields: dict[str, str] = {}
            async for line in response.content:
                text = line.decode().rstrip("\n")
                if text:
                    name, _, value = text.partition(":")
                    fields[name] = value.removeprefix(" ")
                elif fields:
                    yield Message(fields.get("event", ""), fields.get("id", ""), fields.get("data", ""))
                    fields = {}

    async def until(self, path: str, wanted: Callable[[Message], bool]) -> list[Message]:
        """The messages up to the first that is wanted."""
        found: list[Message] = []
        async for message in self.events(path):
            found.append(message)
            if wanted(message):
                return found
        raise AssertionError(f"the stream ended without it: {[one.event for one in found]}")

    async def over(self, run: str) -> list[dict[str, Any]]:
        """The entries of a run, once it is over."""
        path = f"/api/runs/{run}/events?end=true"
        return [message.json async for message in self.events(path) if message.event == "entry"]


@dataclass(frozen=True)
class Message:
    event: str
    id: str
    data: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


@dataclass
class Office:
    """A server, and how to open it."""

    web: Web
    links: list[str]
    stack: AsyncExitStack

    @property
    def origin(self) -> str:
        return self.web.address.rstrip("/")

    async def browser(self, *, inside: bool = True) -> Browser:
        jar = aiohttp.CookieJar(unsafe=True)
        session = await self.stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        browser = Browser(session, self.origin)
        if inside:
            answer = await browser.get(self.links[-1].removeprefix(self.origin))
            assert answer.status == 303
            self.web.renew_link()
        return browser


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with two companies and no settings of the user's."""
    for name in list(os.environ):
        if name.startswith(("AGENTVERSE_", "OPENAI_", "LC_", "XDG_CONFIG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("AGENTVERSE_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "project"
    (folder / "companies").mkdir(parents=True)
    (folder / "companies" / "tiny.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / "companies" / "gated.yaml").write_text(GATED, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


@asynccontextmanager
async def scripted() -> AsyncIterator[Model]:
    """A model that answers over HTTP."""
    model = Model()
    async with ScriptedServer(model.answer) as server:
        model.url = server.url
        yield model


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    async with scripted() as model:
        yield model


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[Office]:
    links: list[str] = []
    async with AsyncExitStack() as stack, serving(place, announce=links.append) as web:
        office = Office(web, links, stack)
        yield office
        await stack.aclose()


def place(project: Path, model: Model, **more: Any) -> Place:
    """A server that uses the scripted model."""
    options = {"models.edge": (f"{model.url}#scripted", "--model"), "company": ("tiny", "--company")}
    return Place(project=project, options=options, **more)


@pytest.fixture
async def office(project: Path, model: Model) -> AsyncIterator[Office]:
    async with opened(place(project, model)) as office:
        yield office


@pytest.fixture
async def bare(project: Path) -> AsyncIterator[Office]:
    """A server with no model at all."""
    (project / "agentverse.toml").write_text("[serve]\nports = []\n", encoding="utf-8")
    async with opened(Place(project=project)) as office:
        yield office


@pytest.fixture
async def browser(office: Office) -> Browser:
    return await office.browser()
