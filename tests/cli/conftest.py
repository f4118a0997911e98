"""A project with a small company and recorded replies, and the command line in this process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentverse.cli.main import invoke

COMPANY = """\
name: tiny
title: {en: Tiny company, zh: 小公司}
limits: {tokens: 50000, minutes: 5, turns: 20}
success: check.passed
phases:
  design:
    title: {en: Design, zh: 设计}
    ask: cto
    prompt: Design it.
    produces: {design: design}
  code:
    after: design
    ask: programmer
    prompt: Write the files.
    produces: {source: files}
  check:
    after: code
    run: python check.py
    produces: {check: evidence}
  repair:
    after: check
    when: not check.passed
    ask: programmer
    prompt: Mend it.
    produces: {source: edits}
    then: check
    at_most: 3
"""
GATED = """\
name: gated
success: check.passed
phases:
  agree:
    human: {en: "Shall it be\\u001b[31m big?", zh: 要大的吗？}
    choices: [big, small]
    produces: {agree: answer}
  code:
    after: agree
    ask: programmer
    prompt: Write a {{ agree.choice }} one.
    produces: {source: files}
  check:
    after: code
    run: python check.py
    produces: {check: evidence}
"""
DESIGN = {
    "files": [{"path": "main.py", "purpose": "adds", "names": ["add(a: int, b: int) -> int"]}],
    "entry": "main.py",
    "start": "python main.py 1 2",
}
FILES = """\
Here are [bold]the[/bold] files\x1b]0;owned\x07.
```python main.py
import sys


def add(a, b):
    return a - b


if __name__ == "__main__":
    print(add(int(sys.argv[1]), int(sys.argv[2])))
```
```python check.py
from main import add

assert add(1, 2) == 3
```
"""
EDIT = """\
main.py
<<<<<<< SEARCH
    return a - b
=======
    return a + b
>>>>>>> REPLACE
"""
REPLIES = [
    {"key": "design#1/-/1", "text": json.dumps(DESIGN)},
    {"key": "code#1/-/1", "text": FILES},
    {"key": "repair#1/-/1", "text": EDIT},
]


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    def json(self) -> object:
        return json.loads(self.out)


Call = Callable[..., Said]


def make_project(folder: Path) -> Path:
    (folder / "companies").mkdir(parents=True)
    (folder / "companies" / "tiny.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / "companies" / "gated.yaml").write_text(GATED, encoding="utf-8")
    about = {"idea": "adds two numbers", "company": "tiny"}
    recording = {"version": 1, "about": about, "replies": REPLIES}
    (folder / "tiny.json").write_text(json.dumps(recording), encoding="utf-8")
    gated = {"version": 1, "replies": [{"key": "code#1/-/1", "text": FILES.replace("a - b", "a + b")}]}
    (folder / "gated.json").write_text(json.dumps(gated), encoding="utf-8")
    return folder


def clean_environment(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("AGENTVERSE_", "OPENAI_", "LC_", "XDG_CONFIG")):
            patch.delenv(name)
    patch.setenv("LANG", "C.UTF-8")
    patch.setenv("AGENTVERSE_CONFIG_HOME", str(home))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a fresh project, with no settings of the user's."""
    clean_environment(monkeypatch, tmp_path / "config")
    folder = make_project(tmp_path / "project")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """A command line, called in this process."""

    def run(*arguments: str) -> Said:
        capfd.readouterr()
        code = invoke(arguments)
        sys.stdout.flush()
        said = capfd.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one finished run called ``done``; only to be read."""
    home = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        clean_environment(patch, home / "config")
        folder = make_project(home / "project")
        patch.chdir(folder)
        run = ["run", "add two numbers", "--company", "tiny", "--model", "recording:tiny.json", "--name", "done"]
        assert invoke([*run, "--quiet"]) == 0
    return folder


@pytest.fixture
def finished(finished_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: a project with the finished run ``done``."""
    clean_environment(monkeypatch, tmp_path / "config")
    monkeypatch.chdir(finished_project)
    return finished_project
