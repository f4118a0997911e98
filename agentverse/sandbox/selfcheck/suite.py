"""The register of checks, and what runs them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agentverse.errors import AgentverseError
from agentverse.sandbox.protocol import Limits, Sandbox, SandboxBackend

QUICK = Limits(wall=20.0)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing a sandbox must do, and whether it did.

    Attributes:
        detail: what happened instead; empty when it passed.
        admitted: it did not, and the backend says so itself.
    """

    name: str
    passed: bool
    detail: str = ""
    admitted: bool = False

    @property
    def fine(self) -> bool:
        return self.passed or self.admitted


class Broken(Exception):
    """A check saw something that must not be. Its text says what."""


Check = Callable[[Sandbox], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Entry:
    run: Check
    aspect: str


CHECKS: dict[str, _Entry] = {}
"""By what each demands, in the order in which they are run."""


def check(sentence: str, *, aspect: str = "") -> Callable[[Check], Check]:
    """Register a check.

    Args:
        sentence: what holds when it passes.
        aspect: key of `agentverse.sandbox.protocol.SandboxInfo.enforced`; a backend that has it with an empty text
            says that it does not hold this.
    """

    def register(function: Check) -> Check:
        CHECKS[sentence] = _Entry(function, aspect)
        return function

    return register


async def selfcheck(backend: SandboxBackend) -> list[CheckResult]:
    """Run every check, each in a fresh box.

    Returns:
        One result a check, in order. A backend may be used only when all are `CheckResult.fine`.

    Raises:
        SandboxUnavailable: the backend does not work here at all.
    """
    info = await backend.probe()
    results: list[CheckResult] = []
    for sentence, entry in CHECKS.items():
        try:
            async with backend.open(limits=QUICK) as box:
                await entry.run(box)
        except (Broken, AgentverseError, OSError) as problem:
            admitted = bool(entry.aspect) and info.enforced.get(entry.aspect, "held") == ""
            results.append(CheckResult(sentence, False, f"{type(problem).__name__}: {problem}", admitted))
        else:
            results.append(CheckResult(sentence, True))
    return results


def must(holds: bool, otherwise: str) -> None:
    """Raise `Broken` with ``otherwise`` unless it holds."""
    if not holds:
        raise Broken(otherwise)


async def python(box: Sandbox, source: str, *, limits: Limits | None = None) -> str:
    """Run a program that must end well; return what it printed."""
    result = await box.exec(["python", "-c", source], limits=limits)
    must(result.ok, f"a program ended with {result.reason}, {result.exit_code}: {result.stderr[-300:]!r}")
    return result.stdout.decode().strip()


@contextmanager
def host_folder(name: str) -> Generator[Path]:
    """A folder of the host, readable by everybody, with one file that holds its own name."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # noqa: S103, the check is about what the box hides, not about modes
        file = Path(folder, name)
        file.write_text(name)
        file.chmod(0o644)
        yield Path(folder)


def host_processes(mark: str) -> list[int]:
    """Processes of the host whose words hold ``mark``. Empty where the host has no /proc."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in words and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found
