from __future__ import annotations

import json

import pytest

from agentverse.errors import RecordingExhausted, SettingsError
from agentverse.journal.events import Entry, Note, Reply, RunStarted, Usage
from agentverse.models.protocol import Delta
from agentverse.models.recording import Recording, save_recording
from agentverse.models.registry import open_model


@pytest.fixture
def recorded(tmp_path):
    entries = [
        RunStarted(idea="a clock", language="zh", company={"company": {"name": "software"}}, revision="x", clock=0.0),
        Note(text="nothing"),
        Reply(
            phase="code", visit=1, role="programmer", text="first", thinking="hm", usage=Usage(prompt=9, completion=2)
        ),
        Reply(phase="code", visit=1, role="programmer", text="second", attempt=2, samples=["other"]),
        Reply(phase="check", visit=1, role="tester", text="世界", finish="length"),
    ]
    keys = ["run", "note", "code#1/main.py/1.1", "code#1/main.py/1.2", "check#1/1.1"]
    journal = [
        Entry(run="r", seq=seq, key=key, at=0.0, event=event)
        for seq, (key, event) in enumerate(zip(keys, entries, strict=True), 1)
    ]
    path = tmp_path / "made" / "clock.json"
    save_recording(journal, path, title={"en": "Clock", "zh": "时钟"}, usage=True)
    return path


def test_a_journal_becomes_a_file_a_person_can_read(recorded):
    raw = json.loads(recorded.read_text())
    assert raw["version"] == 1
    title = {"en": "Clock", "zh": "时钟"}
    assert raw["about"] == {"idea": "a clock", "company": "software", "language": "zh", "title": title}
    assert [reply["key"] for reply in raw["replies"]] == ["code#1/main.py/1", "code#1/main.py/1", "check#1/1"]
    assert "世界" in recorded.read_text()
    assert [file.name for file in recorded.parent.iterdir()] == ["clock.json"]


async def test_each_attempt_takes_its_reply_and_then_the_last(recorded, ask):
    model = await open_model(f"recording:{recorded}")
    texts = [(await model.complete(ask(key=f"code#1/main.py/1.{n}"))).choices[0].text for n in (1, 2, 3)]
    assert texts == ["first", "second", "second"]


async def test_usage_is_what_was_counted_or_else_estimated(recorded, ask):
    model = await open_model(f"recording:{recorded}")
    first = await model.complete(ask(key="code#1/main.py/1.1"))
    assert first.usage == Usage(prompt=9, completion=2)
    raw = json.loads(recorded.read_text())
    del raw["replies"][0]["usage"]
    recorded.write_text(json.dumps(raw))
    model = await open_model(f"recording:{recorded}")
    again = await model.complete(ask("x" * 340, key="code#1/main.py/1.1"))
    assert 100 < again.usage.prompt < 130
    assert again.usage.completion >= 2


async def test_samples_thinking_finish_and_pieces_are_played(recorded, ask):
    model = await open_model(f"recording:{recorded}")
    seen: list[Delta] = []
    both = await model.complete(ask(key="code#1/main.py/1.2", n=2, on_delta=seen.append))
    assert [choice.text for choice in both.choices] == ["second", "other"]
    assert [delta.text for delta in seen] == ["second"]
    assert (await model.complete(ask(key="code#1/main.py/1.1"))).choices[0].thinking == "hm"
    assert (await model.complete(ask(key="check#1/1.1"))).choices[0].finish == "length"


async def test_a_missing_reply_names_the_nearest(recorded, ask):
    model = await open_model(f"recording:{recorded}")
    with pytest.raises(RecordingExhausted, match=r"no reply for code#1/mian.py/1; it was made with another") as error:
        await model.complete(ask(key="code#1/mian.py/1.1"))
    assert error.value.fix is not None
    assert "code#1/main.py/1" in error.value.fix


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', '{"replies": [{"key": 1}]}', '{"unknown": 1}'])
def test_a_file_that_is_no_recording_is_refused(tmp_path, text):
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(SettingsError, match="recording"):
        Recording.read(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.json"):
        Recording.read(tmp_path / "nowhere.json")
