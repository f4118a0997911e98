"""Turns with tools: asked for as JSON, made once, told within bounds, on files that move on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from langchain_core.tools import tool as langchain_tool

from agentverse.engine.run import begin, resume
from agentverse.environment import registry
from agentverse.environment.registry import Rule
from agentverse.environment.scene import Scene
from agentverse.errors import BlueprintError
from agentverse.journal.events import Accepted, FilesChanged, GateOpened, Reply, ToolCalled
from agentverse.models.calling import Wanted, as_text
from agentverse.testing import fault
from agentverse.tools.caller import SHOWN
from agentverse.tools.policy import ToolPolicy
from agentverse.tools.toolbox import Toolbox

DONE = as_text([])
MADE = "```python main.py\nprint('one')\n```"
ASK = """
phases:
  make: {{ask: programmer, prompt: Make it., paths: [main.py], produces: {{source: files}}}}
  look: {{after: make, ask: reviewer, prompt: Look., tools: {tools}, produces: {{said: {kind}}}}}
"""


def call(tool: str, **arguments: object) -> str:
    return as_text([Wanted(tool, arguments)])


def company(tools: str, kind: str = "text") -> str:
    return ASK.format(tools=tools, kind=kind)


def tools_of(entries) -> list[ToolCalled]:
    return [entry.event for entry in entries if isinstance(entry.event, ToolCalled)]


async def test_a_call_is_made_and_its_result_stands_behind_the_prompt(stage) -> None:
    said = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": call("read_file", path="main.py"),
        "look#1/-/1/call/2": DONE,
        "look#1/-/1": "It prints one.",
    }
    result, entries = await stage.play(company("[read_file, list_files]"), said)
    assert result.outcome == "succeeded", result.reason
    (made,) = tools_of(entries)
    assert (made.tool, made.ok, made.arguments["path"]) == ("read_file", True, "main.py")
    assert made.result == "main.py, lines 1 to 1 of 1:\nprint('one')"
    first, second, last = (stage.prompts[f"look#1/-/1{step}.1"] for step in ("/call/1", "/call/2", ""))
    assert second.startswith(first)
    assert last.startswith(second)
    assert "print('one')" in second[len(first) :]
    assert "list_files(folder?)" in first


async def test_a_call_is_asked_for_as_json_of_the_tools_there_are(stage) -> None:
    said = {"make#1/-/1": MADE, "look#1/-/1/call/1": DONE, "look#1/-/1": "Fine."}
    await stage.play(company("[read_file]"), said)
    asked = stage.bodies["look#1/-/1/call/1.1"]
    schema = asked["response_format"]["json_schema"]["schema"]
    one = schema["properties"]["calls"]["items"]
    assert one["properties"]["tool"]["enum"] == ["read_file"]
    assert one["properties"]["arguments"]["additionalProperties"] is False
    assert "tools" not in asked
    assert "response_format" not in stage.bodies["look#1/-/1.1"]


async def test_a_resumed_run_makes_no_call_again(stage) -> None:
    count = []

    @langchain_tool
    def weigh(what: str) -> str:
        """Weighs something."""
        count.append(what)
        return "3 kg"

    stage.tools = Toolbox(given=[weigh])
    said = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": call("weigh", what="it"),
        "look#1/-/1/call/2": fault("500"),
    }
    result, _ = await stage.play(company("[weigh]"), said)
    assert result.outcome == "stopped"
    assert count == ["it"]
    stage.replies = {"look#1/-/1/call/2": DONE, "look#1/-/1": "Heavy."}
    stage.asked.clear()
    handle = await resume(await stage.host(), "made")
    assert (await handle.result()).outcome == "succeeded"
    assert count == ["it"]
    assert stage.asked == ["look#1/-/1/call/2.1", "look#1/-/1.1"]
    assert "3 kg" in stage.prompts["look#1/-/1.1"]
    before = len(await stage.journal.read("made"))
    again = await resume(await stage.host(tools=Toolbox()), "made")
    assert (await again.result()).outcome == "succeeded"
    assert [e.event.type for e in (await stage.journal.read("made"))[before:]] == ["run.resumed", "model", "run.ended"]


async def test_an_edit_by_a_tool_is_a_commit_on_which_the_turn_goes_on(stage) -> None:
    text = """
phases:
  make: {ask: programmer, prompt: Make it., paths: [main.py], produces: {source: files}}
  mend: {after: make, ask: programmer, prompt: Mend it., tools: [edit_file, read_file], produces: {source: edits}}
