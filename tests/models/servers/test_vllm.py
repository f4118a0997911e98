from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentverse.errors import CannotServe
from agentverse.models.catalogue import Gpu, Machine, find
from agentverse.models.servers import vllm

GB = 10**9
Program = Callable[..., None]


def option(argv: tuple[str, ...], name: str) -> str:
    return argv[argv.index(name) + 1]


def cards(*memory: int, capability: float = 8.9) -> Machine:
    gpus = tuple(Gpu(f"card {size // GB}", size, size, "580.65", capability) for size in memory)
    return Machine(64 * GB, 60 * GB, gpus)


def test_the_command_line_has_all_that_agents_need(program: Program, card: Machine, tmp_path: Path) -> None:
    launch = vllm.launch(find("MiniCPM5-2B"), tmp_path, card, port=8000)
    argv = launch.argv
    assert Path(argv[0]).name == "vllm"
    assert argv[1:3] == ("serve", str(tmp_path))
    assert option(argv, "--host") == "127.0.0.1"
    assert option(argv, "--port") == "8000"
    assert option(argv, "--served-model-name") == launch.model == "MiniCPM5-2B"
    assert int(option(argv, "--max-model-len")) == launch.context == 65536
    assert option(argv, "--scheduling-policy") == "priority"
    assert {"--enable-prefix-caching", "--enable-prompt-tokens-details"} <= set(argv)
    assert json.loads(option(argv, "--structured-outputs-config")) == {
        "backend": "guidance",
        "disable_any_whitespace": True,
        "disable_additional_properties": True,
    }
    assert option(argv, "--reasoning-parser") == "qwen3"
    assert json.loads(option(argv, "--reasoning-config"))["reasoning_end_str"] == "</think>"
    assert option(argv, "--tool-call-parser") == "minicpm5"
    assert option(argv, "--shutdown-timeout") == "30"
    assert int(option(argv, "--max-num-queued-reqs")) > launch.slots
    assert "--trust-remote-code" not in argv
    assert launch.env["HF_HUB_OFFLINE"] == "1"


def test_a_server_for_one_run_has_a_key_that_no_command_line_shows(
    program: Program, card: Machine, tmp_path: Path
) -> None:
    launch = vllm.launch(find("MiniCPM5-2B"), tmp_path, card, port=8000, key="sk-hidden")
    assert launch.env["VLLM_API_KEY"] == "sk-hidden"
    assert "sk-hidden" not in " ".join(launch.argv) + repr(launch)
    assert option(launch.argv, "--shutdown-timeout") == "0"


def test_what_comes_with_code_of_its_maker_says_so_and_guesses_ahead_when_it_has_a_draft(
    program: Program, tmp_path: Path
) -> None:
    launch = vllm.launch(find("MiniCPM4.1-8B"), tmp_path, cards(80 * GB), port=8000, draft=tmp_path / "draft")
    assert "--trust-remote-code" in launch.argv
    assert json.loads(option(launch.argv, "--speculative-config")) == {
        "method": "eagle3",
        "model": str(tmp_path / "draft"),
        "num_speculative_tokens": 3,
    }


@pytest.mark.parametrize(
    ("memory", "name", "context"),
    [(8 * GB, "MiniCPM5-2B", 16384), (24 * GB, "MiniCPM5-2B", 65536), (24 * GB, "MiniCPM4.1-8B", 65536)],
)
def test_the_context_is_the_longest_the_card_holds(
    program: Program, tmp_path: Path, memory: int, name: str, context: int
) -> None:
    launch = vllm.launch(find(name), tmp_path, cards(memory), port=8000)
    assert launch.context == context
    assert 8 <= launch.slots <= 128


def test_a_larger_card_serves_more_at_a_time(program: Program, tmp_path: Path) -> None:
    small, large = (vllm.launch(find("MiniCPM5-2B"), tmp_path, cards(size * GB), port=8000) for size in (12, 80))
    assert small.slots < large.slots


@pytest.mark.parametrize(
    ("machine", "options", "what"),
    [
        (
            Machine(64 * GB, 60 * GB, trouble="nvidia-smi says: no devices"),
            {},
            "graphics card: nvidia-smi says: no dev",
        ),
        (cards(12 * GB), {"context": 60000}, "MiniCPM4.1-8B needs .* GB with 60,000 tokens .* the graphics card has"),
        (cards(80 * GB), {"context": 200_000}, "takes 65,536 tokens of context, and 200,000 are needed"),
        (cards(80 * GB, capability=6.1), {}, "cannot use a card as old as card 80"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_started(
    program: Program, tmp_path: Path, machine: Machine, options: dict[str, int], what: str
) -> None:
    with pytest.raises(CannotServe, match=what) as refused:
        vllm.launch(find("MiniCPM4.1-8B"), tmp_path, machine, port=8000, context=options.get("context"))
    assert refused.value.fix


def test_without_the_program_it_is_said_how_to_install_it(
    card: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotServe, match="vLLM is not installed") as refused:
        vllm.launch(find("MiniCPM5-2B"), tmp_path, card, port=8000)
    assert "agentverse[vllm]" in str(refused.value.fix)


@pytest.mark.usefixtures("processor_program")
def test_one_that_was_built_for_processors_gets_part_of_the_main_memory_and_no_card(
    card: Machine, tmp_path: Path
) -> None:
    for machine in (replace(card, gpus=(), trouble="no NVIDIA card was found"), card):
        launch = vllm.launch(find("MiniCPM5-2B"), tmp_path, machine, port=8000, draft=tmp_path / "draft")
        assert "--gpu-memory-utilization" not in launch.argv
        assert "--speculative-config" not in launch.argv
        assert launch.slots == 8
        cache, token = int(option(launch.argv, "--kv-cache-memory-bytes")), 42 * 1024
        assert launch.context * token <= cache
        assert cache + 5 * GB + 2 * GB < machine.ram / 2
        assert cache % (token * int(option(launch.argv, "--block-size"))) == 0


@pytest.mark.usefixtures("processor_program")
def test_one_that_was_built_for_processors_needs_the_memory_for_it(laptop: Machine, tmp_path: Path) -> None:
    with pytest.raises(CannotServe, match=r"MiniCPM5-2B needs 7\.\d GB .* and this machine has 4\.0 GB for it"):
        vllm.launch(find("MiniCPM5-2B"), tmp_path, laptop, port=8000)
