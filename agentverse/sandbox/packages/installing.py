"""uv at work in a box whose only network is our index: it resolves, and it installs. On the host it is never run."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from agentverse.errors import PathRefused, SandboxUnavailable, Unsupplied
from agentverse.sandbox import scrub
from agentverse.sandbox.packages import index
from agentverse.sandbox.packages.index import Index
from agentverse.sandbox.protocol import ExecResult, Limits, Mount, Sandbox, SandboxBackend

LARGEST = 2 << 30
"""Bytes that an installation may take."""
MOST_FILES = 60_000
LIMITS = Limits(wall=900.0, cpu=900, memory=LARGEST, pids=256, disk=LARGEST, file=1 << 30, output=1 << 20, nofile=1024)
UNBOUNDED = 0
"""uv reserves more address space than it uses; the box around it bounds what is used."""
UV = "/opt/uv"
WANTED, LOCK, SITE = "wanted.txt", "lock.txt", "site"
ENVIRONMENT = {
    "UV_CACHE_DIR": "/work/cache",
    "UV_DEFAULT_INDEX": index.URL,
    "UV_HTTP_RETRIES": "1",
    "UV_HTTP_TIMEOUT": "600",
    "UV_LINK_MODE": "hardlink",
    "UV_NO_CONFIG": "1",
    "UV_NO_PROGRESS": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "NO_COLOR": "1",
    "PYC_INVALIDATION_MODE": "UNCHECKED_HASH",
}
"""A layer never changes, so its bytecode need not look at the times of files, which copying does not keep."""
COMMON = ("--quiet", "--python", "python", "--no-build")


def find_uv() -> Path:
    """The program uv on the host.

    Raises:
        Unsupplied: it is not installed.
    """
    try:
        return Path(str(import_module("uv").find_uv_bin()))
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise Unsupplied("packages are got with uv, which is not installed", fix="pip install uv", stops=True)
    return Path(found)


class Installing:
    """A box with uv and the index, as an async context manager around `lock` and `install`.

    Raises:
        SandboxUnavailable: the box cannot be had.
    """

    def __init__(self, backend: SandboxBackend, index: Index, uv: Path) -> None:
        self._box: Sandbox = backend.open(limits=LIMITS)
        self._index, self._uv = index, uv

    async def __aenter__(self) -> Installing:
        async with AsyncExitStack() as undo:
            await undo.enter_async_context(self._box)
            try:
                await self._box.listen(index.PORT, self._index.serve, mounts=[Mount(self._uv, UV)])
            except ConnectionError as error:
                raise SandboxUnavailable(f"packages cannot be installed: {error}", fix="Try again.") from error
            undo.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._box.__aexit__(*exc)

    async def lock(self, requirements: Sequence[str]) -> str:
        """Resolve for the interpreter in the box: every package with its version and the hashes of its wheels.

        Raises:
            Unsupplied: there is no such set of wheels.
        """
        await self._box.put({WANTED: "".join(f"{line}\n" for line in requirements).encode()})
        words = ["compile", WANTED, "--output-file", LOCK, "--generate-hashes", "--no-header", "--no-annotate"]
        await self._run(words)
        return (await self._box.get(LOCK)).decode()

    async def install(self, lock: str, to: Path) -> None:
        """Install exactly what a lock says, and copy it to a folder of the host.

        Raises:
            Unsupplied: a file is not what it should be, or there is too much.
        """
        await self._box.put({LOCK: lock.encode()})
        words = ["install", "-r", LOCK, "--target", SITE, "--require-hashes", "--no-deps", "--compile-bytecode"]
        await self._run(words)
        try:
            await self._box.copy_out(SITE, to, max_bytes=LARGEST, max_files=MOST_FILES)
        except PathRefused as error:
            raise Unsupplied(f"the packages cannot be used: {error}") from error

    async def _run(self, words: Sequence[str]) -> None:
        limits = replace(LIMITS, memory=UNBOUNDED)
        result = await self._box.warm([UV, "pip", *words, *COMMON], env=ENVIRONMENT, limits=limits)
        if not result.ok:
            raise _problem(result)


def _problem(result: ExecResult) -> Unsupplied:
    if result.reason in ("disk", "memory") or b"No space left" in result.stderr:
        return Unsupplied(f"the packages take more than {LARGEST >> 30} GiB")
    if result.reason != "exited":
        return Unsupplied(f"uv did not come to its end in the box: {result.reason}", fix="Try again.", stops=True)
    said = scrub.one_line(scrub.text(result.stderr), 2000).removeprefix("error: ").partition(" hint: ")[0]
    _, unsolved, why = said.partition("No solution found when resolving dependencies cause: ")
    return Unsupplied(scrub.one_line(f"the packages do not go together: {why}" if unsolved else said, 500))
