"""Seats held by people: at a terminal, from another process, and where nobody is asked; after kill -9 as well."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from .test_stopping import in_terminal, started

INN = """\
name: inn
title: {en: The inn, zh: 客栈}
params: {places: [inn, mill]}
words: {inn: {en: the inn, zh: 客栈}, mill: {en: the mill, zh: 磨坊}}
setting: {en: It rains., zh: 下着雨。}
seats:
  ada: {acts: [speak, whisper], role: {title: Ada, prompt: You are Ada.}}
  ben: {acts: [speak, whisper], role: {title: Ben, prompt: You are Ben.}}
  guest: {acts: [speak, move, pass], person: true, role: {title: {en: Guest, zh: 客人}}}
world: {place: {each: true, start: inn}}
rules: {order: alternate, visibility: location, stop: {turns: 6}}
"""
SAID = [
    {"action": "speak", "text": "Good evening, stranger."},
    {"action": "speak", "text": "A wet night."},
    None,
    {"action": "whisper", "who": "Ben", "text": "I do not trust them."},
    {"action": "speak", "text": "Stay for the night."},
]


def recorded(path: Path, *turns: int) -> None:
    replies = [{"key": f"scene#1/-/{turn}", "text": json.dumps(SAID[turn - 1])} for turn in turns]
    path.write_text(json.dumps({"version": 1, "replies": replies}), encoding="utf-8")


@pytest.fixture
def inn(project: Path) -> Path:
    (project / "environments").mkdir()
    (project / "environments" / "inn.yaml").write_text(INN, encoding="utf-8")
    recorded(project / "inn.json", 1, 2, 4, 5)
    return project


RUN = ("simulate", "inn", "--model", "recording:inn.json", "--name", "here")


def events(call, run: str, kind: str) -> list[dict]:
    entries = [json.loads(line)["event"] for line in call("replay", run, "--json").out.splitlines()]
    return [event for event in entries if event["type"] == kind]


def told_to(process) -> str:
    """The key of the gate that a run waits on, from what it prints."""
    line = ""
    while "agentverse answer" not in line:
        line = process.stdout.readline()
        assert line, process.stderr.read()
    return line.split("--gate '")[1].split("'")[0]


def test_a_person_at_the_terminal_speaks_walks_and_hears_only_what_is_theirs(
    inn: Path, call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    typed = {
        "It is your turn, Guest.": "/fly\n",
        "there is no action": "Good evening!\n",
        "Stay for the night.": "/move the mill\n",
    }
    code, seen = in_terminal([*RUN], typed)
    assert code == 0, seen
    assert "Good evening, stranger." in seen
    assert "/move <the mill>" in seen, "what may be typed is shown"
    assert "I do not trust them." not in seen, "a whisper to somebody else is not shown"
    assert "(goes to: the mill)" in seen
    lines = events(call, "here", "line")
    assert [(line["seat"], line["action"]) for line in lines][2] == ("guest", "speak")
    assert lines[-1]["changes"] == {"place[guest]": "mill"}
    assert len(events(call, "here", "gate.answered")) == 3, "the wrong command is journaled as well"
    prompt = call("show", "here", "--prompt", "scene#1/-/4.1").out
    assert "Guest: Good evening!" in prompt
    assert "/fly" not in prompt


def test_a_person_elsewhere_answers_and_a_killed_run_asks_nothing_twice(inn: Path, call) -> None:
    with started(*RUN) as process:
        first = told_to(process)
        assert call("answer", "here", "--gate", first, "--text", "May I stay?").code == 0
        second = told_to(process)
        assert second != first
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
    questions = [event["question"] for event in events(call, "here", "gate.opened")]
    assert "It rains." in questions[0]
    assert "Ada: Good evening, stranger." in questions[0], "who does not see it happen is told what was heard"
    assert "Ben: Stay for the night." in questions[1]
    assert "Good evening" not in questions[1]
    assert "I do not trust them." not in questions[1]
    recorded(inn / "inn.json")  # nothing is left to be asked of a model
    with started("resume", "here", "--model", "recording:inn.json") as process:
        assert told_to(process) == second
        assert call("answer", "here", "--gate", second, "--text", "Thank you.").code == 0
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "It is over" in out
    assert [line["text"] for line in events(call, "here", "line") if line["seat"] == "guest"] == [
        "May I stay?", "Thank you.",
    ]  # fmt: skip


def test_where_nobody_is_asked_the_seat_passes_without_a_word(inn: Path, call) -> None:
    said = call(*RUN, "--yes")
    assert said.code == 0
    assert "your turn" not in said.out
    assert [line["action"] for line in events(call, "here", "line") if line["seat"] == "guest"] == ["pass", "pass"]
    assert "| Guest | 0 | 2 |" in call("show", "here").out
