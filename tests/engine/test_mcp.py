"""Tools of a real MCP server in a run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agentverse.engine.run import resume
from agentverse.errors import ToolServerFailed
from agentverse.journal.events import ToolCalled
from agentverse.models.calling import Wanted, as_text
from agentverse.tools.policy import McpServer, ToolPolicy
from agentverse.tools.toolbox import Toolbox

PROGRAM = str(Path(__file__).parents[1] / "tools" / "programs" / "notes_server.py")
COMPANY = """
phases:
  look: {ask: reviewer, prompt: Look., tools: [notes.find, notes.die], produces: {said: text}}
"""


def toolbox(*more: str) -> Toolbox:
    return Toolbox(ToolPolicy(mcp={"notes": McpServer(command=sys.executable, args=[PROGRAM, *more])}))


async def test_a_server_that_dies_stops_the_run_which_goes_on_when_it_is_resumed(stage) -> None:
    stage.tools = toolbox()
    said = {
        "look#1/-/1/call/1": as_text([Wanted("notes.find", {"text": "owls"})]),
        "look#1/-/1/call/2": as_text([Wanted("notes.die", {})]),
    }
    result, entries = await stage.play(COMPANY, said)
    assert result.outcome == "stopped"
    assert result.reason == "the MCP server 'notes' broke down. Start it, then resume the run."
    (made,) = [e.event for e in entries if isinstance(e.event, ToolCalled)]
    assert (made.tool, made.result) == ("notes.find", "3 notes about owls")
    await stage.tools.close()
    stage.tools = toolbox("--immortal")
    stage.replies = {"look#1/-/1/call/3": as_text([]), "look#1/-/1": "Owls."}
    handle = await resume(await stage.host(), "made")
    assert (await handle.result()).outcome == "succeeded"
    assert stage.asked[-2:] == ["look#1/-/1/call/3.1", "look#1/-/1.1"]
    stage.tools = toolbox("--broken")
    over = await resume(await stage.host(), "made")
    assert (await over.result()).outcome == "succeeded", "no server is started for what is over"


async def test_a_server_that_does_not_start_is_said_before_a_token_is_spent(stage) -> None:
    stage.tools = toolbox("--broken")
    with pytest.raises(ToolServerFailed, match="the notes cannot be opened"):
        await stage.begin(COMPANY, {})
    assert stage.asked == []
