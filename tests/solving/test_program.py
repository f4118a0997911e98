"""`agentverse run --company solve` as a user starts it: exit codes, what is left, and what a killed run costs."""

import asyncio
import os
import sys

import pytest

from agentverse.testing.script import Reply as Answer
from agentverse.testing.server import ScriptedServer

POOR = {"advice": "Use each number once.", "clear": 9, "complete": 9, "correct": 3}


@pytest.fixture
def call(tmp_path):
    """Starts the program in an empty folder."""

    async def start(url, *arguments):
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agentverse", *arguments),
            cwd=tmp_path,
            env={**os.environ, "OPENAI_BASE_URL": url, "AGENTVERSE_CONFIG_HOME": str(tmp_path / "config")},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    return start


async def test_a_run_that_is_never_accepted_exits_with_1_and_leaves_its_best(call, scripted, tmp_path):
    script = scripted(lambda ask: POOR if ask.phase == "judge" else None)
    async with ScriptedServer(script) as server:
        run = ("run", "24 game: 4 7 8 8", "--company", "solve", "--name", "never")
        process = await call(server.url, *run, "--set", "rounds=1", "--set", "decision=proposals")
        out = (await process.communicate())[0].decode()
    assert process.returncode == 1, out
    assert "attempts.accepted" in out
    assert "Traceback" not in out
    assert (tmp_path / "agentverse-runs/never/workspace/answer.md").read_text() == "word decide#1/-/7\n"


async def test_a_killed_run_is_resumed_where_it_was(call, scripted, tmp_path):
    reached = asyncio.Event()

    def script(ask):
        if ask.key == "decide#2/-/3" and not reached.is_set():
            reached.set()
            return Answer(breaks="hang")
        return POOR if ask.key == "judge#1/-/1" else None

    script = scripted(script)
    async with ScriptedServer(script) as server:
        process = await call(server.url, "run", "24 game: 4 7 8 8", "--company", "solve", "--name", "cut")
        await asyncio.wait_for(reached.wait(), 40)
        process.kill()
        await process.wait()
        begun = [ask.key for ask in script.asks]
        process = await call(server.url, "resume", "cut")
        out = (await process.communicate())[0].decode()
    assert process.returncode == 0, out
    later = [ask.key for ask in script.asks][len(begun) :]
    assert later == ["decide#2/-/3", "decide#2/-/4", "judge#2/-/1"]
    assert not set(later) & set(begun[:-1])
    assert (tmp_path / "agentverse-runs/cut/workspace/answer.md").read_text() == "word decide#2/-/4\n"
