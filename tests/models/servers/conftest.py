from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agentverse.models.catalogue import Gpu, Machine, find
from agentverse.models.servers import vllm
from agentverse.models.servers.launch import Launch, News
from agentverse.models.servers.ports import free_port

GB = 10**9


class Told:
    """The news, and a way to wait for some."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self._more = asyncio.Event()

    def __call__(self, news: News) -> None:
        self.news.append(news)
        self._more.set()

    async def until(self, holds: Callable[[list[str]], bool]) -> None:
        async with asyncio.timeout(20):
            while not holds(self.kinds):
                self._more.clear()
                await self._more.wait()

    @property
    def kinds(self) -> list[str]:
        return [news.kind for news in self.news]


@pytest.fixture
def card() -> Machine:
    """A computer with one graphics card of 24 GB."""
    return Machine(64 * GB, 60 * GB, (Gpu("NVIDIA GeForce RTX 4090", 24 * GB, 24 * GB, "580.65", 8.9),))


@pytest.fixture
def laptop() -> Machine:
    """A computer with 8 GB and no graphics card."""
    return Machine(8 * GB, 6 * GB, trouble="no NVIDIA card was found")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a program called ``vllm`` on the path; called again, it says what that one does from then on."""
    folder = tmp_path / "bin"
    folder.mkdir()
    source = (Path(__file__).with_name("fake_vllm.py")).read_text(encoding="utf-8")
    file = folder / "vllm"
    file.write_text(f"#!{sys.executable}\n{source}", encoding="utf-8")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def does(**what: object) -> None:
        monkeypatch.setenv("FAKE_VLLM", json.dumps(what))

    does()
    return does


@pytest.fixture
def processor_program(program: Callable[..., None], tmp_path: Path) -> None:
    """Makes the ``vllm`` on the path one that was built for processors, as its package says."""
    (tmp_path / "lib" / "python3.11" / "site-packages" / "vllm-0.32.0+cpu.dist-info").mkdir(parents=True)


@pytest.fixture
def launch(program: Callable[..., None], card: Machine, tmp_path: Path) -> Launch:
    """How to start the program that stands for vLLM."""
    return vllm.launch(find("MiniCPM5-2B"), tmp_path / "weights", card, port=free_port())


@pytest.fixture
def told() -> Told:
    return Told()
