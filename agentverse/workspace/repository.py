"""The product's own git repository: bare, written in-process, deaf to every git configuration but its own."""

from __future__ import annotations

import stat
import threading
from collections import OrderedDict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from agentverse.errors import PathRefused
from agentverse.workspace.diff import file_diff
from agentverse.workspace.merge import independent, merge_bases, three_way
from agentverse.workspace.objects import EXECUTABLE, FILE, Entry, Files, Objects, write_whole
from agentverse.workspace.paths import check_collisions, plain_path, safe_path
from agentverse.workspace.protocol import Changes, Merged

MAX_FILE = 1 << 20
"""Bytes of one file."""
MAX_FILES = 2000
MAX_TOTAL = 64 << 20
"""Bytes of all files of one tree."""

_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"


class Found(NamedTuple):
    """A file of the user's."""

    content: bytes
    executable: bool


class GitRepository:
    """A `Repository` in the folder ``path``; see `create` and `open`. Calls may come from several threads.

    What an adopted history holds and a product may not (a link, a submodule, a name that some system does not take)
    stays in the history untouched and is never shown, changed or delivered as a file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._objects = Objects(path / "objects")
        self._listings: OrderedDict[str, Mapping[str, str]] = OrderedDict()
        self._sizes: dict[str, int] = {}

    @classmethod
    def create(cls, path: Path) -> GitRepository:
        """A new repository. Raises FileExistsError when there is something at ``path``."""
        path.mkdir(parents=True)
        for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (path / folder).mkdir(parents=True)
        (path / "config").write_text(_CONFIG)
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> GitRepository:
        """The repository at ``path``. Raises FileNotFoundError when there is none."""
        if not (path / "HEAD").is_file() or not (path / "objects").is_dir():
            raise FileNotFoundError(f"there is no repository in {path}")
        return cls(path)

    def close(self) -> None:
        with self._lock:
            self._objects.close()

    @contextmanager
    def objects(self) -> Generator[Objects, None, None]:
        """The objects, for this thread alone while the block lasts."""
        with self._lock:
            yield self._objects

    # ------------------------------------------------------------------ write

    def start(self, *, at: int, files: Mapping[str, bytes] | None = None) -> str:
        """The first commit, ``refs/heads/main``. ``at`` is in seconds since 1970.

        Raises:
            PathRefused: as `commit`.
        """
        with self._lock:
            empty = self._objects.write_tree(None, {})
            tree = self._changed_tree(empty, Changes(write=files or {}))
            commit = self._objects.write_commit(tree, [], author="agentverse", message="Start", at=at)
            self.point("main", commit)
            return commit

    def commit(self, base: str, changes: Changes, *, author: str, message: str, at: int) -> str:
        """A commit on top of ``base``; ``base`` itself when nothing changes. ``at`` is in seconds since 1970.

        Raises:
            PathRefused: see `safe_path`; or a path collides with another, or a file or the whole becomes too large.
            KeyError: there is no commit ``base``.
        """
        with self._lock:
            old = self._objects.commit(base).tree
            tree = self._changed_tree(old, changes)
            if tree == old:
                return base
            return self._objects.write_commit(tree, [base], author=author, message=message, at=at)

    def found(self, base: str | None, changes: Mapping[str, Found | None], *, message: str, at: int) -> str:
        """A commit of files as they lie in a folder of the user's. The rules for replies are not applied.

        Args:
            base: commit, or None for the first one.
            changes: path: file, or None where it is gone.
            message: of the commit.
            at: seconds since 1970.
        """
        with self._lock:
            entries: dict[bytes, Entry | None] = {}
            for path, file in changes.items():
                mode = EXECUTABLE if file and file.executable else FILE
                entries[path.encode()] = Entry(mode, self._objects.write_blob(file.content)) if file else None
            old = self._objects.commit(base).tree if base else None
            tree = self._objects.write_tree(old, entries)
            if base and tree == old:
                return base
            parents = [base] if base else []
            return self._objects.write_commit(tree, parents, author="agentverse", message=message, at=at)

    def merge(self, commits: Sequence[str], *, message: str, at: int) -> Merged:
        """Join commits, three-way by file, from the first to the last; equal or contained ones need no new commit."""
        with self._lock:
            heads = independent(commits, self._parents)
            if not heads:
                raise ValueError("there is nothing to merge")
            if len(heads) == 1:
                return Merged(heads[0])
            files = self._files(heads[0])
            conflicts: set[bytes] = set()
            for count, head in enumerate(heads[1:], start=1):
                base = self._base(merge_bases(heads[:count], head, self._parents))
                joined = three_way(base, files, self._files(head))
                files = joined.files
                conflicts |= joined.conflicts
            tree = self._tree_of(files, heads[-1])
            commit = self._objects.write_commit(tree, heads, author="agentverse", message=message, at=at)
            return Merged(commit, tuple(sorted(path.decode("utf-8", "replace") for path in conflicts)))

    def point(self, branch: str, commit: str) -> None:
        """Let ``branch`` name ``commit`` in the bare repository."""
        ref = self.path / "refs" / "heads" / branch
        ref.parent.mkdir(parents=True, exist_ok=True)
        write_whole(ref, f"{commit}\n".encode())

    # ------------------------------------------------------------------ read

    def tree(self, commit: str) -> Mapping[str, str]:
        """Path: blob id, sorted by path."""
        with self._lock:
            tree = self._objects.commit(commit).tree
            listing = self._listings.get(tree)
            if listing is None:
                listing = MappingProxyType(dict(sorted(_visible(self._objects.files(tree)))))
                self._listings[tree] = listing
                if len(self._listings) > 64:
                    self._listings.popitem(last=False)
            return listing

    def read(self, commit: str, path: str) -> bytes:
        """Raises KeyError when there is no such file."""
        with self._lock:
            return self._objects.blob(self.tree(commit)[path])

    def files(self, commit: str) -> Mapping[str, bytes]:
        """All files with their content, sorted by path."""
        with self._lock:
            return {path: self._objects.blob(id) for path, id in self.tree(commit).items()}

    def changed(self, old: str, new: str) -> Changes:
        """What turns the files of ``old`` into those of ``new``."""
        with self._lock:
            before, after = self.tree(old), self.tree(new)
            write = {path: self._objects.blob(id) for path, id in after.items() if before.get(path) != id}
            return Changes(write=write, delete=frozenset(before.keys() - after.keys()))

    def patch(self, old: str, new: str) -> str:
        """Unified diff, as ``git apply`` takes it. Write it to a file as UTF-8 with ``newline=""``."""
        with self._lock:
            before, after = self._shown(old), self._shown(new)
            parts: list[str] = []
            for path in sorted(before.keys() | after.keys()):
                one, two = before.get(path), after.get(path)
                if one != two:
                    sides = [(entry, self._objects.blob(entry.id)) if entry else None for entry in (one, two)]
                    parts.append(file_diff(path, sides[0], sides[1]))
            return "".join(parts)

    def deliver(self, commit: str, folder: Path, *, branch: str = "main") -> Path:
        """Write the product and its history to ``folder``; to ``folder-2`` … when files there are the user's own.

        Returns the folder written. See `agentverse.workspace.delivery`.
        """
        from agentverse.workspace.delivery import deliver

        return deliver(self, commit, folder, branch=branch)

    # ------------------------------------------------------------------ inside

    def _files(self, commit: str) -> Files:
        return self._objects.files(self._objects.commit(commit).tree)

    def _shown(self, commit: str) -> dict[str, Entry]:
        files = self._files(commit)
        return {path: files[path.encode()] for path in self.tree(commit)}

    def _parents(self, commit: str) -> Sequence[str]:
        """Parents within the run: what the user's history holds lies below all of it and need not be walked."""
        facts = self._objects.commit(commit)
        return facts.parents if facts.ours else ()

    def _base(self, bases: Sequence[str]) -> Files:
        """The files both sides grew out of. Several bases are joined themselves, as git's recursive strategy does."""
        if not bases:
            return {}
        files = self._files(bases[0])
        for count, other in enumerate(bases[1:], start=1):
            below = self._base(merge_bases(bases[:count], other, self._parents))
            files = three_way(below, files, self._files(other)).files
        return files

    def _tree_of(self, files: Files, like: str) -> str:
        """The tree that holds ``files``; folders equal to those of the commit ``like`` are not written again."""
        present = self._files(like)
        changes: dict[bytes, Entry | None] = {path: None for path in present if path not in files}
        changes |= {path: entry for path, entry in files.items() if present.get(path) != entry}
        return self._objects.write_tree(self._objects.commit(like).tree, changes)

    def _changed_tree(self, tree: str, changes: Changes) -> str:
        """The tree after ``changes``, once all of them are known to be allowed."""
        files = self._objects.files(tree)
        write = _accepted(changes.write.items(), files)
        gone = {_accepted_path(path, files) for path in changes.delete}
        gone = {path for path in gone if path.encode() in files and path not in write}
        for path in gone:
            safe_path(path)
        new = sorted(path for path in write if path.encode() not in files)
        if new:
            present = (path.decode("utf-8", "surrogateescape") for path in files)
            check_collisions((path for path in present if path not in gone), new)
        entries: dict[bytes, Entry | None] = {path.encode(): None for path in gone}
        for path, content in write.items():
            entries[path.encode()] = self._entry(content, files.get(path.encode()))
        self._check_total(files, entries)
        return self._objects.write_tree(tree, entries)

    def _entry(self, content: bytes, old: Entry | None) -> Entry:
        """A file is executable when it says what executes it; one that was there keeps its mode while that stays so."""
        starts = content.startswith(b"#!")
        id = self._objects.write_blob(content)
        self._sizes[id] = len(content)
        if old is not None and self._objects.blob(old.id).startswith(b"#!") == starts:
            return Entry(old.mode, id)
        return Entry(EXECUTABLE if starts else FILE, id)

    def _check_total(self, files: Files, changes: Mapping[bytes, Entry | None]) -> None:
        after = {path: entry for path, entry in {**files, **changes}.items() if entry is not None}
        if len(after) > MAX_FILES:
            raise PathRefused(f"there would be {len(after)} files; at most {MAX_FILES} are allowed")
        # So few files cannot come to more, and most products are that small.
        if len(after) * MAX_FILE > MAX_TOTAL:
            total = sum(self._size(entry) for entry in after.values())
            if total > MAX_TOTAL:
                raise PathRefused(f"the files would come to {total >> 20} MiB; at most {MAX_TOTAL >> 20} are allowed")

    def _size(self, entry: Entry) -> int:
        if not stat.S_ISREG(entry.mode):
            return 0
        if entry.id not in self._sizes:
            self._sizes[entry.id] = len(self._objects.blob(entry.id))
        return self._sizes[entry.id]


