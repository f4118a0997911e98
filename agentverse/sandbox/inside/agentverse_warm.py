"""pytest in processes that have loaded it already: forked from the first program of a session, each for one run.

A fork finds pytest imported. The next one goes further before anybody asks for it: it takes its options, sets up its
plugins and its fixtures, and waits. What the files of a product could change about that is looked at before it is used.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

SETTINGS = ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg")
TAKES_A_WORD = ("-p", "-o", "-k", "-m")
REHEARSAL = """
import pytest
@pytest.mark.parametrize("x", [1])
def test_a(x, tmp_path, monkeypatch, capsys): assert x == 1
def test_b():
    with pytest.raises(ValueError): int("x")
"""


@dataclass(frozen=True)
class Spare:
    """A process that waits for the files it is to test.

    Attributes:
        near: stream: the descriptor of ours that leads to it.
        control: where it is told to go on.
    """

    pid: int
    words: list[str]
    near: dict[int, int]
    control: int
    report: str

    def fits(self, order: dict[str, Any]) -> bool:
        """Whether it can take an order: the same words, and no files that would have changed what it did."""
        same = order["argv"] == self.words and order["cwd"] == "."
        return same and not any(name.startswith("PYTEST") for name in order["env"]) and not _has_settings()

    def go(self, order: dict[str, Any]) -> bool:
        """Tell it; False when it is dead."""
        body = json.dumps({"env": order["env"], "limits": order.get("limits", {})}).encode()
        try:
            if os.write(self.control, body) != len(body):
                return False
        except OSError:
            return False
        os.close(self.control)
        return True


def can_wait(words: Sequence[str]) -> bool:
    """Whether words name no files: those must be there when options are read."""
    before = ""
    for word in words:
        if not word.startswith("-") and before not in TAKES_A_WORD:
            return False
        before = word
    return True


def rehearse() -> None:
    """Import pytest and let it run once, so that forks have all it loads late."""
    import tempfile

    import pytest

    import_module("agentverse_report")
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/test_rehearsal.py", "w", encoding="utf-8") as file:
            file.write(REHEARSAL)
        os.chdir(folder)
        before = set(sys.modules)
        pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir=.", folder])
        for name in set(sys.modules) - before:
            if name.startswith("test_"):
                del sys.modules[name]
        os.chdir(here)


def run_tests(words: list[str], environment: dict[str, str], plugins: Sequence[object] = ()) -> int:
    """Run pytest with these words in this process."""
    import pytest

    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["pytest", *words]
    _look_in(environment)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    try:
        return int(pytest.main(words, plugins=list(plugins)))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def wait_and_run(words: list[str], environment: dict[str, str], control: int, limit: Any) -> int:
    """Make a run ready, wait for the order, and go on with it.

    Args:
        control: where the order comes from; when that is closed, this process has been for nothing.
        limit: sets the limits of this process.
    """

    class Wait:
        """Told by pytest that all is set up."""

        def pytest_sessionstart(self) -> None:
            body = b""
            while piece := os.read(control, 1 << 16):
                body += piece
            if not body:
                os._exit(0)
            os.close(control)
            order = json.loads(body)
            os.environ.update(order["env"])
            _look_in(order["env"])
            limit(order["limits"])

    import pytest

    Wait.pytest_sessionstart = pytest.hookimpl(trylast=True)(Wait.pytest_sessionstart)  # type: ignore[method-assign]
    return run_tests(words, environment, [Wait()])


def _look_in(environment: Mapping[str, str]) -> None:
    """Find modules where a new Python with these variables would."""
    own = [folder for folder in environment.get("PYTHONPATH", "").split(":") if folder]
    first = [os.getcwd(), *own]
    sys.path[:] = [*first, *(folder for folder in sys.path if folder not in first)]


def empty_folders(*, keep: str) -> None:
    """Empty the working directory, the home and the folder for temporary files.

    Args:
        keep: path of a file that stays.
    """
    folders = [os.getcwd(), os.environ["HOME"], os.environ["TMPDIR"]]
    if folders == ["/work", "/home/user", "/tmp"]:  # noqa: S108, a box with a root of its own
        folders.append("/dev/shm")  # noqa: S108
    for folder in folders:
        for entry in os.scandir(folder):
            if entry.path != keep:
                _remove(entry)


def _remove(entry: os.DirEntry[str]) -> None:
    if not entry.is_dir(follow_symlinks=False):
        os.unlink(entry.path)
        return
    os.chmod(entry.path, 0o700)
    for inner in os.scandir(entry.path):
        _remove(inner)
    os.rmdir(entry.path)


def _has_settings() -> bool:
    """Whether there are files that pytest reads before it begins."""
    with os.scandir(".") as entries:
        for entry in entries:
            if entry.name in SETTINGS or entry.name == "conftest.py":
                return True
            if entry.name.startswith("test") and os.path.lexists(f"{entry.name}/conftest.py"):
                return True
    return False
