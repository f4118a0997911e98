"""``agentverse models list`` and ``doctor``: with programs that stand where a graphics driver would."""

from __future__ import annotations

from pathlib import Path

import pytest

CARD = "#!/bin/sh\necho '0, GPU-a, NVIDIA RTX 4090, 24564, 24000, 580.65.06, 8.9'\n"


@pytest.fixture
def machine(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing downloaded, no card; returns the folder whose programs are found first."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "ms"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def put(folder: Path, program: str, script: str) -> None:
    (folder / program).write_text(script)
    (folder / program).chmod(0o755)


def test_list_says_where_each_model_was_configured_and_shows_no_key(machine: Path, call) -> None:
    Path("agentverse.toml").write_text(
        '[models.edge]\nbase_url = "http://u:hunter2@127.0.0.1:9/v1"\nmodel = "m"\napi_key = "sk-hunter2"\n'
    )
    said = call("models", "list")
    assert "agentverse.toml:2" in said.out
    assert "hunter2" not in said.out + call("models", "list", "--json").out + call("doctor", "--json").out
    assert call("models", "list", "--json").json()["configured"][0]["tier"] == "edge"


def test_list_says_what_fits_and_why_not(machine: Path, call) -> None:
    lines = call("models", "list").out.splitlines()
    assert "  no model is configured" in lines
    assert "  no graphics card: no NVIDIA card was found" in lines
    [row] = [line for line in lines if "MiniCPM5-2B " in line]
    assert row.split()[:5] == ["*", "MiniCPM5-2B", "131,072", "always", "5.0"]
    assert "needs a card" in row
    assert any(line.startswith("  MiniCPM3-4B: ") for line in lines), "warnings are told"
    put(machine, "nvidia-smi", CARD)
    with_card = call("models", "list", "--json").json()
    fit = {one["name"]: one["forms"]["safetensors"]["fit"] for one in with_card["catalogue"]}
    assert fit["MiniCPM5-2B"]["fits"]
    assert (fit["MiniCPM3-4B"]["reason"], fit["MiniCPM5-2B-DSpark"]["reason"]) == ("memory", "draft")
    assert with_card["machine"]["gpus"][0]["memory"] == 24564 << 20


def test_list_is_told_how_much_is_needed(machine: Path, call) -> None:
    put(machine, "nvidia-smi", CARD)
    found = call("models", "list", "--context", "60000", "--agents", "20", "--json").json()["catalogue"]
    fit = {one["name"]: one["forms"]["safetensors"]["fit"] for one in found}
    assert fit["MiniCPM5-2B"]["reason"] == "memory"
    assert fit["MiniCPM5-2B"]["agents"] < 20
    assert fit["MiniCPM3-4B"]["reason"] == "context"


def test_every_line_of_the_table_is_aligned_in_both_languages(machine: Path, call, monkeypatch) -> None:
    from agentverse.cli.text import columns

    for language in ("C.UTF-8", "zh_CN.UTF-8"):
        monkeypatch.setenv("LANG", language)
        lines = call("models", "list").out.splitlines()
        [head] = [line for line in lines if "llama.cpp" in line and "vLLM" in line]
        at = columns(head[: head.index("llama.cpp")])
        for line in lines[lines.index(head) + 1 : lines.index("", lines.index(head))]:
            before = "".join(c for i, c in enumerate(line) if columns(line[: i + 1]) <= at)
            assert columns(before) < at or before.endswith("  "), line


def test_doctor_names_what_does_not_answer_and_one_next_step(machine: Path, call) -> None:
    said = call("models", "doctor", "--model", "http://127.0.0.1:9/v1#m")
    assert said.code == 2
    assert "does not answer" in said.out
    assert said.out.count("next: ") == 1
    good = call("models", "doctor", "--model", "recording:tiny.json", "--json")
    assert good.code == 0
    assert good.json()["tiers"][0]["answers"] is True
    assert good.json()["next"] == 'agentverse run "…"'


def test_doctor_asks_configured_embeddings_for_a_vector(machine: Path, call) -> None:
    Path("agentverse.toml").write_text(
        '[models.embeddings]\nprovider = "langchain"\nmodel = "langchain_core.embeddings:DeterministicFakeEmbedding"\n'
        "extra = {size = 7}\n"
    )
    said = call("models", "doctor", "--model", "recording:tiny.json")
    assert said.code == 0
    assert "answers, vectors of 7 numbers" in said.out
    gone = ("models", "doctor", "--model", "recording:tiny.json", "--model", "embeddings=http://127.0.0.1:9/v1#m")
    broken = call(*gone, "--json")
    assert broken.code == 2
    row = broken.json()["tiers"][-1]
    assert (row["tier"], row["answers"], row["origin"]) == ("embeddings", False, "--model")


def test_doctor_looks_at_the_machine_when_nothing_is_configured(machine: Path, call) -> None:
    said = call("models", "doctor")
    assert said.code == 2
    assert said.out.count("next: ") == 1
    assert "no graphics card" in said.out
    assert "vllm is not installed" in said.out
    put(machine, "nvidia-smi", "#!/bin/sh\necho 'Driver/library version mismatch'; exit 18\n")
    broken = call("models", "doctor", "--json").json()
    assert broken["machine"]["trouble"] == "nvidia-smi says: Driver/library version mismatch"
    assert broken["next"] == "Install the driver anew, or restart after its update."


def test_doctor_speaks_chinese(machine: Path, call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "下一步：" in call("models", "doctor").out