def _visible(files: Files) -> Iterator[tuple[str, str]]:
    """Plain files under names that may be written, with their blobs."""
    for path, entry in files.items():
        if stat.S_ISREG(entry.mode):
            try:
                name = path.decode()
                if plain_path(name) == name:
                    yield name, entry.id
            except (PathRefused, UnicodeDecodeError):
                continue


def _accepted(items: Iterable[tuple[str, bytes]], files: Files) -> dict[str, bytes]:
    accepted: dict[str, bytes] = {}
    for path, content in items:
        plain = _accepted_path(path, files)
        _check_size(plain, content)
        if accepted.setdefault(plain, content) != content:
            raise PathRefused(f"the file {plain!r} is written twice with different contents")
    return accepted


def _accepted_path(path: str, files: Files) -> str:
    """The path as it is stored. A hidden file may be changed when it is there already, but no new one made."""
    plain = plain_path(path)
    entry = files.get(plain.encode())
    if entry is None:
        return safe_path(path)
    if not stat.S_ISREG(entry.mode):
        raise PathRefused(f"the path {path!r} is refused: it is a link")
    return plain


def _check_size(path: str, content: bytes) -> None:
    if len(content) > MAX_FILE:
        raise PathRefused(
            f"the file {path!r} has {len(content):,} bytes; at most {MAX_FILE:,} are allowed",
            fix="Make large data when the program runs instead of writing it down.",
        )