"""
    said = {
        "make#1/-/1": MADE,
        "mend#1/-/1/call/1": as_text(
            [Wanted("edit_file", {"path": "main.py"}), Wanted("read_file", {"path": "main.py"})]
        ),
        "mend#1/-/1/tool/1/edits": "main.py\n<<<<<<< SEARCH\nprint('one')\n=======\nprint('two')\n>>>>>>> REPLACE",
        "mend#1/-/1/call/2": DONE,
    }
    result, entries = await stage.play(text, said)
    assert result.outcome == "succeeded", result.reason
    assert (result.product / "main.py").read_text() == "print('two')\n"
    edited, read = tools_of(entries)
    changed = {entry.key: entry.event for entry in entries if isinstance(entry.event, FilesChanged)}
    assert edited.commit == changed["mend#1/-/1/tool/1/files"].commit
    assert read.result.endswith("print('two')")
    assert "mend#1/-/1.1" not in stage.asked, "what tools changed need not be said again"
    accepted = next(e.event for e in entries if e.key == "mend#1/-/1/accepted")
    assert accepted.reply == "mend#1/-/1/call/2.1"
    stage.asked.clear()
    handle = await resume(await stage.host(), "made")
    assert (await handle.result()).outcome == "succeeded"
    assert stage.asked == []


async def test_what_an_edit_may_not_touch_is_told_and_the_turn_goes_on(stage) -> None:
    text = """
phases:
  make: {ask: programmer, prompt: Make it., paths: [main.py], produces: {source: files}}
  mend: {after: make, ask: tester, prompt: T, paths: [test_main.py], tools: [edit_file], produces: {tests: files}}
