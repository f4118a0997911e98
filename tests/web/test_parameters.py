"""Every parameter and every text of a body that the OpenAPI document names, with paths that lead out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from agentverse.web.app import make_api
from tests.web.conftest import Browser, Model

DOCUMENT = make_api().openapi()
CANARY = "a bird in a mine"
GOOD = {"run": "sum", "kind": "company", "name": "tiny", "end": "true", "path": "main.py", "a": "sum", "b": "sum"}
"""What leads past the first check, so that the parameter under test is reached."""
ENDLESS = "/api/events"
LEFT_OUT = {
    ("/api/runs", "source"),  # a folder that the user of this machine names: it may be anywhere
    ("/api/runs", "idea"),  # words for a model, each of which begins a run
    ("/api/runs/{run}/fork", "prompt"),
}


@dataclass(frozen=True)
class Place:
    """One place in one request where a text may stand."""

    method: str
    path: str
    where: str
    name: str
    schema: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.where} {self.name}"

    def request(self, value: str) -> tuple[str, dict[str, Any]]:
        """The address, and what goes with it."""
        operation = DOCUMENT["paths"][self.path][self.method]
        address, query, more = self.path, dict[str, str](), dict[str, Any]()
        for parameter in operation.get("parameters", []):
            name, where = parameter["name"], parameter["in"]
            said = value if (where, name) == (self.where, self.name) else GOOD.get(name, "")
            if where == "path":
                address = address.replace(f"{{{name}}}", quote(said, safe=""))
            elif where == "query" and said:
                query[name] = said
            elif where == "header" and said:
                more["headers"] = {name: quote(said)}
        if self.method in ("post", "put"):
            more["json"] = self._body(value) if self.where == "body" else {}
        return f"{address}?{urlencode(query)}", more

    def _body(self, value: str) -> dict[str, Any]:
        said = {name: GOOD.get(name, "x") for name in self.schema.get("required", [])}
        kind = _resolved(self.schema["properties"][self.name])
        return said | {self.name: {"a": value} if kind == "object" else [value] if kind == "array" else value}


def places() -> Iterator[Place]:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if path != ENDLESS:
                    yield Place(method, path, parameter["in"], parameter["name"], parameter["schema"])
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            for name in _part(body)["properties"] if body else ():
                if (path, name) not in LEFT_OUT:
                    yield Place(method, path, "body", name, _part(body))


def _part(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def _resolved(schema: Mapping[str, Any]) -> str:
    """What JSON calls the type of a field."""
    if "$ref" in schema:
        return _resolved(_part(schema))
    return schema.get("type") or next((_resolved(one) for one in schema.get("anyOf", [])), "string")


PLACES = list(places())


@pytest.fixture
def outside(project: Path) -> Path:
    """A file beside the project."""
    canary = project.parent / "canary.yaml"
    canary.write_text(f"name: canary\ntitle: {CANARY}\n", encoding="utf-8")
    return canary


@pytest.fixture
async def inside(browser: Browser, outside: Path) -> Browser:
    await browser.post("/api/runs", {"idea": "add", "name": "sum"})
    await browser.over("sum")
    return browser


def ways(canary: Path) -> list[str]:
    """How one might try to reach a file outside."""
    bare = str(canary.with_suffix(""))
    return [
        f"../{canary.name}", f"../../../{canary.name}", f"..\\{canary.name}", str(canary), bare, "../canary",
        f"main.py/../../../{canary.name}", f"%2e%2e%2f{canary.name}", f"file://{canary}", f"{canary}\0.png",
        "..", "/etc/passwd", "~/.ssh/id_rsa", "\0", "$(cat /etc/passwd)", "{{ 7 * 7 }}.png", f"-o{canary.parent}/out",
    ]  # fmt: skip


def around(folder: Path) -> dict[Path, int]:
    """What lies beside the project, and when it was changed."""
    own = ("project", "state")
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.relative_to(folder).parts[0] not in own}


def test_the_document_names_all_there_is() -> None:
    assert len(PLACES) > 90
    assert {place.where for place in PLACES} == {"path", "query", "header", "body"}


async def test_no_parameter_and_no_body_reaches_a_file_outside(inside: Browser, outside: Path, model: Model) -> None:
    model.replies = {}  # runs that are begun here fail at once
    before = around(outside.parent)
    for place in PLACES:
        answers = await asyncio.gather(*(_asked(inside, place, way) for way in ways(outside)))
        assert [answer for answer in answers if answer] == [], place
    assert around(outside.parent) == before


async def _asked(browser: Browser, place: Place, way: str) -> str:
    """What is wrong with the answer; "" for nothing."""
    address, more = place.request(way)
    answer = await browser.ask(place.method, address, more.pop("json", None), **more)
    if answer.status >= 500 and answer.status not in (502, 503):
        return f"{answer.status} for {way!r}: {answer.body[:200]!r}"
    for secret in (CANARY, "root:x:0:0", "49.png"):
        if secret.encode() in answer.body:
            return f"{secret!r} for {way!r}"
    return ""
