"""Running without a sandbox: only by an option of the command line, and said everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.sandbox import registry
from agentverse.sandbox.unsafe import NAME

RUN = ("run", "add two numbers", "--company", "tiny", "--model", "recording:tiny.json", "--name", "one")


def test_it_is_loud_in_the_terminal_and_in_the_report(project: Path, call) -> None:
    said = call(*RUN, "--unsafe-no-sandbox")
    assert said.code == 0
    assert "WARNING: NO SANDBOX" in said.out + said.err
    report = (project / "agentverse-runs/one/report.md").read_text(encoding="utf-8")
    assert NAME in report


def test_a_run_without_the_option_has_a_sandbox(project: Path, call) -> None:
    said = call(*RUN)
    assert "NO SANDBOX" not in said.out + said.err
    assert NAME not in (project / "agentverse-runs/one/report.md").read_text(encoding="utf-8")


def test_neither_a_file_nor_the_environment_can_ask_for_it(project: Path, call, monkeypatch) -> None:
    assert NAME not in registry.names()
    for name in ("none", NAME):
        Path("agentverse.toml").write_text(f'[sandbox]\nbackend = "{name}"\n', encoding="utf-8")
        said = call(*RUN)
        assert said.code != 0
        assert "agentverse.toml:2: sandbox.backend: there is no sandbox" in said.err + said.out
    Path("agentverse.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("AGENTVERSE_UNSAFE_NO_SANDBOX", "1")
    said = call(*RUN)
    assert "AGENTVERSE_UNSAFE_NO_SANDBOX is no setting" in said.err + said.out


@pytest.mark.parametrize("value", ["1", "true"])
def test_a_variable_made_from_the_option_does_nothing(project: Path, call, monkeypatch, value) -> None:
    monkeypatch.setenv("_AGENTVERSE_RUN_UNSAFE_NO_SANDBOX", value)
    assert "NO SANDBOX" not in call(*RUN).err
