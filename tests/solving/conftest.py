"""The company `solve`, played by a scripted server over HTTP: real engine, journal, git and sandbox."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agentverse.blueprint.load import Library
from agentverse.engine.protocol import RunResult
from agentverse.engine.run import begin
from agentverse.host import open_host
from agentverse.journal.events import ArtifactMade, Entry, LineSaid, Reply, SceneEnded
from agentverse.models.keys import read_request_id, split_attempt
from agentverse.settings import load_settings
from agentverse.testing.script import Reply as Answer
from agentverse.testing.server import ScriptedServer

ROOT = Path(__file__).parents[2]
IDEA = "24 game: 4 7 8 8"
EXPERTS = ("Arithmetician", "Puzzle solver", "Skeptic")
GOOD = {"advice": "", "clear": 9, "complete": 9, "correct": 9}
POOR = {"advice": "Use each number once.", "clear": 9, "complete": 9, "correct": 3}


@dataclass
class Ask:
    """What the scripted model is asked."""

    key: str
    text: str
    """The whole prompt."""
    schema: Mapping[str, Any] | None

    @property
    def phase(self) -> str:
        return self.key.partition("#")[0]

    @property
    def visit(self) -> int:
        return int(self.key.partition("#")[2].partition("/")[0])

    @property
    def turn(self) -> int:
        return int(self.key.split("/")[2])

    @property
    def asked(self) -> str:
        """The end of the prompt, which no other seat sees."""
        return self.text.rpartition("# Your turn")[2] or self.text.rpartition("# 轮到你")[2]


Said = str | Mapping[str, Any] | Answer
Script = Callable[[Ask], Said | None]


def team(*titles: str) -> dict[str, Any]:
    return {"members": [{"title": title, "duties": f"Knows {title}."} for title in titles]}


def usual(ask: Ask) -> Said:
    """A reply that fits, for whatever a script leaves open."""
    if ask.phase in ("recruit", "again"):
        return team(*EXPERTS)
    if ask.phase == "judge":
        return GOOD
    properties = (ask.schema or {}).get("properties", {})
    if "agreed" in properties:
        return {"agreed": True, "message": ""}
    parts = (ask.schema or {}).get("anyOf", [ask.schema or {}])
    actions = {
        part["properties"]["action"]["enum"][0]: part for part in parts if "action" in part.get("properties", {})
    }
    if "speak" in actions:
        return {"action": "speak", "text": f"word {ask.key}"}
    if "choose" in actions:
        return {"action": "choose", "who": actions["choose"]["properties"]["who"]["enum"][0]}
    return f"word {ask.key}"


@dataclass
class Solved:
    """A run that is over."""

    result: RunResult
    entries: list[Entry]
    asks: list[Ask]
    replies: list[Reply] = field(init=False)
    lines: list[LineSaid] = field(init=False)
    ends: list[SceneEnded] = field(init=False)

    def __post_init__(self) -> None:
        events = [entry.event for entry in self.entries]
        self.replies = [event for event in events if isinstance(event, Reply)]
        self.lines = [event for event in events if isinstance(event, LineSaid)]
        self.ends = [event for event in events if isinstance(event, SceneEnded)]

    @property
    def phases(self) -> list[str]:
        """The phases of the calls, in the order in which they were asked, without repeats side by side."""
        found: list[str] = []
        for ask in self.asks:
            if not found or found[-1] != ask.phase:
                found.append(ask.phase)
        return found

    @property
    def seats(self) -> list[str]:
        """Who was asked in meetings, in order of turns."""
        return [reply.seat for reply in sorted(self.met, key=lambda reply: (reply.visit, self._turn(reply)))]

    @property
    def met(self) -> list[Reply]:
        return [reply for reply in self.replies if reply.phase == "decide"]

    def _turn(self, reply: Reply) -> int:
        key = next(entry.key for entry in self.entries if entry.event is reply)
        return int(split_attempt(key)[0].split("/")[2])

    def made(self, name: str) -> list[Any]:
        """The values of an artifact, one after the other."""
        events = [entry.event for entry in self.entries]
        return [event.value for event in events if isinstance(event, ArtifactMade) and event.name == name]

    def file(self, path: str = "answer.md") -> str:
        assert self.result.product is not None
        return (self.result.product / path).read_text(encoding="utf-8")


class Scripted:
    """A server's script that keeps what it was asked."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asks: list[Ask] = []

    def __call__(self, body: Mapping[str, Any], headers: Mapping[str, str]) -> str | Answer:
        key, _ = split_attempt(read_request_id(headers["X-Request-Id"]))
        text = "\n\n".join(str(message["content"]) for message in body["messages"])
        form = body.get("response_format") or {}
        ask = Ask(key, text, form.get("json_schema", {}).get("schema"))
        self.asks.append(ask)
        said = self.script(ask)
        said = usual(ask) if said is None else said
        return said if isinstance(said, str | Answer) else json.dumps(said, ensure_ascii=False)


@pytest.fixture
def drawn():
    """Gives a reply that is allowed, drawn by a seed and by what is asked."""

    def any_reply(ask: Ask, seed: int) -> Said:
        dice = random.Random(f"{seed} {ask.key}")
        return _drawn(ask.schema, dice, ask.key) if ask.schema else f"word {ask.key}"

    return any_reply


def _drawn(schema: Mapping[str, Any], dice: random.Random, key: str) -> Any:
    if "anyOf" in schema:
        return _drawn(dice.choice(schema["anyOf"]), dice, key)
    if "enum" in schema:
        return dice.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return {name: _drawn(part, dice, key) for name, part in schema["properties"].items()}
    if kind == "array":
        return [_drawn(schema["items"], dice, key) for _ in range(dice.randint(1, schema.get("maxItems", 3)))]
    if kind == "integer":
        return dice.randint(schema.get("minimum", 0), schema.get("maximum", 9))
    return dice.random() < 0.5 if kind == "boolean" else f"drawn {dice.randint(0, 99)}"


@pytest.fixture
def solve(tmp_path: Path):
    """Plays the company: ``await solve(script, decision="vertical", act="code")``; or another, given as YAML."""

    async def run(
        script: Script = lambda ask: None,
        *,
        idea: str = IDEA,
        language: str = "en",
        run: str = "one",
        company: str = "",
        **inputs: str,
    ) -> Solved:
        path = tmp_path / "writers.yaml"
        path.write_text(company, encoding="utf-8")
        scripted = Scripted(script)
        async with ScriptedServer(scripted) as server:
            settings = load_settings(tmp_path, env={"OPENAI_BASE_URL": server.url}).with_folder(tmp_path / "runs")
            async with open_host(settings) as host:
                blueprint = Library.default(ROOT).company(str(path) if company else "solve")
                handle = await begin(host, blueprint, idea, language=language, inputs=inputs, run=run)
                result = await handle.result()
                entries = list(await host.journal.read(result.run))
        return Solved(result, entries, scripted.asks)

    return run


@pytest.fixture
def scripted() -> type[Scripted]:
    """A server's script that keeps what it was asked, for tests that start the program itself."""
    return Scripted
