"""One attack at work: a fresh box of a backend, the host's targets, and what is looked at whatever was tried."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentverse.errors import PathRefused
from agentverse.sandbox import scrub
from agentverse.sandbox.protocol import ExecResult, Limits, Sandbox, SandboxBackend
from tests.sandbox.attacks.targets import SECRET, Targets, living

PROGRAMS = Path(__file__).with_name("programs")
PATIENCE = 3
"""Times that a program which did not get far enough in its time is tried again, with three times as much."""
NAMES = ("link", "folder/secret", "chain", "environ", "hard", "hard_link_of_link", "root/etc/passwd", "pipe", "socket",
         "hole", "loop", "now/data", "file", "../secret", "/etc/passwd", "ddd/ddd", "a/b/c/file")  # fmt: skip
"""What a careless host might read in a workspace that was attacked."""
NEVER_OUT = (".git", ".pth", ".pyc", "__pycache__")


class GotThrough(Exception):
    """An attack had an effect that it must not have. The text says which."""


class NotTried(Exception):
    """The program did not get as far as to try, so nothing is known."""


def must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise GotThrough(otherwise)


@dataclass
class Scene:
    """What an attack's way and its checks work with."""

    box: Sandbox
    backend: SandboxBackend
    targets: Targets
    limits: Limits
    name: str
    mark: str
    result: ExecResult | None = None

    @classmethod
    def of(cls, box: Sandbox, backend: SandboxBackend, targets: Targets, limits: Limits, name: str) -> Scene:
        return cls(box, backend, targets, limits, name, f"av-{secrets.token_hex(6)}")

    async def run(self, *, report: bool = False, held: tuple[str, ...] = ()) -> ExecResult:
        """Run the program until it has tried; keep and return how it ended."""
        await self.put()
        limits = self.limits
        for _ in range(PATIENCE):
            self.result = await self.start(limits=limits, report=report, held=held)
            if b"TRIED" in self.result.stdout:
                break
            limits = replace(limits, wall=limits.wall * 3)
        self.judge_words(self.result)
        return self.result

    async def put(self) -> None:
        await self.box.put({f"{self.name}.py": program(self.name)})

    async def start(self, *, limits: Limits | None = None, **more: Any) -> ExecResult:
        words = ["python", f"{self.name}.py", self.mark]
        stdin = json.dumps(self.targets.given()).encode()
        return await self.box.exec(words, stdin=stdin, limits=limits or self.limits, **more)

    def judge_words(self, result: ExecResult) -> None:
        """A program that says it got through is believed; one that says nothing has not tried."""
        lines = result.stdout.decode(errors="replace").splitlines()
        claims = [scrub.clean(line.removeprefix("THROUGH ")) for line in lines if line.startswith("THROUGH ")]
        must(not claims, "; ".join(claims[:4]))
        if b"TRIED" not in result.stdout:
            raise NotTried(f"{result.reason}, {result.exit_code}, {result.signal}: {result.stderr[-300:]!r}")

    async def workspace(self) -> int:
        """The workspace as the host holds it: an open folder."""
        entered: Any = self.box._enter()  # type: ignore[attr-defined]
        return (await entered if asyncio.iscoroutine(entered) else entered).workspace

    async def text(self, path: str) -> str:
        return (await self.box.get(path)).decode()


def program(name: str) -> bytes:
    return (PROGRAMS / f"{name}.py").read_bytes()


async def host_is_unhurt(scene: Scene) -> None:
    """Whatever was tried: nothing of it lives, nothing of the host's was touched, and the host's own reads and writes
    of the workspace neither lead outside, nor hang, nor fail by anything but a refusal.
    """
    must(not living(scene.mark), "a process outlived its command")
    loot = await _read(scene.box, "loot")
    must(SECRET.encode() not in loot, "a secret was read")
    for name in NAMES:
        must(SECRET.encode() not in await _read(scene.box, name), f"the host read a secret by {name}")
    for path in _risen(await scene.workspace()):
        raise GotThrough(f"{path} would give its user other rights")
    exported = await _export(scene.box)
    for path, content in exported.items():
        must(SECRET.encode() not in content, f"a secret was exported as {path!r}")
        must(not path.endswith(NEVER_OUT) and ".git/" not in path, f"{path!r} was exported")
    with contextlib.suppress(PathRefused):
        await scene.box.put({"after/wards": b"x"})
    await scene.box.reset({"fresh": b"start"})
    must(await scene.box.export() == {"fresh": b"start"}, "something outlived a reset")
    again = await scene.box.exec(["cat", "fresh"], limits=Limits(wall=60.0))
    must(again.stdout == b"start", f"no command runs afterwards: {again.reason} {again.stderr[-200:]!r}")


async def _read(box: Sandbox, path: str) -> bytes:
    try:
        return await box.get(path)
    except (PathRefused, FileNotFoundError):
        return b""


async def _export(box: Sandbox) -> Mapping[str, bytes]:
    try:
        return await box.export()
    except PathRefused:
        return {}


def _risen(folder: int) -> Iterator[str]:
    """Files here that give rights to whoever runs them, or that are a device."""
    open_to_others = _open_to_others(folder)
    with contextlib.suppress(OSError):  # not even we may look
        for name in os.listdir(folder):
            seen = os.stat(name, dir_fd=folder, follow_symlinks=False)
            risen = bool(seen.st_mode & (stat.S_ISUID | stat.S_ISGID)) and stat.S_ISREG(seen.st_mode)
            if (risen and (0 in (seen.st_uid, seen.st_gid) or open_to_others)) or stat.S_ISBLK(seen.st_mode):
                yield name


def _open_to_others(folder: int) -> bool:
    """Whether other users of the host can reach what lies in the folder."""
    path = Path(os.readlink(f"/proc/self/fd/{folder}"))
    if not path.exists() or not os.path.samestat(path.stat(), os.fstat(folder)):
        return False
    return all(each.stat().st_mode & 0o001 for each in (path, *path.parents))
