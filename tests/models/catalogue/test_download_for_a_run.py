"""A run on a machine without a model, whose only question is whether one may be downloaded."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.models.catalogue import find, local_file
from agentverse.models.servers.ports import free_port
from agentverse.testing import tiny

COMPANY = "name: talk\nphases:\n  only: {ask: ceo, prompt: Say something., produces: {one: text}}\n"


@pytest.fixture(autouse=True)
def machine(hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the hub every GGUF is a small model that babbles; nothing else is there."""
    for name in [name for name in os.environ if name.startswith(("AGENTVERSE_", "OPENAI_", "LC_"))]:
        monkeypatch.delenv(name)
    content = tiny.bigram(tmp_path / "bigram.gguf").read_bytes()
    for name in ("MiniCPM5-1B", "MiniCPM5-2B"):
        hub.add(f"openbmb/{name}-GGUF", f"{name}-Q4_K_M.gguf", content)
    for name, value in {"CONFIG": "config", "STATE": "state"}.items():
        monkeypatch.setenv(f"AGENTVERSE_{name}_HOME", str(tmp_path / value))
    monkeypatch.setenv("AGENTVERSE_SERVE_PORTS", str(free_port()))
    monkeypatch.setenv("AGENTVERSE_MODELS_EDGE_MAX_TOKENS", "500")
    monkeypatch.setenv("LANG", "C.UTF-8")
    (tmp_path / "talk.yaml").write_text(COMPANY)
    monkeypatch.chdir(tmp_path)


def downloaded() -> list[str]:
    return [name for name in ("MiniCPM5-1B", "MiniCPM5-2B") if local_file(find(name), "gguf")]


def typed(answer: str, *arguments: str) -> tuple[int, str]:
    """Exit code and screen of a command at a terminal where ``answer`` is typed when something is asked."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "agentverse", *arguments]
    with subprocess.Popen(command, stdin=child, stdout=child, stderr=child) as process:
        os.close(child)
        screen = b""
        try:
            while block := os.read(parent, 65536):
                screen += block
                if b"[Y/n]" in screen and answer:
                    os.write(parent, answer.encode())
                    answer = ""
        except OSError:  # the terminal has gone: the command is over
            pass
    os.close(parent)
    return process.returncode, screen.decode()


def test_one_yes_is_all_that_a_run_needs() -> None:
    code, screen = typed("y\n", "run", "anything", "--company", "talk.yaml")
    assert "No model is configured, and no server answers on this machine." in screen
    assert "and serve it here with llama.cpp? [Y/n]" in screen
    [name] = downloaded()
    assert code in (0, 1), "a model that babbles need not come to an end of its thoughts"
    assert f"edge: {name} at http://127.0.0.1:" in screen
    assert "Report: " in screen
    _, screen = typed("", "run", "anything else", "--company", "talk.yaml")
    assert "[Y/n]" not in screen
    assert f"edge: {name} at http://127.0.0.1:" in screen


def test_a_no_downloads_nothing_and_shows_the_other_ways() -> None:
    code, screen = typed("n\n", "run", "anything", "--company", "talk.yaml")
    assert code == 2
    assert "agentverse demo" in screen
    assert downloaded() == []


def test_scripts_say_yes_beforehand() -> None:
    command = [sys.executable, "-m", "agentverse", "run", "anything", "--company", "talk.yaml", "--yes"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert "Downloading MiniCPM5-" in done.stderr
    [name] = downloaded()
    assert f"edge: {name} at http://127.0.0.1:" in done.stdout
    assert "Report: " in done.stdout


def test_a_download_that_fails_is_told_with_what_to_do(hub) -> None:
    for repo in hub.repos:
        hub.hidden[repo] = 404
    command = [
        sys.executable,
        "-m",
        "agentverse",
        "models",
        "serve",
        "MiniCPM5-1B",
        "--yes",
        "--port",
        str(free_port()),
    ]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "fix: " in done.stderr
