"""``agentverse models serve``, with llama.cpp itself and a model made on the spot."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from agentverse.models.servers.ports import free_port
from agentverse.testing import tiny


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.noise(tmp_path_factory.mktemp("tiny") / "MiniCPM5-own.gguf")


@pytest.fixture(autouse=True)
def alone(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is downloaded here."""
    monkeypatch.setenv("AGENTVERSE_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope"))


def started(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "agentverse", "models", "serve", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(weights: Path, number: signal.Signals) -> None:
    port = free_port()
    with started(str(weights), "--port", str(port), "--json", "--context", "2048") as server:
        assert server.stdout is not None
        news = [json.loads(server.stdout.readline())]
        while news[-1]["type"] != "serving":
            news.append(json.loads(server.stdout.readline()))
        about = news[-1]
        with urllib.request.urlopen(f"{about['url']}/models") as answer:
            listed = json.load(answer)
        assert listed["data"][0]["id"] == about["model"] == "MiniCPM5-own"
        assert (about["engine"], about["context"]) == ("llamacpp", 2048)
        server.send_signal(number)
        rest, errors = server.communicate(timeout=30)
    assert (server.returncode, errors) == (0, "")
    assert json.loads(rest.splitlines()[-1])["kind"] == "stopped"
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert Path(about["log"]).is_file()


def test_people_are_told_how_to_use_it(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("AGENTVERSE_SERVE_PORTS", str(port))
    with started(str(weights), "--port", str(port), "--language", "zh") as server:
        assert server.stderr is not None
        lines = [server.stderr.readline()]
        while "Ctrl-C" not in lines[-1]:
            lines.append(server.stderr.readline())
        server.send_signal(signal.SIGINT)
        out, rest = server.communicate(timeout=30)
    said = "".join(lines)
    assert "模型已就绪" in said
    assert f"MiniCPM5-own，位于 http://127.0.0.1:{port}/v1" in said
    assert '  agentverse run "…"\n' in lines, "it is found where it is, so nothing has to be said"
    assert (server.returncode, out, rest) == (0, "", "已停止。\n")


def test_the_command_line_can_be_had_without_running_it(weights: Path, call) -> None:
    said = call("models", "serve", str(weights), "--dry-run", "--port", "9999", "--context", "4096")
    words = shlex.split(said.out)
    assert words[words.index("--model") + 1] == str(weights)
    assert words[words.index("--port") + 1] == "9999"
    assert words[words.index("--context") + 1] == "4096"


def test_a_file_that_cannot_be_loaded_ends_it_with_the_engines_own_words(weights: Path, tmp_path: Path, call) -> None:
    half = tmp_path / "MiniCPM5-half.gguf"
    half.write_bytes(weights.read_bytes()[:-5000])
    said = call("models", "serve", str(half), "--port", str(free_port()))
    assert said.code == 1
    assert "damaged or only half there: llama_model_load: error loading model" in said.err
    assert "fix: Get it again" in said.err


@pytest.mark.parametrize(
    ("arguments", "problem", "fix"),
    [
        (["--engine", "vllm"], "vLLM is not installed", "agentverse[vllm]"),
        (["MiniCPM6"], "the catalogue has no model 'MiniCPM6'", "models list"),
        (["MiniCPM5-1B"], "MiniCPM5-1B is not on this machine", "models pull MiniCPM5-1B"),
        (["MiniCPM5-1B", "--context", "200000"], "takes 131,072 tokens of context", "models list"),
        (["missing.gguf"], "missing.gguf cannot be read", None),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence_before_anything_is_done(
    call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], problem: str, fix: str | None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = call("models", "serve", *arguments, "--port", str(free_port()))
    assert said.code == 2
    assert problem in said.err
    assert fix is None or fix in said.err
    assert len(said.err.splitlines()) <= 2


def test_a_port_that_is_taken_is_told(weights: Path, call) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = call("models", "serve", str(weights), "--port", str(port))
    assert said.code == 2
    assert f"port {port} is taken" in said.err
