"""Real MCP servers: a program over stdio, and one that is reached over HTTP."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentverse.errors import SettingsError, ToolServerFailed, UsageError
from agentverse.tools.calls import make, only_reads
from agentverse.tools.mcp import Servers
from agentverse.tools.policy import McpServer, ToolPolicy
from agentverse.tools.toolbox import Toolbox

PROGRAM = str(Path(__file__).parent / "programs" / "notes_server.py")


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    known = {
        "notes": McpServer(command=sys.executable, args=[PROGRAM], env=["NOTES_OPEN"]),
        "missing": McpServer(command="no-such-program"),
        "nowhere": McpServer(url="http://127.0.0.1:9/mcp"),
    }
    made = Servers(known)
    yield made
    await made.close()


@pytest.fixture
async def address() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(sys.executable, PROGRAM, "--http", stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    yield f"http://127.0.0.1:{port}/mcp"
    if process.returncode is None:
        process.kill()
    await process.wait()


async def test_a_program_is_started_with_the_variables_it_is_given_and_its_tools_called(servers, monkeypatch) -> None:
    monkeypatch.setenv("NOTES_OPEN", "yes")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    tools = await servers.tools("notes")
    assert {"find", "fail", "variable", "die"} <= set(tools)
    assert only_reads(tools["find"])
    assert not only_reads(tools["fail"])
    failed = await make(tools["fail"], {}, seconds=20, language="en")
    assert not failed.ok
    assert "the notes are locked" in failed.text
    found = await make(tools["find"], {"text": "owls"}, seconds=20, language="en")
    assert (found.ok, found.text) == (True, "3 notes about owls"), "a tool that fails is no broken server"
    variable = tools["variable"]
    seen = [await make(variable, {"name": n}, seconds=20, language="en") for n in ("NOTES_OPEN", "OPENAI_API_KEY")]
    assert [outcome.text for outcome in seen] == ["yes", "unset"]


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("missing", ToolServerFailed, "there is no program 'no-such-program'"),
        ("nowhere", ToolServerFailed, "127.0.0.1:9"),
        ("unknown", SettingsError, "no MCP server 'unknown' is set up"),
    ],
)
async def test_a_server_that_cannot_be_had_is_one_sentence_with_the_mend(servers, name, error, words) -> None:
    with pytest.raises(error) as failed:
        await servers.tools(name)
    assert words in str(failed.value)
    assert "\n" not in str(failed.value)
    assert failed.value.fix


async def test_a_server_over_http_is_sent_its_token_and_its_end_ends_a_call(address, monkeypatch, bench) -> None:
    monkeypatch.setenv("NOTES_TOKEN", "open sesame")
    toolbox = Toolbox(ToolPolicy(mcp={"notes": McpServer(url=address, token_env="NOTES_TOKEN")}))
    try:
        names = ("find", "fail", "variable", "die", "token")
        assert await toolbox.listed("notes.*") == [f"notes.{name}" for name in names]
        with pytest.raises(UsageError, match="has no tool 'search'"):
            await toolbox.start(["notes.search"])
        tools = {name: await toolbox.find(f"notes.{name}", bench) for name in names}
        found = await make(tools["find"], {"text": "owls", "most": 1}, seconds=20, language="en")
        assert found.text == "1 notes about owls"
        assert (await make(tools["token"], {}, seconds=20, language="en")).text == "Bearer open sesame"
        with pytest.raises(ToolServerFailed, match="broke down"):
            await make(tools["die"], {}, seconds=20, language="en")
        with pytest.raises(ToolServerFailed):
            await make(tools["find"], {"text": "owls"}, seconds=20, language="en")
    finally:
        await toolbox.close()
