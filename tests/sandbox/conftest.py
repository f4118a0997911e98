"""One backend, and a fresh box for each test. The sandbox is the real one: these tests need bubblewrap."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from agentverse.sandbox.box import Box
from agentverse.sandbox.bubblewrap import Bubblewrap
from agentverse.sandbox.protocol import ExecResult, Limits

Attack = Callable[..., Awaitable[ExecResult]]


@pytest.fixture(scope="session")
def backend() -> Bubblewrap:
    return Bubblewrap()


@pytest.fixture
async def box(backend: Bubblewrap) -> AsyncIterator[Box]:
    async with backend.open(limits=Limits(wall=30.0)) as opened:
        yield opened


@pytest.fixture
def attack(box: Box) -> Attack:
    """Run a program of ``attacks/`` in the box."""

    async def run(name: str, *words: str, limits: Limits | None = None) -> ExecResult:
        await box.put({f"{name}.py": Path(__file__).with_name("attacks").joinpath(f"{name}.py").read_bytes()})
        return await box.exec(["python", f"{name}.py", *words], limits=limits)

    return run


@pytest.fixture
def host_words() -> Callable[[], str]:
    """The command lines of every process of the host, as one text."""

    def read() -> str:
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                found.append((folder / "cmdline").read_bytes().decode(errors="replace"))
            except OSError:
                continue
        return "\n".join(found)

    return read
