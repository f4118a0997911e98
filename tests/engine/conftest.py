"""A run of real parts: journal on disk, git repository, bubblewrap, and a scripted model behind real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from agentverse.blueprint.load import Library, Resolved
from agentverse.engine.protocol import Host, RunHandle, RunResult
from agentverse.engine.run import begin
from agentverse.journal.events import Entry
from agentverse.journal.protocol import Journal
from agentverse.journal.store import open_journal
from agentverse.models.openai import OpenAIModel
from agentverse.models.registry import open_model
from agentverse.sandbox.registry import choose
from agentverse.testing import ScriptedServer
from agentverse.testing.script import Answer
from agentverse.tools.toolbox import Toolbox


@dataclass
class Stage:
    """Plays companies written in a test."""

    folder: Path
    journal: Journal
    asked: list[str] = field(default_factory=list)
    """Keys of the model calls, in order."""
    prompts: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, Mapping[str, object]] = field(default_factory=dict)
    replies: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    """Turn key: what is said; a list for attempt after attempt."""
    url: str = ""
    models: list[OpenAIModel] = field(default_factory=list)
    model: dict[str, object] = field(default_factory=dict)
    """Further settings of the model."""
    tools: Toolbox = field(default_factory=Toolbox)

    def answer(self, body: Mapping[str, object], headers: Mapping[str, str]) -> Answer:
        from agentverse.models.keys import read_request_id, split_attempt

        key = read_request_id(headers["X-Request-Id"])
        self.asked.append(key)
        self.prompts[key] = "\n".join(str(message["content"]) for message in body["messages"])
        self.bodies[key] = body
        turn, attempt = split_attempt(key)
        said = self.replies[turn]
        return said[min(attempt, len(said)) - 1] if isinstance(said, list) else said

    def company(self, text: str) -> Resolved:
        path = self.folder / "made_here.yaml"
        path.write_text("name: made_here\n" + text, encoding="utf-8")
        return Library.default(self.folder).company(str(path))

    async def host(self, **more: object) -> Host:
        model = await open_model({"base_url": self.url, "model": "scripted", "retries": 0, **self.model})
        assert isinstance(model, OpenAIModel)
        self.models.append(model)
        models = {"edge": model}
        return Host(self.journal, self.folder / "runs", models, await choose(), **{"tools": self.tools, **more})

    async def begin(self, text: str, replies: Mapping[str, Answer | list[Answer]], **more: object) -> RunHandle:
        self.replies = dict(replies)
        host = await self.host()
        return await begin(host, self.company(text), "a thing", run=more.pop("run", "made"), **more)

    async def play(
        self, text: str, replies: Mapping[str, Answer | list[Answer]] | None = None, **more: object
    ) -> tuple[RunResult, list[Entry]]:
        handle = await self.begin(text, replies or {}, **more)
        result = await handle.result()
        return result, list(await self.journal.read(handle.id))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    journal = await open_journal(tmp_path / "journal.db")
    stage = Stage(tmp_path, journal)
    async with ScriptedServer(stage.answer) as server:
        stage.url = server.url
        yield stage
        for model in stage.models:
            await model.close()
        await stage.tools.close()
    await journal.close()
