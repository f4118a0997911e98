"""Commands that look at companies, models and this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.cli.main import COMMANDS, cli, invoke
from agentverse.cli.options import read_settings


def test_every_command_in_the_table_exists_and_has_help(project: Path, call) -> None:
    for name in COMMANDS:
        said = call(name, "--help")
        assert said.code == 0, name
        assert said.out.startswith("Usage: agentverse " + name)


def test_help_of_a_command_says_what_the_table_says_it_is_for() -> None:
    assert list(COMMANDS) == cli.list_commands(None)  # type: ignore[arg-type]


def test_the_commands_that_the_design_names_are_there() -> None:
    named = "run demo resume fork replay runs show validate graph schema new models doctor answer prune completion"
    assert set(named.split()) == set(COMMANDS)


def test_a_mistyped_command_gets_the_nearest(call) -> None:
    said = call("rnu")
    assert said.code == 2
    assert "'run'" in said.err


def test_version(call) -> None:
    from agentverse import __version__

    assert call("--version").out == f"agentverse, version {__version__}\n"


@pytest.mark.parametrize("kind", ["company", "role", "environment", "language"])
def test_new_writes_a_valid_file_and_never_over_another(project: Path, call, kind: str) -> None:
    said = call("new", kind, "mine")
    assert said.code == 0
    path = said.out.splitlines()[0].removeprefix("written: ")
    checked = call("validate", path, "--json").json()
    assert checked == {"ok": True, "problems": []}
    Path(path).write_text("precious")
    assert call("new", kind, "mine").code == 2
    assert Path(path).read_text() == "precious"
    assert call("new", kind, "../mine").code == 2


def test_validate_reports_file_line_and_column_and_exits_with_2(project: Path, call) -> None:
    Path("companies/bad.yaml").write_text("name: bad\nphases:\n  a: {ask: programmer, promt: x}\n")
    said = call("validate", "companies/bad.yaml", "tiny")
    assert said.code == 2
    assert "companies/bad.yaml:3:" in said.out
    assert "'prompt'" in said.out
    assert call("validate", "companies/bad.yaml", "--json").json()["ok"] is False


@pytest.mark.parametrize("kind", ["company", "role", "environment", "language"])
def test_schema_is_json_schema(call, kind: str) -> None:
    assert "$schema" in call("schema", kind).json()


def test_graph_draws_every_phase_its_loops_and_what_runs_at_the_same_time(project: Path, call) -> None:
    assert call("new", "company", "mine").code == 0
    drawn = call("graph", "mine").out.splitlines()[2:-2]
    lines = {next(word for word in line.split() if word.isalpha()): line for line in drawn}
    assert list(lines) == ["demand", "design", "code", "tests", "check", "repair"]
    assert lines["check"].startswith("╭─▶")
    assert lines["repair"].startswith("╰──")
    assert "┌ code" in lines["code"]
    assert "└ tests" in lines["tests"]
    assert "back to check, at most 4 times" in lines["repair"]


def test_graph_for_other_programs(project: Path, call) -> None:
    mermaid = call("graph", "tiny", "--format", "mermaid").out
    assert mermaid.startswith("flowchart TD\n")
    assert 'repair -.->|"at most 3 times"| check' in mermaid
    dot = call("graph", "tiny", "--format", "dot").out
    assert 'repair -> check [label="at most 3 times", style=dashed];' in dot


def test_doctor_shows_settings_with_their_origin_and_what_the_sandbox_holds(project: Path, call) -> None:
    Path("agentverse.toml").write_text('company = "solo"\n')
    said = call("doctor", "--json")
    assert said.code == 0
    found = said.json()
    origin = {one["path"]: one["origin"] for one in found["settings"]}
    assert origin["company"].endswith("agentverse.toml:1")
    assert origin["limits.tokens"] == "default"
    assert found["sandbox"]["works"]
    assert found["sandbox"]["enforced"]["network"]
    backends = {one["name"]: one for one in found["sandbox"]["backends"]}
    assert {"bubblewrap", "container", "landlock"} <= set(backends)
    assert backends["bubblewrap"]["works"]
    assert all(one["works"] or one["problem"] for one in backends.values())
    assert found["sandbox"]["stronger"]
    tools = {one["name"]: one for one in found["tools"]}
    assert tools["tkinter"]["there"] is True
    assert all(one["there"] or one["fix"] for one in tools.values())
    shown = call("doctor").out
    assert "\ntools\n" in shown
    assert "embeddings hashing\n  store      in the process" in shown
    assert "tkinter    there    for windows" in shown


def test_doctor_says_which_languages_can_be_used_and_what_the_others_lack(project: Path, call) -> None:
    Path("languages").mkdir()
    Path("languages/zig.yaml").write_text(
        "title: Zig\nsuffixes: [.zig]\nneeds: {no-such-compiler: zig}\ntest: zig test\nresults: junit\n"
    )
    found = {one["name"]: one for one in call("doctor", "--json").json()["languages"]}
    assert found["python"] == {"name": "python", "title": "Python", "works": True}
    assert found["html"]["works"]
    lack = "Zig cannot be used here: no-such-compiler is not installed"
    assert found["zig"] == {
        "name": "zig",
        "title": "Zig",
        "works": False,
        "problem": lack,
        "fix": "apt-get install -y zig",
    }
    assert f"zig        no: {lack} (fix: apt-get install -y zig)" in call("doctor").out


@pytest.mark.parametrize(
    ("said", "error", "fix"),
    [
        (["klingon"], "there is no language 'klingon'", "There are: c, cpp, go"),
        (["rustt"], "there is no language 'rustt'", "Did you mean 'rust'?"),
        (["en", "zh"], "--language says both 'en' and 'zh'", "Keep one of the two."),
        (["go", "zh", "c"], "--language says both 'go' and 'c'", "Keep one of the two."),
    ],
)
def test_a_language_that_there_is_not_is_refused(project: Path, call, said, error: str, fix: str) -> None:
    words = [word for name in said for word in ("--language", name)]
    told = call("run", "a clock", "--company", "tiny", *words)
    assert told.code == 2
    assert told.err.startswith(f"error: {error}\nfix: {fix}")


def test_languages_of_people_and_of_the_product_are_told_apart() -> None:
    from agentverse.cli.options import split_languages

    assert split_languages(()) == (None, "")
    assert split_languages(("golang",)) == (None, "go")
    assert split_languages(("C++", "zh")) == ("zh", "cpp")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_complete_commands(project: Path, call, shell: str) -> None:
    assert "_AGENTVERSE_COMPLETE" in call("completion", shell).out


def test_completion_knows_the_commands(project: Path) -> None:
    import os

    env = {**os.environ, "_AGENTVERSE_COMPLETE": "bash_complete", "COMP_WORDS": "agentverse re", "COMP_CWORD": "1"}
    out = subprocess.run([sys.executable, "-m", "agentverse"], env=env, capture_output=True, text=True, check=False)
    assert {line.partition(",")[2] for line in out.stdout.split()} == {"resume", "replay"}


def test_settings_errors_are_one_sentence_and_a_fix(project: Path, call) -> None:
    Path("agentverse.toml").write_text("[model.edge]\n")
    said = call("runs")
    assert said.code == 2
    assert "agentverse.toml:1" in said.err
    assert "fix: Did you mean 'models'?" in said.err


def test_errors_are_json_too_when_asked_for(project: Path, call) -> None:
    said = call("show", "nope", "--json")
    assert json.loads(said.out)["error"] == "RunNotFound"


def test_debug_shows_the_traceback(project: Path) -> None:
    from agentverse.errors import RunNotFound

    with pytest.raises(RunNotFound):
        invoke(["show", "nope", "--debug"])


def test_a_model_of_another_tier_is_named_with_its_tier(project: Path) -> None:
    settings = read_settings(models=("http://a/v1#m=1", "cloud=http://b/v1#n"))
    placed = settings.models.placed()
    assert [(tier, model.base_url, model.model) for tier, model in placed.items()] == [
        ("edge", "http://a/v1", "m=1"),
        ("cloud", "http://b/v1", "n"),
    ]
    assert settings.origin("models.cloud.base_url") == "--model"
