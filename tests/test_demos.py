"""The recorded runs that are shipped, played through the real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.cli.main import invoke
from agentverse.demos import demos, find_demo
from agentverse.errors import SettingsError, UsageError

SHIPPED = demos()


@pytest.mark.parametrize("demo", SHIPPED, ids=lambda demo: demo.name)
def test_a_demo_plays_to_passing_software(
    demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(tmp_path / "none"))
    assert invoke(["demo", demo.name, "--language", "en"]) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[-1].startswith("Only the replies were recorded; ")
    commands = int(said[-1].split("; ")[1].split()[0])
    assert commands == sum(line.split()[1:2] == ["$"] for line in said)
    assert commands >= 1


def test_demo_without_a_name_lists_them_all(capfd: pytest.CaptureFixture[str]) -> None:
    assert invoke(["demo"]) == 0
    said = capfd.readouterr().out
    for demo in SHIPPED:
        assert demo.name in said
        assert demo.title("en") in said


def test_demos_have_titles_in_both_languages() -> None:
    for demo in SHIPPED:
        assert set(demo.recording.about.title) == {"en", "zh"}, demo.name


def test_first_plays_one_without_being_told_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not SHIPPED:
        pytest.skip("no recorded run is shipped")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(tmp_path / "none"))
    assert invoke(["demo", "--first", "--quiet"]) == 0


def test_an_unknown_demo_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="nope"):
        find_demo("nope", SHIPPED)


def test_a_file_that_is_no_recording_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}{")
    with pytest.raises(SettingsError, match=r"bad\.json"):
        demos(tmp_path)
