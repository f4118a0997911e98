"""``--offline``: nothing leaves this machine. A guard in the process refuses and notes every attempt."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentverse.models.keys import read_request_id, split_attempt
from agentverse.testing import ScriptedServer

GUARD = """
import json, os, sys

HERE = ("127.", "::1", "localhost", "0.0.0.0")


def guard(event, args):
    if event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        return
    place = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
    if isinstance(place, tuple):
        place = place[0]
    elif event in ("socket.connect", "socket.sendto"):
        return  # a path: a socket of this machine
    if place and not str(place).startswith(HERE):
        with open(os.environ["GUARD_LOG"], "a") as log:
            print(json.dumps([event, str(place)]), file=log)
        raise OSError("the guard lets nothing out")


sys.addaudithook(guard)
"""
COMPANY = """\
name: tiny
limits: {tokens: 50000, minutes: 5, turns: 20}
success: "true"
phases:
  code: {ask: programmer, prompt: Write it., produces: {source: files}}
  check: {after: code, run: python main.py, produces: {check: evidence}}
  look: {after: check, ask: cto, model: cloud, prompt: "Look at {{ check }}", produces: {note: text}}
"""
FILES = "```python main.py\nimport flask\n```\n```text requirements.txt\nflask\n```\n"
AWAY = "http://cloud.invalid/v1"


@dataclass
class Line:
    """A command line in a process of its own, with the guard in it."""

    folder: Path
    server: ScriptedServer

    async def call(self, *arguments: str, **env: str) -> tuple[int, str]:
        """Exit code and output, both streams."""
        tree = str(Path(__file__).parents[2])
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join([str(self.folder / "guard"), tree]),
            "GUARD_LOG": str(self.folder / "attempts"),
            "AGENTVERSE_CONFIG_HOME": str(self.folder / "config"),
            **env,
        }
        made = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agentverse", *arguments),
            cwd=self.folder,
            env=env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await made.communicate()
        assert made.returncode is not None
        return made.returncode, out.decode()

    @property
    def attempts(self) -> list[list[str]]:
        log = self.folder / "attempts"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    (tmp_path / "companies").mkdir()
    (tmp_path / "companies" / "tiny.yaml").write_text(COMPANY, encoding="utf-8")

    def answer(body: Mapping[str, Any], headers: Mapping[str, str]) -> str:
        turn, _ = split_attempt(read_request_id(headers["X-Request-Id"]))
        return FILES if turn.startswith("code") else "looked"

    async with ScriptedServer(answer) as server:
        (tmp_path / "agentverse.toml").write_text(
            f'[models]\nedge = "{server.url}#scripted"\ncloud = "{AWAY}#big"\n'
            '[packages]\nindex = "https://index.invalid/simple"\n',
            encoding="utf-8",
        )
        yield Line(tmp_path, server)


RUN = ("run", "a thing", "--company", "tiny", "--name", "one")


async def test_an_offline_run_reaches_nothing_beyond_this_machine(line: Line) -> None:
    code, out = await line.call(*RUN, "--offline", OTEL_EXPORTER_OTLP_ENDPOINT="http://collector.invalid:4318")
    assert code == 0, out
    assert line.attempts == []
    assert "the tier 'cloud' is left out" in out
    assert "collector.invalid" not in out
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is not on this machine" in out
    assert "flask cannot be fetched, because nothing may leave this machine" in out
    assert [split_attempt(one.key)[0] for one in line.server.requests] == ["code#1/-/1", "look#1/-/1"]
    code, out = await line.call("resume", "one", "--offline", "--quiet")
    assert code == 0, out
    code, out = await line.call("fork", "one", "--from", "look", "--quiet", AGENTVERSE_OFFLINE="true")
    assert code == 0, out
    assert line.attempts == []


async def test_without_it_the_guard_sees_the_attempt(line: Line) -> None:
    code, out = await line.call(*RUN)
    assert code != 0
    assert "cloud.invalid" in out
    assert {place for _, place in line.attempts} == {"cloud.invalid"}
