import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agentverse.workspace.repository import GitRepository

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    """The real git, as a user of another machine runs it: nobody's configuration. Returns what it printed."""
    home = tmp_path_factory.mktemp("home")
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.org"))
    }
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8", **names}

    def run(folder: Path, *words: str, input: str | None = None) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], env=env, input=input and input.encode(), capture_output=True, timeout=30
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout.decode()

    return run


@pytest.fixture
def repo(tmp_path: Path):
    """An empty repository of a run called ``run-1``."""
    made = GitRepository.create(tmp_path / "run-1" / "repository.git")
    yield made
    made.close()