"""
    said = {
        "make#1/-/1": MADE,
        "mend#1/-/1/call/1": call("edit_file", path="main.py"),
        "mend#1/-/1/call/2": call("edit_file", path="../main.py"),
        "mend#1/-/1/call/3": DONE,
        "mend#1/-/1": "```python test_main.py\ndef test_one():\n    assert 1\n```",
    }
    result, entries = await stage.play(text, said)
    assert result.outcome == "succeeded", result.reason
    owned, outside = tools_of(entries)
    assert not owned.ok
    assert "source" in owned.result
    assert not outside.ok
    assert "leaves the workspace" in outside.result


async def test_wrong_arguments_and_unknown_tools_are_told_and_nothing_runs(stage) -> None:
    said = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": call("read_file", path="main.py", start="often"),
        "look#1/-/1/call/2": call("red_file", path="main.py"),
        "look#1/-/1/call/3": call("read_file", path="main.py", lines="5"),
        "look#1/-/1/call/4": DONE,
        "look#1/-/1": "Fine.",
    }
    result, entries = await stage.play(company("[read_file]"), said)
    assert result.outcome == "succeeded", result.reason
    wrong, unknown, mended = tools_of(entries)
    assert not wrong.ok
    assert "start: 'often' is not of type 'integer'" in wrong.result
    assert unknown.result == "There is no tool 'red_file'. There are: read_file."
    assert mended.ok
    assert "FAILED: Wrong arguments" in stage.prompts["look#1/-/1/call/2.1"]


async def test_a_tool_that_raises_is_told_without_a_traceback(stage) -> None:
    @langchain_tool
    def explode() -> str:
        """Explodes."""
        raise RuntimeError("secret /root/place")

    stage.tools = Toolbox(given=[explode])
    said = {"make#1/-/1": MADE, "look#1/-/1/call/1": call("explode"), "look#1/-/1/call/2": DONE, "look#1/-/1": "Oh."}
    result, entries = await stage.play(company("[explode]"), said)
    assert result.outcome == "succeeded", result.reason
    (made,) = tools_of(entries)
    assert (made.ok, made.result) == (False, "The tool broke down (RuntimeError).")


async def test_at_the_bound_the_agent_is_told_to_answer(stage) -> None:
    said = {"make#1/-/1": MADE, "look#1/-/1": "Enough."}
    said |= {f"look#1/-/1/call/{number}": call("list_files") for number in (1, 2)}
    text = company("[list_files]").replace("tools:", "tool_calls: 2, tools:")
    result, entries = await stage.play(text, said)
    assert result.outcome == "succeeded", result.reason
    assert len(tools_of(entries)) == 2
    assert stage.prompts["look#1/-/1.1"].endswith("No more tools: now reply. Answer in plain text.")


async def test_more_calls_than_are_left_are_not_made(stage) -> None:
    many = as_text([Wanted("list_files", {})] * 3)
    said = {"make#1/-/1": MADE, "look#1/-/1/call/1": many, "look#1/-/1": "Enough."}
    result, entries = await stage.play(company("[list_files]").replace("tools:", "tool_calls: 2, tools:"), said)
    assert result.outcome == "succeeded", result.reason
    assert len(tools_of(entries)) == 2
    assert "this one was not made" in stage.prompts["look#1/-/1.1"]


async def test_a_long_result_is_cut_for_the_prompt_and_kept_whole(stage) -> None:
    whole = "".join(f"line {number}\n" for number in range(5000))

    @langchain_tool
    def log() -> str:
        """Shows the log."""
        return whole

    stage.tools = Toolbox(given=[log])
    said = {"make#1/-/1": MADE, "look#1/-/1/call/1": call("log"), "look#1/-/1/call/2": DONE, "look#1/-/1": "Long."}
    _, entries = await stage.play(company("[log]"), said)
    (made,) = tools_of(entries)
    assert len(made.result) < SHOWN + 60
    assert "characters left out" in made.result
    assert (await stage.journal.blobs("made", [made.whole]))[made.whole] == whole


async def test_an_answer_given_instead_of_a_call_is_the_reply(stage) -> None:
    said = {"make#1/-/1": MADE, "look#1/-/1/call/1": '{"findings":[],"approved":true}'}
    result, entries = await stage.play(company("[list_files]", "verdict"), said)
    assert result.outcome == "succeeded", result.reason
    accepted = [e for e in entries if isinstance(e.event, Accepted) and e.key == "look#1/-/1/accepted"]
    assert accepted[0].event.reply == "look#1/-/1/call/1.1"


async def test_a_command_runs_in_the_sandbox_and_changes_nothing(stage) -> None:
    program = "import os\nopen('left.txt', 'w')\nprint(os.environ.get('HOME'), 'hello')"
    said = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": call("run_command", command=["python", "-c", program]),
        "look#1/-/1/call/2": call("run_command", command=["python", "-c", "raise SystemExit(3)"]),
        "look#1/-/1/call/3": call("list_files"),
        "look#1/-/1/call/4": DONE,
        "look#1/-/1": "Fine.",
    }
    result, entries = await stage.play(company("[run_command, list_files]"), said)
    assert result.outcome == "succeeded", result.reason
    first, second, listed = tools_of(entries)
    assert "hello" in first.result
    assert "/root" not in first.result
    assert "exit code 3" in second.result.lower()
    assert listed.result == "main.py"


async def test_a_question_of_an_agent_is_a_gate(stage) -> None:
    stage.replies = {
        "make#1/-/1": MADE,
        "look#1/-/1/call/1": call("ask_human", question="Which colour?"),
        "look#1/-/1/call/2": DONE,
        "look#1/-/1": "Green.",
    }
    handle = await begin(await stage.host(interactive=True), stage.company(company("[ask_human]")), "x", run="made")
    async for entry in handle:
        if isinstance(entry.event, GateOpened):
            assert entry.event.question == "Which colour?"
            await handle.answer(entry.key, text="green")
    assert (await handle.result()).outcome == "succeeded"
    assert "Result of ask_human:\ngreen" in stage.prompts["look#1/-/1/call/2.1"]


async def test_seats_of_a_meeting_use_their_tools(stage) -> None:
    text = """
environments:
  pair:
    seats: {writer: {writes: product, tools: []}, reader: {writes: opinion}}
    rules: {stop: {agreed: true, turns: 2}}
phases:
  make: {ask: programmer, prompt: Make it., paths: [main.py], produces: {source: files}}
  talk: {after: make, meet: pair, seats: {writer: cto, reader: reviewer}, prompt: Talk., tools: [read_file],
         produces: {said: text}}
