"""``agentverse models pull``, on a pipe and in a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys

import pytest

from agentverse.cli.main import invoke
from agentverse.models.catalogue import find, local_file

GGUF = "openbmb/MiniCPM5-1B-GGUF"
CONTENT = bytes(range(256)) * 1200


@pytest.fixture(autouse=True)
def plain(hub, tmp_path, monkeypatch) -> None:
    """No card, no settings, English."""
    hub.add(GGUF, "MiniCPM5-1B-Q4_K_M.gguf", CONTENT)
    for name in [name for name in os.environ if name.startswith(("AGENTVERSE_", "OPENAI_", "LC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def typed(answer: str, *arguments: str) -> tuple[int, str]:
    """Exit code and screen of a command at a terminal where somebody types ``answer`` when asked."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "agentverse", "models", "pull", *arguments]
    with subprocess.Popen(command, stdin=child, stdout=child, stderr=child) as process:
        os.close(child)
        screen = b""
        try:
            while block := os.read(parent, 65536):
                screen += block
                if b"[y/N]" in screen and answer:
                    os.write(parent, answer.encode())
                    answer = ""
        except OSError:  # the terminal has gone: the command is over
            pass
    os.close(parent)
    return process.returncode, screen.decode()


def test_it_says_what_comes_and_does_it_when_told_yes(capfd) -> None:
    assert invoke(["models", "pull", "MiniCPM5-1B", "--for", "llamacpp", "--yes"]) == 0
    said = capfd.readouterr()
    path = local_file(find("MiniCPM5-1B"), "gguf")
    assert path is not None
    first, last, next_step = said.out.splitlines()
    assert first.startswith(f"MiniCPM5-1B for llama.cpp: 307 kB from {GGUF} (Hugging Face) to ")
    assert last == f"MiniCPM5-1B is at {path}"
    assert next_step == "next: agentverse models serve MiniCPM5-1B"
    assert said.err == "", "no bar where there is no terminal"


def test_nobody_is_asked_on_a_pipe_and_nothing_is_downloaded(hub, capfd) -> None:
    with open(os.devnull) as nobody, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", nobody)
        assert invoke(["models", "pull", "MiniCPM5-1B"]) == 2
    assert "fix: Say --yes." in capfd.readouterr().err
    assert hub.sent == {}


def test_what_is_there_is_neither_asked_for_nor_downloaded_again(hub, capfd) -> None:
    invoke(["models", "pull", GGUF, "--yes", "--json"])
    first = json.loads(capfd.readouterr().out)
    with open(os.devnull) as nobody, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", nobody)
        assert invoke(["models", "pull", GGUF, "--json"]) == 0
    again = json.loads(capfd.readouterr().out)
    assert first == again
    assert (again["form"], again["size"], again["source"]) == ("gguf", len(CONTENT), "huggingface")
    assert sum(hub.sent.values()) == len(CONTENT)


def test_an_error_is_one_sentence_and_what_to_do(hub, capfd) -> None:
    hub.hidden = {GGUF.lower(): 404}
    assert invoke(["models", "pull", GGUF, "--yes", "--json"]) == 1
    said = capfd.readouterr()
    assert said.err == f"error: the hub has no {GGUF}\nfix: Try the other hub: --source.\n"
    assert json.loads(said.out)["error"] == "PullFailed"
    assert invoke(["models", "pull", "MiniCPM9"]) == 2


def test_code_that_comes_with_a_model_is_told(hub, capfd) -> None:
    for path in ("config.json", "model.safetensors", "modeling_minicpm.py"):
        hub.add("openbmb/MiniCPM4-0.5B", path, path.encode())
    assert invoke(["models", "pull", "openbmb/MiniCPM4-0.5B", "--for", "vllm", "--yes"]) == 0
    said = capfd.readouterr().out
    assert "It comes with code of its maker, which vLLM runs as you." in said


def test_at_a_terminal_somebody_is_asked_and_sees_a_bar(hub) -> None:
    code, screen = typed("n\n", GGUF)
    assert (code, hub.sent) == (1, {})
    code, screen = typed("y\n", GGUF)
    assert code == 0, screen
    assert "Download it? [y/N]" in screen
    assert "307.2/307.2 kB" in screen
    assert local_file(find("MiniCPM5-1B"), "gguf") is not None


def test_it_speaks_chinese(monkeypatch, capfd) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert invoke(["models", "pull", GGUF, "--yes"]) == 0
    assert "下一步：agentverse models serve MiniCPM5-1B" in capfd.readouterr().out
