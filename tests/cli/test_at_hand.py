"""A run for which no model was configured."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agentverse.models.servers.ports import free_port
from agentverse.testing import tiny

BABBLE = """\
name: babble
limits: {tokens: 150000, minutes: 5, turns: 30}
success: check.passed
phases:
  demand:
    ask: cpo
    prompt: Say what {{ idea }} must do.
    produces: {requirements: requirements}
    on_error: continue
  talk:
    after: demand
    meet: seminar
    seats: {instructor: ceo, assistant: cto}
    turns: 2
    prompt: Talk about it.
    produces: {note: text}
    on_error: continue
  code:
    after: talk
    ask: programmer
    prompt: Write it as main.py.
    produces: {source: files}
    on_error: continue
  check:
    after: code
    run: python main.py
    produces: {check: evidence}
"""


@pytest.fixture
def alone(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project on a machine where no server answers and no model was downloaded. Returns the hub's cache."""
    monkeypatch.setenv("AGENTVERSE_SERVE_PORTS", str(free_port()))
    monkeypatch.setenv("AGENTVERSE_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope"))
    (project / "companies" / "babble.yaml").write_text(BABBLE, encoding="utf-8")
    return tmp_path / "hub"


@pytest.fixture(scope="session")
def babbler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.bigram(tmp_path_factory.mktemp("tiny") / "babbler.gguf")


@pytest.fixture
def downloaded(alone: Path, babbler: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As though MiniCPM5-1B had been downloaded; it is a model that only babbles."""
    base = alone / "models--openbmb--MiniCPM5-1B-GGUF"
    folder = base / "snapshots" / "abc"
    folder.mkdir(parents=True)
    (base / "refs").mkdir()
    (base / "refs" / "main").write_text("abc")
    monkeypatch.setenv("AGENTVERSE_MODELS_EDGE_MAX_TOKENS", "1500")  # it may babble on
    file = folder / "MiniCPM5-1B-Q4_K_M.gguf"
    file.symlink_to(babbler)
    return file


@pytest.fixture
def answering(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a server that has the replies of ``tiny.json``, at a port where one is looked for."""
    port = free_port()
    monkeypatch.setenv("AGENTVERSE_SERVE_PORTS", f"{free_port()},{port}")
    command = [sys.executable, "-m", "agentverse.testing", "--recording", "tiny.json", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.terminate()


def served(model: Path) -> list[int]:
    """Processes that serve the file ``model``; other tests may serve others."""
    names = {os.fsencode(model), os.fsencode(model.resolve())}
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if names.intersection(words) and any(word.endswith(b"servers/llama.py") for word in words):
                found.append(int(path.parts[2]))
    return found


def test_a_server_that_answers_already_is_taken_and_named(answering: str, project: Path, call) -> None:
    said = call("run", "add two numbers", "--company", "tiny", "--name", "one")
    assert said.code == 0
    assert f"No model is configured: taking scripted, which answers at {answering}." in said.err
    assert f"edge: scripted at {answering}" in said.out
    assert "agentverse show one" not in said.err


def test_what_is_configured_goes_before_what_is_found(answering: str, project: Path, call) -> None:
    said = call("run", "add two numbers", "--company", "tiny", "--model", "recording:tiny.json")
    assert said.code == 0
    assert answering not in said.out + said.err


def test_a_model_that_is_named_without_a_place_is_the_only_one_that_will_do(
    alone: Path, answering: str, project: Path, call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_MODEL", "MiniCPM6")
    said = call("run", "add two numbers", "--company", "tiny")
    assert said.code == 2
    assert "the catalogue has no model 'MiniCPM6'" in said.err
    monkeypatch.setenv("OPENAI_MODEL", "scripted")
    assert call("run", "add two numbers", "--company", "tiny").code == 0


def test_when_none_is_at_hand_one_screen_says_what_was_looked_for_and_the_ways_on(
    alone: Path, project: Path, call
) -> None:
    said = call("run", "anything")
    assert said.code == 2
    for part in ("OPENAI_BASE_URL", str(project / "agentverse.toml"), "--model", "run --yes", "agentverse demo"):
        assert part in said.err
    assert re.search(r"MiniCPM5-\dB \(\d\.\d GB\) could be served here, and would have to be downloaded", said.err)
    assert len(said.err.splitlines()) < 24
    assert not (project / "agentverse-runs").exists()
    assert "没有配置模型" in call("run", "anything", "--language", "zh").err


def test_programs_are_told_in_json_and_nothing_else(alone: Path, call) -> None:
    said = call("run", "anything", "--json")
    assert json.loads(said.out)["error"] == "NoModel"


def test_a_broken_company_is_found_before_a_model_is_looked_for(downloaded: Path, project: Path, call) -> None:
    (project / "companies" / "bad.yaml").write_text("name: bad\nphases:\n  a: {ask: nobody_there, prompt: x}\n")
    said = call("run", "x", "--company", "bad")
    assert "companies/bad.yaml:3:" in said.err
    assert "MiniCPM5-1B" not in said.err


def test_a_run_that_is_not_there_is_told_before_a_model_is_looked_for(downloaded: Path, finished: Path, call) -> None:
    said = call("resume", "nothing-of-the-kind")
    assert said.code == 2
    assert "MiniCPM5-1B" not in said.err


def test_a_company_runs_on_a_model_that_babbles_to_an_orderly_verdict(downloaded: Path, call) -> None:
    said = call("run", "a unit converter", "--company", "babble", "--json")
    assert said.code == 1
    *entries, result = [json.loads(line) for line in said.out.splitlines()]
    assert result["outcome"] == "failed"
    assert result["reason"].startswith("the end was reached without check.passed")
    events = [entry["event"] for entry in entries]
    formal = [
        one for one in events if one["type"] == "reply" and "constraint" in one["asked"] and one["finish"] == "stop"
    ]
    assert {one["model"] for one in formal} == {"MiniCPM5-1B"}
    for one in formal:
        json.loads(one["text"])
    assert any(one["type"] == "evidence" and not one["evidence"]["passed"] for one in events)
    assert served(downloaded) == []


def test_a_run_that_was_stopped_goes_on_with_a_model_served_for_it_anew(downloaded: Path, project: Path, call) -> None:
    first = call("run", "a unit converter", "--company", "babble", "--name", "two", "--turns", "1")
    assert "No model is configured: serving MiniCPM5-1B here with llama.cpp." in first.err
    assert "agentverse resume two" in first.out
    second = call("resume", "two", "--turns", "30", "--quiet")
    assert "Not done: the end was reached without check.passed" in second.out
    report = json.loads((project / "agentverse-runs/two/report.json").read_text(encoding="utf-8"))
    assert report["turns"] > 1
    assert served(downloaded) == []


def test_a_model_whose_context_is_too_short_is_told_before_the_run(project: Path, call) -> None:
    port = free_port()
    command = [sys.executable, "-m", "agentverse.testing", "--reply", "x", "--port", str(port), "--context", "1500"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        said = call("run", "anything", "--model", f"http://127.0.0.1:{port}")
        server.terminate()
    assert said.code == 2
    assert re.search(
        r"company 'software' needs about [\d,]+ tokens of context \(phase '\w+'\), and scripted has", said.err
    )
    assert "models serve --context" in said.err
    assert not list((project / "agentverse-runs").glob("*/"))
