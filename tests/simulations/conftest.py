"""Environments played to their end by a scripted server over HTTP: the real engine, journal and client."""

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agentverse.blueprint.environment import Environment
from agentverse.blueprint.load import Library
from agentverse.blueprint.role import Role
from agentverse.engine.run import begin
from agentverse.engine.simulate import checked, stage
from agentverse.environment.seating import lay_out, seated
from agentverse.environment.seating import names as seating_names
from agentverse.host import open_host
from agentverse.journal.events import Entry, LineSaid, Reply, SceneEnded, SceneSet, SeatFailed
from agentverse.settings import load_settings
from agentverse.testing.server import ScriptedServer

ROOT = Path(__file__).parents[2]


@dataclass
class Ask:
    """What the scripted model is asked, as a script sees it."""

    seat: str
    text: str
    """The whole prompt."""
    schema: Mapping[str, Any] | None
    """What the reply is held to; None for free text."""
    number: int
    """From 1, over all requests."""

    @property
    def actions(self) -> list[str]:
        """Names of the actions that may be chosen."""
        return [*self.choices]

    @property
    def choices(self) -> dict[str, dict[str, list[str]]]:
        """Action: field: what there is to choose from."""
        parts = (self.schema or {}).get("anyOf", [self.schema or {}])
        fields = [part["properties"] for part in parts if "action" in part.get("properties", {})]
        return {
            about["action"]["enum"][0]: {
                name: field["enum"] for name, field in about.items() if name != "action" and "enum" in field
            }
            for about in fields
        }


@dataclass
class Played:
    """A simulation that is over."""

    entries: list[Entry]
    outcome: str
    reason: str
    asks: list[Ask]
    run: str
    folder: Path
    lines: list[LineSaid] = field(init=False)
    scenes: list[SceneSet] = field(init=False)
    ended: SceneEnded | None = field(init=False)
    replies: list[Reply] = field(init=False)
    failed: list[SeatFailed] = field(init=False)

    def __post_init__(self) -> None:
        events = [entry.event for entry in self.entries]
        self.lines = [event for event in events if isinstance(event, LineSaid)]
        self.scenes = [event for event in events if isinstance(event, SceneSet)]
        self.ended = next((event for event in events if isinstance(event, SceneEnded)), None)
        self.replies = [event for event in events if isinstance(event, Reply)]
        self.failed = [event for event in events if isinstance(event, SeatFailed)]

    def heard(self, seat: str) -> list[str]:
        """Texts that a seat heard, its own left out."""
        return [
            line.text
            for line in self.lines
            if line.text and line.seat != seat and (line.heard_by is None or seat in line.heard_by)
        ]


Script = Callable[[Ask], str | Mapping[str, Any]]


def any_reply(ask: Ask) -> str | Mapping[str, Any]:
    """A reply that is allowed, drawn by the number of the request."""
    if ask.schema is None:
        return f"{ask.seat} says {ask.number}"
    return drawn(ask.schema, random.Random(ask.number), ask)


def drawn(schema: Mapping[str, Any], dice: random.Random, ask: Ask) -> Any:
    """A value that follows a schema."""
    if "anyOf" in schema:
        return drawn(dice.choice(schema["anyOf"]), dice, ask)
    if "enum" in schema:
        return dice.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return {name: drawn(part, dice, ask) for name, part in schema["properties"].items()}
    if kind == "array":
        return [drawn(schema["items"], dice, ask)]
    values = {"string": f"{ask.seat} says {ask.number}", "integer": dice.randint(1, 9), "number": 1.5, "boolean": True}
    return values[str(kind)]


@pytest.fixture
def play(tmp_path: Path):
    """Plays an environment: ``await play("prisoners", script, seed=3, rounds=1)``."""

    async def run(
        name: str,
        script: Script = any_reply,
        *,
        seed: int = 0,
        turns: int | None = None,
        language: str = "en",
        run: str = "one",
        **params: Any,
    ) -> Played:
        blueprint = stage(Library.default(ROOT), name, turns=turns)
        asks: list[Ask] = []

        def answer(body: Mapping[str, Any], headers: Mapping[str, str]) -> str:
            text = "\n\n".join(str(message["content"]) for message in body["messages"])
            form = body.get("response_format") or {}
            schema = form.get("json_schema", {}).get("schema")
            ask = Ask(_seat(text, names), text, schema, len(asks) + 1)
            asks.append(ask)
            said = script(ask)
            return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)

        names: dict[str, str] = {}
        given = {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}
        async with ScriptedServer(answer) as server:
            settings = load_settings(tmp_path, env={"OPENAI_BASE_URL": server.url}).with_folder(tmp_path / "runs")
            async with open_host(settings) as host:
                inputs = {**checked(blueprint, given), "seed": str(seed)}
                names |= _names(blueprint.environments[blueprint.company.scene or ""], params, language)
                handle = await begin(host, blueprint, "simulation", inputs=inputs, run=run, language=language)
                result = await handle.result()
                entries = list(await host.journal.read(result.run))
        return Played(entries, result.outcome, result.reason, asks, result.run, result.folder)

    return run


def _names(environment: Environment, params: Mapping[str, Any], language: str) -> dict[str, str]:
    """The name that stands first at the end of a seat's prompts: its seat."""
    places = lay_out(environment, params)
    roles = {seat: place.about.role for seat, place in places.items()}
    holders = {seat: (seat, role) for seat, role in roles.items() if isinstance(role, Role)}
    seats = seated({seat: places[seat] for seat in holders}, holders, language)
    return {name: seat for seat, name in seating_names(seats).items()}


def _seat(text: str, names: Mapping[str, str]) -> str:
    """Whose turn a prompt is: the persona comes last and begins with the name, the longest of those that fit."""
    tail = re.split("# Your turn|# 轮到你", text)[-1].casefold()
    known = {name.casefold(): seat for name, seat in names.items()}
    found = [(tail.find(name), -len(name), seat) for name, seat in known.items() if name in tail]
    return min(found)[2] if found else ""
