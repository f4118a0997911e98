"""Downloads from a hub that misbehaves: over real HTTP, through the real packages, into their real caches."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agentverse.errors import PullFailed
from agentverse.models.catalogue import find, local_file, pull
from agentverse.models.catalogue.download import Progress, plan
from agentverse.models.catalogue.transfer import TRIES, Transfer

GGUF = "openbmb/MiniCPM5-2B-GGUF"
WEIGHTS = "MiniCPM5-2B-Q4_K_M.gguf"
CONTENT = bytes(range(256)) * 1200
PROGRAM = Path(__file__).parent / "programs" / "pull_and_tell.py"
MODEL = find("MiniCPM5-2B")


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
    files = hub.add_safetensors()
    folder = pull(MODEL, "safetensors", source=source)
    assert local_file(MODEL, "safetensors") == folder
    there = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert there == files
    assert set(hub.sent) == set(files)


def test_the_packages_own_programs_find_what_was_downloaded(hub) -> None:
    """vLLM asks for a snapshot like this, and gets it without the hub."""
    hub.add_safetensors()
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


def test_two_at_once_download_it_once(hub) -> None:
    hub.add(GGUF, WEIGHTS, CONTENT, cuts=[200_000], stalls=True)
    with ThreadPoolExecutor() as both:
        paths = [both.submit(pull, MODEL, "gguf", progress=lambda progress: hub.over.set()) for _ in range(2)]
        assert {path.result().read_bytes() for path in paths} == {CONTENT}
    assert hub.sent[WEIGHTS] == len(CONTENT)


def test_a_rest_that_does_not_exist_is_not_taken_for_it(hub, tmp_path) -> None:
    """The hub has another, shorter file than the one that was begun."""
    hub.add(GGUF, WEIGHTS, CONTENT)
    coming = plan(MODEL, "gguf")
    partial = tmp_path / "partial"
    partial.write_bytes(b"x" * 5000)
    hub.repos[GGUF.lower()][WEIGHTS].statuses = [416]
    Transfer(coming.remotes[0], partial, coming.hub.client(), wait=0).run()
    assert partial.read_bytes() == CONTENT
    hub.repos[GGUF.lower()][WEIGHTS].statuses = [416]
    with pytest.raises(PullFailed, match="answers 416"):
        Transfer(coming.remotes[0], tmp_path / "fresh", coming.hub.client(), wait=0).run()


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
