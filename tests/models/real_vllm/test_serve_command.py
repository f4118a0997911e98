"""``agentverse models serve`` on a machine without a graphics card, with a vLLM for processors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from agentverse.models.servers.ports import free_port
from agentverse.testing import tiny_folder

pytestmark = pytest.mark.vllm
GIGABYTES = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


@pytest.fixture
def downloaded(environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As though MiniCPM5-1B had been downloaded; it is a model of a megabyte."""
    base = tmp_path / "hub" / "models--openbmb--MiniCPM5-1B"
    tiny_folder.noise(base / "snapshots" / "abc")
    (base / "refs").mkdir()
    (base / "refs" / "main").write_text("abc")
    monkeypatch.setenv("AGENTVERSE_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")


@pytest.mark.skipif(GIGABYTES < 10, reason="MiniCPM5-1B does not fit the memory of this machine: 10 GB are needed")
def test_it_serves_until_it_is_told_to_stop(downloaded: None, tmp_path: Path) -> None:
    words = ["models", "serve", "MiniCPM5-1B", "--engine", "vllm", "--context", "8192", "--json"]
    command = [sys.executable, "-m", "agentverse", *words, "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        assert server.stdout is not None
        news = [json.loads(server.stdout.readline())]
        while news[-1]["type"] != "serving":
            news.append(json.loads(server.stdout.readline()))
        about = news[-1]
        with urllib.request.urlopen(f"{about['url']}/models") as answer:
            (listed,) = json.load(answer)["data"]
        server.send_signal(signal.SIGINT)
        rest, errors = server.communicate(timeout=120)
    assert (listed["id"], listed["max_model_len"]) == ("MiniCPM5-1B", 8192)
    assert (about["engine"], about["model"], about["context"]) == ("vllm", "MiniCPM5-1B", 8192)
    assert (server.returncode, errors) == (0, "")
    assert json.loads(rest.splitlines()[-1])["kind"] == "stopped"
