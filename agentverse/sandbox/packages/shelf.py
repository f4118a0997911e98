"""Installed packages, kept on this machine: one read-only folder, a layer, for each set of exact versions.

A layer is made beside its place and renamed into it, so it is there whole or not at all. Which layer a set of
requirements led to is noted, so that the next product with the same ones starts no process and asks no index.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
import sys
import sysconfig
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agentverse.sandbox import tooling

LAYER = "/opt/layer"
"""Where the packages of a product are in its box."""
LAYERS, NOTES, LOCKS, FILES = "layers", "resolved", "locks", "files"
SITE, ABOUT = "site", "layer.json"
DAY = 24 * 3600.0
KEPT = 60 * DAY
"""Seconds after its last use at which something is thrown away."""
BEAT = 0.1
"""Seconds between looks at a lock that another process holds."""
STARTED_BY_PYTHON = frozenset({"sitecustomize.py", "usercustomize.py"})
"""Python runs these in every program that can see them, pytest included."""
READ_ONLY = 0o555
PIN = re.compile(r"^[A-Za-z0-9][\w.-]*(?:\[[\w.,-]+\])?==[\w.!+]+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Layer:
    """Packages ready to be shown in a box.

    Attributes:
        folder: what is shown at `LAYER`.
        pins: exact versions, such as ``flask==3.1.0``.
        modules: names that can be imported from it.
    """

    folder: Path
    pins: tuple[str, ...]
    modules: frozenset[str]


class Shelf:
    """The layers in one folder of the host.

    Args:
        world: what else layers depend on: an image, for one.
        terms: what else it depends on which versions requirements lead to.
    """

    def __init__(self, folder: Path, *, world: str = "", terms: Sequence[str] = ()) -> None:
        self.folder, self._terms = folder, terms
        self._world = [world, sysconfig.get_platform(), sys.implementation.cache_tag, *map(str, sys.version_info[:3])]

    def noted(self, requirements: Sequence[str], *, within: float) -> Layer | None:
        """The layer that these requirements led to within the last seconds; None when there is none any more."""
        note = self._note(requirements)
        try:
            if time.time() - note.stat().st_mtime > within:
                return None
            return self._open(note.read_text())
        except FileNotFoundError:
            return None

    def find(self, lock: str) -> Layer | None:
        """The layer of a lock, when there is one."""
        try:
            return self._open(self._key(lock))
        except FileNotFoundError:
            return None

    def note(self, requirements: Sequence[str], lock: str) -> None:
        """Remember that these requirements led to this lock."""
        path = self._note(requirements)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix="part-", delete=False) as beside:
            beside.write(self._key(lock))
        os.replace(beside.name, path)

    def scratch(self, requirements: Sequence[str]) -> Path:
        """An empty place for a new layer. What a process that was killed left there is gone."""
        place = self.folder / LAYERS / f"making-{self._digest(requirements)}"
        remove(place)
        for folder in (self.folder, place.parent, place):
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        return place

    def keep(self, scratch: Path, lock: str) -> Layer:
        """Make a layer of ``site`` in a scratch place."""
        modules = _tidy(scratch / SITE)
        pins = tuple(PIN.findall(lock))
        about = {"pins": pins, "modules": sorted(modules), "lock": lock}
        (scratch / ABOUT).write_text(json.dumps(about))
        os.sync()  # a layer that a power cut left with empty files would be believed for ever
        place = self.folder / LAYERS / self._key(lock)
        try:
            os.rename(scratch, place)
        except OSError:
            if not (place / ABOUT).exists():
                raise
            remove(scratch)  # other requirements led to the same packages at the same moment
        return Layer(place / SITE, pins, modules)

    @asynccontextmanager
    async def alone(self, requirements: Sequence[str]) -> AsyncGenerator[None]:
        """Be the only one, of all processes, that works on these requirements."""
        path = self.folder / LOCKS / self._digest(requirements)
        path.parent.mkdir(parents=True, exist_ok=True)
        held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            while not _lock(held):  # noqa: ASYNC110, another process holds it
                await asyncio.sleep(BEAT)
            yield
        finally:
            os.close(held)

    def throw_away(self) -> None:
        """Remove what nobody used for a long time."""
        for folder in (LAYERS, NOTES, FILES):
            for path in (self.folder / folder).glob("*"):
                with suppress(FileNotFoundError):  # another process throws it away as well
                    about = path / ABOUT
                    last = (about if about.exists() else path).stat().st_mtime
                    if time.time() - last > KEPT:
                        remove(path)

    def _open(self, key: str) -> Layer:
        place = self.folder / LAYERS / key
        about = json.loads((place / ABOUT).read_text())
        os.utime(place / ABOUT)
        return Layer(place / SITE, tuple(about["pins"]), frozenset(about["modules"]))

    def _note(self, requirements: Sequence[str]) -> Path:
        return self.folder / NOTES / self._digest(requirements)

    def _digest(self, requirements: Sequence[str]) -> str:
        return _hash([*self._world, *self._terms, *sorted(requirements)])

    def _key(self, lock: str) -> str:
        return _hash([*self._world, lock])


def cache_home() -> Path:
    """Folder of this machine for what can be made again. Root's is one that every user's programs can be shown."""
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "agentverse"
    return Path("/var/cache/agentverse") if os.geteuid() == 0 else Path.home() / ".cache" / "agentverse"


def _lock(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def remove(path: Path) -> None:
    """Delete a folder or file, also a folder that is held read-only; nothing when it is not there."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for folder, _, _ in os.walk(path):
        os.chmod(folder, stat.S_IRWXU)
    shutil.rmtree(path)


def _hash(parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:32]


def _tidy(site: Path) -> frozenset[str]:
    """Take out what Python or a person would run unasked, hold the rest read-only, and name the modules.

    Modules that are named as those of Python or pytest are taken out as well: they would stand before them.
    """
    taken = sys.stdlib_module_names | {name.removesuffix(".py") for name in tooling.tools()}
    for path in list(site.iterdir()):
        name = path.name
        if name in ("bin", ".lock") or name in STARTED_BY_PYTHON or name.partition(".")[0] in taken:
            remove(path)
    for path in site.rglob("*.pth"):
        remove(path)
    modules = frozenset(_modules(site))
    for folder, _, _ in os.walk(site, topdown=False):
        os.chmod(folder, READ_ONLY)
    return modules


def _modules(site: Path) -> Iterator[str]:
    for path in site.iterdir():
        name, _, ending = path.name.partition(".")
        if name.isidentifier() and name != "__pycache__" and _can_be_imported(path, ending):
            yield name


def _can_be_imported(path: Path, ending: str) -> bool:
    if path.is_dir():
        return not ending and any(inner.suffix in (".py", ".so") for inner in path.rglob("*"))
    return path.suffix in (".py", ".so")