"""
    said = {
        "make#1/-/1": MADE,
        "talk#1/-/1": "It works.",
        "talk#1/-/2/call/1": call("read_file", path="main.py"),
        "talk#1/-/2/call/2": '{"agreed":true,"message":""}',
    }
    result, entries = await stage.play(text, said)
    assert result.outcome == "succeeded", result.reason
    (made,) = tools_of(entries)
    assert (made.seat, made.role) == ("reader", "reviewer")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (company("[read_fil]"), ["did you mean 'read_file'?", ":5:"]),
        (company("[docs.search]"), ["no MCP server 'docs' is set up", "[tools.mcp.docs]"]),
        (company("[edit_file]"), ["'edit_file' changes files"]),
        (
            "roles: {odd: {tools: [read_file]}}\nphases:\n  a: {ask: odd, prompt: A, tools: [], produces: {x: text}}\n",
            ["nobody may use 'read_file'"],
        ),
        ("phases:\n  a: {run: [ls], tools: [read_file]}\n", ["'tools' belongs to"]),
    ],
)
async def test_a_list_that_cannot_be_is_refused_with_its_line(stage, text: str, words: list[str]) -> None:
    with pytest.raises(BlueprintError) as refused:
        await stage.begin(text, {})
    for word in words:
        assert word in str(refused.value)


async def test_calls_that_only_read_are_recorded_in_order_and_tokens_count(stage) -> None:
    both = as_text([Wanted("list_files", {}), Wanted("search_files", {"text": "ONE"})])
    said = {"make#1/-/1": MADE, "look#1/-/1/call/1": both, "look#1/-/1/call/2": DONE, "look#1/-/1": "Fine."}
    result, entries = await stage.play(company("[list_files, search_files]"), said)
    assert [made.tool for made in tools_of(entries)] == ["list_files", "search_files"]
    assert tools_of(entries)[1].result == "main.py:1: print('one')"
    replies = [e.event for e in entries if isinstance(e.event, Reply)]
    assert result.turns == len(replies) == 4
    assert result.usage.total == sum(reply.usage.total for reply in replies)


async def test_results_for_which_there_is_no_room_are_shown_in_brief_but_for_the_last(stage) -> None:
    @langchain_tool
    def log(of: str) -> str:
        """Shows a log."""
        return f"begin {of} {'x' * 5000} end {of}"

    stage.tools, stage.model = Toolbox(given=[log]), {"context": 4096}
    said = {"make#1/-/1": MADE, "look#1/-/1/call/4": DONE, "look#1/-/1": "Long."}
    said |= {f"look#1/-/1/call/{number}": call("log", of=f"day {number}") for number in (1, 2, 3)}
    result, _ = await stage.play(company("[log]"), said)
    assert result.outcome == "succeeded", result.reason
    assert "end day 1" in stage.prompts["look#1/-/1/call/2.1"]
    last = stage.prompts["look#1/-/1/call/4.1"]
    assert "x" * 1000 not in last[: last.index("begin day 3")]
    assert "x" * 5000 in last[last.index("begin day 3") :]


async def test_pages_are_off_until_a_host_is_allowed_and_a_resumed_run_keeps_to_it(stage) -> None:
    said = {"make#1/-/1": MADE, "look#1/-/1/call/1": DONE, "look#1/-/1": "Fine."}
    await stage.play(company("[fetch_page, list_files]"), said)
    assert "fetch_page" not in stage.prompts["look#1/-/1/call/1.1"]
    stage.asked.clear()
    allowed = Toolbox(ToolPolicy(hosts=("example.org",)))
    handle = await resume(await stage.host(tools=allowed), "made")
    assert (await handle.result()).outcome == "succeeded"
    assert stage.asked == []


class AtOnce(Rule):
    """Everybody speaks in one step."""

    async def next(self, scene: Scene) -> Sequence[str]:
        return list(scene.seats)


async def test_seats_that_edit_at_the_same_time_lose_nothing_of_each_other(stage, monkeypatch) -> None:
    monkeypatch.setitem(registry.RULES["order"].built_in, "at_once", AtOnce)
    text = """
environments:
  both: {seats: {left: {writes: edits}, right: {writes: edits}}, rules: {order: at_once, stop: {turns: 2}}}
phases:
  make: {ask: programmer, prompt: Make it., produces: {source: files}}
  mend: {after: make, meet: both, seats: {left: cto, right: programmer}, prompt: Mend., tools: [edit_file],
         produces: {source: edits}}
"""
    said = {"make#1/-/1": "```python a.py\nA = 1\n```\n```python b.py\nB = 1\n```"}
    for turn, path, name in ((1, "a.py", "A"), (2, "b.py", "B")):
        edit = f"{path}\n<<<<<<< SEARCH\n{name} = 1\n=======\n{name} = 2\n>>>>>>> REPLACE"
        said |= {
            f"mend#1/-/{turn}/call/1": call("edit_file", path=path),
            f"mend#1/-/{turn}/tool/1/edits": edit,
            f"mend#1/-/{turn}/call/2": DONE,
        }
    result, _ = await stage.play(text, said)
    assert result.outcome == "succeeded", result.reason
    assert (result.product / "a.py").read_text() == "A = 2\n"
    assert (result.product / "b.py").read_text() == "B = 2\n"
