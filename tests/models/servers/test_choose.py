from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentverse.errors import CannotServe, UsageError
from agentverse.models.catalogue import Machine, find
from agentverse.models.servers.choose import engine_for, plan_for, plans

Hub = Callable[[str, str, Path], Path]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Puts a file into the hub's cache, as a download of a repository would; the cache is empty at first."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope"))

    def put(repo: str, name: str, file: Path) -> Path:
        base = tmp_path / "hub" / f"models--{repo.replace('/', '--')}"
        folder = base / "snapshots" / "abc"
        folder.mkdir(parents=True, exist_ok=True)
        (base / "refs").mkdir(exist_ok=True)
        (base / "refs" / "main").write_text("abc")
        (folder / name).symlink_to(file)
        return folder / name

    return put


def test_a_card_comes_before_the_processor(hub: Hub, program, card: Machine) -> None:
    first, second = plans(card)
    assert (first.engine, first.entry.name, first.place) == ("vllm", "MiniCPM5-2B", None)
    assert (second.engine, second.entry.name) == ("llamacpp", "MiniCPM5-2B")


def test_a_card_is_of_no_use_without_vllm(
    hub: Hub, card: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [plan.engine for plan in plans(card)] == ["llamacpp"]


def test_a_laptop_gets_the_model_that_fits_it(hub: Hub, laptop: Machine) -> None:
    (plan,) = plans(laptop)
    assert (plan.engine, plan.entry.name) == ("llamacpp", "MiniCPM5-1B")
    assert plan.size < 10**9


def test_what_was_downloaded_already_comes_before_what_is_better(hub: Hub, bigram: Path) -> None:
    place = hub("openbmb/MiniCPM5-1B-GGUF", "MiniCPM5-1B-Q4_K_M.gguf", bigram)
    (plan,) = plans(Machine(64 * 10**9, 60 * 10**9))
    assert (plan.entry.name, plan.place) == ("MiniCPM5-1B", place)


def test_what_brings_code_of_its_maker_is_served_only_when_it_is_named(
    hub: Hub, program, card: Machine, bigram: Path
) -> None:
    for name in ("config.json", "model.safetensors"):
        hub("openbmb/MiniCPM4.1-8B", name, bigram)
    assert next(plans(card)).entry.name == "MiniCPM5-2B"
    plan = plan_for("MiniCPM4.1-8B", card)
    assert plan.place is not None
    assert "--trust-remote-code" in plan.launch(plan.place, card, port=1).argv


def test_a_draft_that_was_downloaded_guesses_ahead(hub: Hub, program, card: Machine, bigram: Path) -> None:
    plan = plan_for("MiniCPM5-2B", card)
    assert "--speculative-config" not in plan.launch(Path("weights"), card, port=1).argv
    for name in ("config.json", "model.safetensors"):
        hub("openbmb/MiniCPM5-2B-DSpark", name, bigram)
    assert "--speculative-config" in plan.launch(Path("weights"), card, port=1).argv


def test_a_machine_that_is_too_small_gets_nothing(hub: Hub) -> None:
    assert list(plans(Machine(10**9, 10**9))) == []


def test_a_model_that_was_named_is_served_by_what_works_here(hub: Hub, program, card: Machine, laptop: Machine) -> None:
    assert engine_for(find("MiniCPM5-2B"), card) == "vllm"
    assert engine_for(find("MiniCPM5-2B"), laptop) == "llamacpp"
    assert plan_for("openbmb/MiniCPM5-2B", laptop).form == "gguf"
    assert plan_for("MiniCPM5-2B", card, engine="llamacpp").engine == "llamacpp"


def test_one_that_only_vllm_reads_says_what_is_missing(hub: Hub, laptop: Machine) -> None:
    with pytest.raises(CannotServe, match="is for vLLM on a graphics card: no NVIDIA card was found"):
        plan_for("MiniCPM5-1B-GPTQ", laptop)
    with pytest.raises(CannotServe, match=r"does not come in a form that llama\.cpp reads"):
        plan_for("MiniCPM5-1B-GPTQ", laptop, engine="llamacpp")


def test_a_file_of_the_users_own_is_served_with_the_context_it_was_trained_with(
    hub: Hub, bigram: Path, laptop: Machine
) -> None:
    plan = plan_for(str(bigram), laptop)
    assert (plan.entry.name, plan.place, plan.most) == ("MiniCPM5-tiny", bigram, 65536)
    assert plan.launch(bigram, laptop, port=1).context == 32768
    with pytest.raises(CannotServe, match="takes 65,536 tokens of context, and 70,000 are needed"):
        plan.launch(bigram, laptop, port=1, context=70_000)


def test_a_name_that_nobody_knows_is_told(hub: Hub, laptop: Machine) -> None:
    with pytest.raises(UsageError, match="no model 'MiniCPM6'"):
        plan_for("MiniCPM6", laptop)
    with pytest.raises(CannotServe, match="No such file"):
        plan_for("missing.gguf", replace(laptop))


@pytest.mark.usefixtures("processor_program")
def test_a_vllm_for_processors_serves_what_nothing_else_here_can(hub: Hub, laptop: Machine, card: Machine) -> None:
    big = replace(laptop, ram=64 * 10**9)
    assert [plan.engine for plan in plans(big)] == ["llamacpp", "vllm"]
    assert engine_for(find("MiniCPM5-2B"), big) == "llamacpp"
    assert engine_for(find("MiniCPM-2B"), big) == "vllm", "there is no GGUF of it"
    assert [plan.engine for plan in plans(card)] == ["llamacpp", "vllm"], "it cannot use the card"
    with pytest.raises(CannotServe, match=r"MiniCPM-2B needs .* and this machine has 4\.0 GB for it"):
        plan_for("MiniCPM-2B", laptop).launch(Path("weights"), laptop, port=1)
