"""The one thing to do next, by what is there."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from agentverse.models.catalogue import Gpu, Machine
from agentverse.models.catalogue.checkup import Checkup, Installed, Step, best, checkup

GB = 1_000_000_000
CARD = Gpu("card", 24 * GB, 24 * GB, "580.65.06", 8.9)
COMPUTER = Machine(16 * GB, 12 * GB, trouble="no NVIDIA card was found")
WITH_CARD = Machine(64 * GB, 60 * GB, (CARD,))
VLLM, LLAMA = Installed("vllm", "0.33.0"), Installed("llamacpp", "2026.10")
NONE = (Installed("vllm"), Installed("llamacpp"))


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "ms"))


def found(machine: Machine, *engines: Installed, listening: tuple[int, ...] = (), free: int = 100 * GB) -> Checkup:
    there = {one.engine: one for one in (*NONE, *engines)}
    return Checkup(machine, Path("/cache"), free, tuple(there.values()), listening, (), best(machine))


def driven(driver: str, **more: float) -> Machine:
    return replace(WITH_CARD, gpus=(replace(CARD, driver=driver, **more),))


@pytest.mark.parametrize(
    ("seen", "step"),
    [
        (found(replace(COMPUTER, trouble="broken", fix="Mend it."), LLAMA), Step("driver", "Mend it.")),
        (found(Machine(GB, GB, trouble="none")), Step("no_room")),
        (found(COMPUTER, listening=(8080, 1234)), Step("server", "8080")),
        (found(driven("470.82"), VLLM), Step("driver_old", "580")),
        (found(driven(""), VLLM), Step("pull", "MiniCPM5-2B")),
        (found(driven("580.1", capability=7.0), LLAMA), Step("pull", "MiniCPM5-2B")),
        (found(WITH_CARD, LLAMA), Step("install", "vllm")),
        (found(COMPUTER, VLLM), Step("install", "xllamacpp")),
        (found(WITH_CARD, Installed("vllm", "0.22.1rc1+cu130")), Step("update", "vllm")),
        (found(WITH_CARD, Installed("vllm", "0.23.0rc2")), Step("pull", "MiniCPM5-2B")),
        (found(WITH_CARD, Installed("vllm", program="/opt/vllm")), Step("pull", "MiniCPM5-2B")),
        (found(COMPUTER, replace(LLAMA, lacks="libgomp1")), Step("library", "libgomp1")),
        (found(COMPUTER, LLAMA, free=GB), Step("disk", "/cache")),
        (found(COMPUTER, LLAMA), Step("pull", "MiniCPM5-2B")),
        (found(Machine(8 * GB, 8 * GB, trouble="none"), LLAMA), Step("pull", "MiniCPM5-1B")),
    ],
)
def test_one_step_is_next(seen: Checkup, step: Step) -> None:
    assert seen.step() == step


def test_a_model_that_is_there_is_served(tmp_path: Path) -> None:
    base = tmp_path / "models--openbmb--MiniCPM5-2B-GGUF"
    for name, content in {"refs/main": "abc", "snapshots/abc/MiniCPM5-2B-Q4_K_M.gguf": "w"}.items():
        (base / name).parent.mkdir(parents=True)
        (base / name).write_text(content)
    assert found(COMPUTER, LLAMA).step() == Step("serve", "MiniCPM5-2B")
    assert checkup(ports=()).pulled == (base / "snapshots/abc/MiniCPM5-2B-Q4_K_M.gguf",)


def test_a_port_counts_when_something_listens_on_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port, silent = server.getsockname()[1], taken.getsockname()[1]
        seen = checkup(ports=(port, silent))
    assert seen.listening == (port,)
    assert (seen.folder, [one.engine for one in seen.engines]) == (tmp_path, ["vllm", "llamacpp"])
    assert seen.free > 0
