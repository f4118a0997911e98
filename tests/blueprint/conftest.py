from collections.abc import Callable
from pathlib import Path

import pytest

from agentverse.blueprint.load import Layer, Library


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Library]:
    """Writes files into a fresh project, makes it the current folder and returns its library; nothing else is in it."""
    monkeypatch.chdir(tmp_path)

    def write(**files: str) -> Library:
        for name, text in files.items():
            folder, stem = name.split("__", 1)
            path = tmp_path / folder / f"{stem}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return Library([Layer("project", tmp_path)])

    return write
