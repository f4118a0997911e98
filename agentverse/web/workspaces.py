"""The files of a run at its commits, as its journal and its repository tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from agentverse.engine.run import REPOSITORY
from agentverse.errors import RunNotFound
from agentverse.journal.events import Entry, FilesChanged, RunEnded, RunStarted
from agentverse.journal.protocol import RunRow
from agentverse.web.problems import Refused
from agentverse.web.shapes.files import Commit, Commits, Diff, DiffPart, FileContent, FileEntry, Tree
from agentverse.workspace.repository import GitRepository

MOST_TEXT = 1 << 20
"""Bytes of a file that are shown; all of it can be downloaded."""
MOST_PATCH = 8 << 20
"""Characters of a diff."""
MOST_SIZES = 100_000
"""Contents whose size is remembered."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_sizes: dict[str, int] = {}


class Workspace:
    """The repository of one run. Close it in the end.

    Raises:
        RunNotFound: its folder is gone.
    """

    def __init__(self, row: RunRow, entries: Sequence[Entry]) -> None:
        try:
            self._repo = GitRepository.open(Path(row.folder) / REPOSITORY)
        except FileNotFoundError:
            raise RunNotFound(f"the files of run {row.id} are gone: {row.folder}") from None
        self._entries = entries
        started = next((e.event for e in entries if isinstance(e.event, RunStarted)), None)
        self._base = started.base if started else ""

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self._repo.close()

    @property
    def latest(self) -> str:
        """The commit that was delivered, or else the latest."""
        for entry in reversed(self._entries):
            if isinstance(entry.event, RunEnded | FilesChanged) and entry.event.commit:
                return entry.event.commit
        return self._base

    def commits(self) -> Commits:
        """All changes of the files, in order."""
        found = [
            Commit(seq=entry.seq, key=entry.key, at=entry.at, **_about(entry.event))
            for entry in self._entries
            if isinstance(entry.event, FilesChanged)
        ]
        return Commits(base=self._base, commits=found)

    def tree(self, commit: str) -> Tree:
        """The files at ``commit``, or at the latest one when that is ""."""
        commit = commit or self.latest
        authors = self._authors(commit)
        try:
            ids = self._repo.tree(commit)
        except KeyError:
            raise _no_commit() from None
        listed = [
            FileEntry(path=path, size=self._size(commit, path, id), author=authors.get(path, ""))
            for path, id in ids.items()
        ]
        return Tree(commit=commit, files=listed)

    def _size(self, commit: str, path: str, id: str) -> int:
        """Bytes of a file; each content is measured once, in whatever runs it is."""
        if id not in _sizes:
            if len(_sizes) >= MOST_SIZES:
                _sizes.clear()
            _sizes[id] = len(self._repo.read(commit, path))
        return _sizes[id]

    def contents(self) -> dict[str, bytes]:
        """The files at the delivered or latest commit."""
        return dict(self._files(self.latest))

    def content(self, commit: str, path: str) -> bytes:
        """Raises Refused: there is no such file."""
        try:
            return self._repo.read(commit or self.latest, path)
        except KeyError:
            raise Refused(404, "not_found", f"there is no file {path!r} in that commit") from None

    def file(self, commit: str, path: str) -> FileContent:
        """A file for people to read."""
        commit = commit or self.latest
        data = self.content(commit, path)
        binary = b"\0" in data[:8000]
        text = "" if binary else data[:MOST_TEXT].decode("utf-8", "replace")
        return FileContent(
            commit=commit, path=path, size=len(data), binary=binary, text=text, truncated=len(data) > MOST_TEXT
        )

    def diff(self, *, old: str, new: str, commit: str, phase: str, author: str) -> Diff:
        """From one commit to another; or what a commit, a phase or an author changed.

        Raises:
            Refused: there is no such commit.
        """
        if old or new:
            part = DiffPart(commit=new or self.latest, base=old or self._base, phase="", visit=0, author="", patch="")
            return Diff(parts=[self._patched(part)])
        chosen = [
            one
            for one in self.commits().commits
            if one.parents
            and (not commit or one.commit == commit)
            and (not phase or one.phase == phase)
            and (not author or one.author == author)
        ]
        if commit and not chosen:
            raise Refused(404, "not_found", "the run made no such commit")
        parts = [
            DiffPart(commit=c.commit, base=c.parents[0], phase=c.phase, visit=c.visit, author=c.author, patch="")
            for c in chosen
            if c.commit != c.parents[0]
        ]
        return Diff(parts=[self._patched(part) for part in parts])

    def patch(self, old: str, new: str) -> str:
        """Raises Refused: there is no such commit."""
        try:
            return self._repo.patch(old, new)[:MOST_PATCH]
        except KeyError:
            raise _no_commit() from None

    def archive(self, commit: str, name: str) -> bytes:
        """The files as a zip with one folder ``name``. The same files make the same bytes."""
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for path, data in self._files(commit or self.latest).items():
                info = ZipInfo(f"{name}/{path}", _EPOCH)
                info.external_attr = (0o755 if data.startswith(b"#!") else 0o644) << 16
                archive.writestr(info, data, ZIP_DEFLATED)
        return packed.getvalue()

    def _files(self, commit: str) -> Mapping[str, bytes]:
        try:
            return self._repo.files(commit)
        except KeyError:
            raise _no_commit() from None

    def _patched(self, part: DiffPart) -> DiffPart:
        return part.model_copy(update={"patch": self.patch(part.base, part.commit)})

    def _authors(self, commit: str) -> dict[str, str]:
        changes = [e.event for e in self._entries if isinstance(e.event, FilesChanged)]
        parents = {change.commit: change.parents for change in changes}
        ancestors: set[str] = set()
        todo = [commit]
        while todo:
            if (one := todo.pop()) not in ancestors:
                ancestors.add(one)
                todo += parents.get(one, [])
        found: dict[str, str] = {}
        for change in changes:
            if change.commit in ancestors:
                found.update(dict.fromkeys(change.written, change.author))
        return found


def _about(event: FilesChanged) -> dict[str, Any]:
    return event.model_dump(exclude={"v", "type"})


def _no_commit() -> Refused:
    return Refused(404, "not_found", "there is no such commit")
