"""Downloads from a hub that misbehaves: over real HTTP, through the real packages, into their real caches."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.errors import PullFailed, UsageError
from agentverse.models.catalogue import find, local_file, pull
from agentverse.models.catalogue.download import Progress, plan
from agentverse.models.catalogue.transfer import TRIES, Transfer

GGUF = "openbmb/MiniCPM5-2B-GGUF"
WEIGHTS = "MiniCPM5-2B-Q4_K_M.gguf"
CONTENT = bytes(range(256)) * 1200
PROGRAM = Path(__file__).parent / "programs" / "pull_and_tell.py"
MODEL = find("MiniCPM5-2B")


def add_safetensors(hub) -> dict[str, bytes]:
    """A repository of two shards, and files that nobody needs."""
    index = {"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors"}}
    files = {
        "config.json": b"{}",
        "tokenizer.json": b'{"a": 1}',
        "chat_template.jinja": b"{{ x }}",
        "model.safetensors.index.json": json.dumps(index).encode(),
        "model-1-of-2.safetensors": CONTENT,
        "model-2-of-2.safetensors": CONTENT[::-1],
    }
    for path, content in files.items():
        hub.add("openbmb/MiniCPM5-2B", path, content)
    for path in ("README.md", "assets/picture.png", "pytorch_model.bin", "model.onnx"):
        hub.add("openbmb/MiniCPM5-2B", path, b"not wanted")
    return files


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_a_gguf_is_downloaded_once_and_found_from_then_on(hub, source) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT)
    hub.add(GGUF, "MiniCPM5-2B-Q8_0.gguf", b"larger")
    hub.add(GGUF, "README.md", b"read me")
    assert local_file(MODEL, "gguf") is None
    seen: list[Progress] = []
    path = pull(MODEL, "gguf", source=source, progress=seen.append)
    assert path.read_bytes() == CONTENT
    assert (path.name, local_file(MODEL, "gguf")) == (WEIGHTS, path)
    assert seen[-1] == Progress(len(CONTENT), len(CONTENT))
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert pull(MODEL, "gguf", source=source) == path
    assert hub.sent == {WEIGHTS: len(CONTENT)}


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_safetensors_come_with_what_vllm_reads_and_nothing_else(hub, source) -> None:
    files = add_safetensors(hub)
    folder = pull(MODEL, "safetensors", source=source)
    assert local_file(MODEL, "safetensors") == folder
    there = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert there == files
    assert set(hub.sent) == set(files)


def test_the_packages_own_programs_find_what_was_downloaded(hub) -> None:
    """vLLM asks for a snapshot like this, and gets it without the hub."""
    add_safetensors(hub)
    folder = pull(MODEL, "safetensors")
    code = (
        "from huggingface_hub import hf_hub_download\n"
        "print(hf_hub_download('openbmb/MiniCPM5-2B', 'model-2-of-2.safetensors', local_files_only=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == folder / "model-2-of-2.safetensors"


def test_pickled_weights_are_taken_only_where_there_are_no_others(hub) -> None:
    old = find("MiniCPM-2B")
    for path in ("config.json", "pytorch_model.bin", "tokenizer.model"):
        hub.add("openbmb/MiniCPM-2B-dpo-bf16", path, path.encode())
    folder = pull(old, "safetensors")
    assert {path.name for path in folder.iterdir()} == {"config.json", "pytorch_model.bin", "tokenizer.model"}


def test_a_model_that_sees_needs_its_projector(hub) -> None:
    seeing = find("MiniCPM-V-4.6")
    repo = seeing.forms["gguf"].repo
    hub.add(repo, "MiniCPM-V-4_6-Q4_K_M.gguf", b"weights")
    with pytest.raises(PullFailed, match="has no gguf") as raised:
        pull(seeing, "gguf")
    assert raised.value.code == "missing"
    hub.add(repo, "mmproj-model-f16.gguf", b"projector")
    path = pull(seeing, "gguf")
    assert path.name == "MiniCPM-V-4_6-Q4_K_M.gguf"
    (path.parent / "mmproj-model-f16.gguf").unlink()
    assert local_file(seeing, "gguf") is None


@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_a_connection_that_drops_is_taken_up_where_it_dropped(hub, source) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT, cuts=[100_000, 1, 50_000])
    assert pull(MODEL, "gguf", source=source).read_bytes() == CONTENT
    assert hub.sent[WEIGHTS] == len(CONTENT)


def test_a_download_that_is_killed_goes_on_where_it_stopped(hub) -> None:
    stored = hub.add(GGUF, WEIGHTS, CONTENT, cuts=[200_000], stalls=True)
    child = subprocess.Popen([sys.executable, str(PROGRAM)], stdout=subprocess.PIPE, text=True)
    with child:
        assert child.stdout is not None
        while int(child.stdout.readline()) < 200_000:
            assert child.poll() is None
        child.send_signal(signal.SIGKILL)
    assert local_file(MODEL, "gguf") is None
    assert plan(MODEL, "gguf").missing == len(CONTENT) - 200_000
    stored.stalls = False
    assert pull(MODEL, "gguf").read_bytes() == CONTENT
    assert hub.sent[WEIGHTS] == len(CONTENT)


def test_who_watches_may_end_a_download_and_what_came_stays(hub) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT)

    def enough(progress: Progress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull(MODEL, "gguf", progress=enough)
    assert 0 < plan(MODEL, "gguf").missing < len(CONTENT)
    assert pull(MODEL, "gguf").read_bytes() == CONTENT


def test_a_server_that_cannot_go_on_begins_anew(hub) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT, cuts=[100_000], ranges=False)
    seen: list[Progress] = []
    assert pull(MODEL, "gguf", progress=seen.append).read_bytes() == CONTENT
    assert seen[-1].done == len(CONTENT)


@pytest.mark.parametrize(
    ("answers", "why"),
    [([503, 429, 500, 408], None), ([503] * TRIES, "the hub answers 503"), ([403], "to everybody")],
)
def test_a_busy_hub_is_asked_again_but_not_for_ever(hub, tmp_path, answers, why) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT, statuses=list(answers))
    coming = plan(MODEL, "gguf")
    transfer = Transfer(coming.remotes[0], tmp_path / "partial", coming.hub.client(), wait=0)
    if why is None:
        transfer.run()
        assert (tmp_path / "partial").read_bytes() == CONTENT
    else:
        with pytest.raises(PullFailed, match=why):
            transfer.run()


def test_a_connection_that_always_drops_before_a_byte_is_given_up(hub, tmp_path) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT, cuts=[1000] + [0] * TRIES)
    coming = plan(MODEL, "gguf")
    with pytest.raises(PullFailed, match="the connection to the hub is lost"):
        Transfer(coming.remotes[0], tmp_path / "partial", coming.hub.client(), wait=0).run()
    assert (tmp_path / "partial").read_bytes() == CONTENT[:1000]


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
    add_safetensors(hub)
    hub.repos["openbmb/minicpm5-2b"]["config.json"].lie = b"[]"
    with pytest.raises(PullFailed, match=r"config\.json is not the file"):
        pull(MODEL, "safetensors")
    assert local_file(MODEL, "safetensors") is None


def test_half_a_file_that_is_wrong_is_thrown_away(hub) -> None:
    stored = hub.add(GGUF, WEIGHTS, CONTENT)
    place = plan(MODEL, "gguf").hub.place(plan(MODEL, "gguf").remotes[0])
    place.parent.mkdir(parents=True)
    for spoilt in (b"garbage", b"longer than the file" + CONTENT):
        place.with_name(f"{place.name}.incomplete").write_bytes(spoilt)
        seen: list[Progress] = []
        assert pull(MODEL, "gguf", progress=seen.append).read_bytes() == stored.content
        assert seen[-1].done == len(CONTENT)
        place.unlink()


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


@pytest.mark.parametrize("path", ["../../escaped.safetensors", "/tmp/escaped.safetensors", "a\\..\\b.safetensors"])
@pytest.mark.parametrize("source", ["huggingface", "modelscope"])
def test_a_hub_cannot_write_outside_its_folder(hub, tmp_path, source, path) -> None:
    add_safetensors(hub)
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
