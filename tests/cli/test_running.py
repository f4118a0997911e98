from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = ("run", "add two numbers", "--company", "tiny", "--model", "recording:tiny.json")


def test_run_says_where_the_software_is_how_to_start_it_and_what_evidence_there_is(project: Path, call) -> None:
    said = call(*RUN, "--name", "one")
    assert said.code == 0
    workspace = project / "agentverse-runs" / "one" / "workspace"
    assert f"Software: {workspace}" in said.out
    assert f"cd {workspace} && python main.py 1 2" in said.out
    assert "python check.py  passed" in said.out
    assert f"Report: {workspace.parent / 'report.md'}" in said.out
    started = subprocess.run(
        [sys.executable, "main.py", "1", "2"], cwd=workspace, capture_output=True, text=True, check=True
    )
    assert started.stdout == "3\n"


def test_a_pipe_gets_plain_lines_and_nothing_a_terminal_would_act_on(project: Path, call) -> None:
    said = call(*RUN)
    assert "\x1b" not in said.out
    assert "\x07" not in said.out
    assert "[bold]the[/bold]" in said.out
    assert any(line.startswith("check#2") and "passed" in line for line in said.out.splitlines())


def test_json_gives_one_object_per_entry_and_the_result_last(project: Path, call) -> None:
    lines = [json.loads(line) for line in call(*RUN, "--json").out.splitlines()]
    *entries, result = lines
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    assert {"run.started", "reply", "evidence", "run.ended"} <= {entry["event"]["type"] for entry in entries}
    assert (result["type"], result["outcome"], result["turns"]) == ("result", "succeeded", 3)


def test_quiet_says_only_how_it_ended(project: Path, call) -> None:
    said = call(*RUN, "--quiet")
    assert said.out.startswith("Done")


def test_chinese_is_spoken_when_asked_for(project: Path, call) -> None:
    said = call(*RUN, "--language", "zh", "--name", "zh")
    assert "小公司开工" in said.out
    assert "完成" in said.out
    assert "软件已完成" in (project / "agentverse-runs/zh/report.md").read_text(encoding="utf-8")


def test_a_run_that_fails_says_why_and_exits_with_1(project: Path, call) -> None:
    recording = json.loads((project / "tiny.json").read_text(encoding="utf-8"))
    recording["replies"].pop()
    recording["replies"].append({"key": "repair#1/-/1", "text": "I cannot."})
    (project / "tiny.json").write_text(json.dumps(recording), encoding="utf-8")
    said = call(*RUN, "--name", "bad")
    assert said.code == 1
    assert "Not done: " in said.out
    assert "agentverse fork bad --from PHASE --model recording:tiny.json" in said.out
    assert "agentverse resume" not in said.out, "the same replies would fail it again"


def test_a_limit_from_the_command_line_ends_the_run_and_a_higher_one_goes_on(project: Path, call) -> None:
    said = call(*RUN, "--name", "short", "--turns", "2")
    assert said.code == 1
    assert "agentverse resume short --turns N --model recording:tiny.json" in said.out
    said = call("resume", "short", "--model", "recording:tiny.json", "--turns", "9")
    assert said.code == 0
    assert "Design" not in said.out, "what was known is not shown again"
    report = json.loads((project / "agentverse-runs/short/report.json").read_text(encoding="utf-8"))
    assert report["turns"] == 3


def test_fork_does_the_rest_anew_and_shows_only_that(finished: Path, call) -> None:
    said = call("fork", "done", "--from", "repair", "--model", "recording:tiny.json")
    assert said.code == 0
    assert "Chief" not in said.out
    assert "repair" in said.out


def test_a_company_that_was_edited_is_noticed_on_resume(project: Path, call) -> None:
    assert call(*RUN, "--name", "edited", "--turns", "2").code == 1
    path = project / "companies" / "tiny.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Mend it.", "Mend it well."), encoding="utf-8")
    again = ("resume", "edited", "--model", "recording:tiny.json", "--turns", "9")
    said = call(*again)
    assert said.code == 2
    assert "--as-begun" in said.err
    assert call(*again, "--as-begun").code == 0


def test_a_server_that_is_down_is_found_before_anything_is_begun(project: Path, call) -> None:
    said = call("run", "anything", "--model", "http://127.0.0.1:9/v1#m")
    assert said.code == 2
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err
    assert not list((project / "agentverse-runs").glob("*/"))


def test_a_broken_company_is_found_before_anything_is_begun(project: Path, call) -> None:
    (project / "companies" / "bad.yaml").write_text("name: bad\nphases:\n  a: {ask: nobody_there, prompt: x}\n")
    said = call("run", "x", "--company", "bad", "--model", "recording:tiny.json")
    assert said.code == 2
    assert "companies/bad.yaml:3:" in said.err


@pytest.mark.parametrize(
    "more",
    [("--set", "novalue"), ("--set", "unknown=1"), ("--name", "../out"), ("--in", "missing-folder"), ("--tokens", "0")],
)
def test_odd_options_are_refused_before_anything_is_begun(project: Path, call, more: tuple[str, str]) -> None:
    said = call(*RUN, *more)
    assert said.code == 2
    assert "error: " in said.err.lower()
    assert not list((project / "agentverse-runs").glob("*/"))


def test_a_run_name_that_is_taken_is_refused(finished: Path, call) -> None:
    said = call(*RUN, "--name", "done")
    assert said.code == 2
    assert "agentverse resume done" in said.err
