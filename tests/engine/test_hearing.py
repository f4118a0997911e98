"""What people say to roles: in the journal at once, read by one next turn, and read again by a resumed run."""

from __future__ import annotations

import pytest

from agentverse.engine.run import fork, resume
from agentverse.errors import UsageError
from agentverse.journal.events import Decision, GateAnswered, GateOpened, Said

TALK = """
success: check.passed
phases:
  notes:
    ask: cto
    prompt: Write a note.
    produces: {notes: text}
  code:
    after: notes
    ask: programmer
    prompt: Write it.
    produces: {source: files}
  check:
    after: code
    run: python main.py
    produces: {check: evidence}
"""
WIDE = """
phases:
  notes:
    ask: cto
    prompt: Write a note.
    produces: {notes: text}
  left:
    after: notes
    ask: programmer
    prompt: Left.
    produces: {left: text}
  right:
    after: notes
    ask: programmer
    prompt: Right.
    produces: {right: text}
"""
GATE = """
success: check.passed
phases:
  data:
    human: Which numbers?
    produces: {data: answer}
  code:
    after: data
    ask: programmer
    prompt: Use {{ data.text }}.
    produces: {source: files}
  check:
    after: code
    run: python main.py
    produces: {check: evidence}
"""
MAIN = "```python main.py\nprint(1)\n```\n"


def heard(entries):
    return {e.key: e.event.value["texts"] for e in entries if isinstance(e.event, Decision) and e.event.what == "heard"}


async def test_the_next_turn_of_the_role_reads_it_and_no_later_one(stage_with):
    stage, reached, release = await stage_with("notes#1/-/1")
    handle = await stage.begin(TALK, {"notes#1/-/1": "n", "code#1/-/1": MAIN})
    await reached.wait()
    with pytest.raises(UsageError, match="nobody in company 'made_here' is 'king'"):
        await handle.say("hello", role="king")
    with pytest.raises(UsageError, match="nothing was said"):
        await handle.say("  ")
    await handle.say("Use integers.", role="programmer")
    await handle.say("And be brief.", role="programmer")
    release.set()
    assert (await handle.result()).outcome == "succeeded"
    assert "Use integers.\nAnd be brief." in stage.prompts["code#1/-/1.1"]
    assert "Use integers." not in stage.prompts["notes#1/-/1.1"]
    entries = await stage.journal.read("made")
    assert heard(entries) == {"code#1/-/1/heard": ["Use integers.", "And be brief."]}


async def test_two_turns_at_the_same_time_read_it_once(stage_with):
    stage, reached, release = await stage_with("notes#1/-/1")
    handle = await stage.begin(WIDE, {"notes#1/-/1": "n", "left#1/-/1": "l", "right#1/-/1": "r"})
    await reached.wait()
    await handle.say("Only once.")
    release.set()
    await handle.result()
    read = [key for key, prompt in stage.prompts.items() if "Only once." in prompt]
    assert len(read) == 1
    assert list(heard(await stage.journal.read("made"))) == [read[0].replace(".1", "/heard")]


async def test_a_resumed_run_reads_what_it_read_and_what_it_has_not_read_yet(stage_with):
    stage, reached, release = await stage_with("code#1/-/1")
    handle = await stage.begin(TALK, {"notes#1/-/1": "n", "code#1/-/1": MAIN})
    await reached.wait()
    await handle.say("Too late for this turn.", role="programmer")
    await handle.stop(now=True)
    await handle.result()
    release.set()
    again = await resume(await stage.host(), "made")
    assert (await again.result()).outcome == "succeeded"
    # The turn that was cut off had not read it when it was asked; asked again, it does.
    assert "Too late for this turn." in stage.prompts["code#1/-/1.1"]
    forked = await fork(await stage.host(), "made", phase="check", new_run="forked")
    assert (await forked.result()).outcome == "succeeded"
    assert stage.asked.count("notes#1/-/1.1") == 1
    assert stage.asked.count("code#1/-/1.1") == 2, "a fork asks nothing that it took over"


async def test_what_was_said_to_a_run_that_nobody_drives_is_read_when_it_goes_on(stage_with):
    stage, reached, release = await stage_with("notes#1/-/1")
    handle = await stage.begin(TALK, {"notes#1/-/1": "n", "code#1/-/1": MAIN})
    await reached.wait()
    await handle.stop(now=True)
    await handle.result()
    await stage.journal.send("made", "say", {"text": "From afar.", "role": "programmer"})
    await stage.journal.send("made", "say", {"text": "Nobody hears.", "role": "king"})
    again = await resume(await stage.host(), "made")
    async for entry in again:
        if isinstance(entry.event, Said):
            release.set()
            break
    await again.result()
    assert "From afar." in stage.prompts["code#1/-/1.1"]
    notes = [e.event.text for e in await stage.journal.read("made") if e.event.type == "note"]
    assert any("is 'king'" in note for note in notes)


async def test_a_cancelled_run_is_stopped_and_a_stopped_one_interrupted(stage_with):
    stage, reached, _ = await stage_with("notes#1/-/1")
    handle = await stage.begin(TALK, {"notes#1/-/1": "n"})
    await reached.wait()
    await handle.stop(now=True, cancel=True)
    result = await handle.result()
    assert (result.outcome, result.reason) == ("stopped", "the run was cancelled")
    assert (await stage.journal.find("made")).state == "stopped"


async def test_files_that_come_with_an_answer_are_in_the_workspace_also_after_a_resumption(stage):
    handle = await stage.begin(GATE, {"code#1/-/1": MAIN})
    async for entry in handle:
        if isinstance(entry.event, GateOpened):
            break
    await handle.answer("data#1/-/gate", text="these", files={"data/n.bin": bytes(range(256)), "n.txt": b"1 2 3"})
    result = await handle.result()
    assert result.outcome == "succeeded"
    assert (result.product / "data" / "n.bin").read_bytes() == bytes(range(256))
    assert "1 2 3" in stage.prompts["code#1/-/1.1"]
    entries = await stage.journal.read("made")
    (answer,) = [e.event for e in entries if isinstance(e.event, GateAnswered)]
    assert sorted(answer.files) == ["data/n.bin", "n.txt"]
    forked = await fork(await stage.host(), "made", phase="check", new_run="forked")
    again = await forked.result()
    assert (again.product / "data" / "n.bin").read_bytes() == bytes(range(256))


@pytest.mark.parametrize("path", ["../x", "/etc/x", ".git/x", "a/../../x"])
async def test_a_file_whose_name_leads_out_is_refused_before_it_is_an_answer(stage, path):
    handle = await stage.begin(GATE, {"code#1/-/1": MAIN})
    async for entry in handle:
        if isinstance(entry.event, GateOpened):
            break
    with pytest.raises(ValueError, match="refused"):
        await handle.answer("data#1/-/gate", text="x", files={path: b""})
    with pytest.raises(UsageError, match="at most 20 files"):
        await handle.answer("data#1/-/gate", text="x", files={"big": bytes((1 << 20) + 1)})
    await handle.stop(now=True)
    await handle.result()
    assert not [e for e in await stage.journal.read("made") if isinstance(e.event, GateAnswered)]
