"""What counts as downloaded: layouts of the caches, as the hubs' programs write them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.models.catalogue import find, local_file
from agentverse.models.catalogue.local import hub_cache

MODEL = find("MiniCPM5-2B")


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "ms"))


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".").replace("_of_", "-of-")).write_text(content)
    return folder


def snapshot(repo: str, commit: str = "abc") -> Path:
    base = hub_cache() / f"models--{repo.replace('/', '--')}"
    write(base / "refs", main=commit)
    return base / "snapshots" / commit


def test_the_snapshot_that_main_points_to_counts() -> None:
    write(hub_cache() / "models--openbmb--MiniCPM5-2B" / "snapshots" / "old", config__json="{}", model__safetensors="w")
    assert local_file(MODEL, "safetensors") is None
    folder = write(snapshot("openbmb/MiniCPM5-2B"), config__json="{}", model__safetensors="w")
    assert local_file(MODEL, "safetensors") == folder


def test_a_snapshot_without_all_its_shards_does_not_count() -> None:
    folder = write(snapshot("openbmb/MiniCPM5-2B"), config__json="{}", model_1_of_2__safetensors="w")
    index = {"weight_map": {"a": "model_1-of-2.safetensors", "b": "model_2-of-2.safetensors"}}
    write(folder, model__safetensors__index__json=json.dumps(index))
    assert local_file(MODEL, "safetensors") is None
    write(folder, model_2_of_2__safetensors="w")
    assert local_file(MODEL, "safetensors") == folder
    write(folder, model__safetensors__index__json=json.dumps(index)[:20])
    assert local_file(MODEL, "safetensors") is None


def test_weights_without_a_configuration_and_links_to_nothing_do_not_count() -> None:
    folder = write(snapshot("openbmb/MiniCPM5-2B"), model__safetensors="w")
    assert local_file(MODEL, "safetensors") is None
    (folder / "config.json").symlink_to(folder / "gone")
    assert local_file(MODEL, "safetensors") is None


@pytest.mark.parametrize(
    "layout",
    [
        "models/OpenBMB--MiniCPM5-2B-GGUF/snapshots/master",
        "models/OpenBMB/MiniCPM5-2B-GGUF",
        "hub/models/OpenBMB/MiniCPM5-2B-GGUF",
    ],
)
def test_what_modelscope_downloaded_counts(tmp_path: Path, layout: str) -> None:
    folder = write(tmp_path / "ms" / layout, **{"MiniCPM5-2B-Q8_0__gguf": "w"})
    assert local_file(MODEL, "gguf") is None
    write(folder, **{"MiniCPM5-2B-Q4_K_M__gguf": "w", "MiniCPM5-2B-Q4_K_M__gguf__incomplete": "w"})
    assert local_file(MODEL, "gguf") == folder / "MiniCPM5-2B-Q4_K_M.gguf"


def test_dots_were_underscores_in_modelscopes_older_layout(tmp_path: Path) -> None:
    model = find("MiniCPM4.1-8B")
    folder = write(tmp_path / "ms/hub/models/OpenBMB/MiniCPM4___1-8B-GGUF", **{"MiniCPM4__1-8B-Q4_K_M__gguf": "w"})
    assert local_file(model, "gguf") == folder / "MiniCPM4.1-8B-Q4_K_M.gguf"


def test_a_form_that_does_not_exist_is_not_there() -> None:
    assert local_file(find("MiniCPM5-1B-AWQ"), "gguf") is None


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"HF_HUB_CACHE": "~/a"},
        {"HF_HOME": "~/b"},
        {"XDG_CACHE_HOME": "/c"},
        {"HF_HOME": "/d", "HF_HUB_CACHE": "/e"},
    ],
    ids=str,
)
def test_the_cache_is_where_the_package_has_it(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    monkeypatch.delenv("HF_HOME")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    code = "from huggingface_hub import constants; print(constants.HF_HUB_CACHE)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert str(hub_cache()) == done.stdout.strip()
