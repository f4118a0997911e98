"""What the engine and the agents ask of a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Changes:
    """What one phase does to the files. Paths are relative, with ``/``."""

    write: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    delete: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.write or self.delete)


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of joining several commits."""

    commit: str
    conflicts: tuple[str, ...] = ()
    """Paths changed on more than one side in different ways; the later parent's version was taken."""


class Repository(Protocol):
    """The product's own git repository, a bare one outside the workspace. Nothing here runs git or any hook.

    A commit follows from its parents, its tree, author, message and time alone, so the same run makes the same commits.
    """

    def start(self, *, at: int, files: Mapping[str, bytes] | None = None) -> str:
        """The first commit. Returns its id."""
        ...

    def commit(self, base: str, changes: Changes, *, author: str, message: str, at: int) -> str:
        """A commit on top of ``base``; ``base`` itself when nothing changes.

        Raises:
            PathRefused: a path leaves the workspace, names ``.git``, collides with a folder, or a file is too large.
        """
        ...

    def merge(self, commits: Sequence[str], *, message: str, at: int) -> Merged:
        """Join commits, three-way by file; equal or contained ones need no new commit."""
        ...

    def tree(self, commit: str) -> Mapping[str, str]:
        """Path: blob id, sorted by path."""
        ...

    def read(self, commit: str, path: str) -> bytes:
        """Raises KeyError when there is no such file."""
        ...

    def files(self, commit: str) -> Mapping[str, bytes]: ...

    def changed(self, old: str, new: str) -> Changes: ...

    def patch(self, old: str, new: str) -> str:
        """Unified diff, as ``git apply`` takes it."""
        ...

    def deliver(self, commit: str, folder: Path, *, branch: str = "main") -> Path:
        """Write the product and its history to ``folder``; to ``folder-2`` … when files there are the user's own.

        Returns the folder written.
        """
        ...

    def close(self) -> None: ...
