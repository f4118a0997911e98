"""A meeting with a recording: found once, kept in the journal, shown to each seat as far as it may see it."""

from __future__ import annotations

import json

import pytest

from agentverse.engine.run import resume
from agentverse.errors import BlueprintError
from agentverse.journal.events import SceneEnded, ToolCalled
from agentverse.models.calling import Wanted, as_text
from agentverse.testing import fault

ROOM = """
inputs: {day: monday}
phases:
  talk: {meet: room, prompt: Talk., seats: {host: programmer, guest: reviewer}}
environments:
  room:
    params: {day: monday}
    recording: "{{ day }}"
    seats:
      host: {tools: [look_up], records: [load]}
      guest: {tools: [look_up]}
    rules: {order: sequential, stop: {turns: 2}}
    measures: {host: calls.host, guest: calls.guest}
"""
LOAD, DONE = as_text([Wanted("look_up", {"table": "load"})]), as_text([])


@pytest.fixture
def monday(tmp_path, monkeypatch):
    """The file of the recording, in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "recordings" / "monday.json"
    file.parent.mkdir()
    tables = {
        "load": {"columns": ["percent"], "rows": [[97]]},
        "secrets": {"columns": ["word"], "rows": [["xyzzy"]]},
    }
    file.write_text(json.dumps({"tables": tables}))
    return file


async def test_a_seat_sees_its_tables_and_one_that_names_none_sees_all(stage, monday) -> None:
    said = {
        "talk#1/-/1/call/1": LOAD,
        "talk#1/-/1/call/2": as_text([Wanted("look_up", {"table": "secrets"})]),
        "talk#1/-/1/call/3": DONE,
        "talk#1/-/1": "It is busy.",
        "talk#1/-/2/call/1": as_text([Wanted("look_up", {"table": "secrets"}), Wanted("look_up", {"table": "load"})]),
        "talk#1/-/2/call/2": DONE,
        "talk#1/-/2": "I saw it.",
    }
    result, entries = await stage.play(ROOM, said)
    assert result.outcome == "succeeded", result.reason
    made = [entry.event for entry in entries if isinstance(entry.event, ToolCalled)]
    assert [(call.ok, "xyzzy" in call.result) for call in made] == [
        (True, False),
        (False, False),
        (True, True),
        (True, False),
    ]
    assert not [key for key, text in stage.prompts.items() if key.startswith("talk#1/-/1") and "xyzzy" in text]
    assert made[0].result == "percent\n97"
    (ended,) = [entry.event for entry in entries if isinstance(entry.event, SceneEnded)]
    assert ended.measures == {"host": 2, "guest": 2}


async def test_a_resumed_run_has_the_recording_from_its_journal(stage, monday) -> None:
    said = {
        "talk#1/-/1/call/1": LOAD,
        "talk#1/-/1/call/2": DONE,
        "talk#1/-/1": "It is busy.",
        "talk#1/-/2/call/1": fault("500"),
    }
    result, _ = await stage.play(ROOM, said)
    assert result.outcome == "stopped"
    monday.unlink()
    stage.replies = {"talk#1/-/2/call/1": LOAD, "talk#1/-/2/call/2": DONE, "talk#1/-/2": "So I see."}
    handle = await resume(await stage.host(), "made")
    assert (await handle.result()).outcome == "succeeded"
    entries = list(await stage.journal.read("made"))
    assert [entry.event.result for entry in entries if isinstance(entry.event, ToolCalled)] == ["percent\n97"] * 2
    (ended,) = [entry.event for entry in entries if isinstance(entry.event, SceneEnded)]
    assert ended.measures == {"host": 1, "guest": 1}


async def test_a_recording_without_a_table_that_a_seat_needs_is_refused(stage, monday) -> None:
    result, _ = await stage.play(ROOM.replace("records: [load]", "records: [lood]"))
    assert result.outcome == "failed"
    assert "'host' is to look up 'lood', which the recording 'monday' does not have" in result.reason
    assert not stage.asked


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{ask: programmer, prompt: Look., tools: [look_up], produces: {said: text}}", "here is none"),
        (
            "{meet: review, prompt: Talk., seats: {author: programmer, reviewer: reviewer}, tools: [look_up]}",
            "here is none",
        ),
    ],
)
async def test_a_phase_without_a_recording_has_nothing_to_look_up(stage, text, why) -> None:
    with pytest.raises(BlueprintError, match=why):
        await stage.play(f"phases:\n  look: {text}\n")
