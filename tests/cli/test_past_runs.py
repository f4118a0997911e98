from __future__ import annotations

import json
from pathlib import Path

import pytest


def test_runs_lists_what_is_kept_here(finished: Path, call) -> None:
    rows = call("runs", "--json").json()
    assert [(row["id"], row["state"], row["company"]) for row in rows if row["id"] == "done"] == [
        ("done", "succeeded", "tiny")
    ]
    assert "done" in call("runs").out
    assert "done" not in call("runs", "--state", "failed").out


def test_reading_leaves_no_trace_where_there_are_no_runs(project: Path, call) -> None:
    assert call("runs").out == "no runs here yet\n"
    assert call("show", "x").code == 2
    assert not (project / "agentverse-runs").exists()


def test_show_gives_the_report_and_its_parts(finished: Path, call) -> None:
    assert "# add two numbers" in call("show", "done").out
    report = call("show", "done", "--json").json()
    assert report["outcome"] == "succeeded"
    assert call("show", "done", "--files").out == "check.py  (Programmer)\nmain.py  (Programmer)\n"
    phase = call("show", "done", "--phase", "repair")
    assert "<<<<<<< SEARCH" in phase.out
    said = call("show", "done", "--phase", "nothing")
    assert said.code == 2
    assert "repair" in said.err


def test_show_model_gives_the_tokens_and_times_of_every_turn(finished: Path, call) -> None:
    report = call("show", "done", "--model", "--json").json()
    assert [turn["key"] for turn in report["turns"]] == ["design#1/-/1.1", "code#1/-/1.1", "repair#1/-/1.1"]
    assert all(turn["usage"]["prompt"] > turn["usage"]["completion"] > 0 for turn in report["turns"])
    assert report["tiers"][0]["turns"] == 3
    page = call("show", "done", "--model", "--language", "zh").out
    assert "`repair#1/-/1.1`" in page
    assert "首令牌" in page


def test_show_prompt_is_what_the_model_was_sent(finished: Path, call) -> None:
    messages = call("show", "done", "--prompt", "repair#1/-/1.1", "--json").json()
    assert messages[0]["role"] == "system"
    assert [message["role"] for message in messages[1:]][-1] == "user"
    assert "Mend it." in messages[-1]["content"]
    said = call("show", "done", "--prompt", "repair")
    assert said.code == 2
    assert "repair#1/-/1.1" in said.err


def test_a_recording_of_a_run_plays_again(finished: Path, call, tmp_path: Path) -> None:
    file = tmp_path / "again.json"
    assert call("show", "done", "--recording", str(file)).code == 0
    assert json.loads(file.read_text())["about"]["idea"] == "add two numbers"
    again = call("run", "add", "--company", "tiny", "--model", f"recording:{file}", "--quiet")
    assert again.code == 0


def test_replay_tells_the_same_story_without_running_anything(finished: Path, call) -> None:
    said = call("replay", "done")
    assert said.code == 0
    assert "check#2" in said.out
    assert len(call("replay", "done", "--json").out.splitlines()) == call("runs", "--json").json()[0]["events"]
    assert "小公司开工" in call("replay", "done", "--language", "zh").out


def test_an_unknown_run_is_a_usage_error(finished: Path, call) -> None:
    for command in (("show", "nope"), ("replay", "nope"), ("prune", "nope", "--yes")):
        said = call(*command)
        assert said.code == 2, command
        assert "nope" in said.err


@pytest.fixture
def two_runs(project: Path, call) -> Path:
    for name in ("one", "two"):
        run = ("run", "add", "--company", "tiny", "--model", "recording:tiny.json", "--name", name, "--quiet")
        assert call(*run).code == 0
    return project / "agentverse-runs"


def test_prune_removes_the_run_and_its_folder_and_nothing_else(two_runs: Path, call) -> None:
    assert call("prune", "one", "--yes").code == 0
    assert not (two_runs / "one").exists()
    assert (two_runs / "two" / "workspace" / "main.py").is_file()
    assert [row["id"] for row in call("runs", "--json").json()] == ["two"]
    assert call("prune", "--older-than", "1", "--yes").out == "nothing to remove\n"
    assert call("prune", "--older-than", "0", "--yes").code == 0
    assert not (two_runs / "two").exists()


def test_prune_leaves_a_folder_alone_that_is_no_run_of_ours(two_runs: Path, call, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    (two_runs / "one").rename(precious)
    (two_runs / "one").symlink_to(precious)
    said = call("prune", "one", "--yes")
    assert "left alone" in said.err
    assert (precious / "workspace" / "main.py").is_file()


def test_prune_asks_and_takes_no_for_an_answer(two_runs: Path, call, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert call("prune", "one").code == 0
    assert (two_runs / "one").is_dir()
    assert call("prune").code == 2


def test_a_file_that_cannot_be_written_is_one_sentence(finished: Path, call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = call("show", "done", "--recording", str(tmp_path / "file" / "x.json"))
    assert said.code == 1
    assert said.err.startswith("error: ")
    assert len(said.err.splitlines()) == 1
