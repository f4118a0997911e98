"""A bench on files in memory, for tools by themselves; runs with real parts are in tests/engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.recording import Recording
from agentverse.tools.policy import ToolPolicy


@dataclass
class MemoryBench:
    files: dict[str, bytes] = field(default_factory=dict)
    policy: ToolPolicy = field(default_factory=ToolPolicy)
    language: str = "en"
    recording: Recording | None = None

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    async def read(self, path: str) -> bytes:
        return self.files[path]

    async def run(self, argv: Sequence[str], *, seconds: float) -> Evidence:
        raise NotImplementedError

    async def edit(self, path: str) -> str:
        raise NotImplementedError

    async def ask(self, question: str) -> str:
        raise NotImplementedError


@pytest.fixture
def bench() -> MemoryBench:
    return MemoryBench()
