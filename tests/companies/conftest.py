"""The shipped YAML, as a user without files of their own finds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.blueprint.load import Layer, Library, shipped_folder


@pytest.fixture
def library() -> Library:
    return Library([Layer("shipped", shipped_folder())])


@pytest.fixture
def docs() -> Path:
    return shipped_folder() / "docs"
