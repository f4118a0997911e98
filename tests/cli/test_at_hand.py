"""A run for which no model was configured."""

from __future__ import annotations

from collections.abc import Callable
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
  talk:
    after: demand
    meet: seminar
    seats: {instructor: ceo, assistant: cto}
    turns: 2
    prompt: Talk about it.
    produces: {note: text}
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


@pytest.fixture
def downloaded(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As though MiniCPM5-1B had been downloaded; it is a model that only babbles."""
    base = alone / "models--openbmb--MiniCPM5-1B-GGUF"
    folder = base / "snapshots" / "abc"
    folder.mkdir(parents=True)
    (base / "refs").mkdir()
    (base / "refs" / "main").write_text("abc")
    monkeypatch.setenv("AGENTVERSE_MODELS_EDGE_MAX_TOKENS", "300")  # it may babble on
    return tiny.bigram(folder / "MiniCPM5-1B-Q4_K_M.gguf")


@pytest.mark.timeout(180)
def test_a_whole_company_on_a_model_that_babbles_comes_to_an_orderly_verdict(
    downloaded: Path, project: Path, call: Callable[..., object]
) -> None:
    said = call("run", "a unit converter", "--company", "babble", "--name", "one")
    print(said.err, said.out)
    assert said.code == 1
