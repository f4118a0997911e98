"""Downloading a model."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from agentverse.errors import PullFailed, UsageError
from agentverse.models.catalogue.entry import Entry, Files, Form
from agentverse.models.catalogue.local import complete
from agentverse.models.catalogue.shape import files_of
from agentverse.models.catalogue.transfer import Remote, Transfer

if TYPE_CHECKING:
    import httpx2

Source = Literal["huggingface", "modelscope"]
SPARE = 500_000_000
"""Bytes of disk that a download leaves free."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a download stands, in bytes of all its files."""

    done: int
    total: int


class Hub(Protocol):
    """A repository at a hub."""

    repo: str
    folder: Path
    """Where its files lie on this disk."""
    lock: Path
    """Held by whoever downloads it."""

    def listing(self) -> list[Remote]: ...

    def client(self) -> httpx2.Client: ...

    def headers(self) -> Mapping[str, str]: ...

    def place(self, file: Remote) -> Path: ...

    def finish(self, files: Sequence[Remote]) -> Path: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a download will bring. Nothing is written before `carry_out`."""

    form: Form
    files: Files
    hub: Hub
    remotes: tuple[Remote, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(remote.size for remote in self.remotes)

    @property
    def missing(self) -> int:
        """Bytes that are not on the disk yet."""
        return sum(remote.size - self._there(remote) for remote in self.remotes)

    def carry_out(self, progress: Callable[[Progress], None] | None = None) -> Path:
        """See `pull`. Waits while another process downloads the same."""
        from filelock import FileLock

        _make_room(self.hub.folder, self.missing)
        counted = _Counted(self.size, progress)
        with _writing(self.hub.folder):
            self.hub.lock.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.hub.lock):
                for remote in self.remotes:
                    self._fetch(remote, counted)
                folder = self.hub.finish(self.remotes)
        found = complete(folder, self.files, self.form)
        if found is None:
            raise PullFailed(
                f"what the hub lists of {self.hub.repo} is not a whole model",
                code="missing",
                fix="Try the other hub: --source.",
            )
        return found

    def _fetch(self, remote: Remote, counted: _Counted) -> None:
        place = self.hub.place(remote)
        if _has(place, remote):
            counted.add(remote.size)
            return
        Transfer(remote, _partial(place), self.hub.client(), self.hub.headers(), counted.add).run()
        _partial(place).replace(place)

    def _there(self, remote: Remote) -> int:
        place = self.hub.place(remote)
        partial = _partial(place)
        if _has(place, remote):
            return remote.size
        return min(partial.stat().st_size, remote.size) if partial.exists() else 0


def plan(entry: Entry, form: Form, *, source: Source = "huggingface") -> Plan:
    """Ask the hub what a download of ``entry`` would bring.

    Raises:
        UsageError: there is no such form of it.
        PullFailed: the hub does not say.
    """
    from agentverse.models.catalogue.huggingface import HuggingFace
    from agentverse.models.catalogue.modelscope import ModelScope

    files = entry.forms.get(form)
    if files is None:
        raise UsageError(f"{entry.name} does not exist as {form}", fix=f"There is: {', '.join(entry.forms)}.")
    hub: Hub = ModelScope(files.repo) if source == "modelscope" else HuggingFace(files.repo)
    listed = {remote.path: remote for remote in hub.listing()}
    named = files_of(listed, form, projector=files.projector)
    if not named:
        raise PullFailed(f"{hub.repo} has no {form} at the hub", code="missing", fix="Try the other hub: --source.")
    return Plan(form, files, hub, tuple(listed[name] for name in named))


def pull(
    entry: Entry,
    form: Form,
    *,
    source: Source = "huggingface",
    progress: Callable[[Progress], None] | None = None,
) -> Path:
    """Download ``entry`` in ``form``, go on where an earlier download stopped, and check every file. Blocks.

    Args:
        progress: called as bytes arrive; what it raises ends the download.

    Returns:
        What `local_file` returns from then on.

    Raises:
        UsageError: there is no such form of it.
        PullFailed: it cannot be had; says why, and what to do.
    """
    return plan(entry, form, source=source).carry_out(progress)


@dataclass(slots=True)
class _Counted:
    total: int
    progress: Callable[[Progress], None] | None
    done: int = 0

    def add(self, count: int) -> None:
        self.done += count
        if self.progress is not None:
            self.progress(Progress(self.done, self.total))


def _partial(place: Path) -> Path:
    return place.with_name(f"{place.name}.incomplete")


def _has(place: Path, remote: Remote) -> bool:
    """Whether the file is there. Under its final name lies only what was checked, here or by the hub's own program."""
    return place.is_file() and place.stat().st_size == remote.size


def _make_room(folder: Path, need: int) -> None:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if need and free < need + SPARE:
        raise _full(folder, need + SPARE - free)


@contextmanager
def _writing(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(folder, 0) from None
        if error.errno is None or isinstance(error, ConnectionError):  # not of a disk: of who watches
            raise
        raise PullFailed(
            f"{error.filename or folder} cannot be written: {error.strerror or error}",
            code="disk",
            fix="Name a folder that can be: HF_HOME or, for ModelScope, MODELSCOPE_CACHE.",
        ) from None


def _full(folder: Path, short: int) -> PullFailed:
    lack = f"{short / 1e9:.1f} GB are missing" if short else "it is full"
    return PullFailed(
        f"the disk of {folder} has too little room: {lack}",
        code="disk",
        fix="Free some, then pull again: it goes on where it stopped. Another disk: HF_HOME (MODELSCOPE_CACHE).",
    )
