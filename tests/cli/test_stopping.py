"""Ctrl-C, SIGTERM, questions and the live display, in real processes."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

AGENTVERSE = [sys.executable, "-m", "agentverse"]


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [*AGENTVERSE, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=buffered,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_request(folder: Path) -> None:
    """Until a request waits for a person to play the model."""
    until = time.monotonic() + 20
    while not (folder / "PENDING").exists() or not (folder / "PENDING").read_text().strip():
        assert time.monotonic() < until, "no request came"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_stops_at_once_and_the_run_can_be_resumed(project: Path, call, number: signal.Signals) -> None:
    with started("run", "add", "--company", "tiny", "--model", "manual:desk", "--name", "cut") as process:
        wait_for_request(project / "desk")
        process.send_signal(number)
        assert process.stdout is not None
        while "Stopping" not in process.stdout.readline():
            pass
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "agentverse resume cut --model manual:desk" in out
    assert "Traceback" not in err
    said = call("resume", "cut", "--model", "recording:tiny.json")
    assert said.code == 0


def test_a_question_is_answered_from_another_process(project: Path, call) -> None:
    with started("run", "x", "--company", "gated", "--model", "recording:gated.json", "--name", "asks") as process:
        assert process.stdout is not None
        line = ""
        while "agentverse answer" not in line:
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
        key = line.split("--gate '")[1].split("'")[0]
        assert call("answer", "asks", "--gate", "wrong", "--text", "big").code == 2
        assert call("answer", "asks", "--gate", key, "--text", "middling").code == 2
        assert call("answer", "asks", "--gate", key, "--text", "small").code == 0
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "answered by person: small" in out
    assert call("answer", "asks", "--gate", key, "--text", "small").code == 2


def in_terminal(arguments: list[str], answers: dict[str, str], *, until: float = 25.0) -> tuple[int, str]:
    """Run a command in a terminal of its own; type an answer when its prompt shows."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "agentverse", *arguments])
    seen, asked, end = "", dict(answers), time.monotonic() + until
    try:
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 0.5)[0]:
                continue
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece.decode("utf-8", "replace")
            for prompt in [prompt for prompt in asked if prompt in seen]:
                os.write(terminal, asked.pop(prompt).encode())
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), seen


def test_a_terminal_shows_the_dialogue_and_asks_the_person(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    arguments = ["run", "x", "--company", "gated", "--model", "recording:gated.json", "--name", "live"]
    code, seen = in_terminal(arguments, {"Your answer": "7\n", "Please choose": "2\n"})
    assert code == 0, seen
    assert "answered by person: small" in seen
    assert "[bold]the[/bold]" in seen, "no markup of a model's is read"
    assert "\x1b]0;owned" not in seen, "no escape of a model's arrives"
    assert "\x1b[31m big" not in seen
    assert "main.py, 9 lines" in seen


def test_yes_asks_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    path = project / "companies" / "gated.yaml"
    path.write_text(path.read_text().replace("    choices:", "    default: big\n    choices:"))
    arguments = ["run", "x", "--company", "gated", "--model", "recording:gated.json", "--yes"]
    code, seen = in_terminal(arguments, {})
    assert code == 0, seen
    assert "answered by default: big" in seen


def test_whoever_reads_the_output_may_leave(project: Path) -> None:
    with started("run", "x", "--company", "tiny", "--model", "recording:tiny.json", "--name", "left") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=20) in (0, 1)
        assert process.stderr is not None
        assert process.stderr.read() == ""
