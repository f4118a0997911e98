"""Turns with tools on a model that calls them in its own way, behind a real HTTP server."""

from __future__ import annotations

import json

import pytest

from agentverse.engine.run import begin, resume
from agentverse.journal.events import Reply, ToolCalled
from agentverse.models.protocol import Delta, ToolCall
from agentverse.testing import Manners, ScriptedServer
from agentverse.testing.script import Reply as Said

COMPANY = """
phases:
  make: {ask: programmer, prompt: Make it., paths: [main.py], produces: {source: files}}
  look: {after: make, ask: reviewer, prompt: Look., tools: [read_file, list_files], produces: {said: KIND}}
"""
MADE = "```python main.py\nprint('one')\n```"


def wanted(name: str, **arguments: object) -> ToolCall:
    return ToolCall(name, json.dumps(arguments))


@pytest.mark.parametrize("streamed", [False, True])
async def test_calls_go_over_the_wire_as_calls_and_come_back_as_results(stage, streamed: bool) -> None:
    stage.model = {"tools": True}
    stage.replies = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": Said("Let me see.", calls=(wanted("list_files"), wanted("read_file", path="main.py"))),
        "look#1/-/1/call/2": "It prints one.",
    }
    shown: list[Delta] = []
    host = await stage.host(watch=shown.append if streamed else None)
    handle = await begin(host, stage.company(COMPANY.replace("KIND", "text")), "x", run="made")
    assert (await handle.result()).outcome == "succeeded"
    first, second = stage.bodies["look#1/-/1/call/1.1"], stage.bodies["look#1/-/1/call/2.1"]
    assert [tool["function"]["name"] for tool in first["tools"]] == ["read_file", "list_files"]
    assert first["tool_choice"] == "auto"
    assert "response_format" not in first
    assert second["messages"][: len(first["messages"])] == first["messages"]
    roles = [message["role"] for message in second["messages"][len(first["messages"]) :]]
    assert roles == ["assistant", "tool", "assistant", "tool"]
    one, result = second["messages"][-2:]
    assert one["tool_calls"][0]["function"] == {"name": "read_file", "arguments": '{"path":"main.py"}'}
    assert one["tool_calls"][0]["id"] == result["tool_call_id"]
    assert "print('one')" in result["content"]
    entries = await stage.journal.read("made")
    asked = next(e.event for e in entries if e.key == "look#1/-/1/call/1.1")
    assert isinstance(asked, Reply)
    assert asked.asked["tools"] == "native"
    assert asked.thinking == "Let me see."
    assert [e.event.tool for e in entries if isinstance(e.event, ToolCalled)] == ["list_files", "read_file"]


async def test_json_is_asked_for_under_its_constraint_when_the_calls_are_over(stage) -> None:
    stage.model = {"tools": True}
    said = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": Said(calls=(wanted("list_files"),)),
        "look#1/-/1/call/2": "I have seen enough.",
        "look#1/-/1": '{"findings":[],"approved":true}',
    }
    result, _ = await stage.play(COMPANY.replace("KIND", "verdict"), said)
    assert result.outcome == "succeeded", result.reason
    last = stage.bodies["look#1/-/1.1"]
    assert last["tool_choice"] == "none"
    assert last["tools"] == stage.bodies["look#1/-/1/call/1.1"]["tools"]
    assert last["response_format"]["json_schema"]["name"] == "verdict"


async def test_a_server_that_refuses_tools_is_asked_for_json_instead(tmp_path, stage) -> None:
    stage.model = {"tools": True}
    stage.replies = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": '{"calls":[{"tool":"list_files","arguments":{}}]}',
        "look#1/-/1/call/2": '{"calls":[]}',
        "look#1/-/1": "One file.",
    }
    async with ScriptedServer(stage.answer, manners=Manners(tools=False)) as server:
        stage.url = server.url
        handle = await begin(await stage.host(), stage.company(COMPANY.replace("KIND", "text")), "x", run="made")
        result = await handle.result()
        assert result.outcome == "succeeded", result.reason
        asked = [request for request in server.requests if request.key == "look#1/-/1/call/1.1"]
        assert ["tools" in request.body for request in asked] == [True, False]
        later = [request for request in server.requests if request.key == "look#1/-/1/call/2.1"]
        assert ["tools" in request.body for request in later] == [False], "it is not tried again"


async def test_a_run_goes_on_with_a_model_that_calls_in_another_way(stage) -> None:
    stage.model = {"tools": True}
    said = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": Said(calls=(wanted("list_files"),)),
        "look#1/-/1/call/2": Said(status=500, error={"message": "down"}),
    }
    result, _ = await stage.play(COMPANY.replace("KIND", "text"), said)
    assert result.outcome == "stopped"
    stage.model = {"tools": False}
    stage.replies = {"look#1/-/1/call/2": '{"calls":[]}', "look#1/-/1": "One file."}
    handle = await resume(await stage.host(), "made")
    assert (await handle.result()).outcome == "succeeded"
    assert "Result of list_files:\nmain.py" in stage.prompts["look#1/-/1.1"]


async def test_a_call_that_no_server_read_is_read_here(stage) -> None:
    said = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": '<function name="read_file"><param name="path">main.py</param></function>',
        "look#1/-/1/call/2": ['read_file("main.py")', '{"calls":[]}'],
        "look#1/-/1": "Fine.",
    }
    result, entries = await stage.play(COMPANY.replace("KIND", "text"), said)
    assert result.outcome == "succeeded", result.reason
    (made,) = [e.event for e in entries if isinstance(e.event, ToolCalled)]
    assert made.ok
    assert "not how a tool is called" in stage.prompts["look#1/-/1/call/2.2"]


async def test_an_edit_is_written_between_a_call_and_its_result_as_servers_want_it(stage) -> None:
    text = """
phases:
  make: {ask: programmer, prompt: Make it., paths: [main.py], produces: {source: files}}
  mend: {after: make, ask: programmer, prompt: Mend it., tools: [edit_file], produces: {source: edits}}
"""
    stage.model = {"tools": True}
    said = {
        "make#1/-/1": MADE,
        "mend#1/-/1/call/1": Said(calls=(wanted("edit_file", path="main.py"),)),
        "mend#1/-/1/tool/1/edits": "main.py\n<<<<<<< SEARCH\nprint('one')\n=======\nprint('two')\n>>>>>>> REPLACE",
        "mend#1/-/1/call/2": "Done.",
    }
    result, _ = await stage.play(text, said)
    assert result.outcome == "succeeded", result.reason
    assert (result.product / "main.py").read_text() == "print('two')\n"
    messages = stage.bodies["mend#1/-/1/call/2.1"]["messages"]
    assert [message["role"] for message in messages[2:]] == ["assistant", "tool", "assistant", "user"]
    assert "<<<<<<< SEARCH" in messages[3]["content"], "the form of edits is told"
    assert messages[5]["content"] == "Result of edit_file:\nChanged: main.py."
