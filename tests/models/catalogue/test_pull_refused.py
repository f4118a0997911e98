"""What a hub refuses, what is not what it says, and disks that cannot take it: one sentence each, with what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.errors import PullFailed, UsageError
from agentverse.models.catalogue import find, local_file, pull

GGUF = "openbmb/MiniCPM5-2B-GGUF"
WEIGHTS = "MiniCPM5-2B-Q4_K_M.gguf"
CONTENT = bytes(range(256)) * 1200
PROGRAM = Path(__file__).parent / "programs" / "pull_and_tell.py"
MODEL = find("MiniCPM5-2B")


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
@pytest.mark.parametrize("lie", [CONTENT[::-1], CONTENT + b"more"], ids=["other", "longer"])
def test_a_file_with_another_checksum_is_refused_and_not_kept(hub, tmp_path, source, lie) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT, lie=lie)
    with pytest.raises(PullFailed, match="its checksum differs") as raised:
        pull(MODEL, "gguf", source=source)
    assert raised.value.code == "checksum"
    assert local_file(MODEL, "gguf") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size > 1000] == []


def test_a_small_file_with_another_checksum_is_refused_too(hub) -> None:
    hub.add_safetensors()
    hub.repos["openbmb/minicpm5-2b"]["config.json"].lie = b"[]"
    with pytest.raises(PullFailed, match=r"config\.json is not the file"):
        pull(MODEL, "safetensors")
    assert local_file(MODEL, "safetensors") is None


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
@pytest.mark.parametrize(
    ("status", "code"), [(401, "gated"), (403, "gated"), (404, "missing"), (500, "unreachable"), (418, "unreachable")]
)
def test_a_hub_that_refuses_is_told_with_what_to_do(hub, source, status, code) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT)
    hub.hidden = {GGUF.lower(): status}
    with pytest.raises(PullFailed) as raised:
        pull(MODEL, "gguf", source=source)
    assert raised.value.code == code
    assert raised.value.fix
    assert "\n" not in str(raised.value)


def test_a_gated_model_needs_a_token_which_stays_with_the_hub(hub, cdn, monkeypatch) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT, elsewhere=cdn.url)
    cdn.add(GGUF, WEIGHTS, CONTENT)
    hub.gated = {GGUF.lower()}
    with pytest.raises(PullFailed, match=r"does not give MiniCPM5-2B-Q4_K_M\.gguf to everybody") as raised:
        pull(MODEL, "gguf")
    assert "HF_TOKEN" in (raised.value.fix or "")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert pull(MODEL, "gguf").read_bytes() == CONTENT
    assert hub.tokens == {"Bearer hf_secret"}
    assert cdn.tokens == set()


def test_what_the_hub_does_not_have_is_missing(hub) -> None:
    hub.add(GGUF, "MiniCPM5-2B-Q8_0.gguf", b"x")
    with pytest.raises(PullFailed, match="has no gguf at the hub"):
        pull(MODEL, "gguf")
    with pytest.raises(PullFailed, match="the hub has no openbmb/MiniCPM5-2B"):
        pull(MODEL, "safetensors")
    with pytest.raises(UsageError, match="does not exist as gguf"):
        pull(find("MiniCPM5-1B-AWQ"), "gguf")


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_a_hub_that_is_not_there_is_unreachable(hub, monkeypatch, source) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(PullFailed, match="cannot be reached") as raised:
        pull(MODEL, "gguf", source=source)
    assert raised.value.code == "unreachable"


def test_a_machine_that_is_told_to_stay_offline_does(hub) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, str(PROGRAM)], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "unreachable: HF_HUB_OFFLINE forbids to ask the hub\n"


def test_modelscope_without_its_package_says_what_to_install(hub, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "modelscope_hub", None)
    with pytest.raises(PullFailed, match="needs the package modelscope_hub") as raised:
        pull(MODEL, "gguf", source="modelscope")
    assert raised.value.fix == "Install it: pip install 'agentverse[modelscope]'"


@pytest.mark.parametrize("path", ["../../escaped.safetensors", "/tmp/escaped.safetensors", "a\\..\\b.safetensors"])
@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_a_hub_cannot_write_outside_its_folder(hub, tmp_path, source, path) -> None:
    hub.add_safetensors()
    hub.add("openbmb/MiniCPM5-2B", path, b"evil" * 100)
    before = set(tmp_path.parent.iterdir())
    with pytest.raises(PullFailed, match="a path that is none"):
        pull(MODEL, "safetensors", source=source)
    assert set(tmp_path.parent.iterdir()) == before
    assert not Path("/tmp/escaped.safetensors").exists()


def test_a_disk_without_room_is_told_before_anything_is_written(hub, tmp_path) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT)
    hub.repos[GGUF.lower()][WEIGHTS].content = Enormous()
    with pytest.raises(PullFailed, match=r"too little room: [\d.]+ GB are missing") as raised:
        pull(MODEL, "gguf")
    assert raised.value.code == "disk"
    assert not (tmp_path / "hf").exists()


class Enormous(bytes):
    """A file that is listed with ten thousand times the largest disk."""

    def __len__(self) -> int:
        return 10**17


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_a_disk_that_fills_up_meanwhile_ends_it_in_order(hub, tmp_path) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT, cuts=[150_000])
    small = tmp_path / "hf"
    small.mkdir()
    bwrap = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--size", "1048576", "--tmpfs", str(small)]
    command = [*bwrap, sys.executable, str(PROGRAM), "100000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    folder = small / "hub" / "models--openbmb--MiniCPM5-2B-GGUF"
    assert done.stdout.splitlines()[-1] == f"disk: the disk of {folder} has too little room: it is full"


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_a_folder_that_may_not_be_written_is_told(hub, tmp_path) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT)
    bwrap = ["bwrap", "--bind", "/", "/", "--dev", "/dev", "--ro-bind", str(tmp_path), str(tmp_path)]
    done = subprocess.run([*bwrap, sys.executable, str(PROGRAM)], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("disk: ")
    assert "cannot be written: Read-only file system" in done.stdout
