"""Taking over an existing code base: a copy with its history. The user's folder is only read."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dulwich.errors import NotGitRepository
from dulwich.ignore import IgnoreFilterManager
from dulwich.index import ConflictedIndexEntry, IndexEntry
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

from agentverse.errors import PathRefused, UsageError
from agentverse.workspace.objects import EXECUTABLE, Entry
from agentverse.workspace.paths import plain_path, safe_path
from agentverse.workspace.repository import MAX_FILE, MAX_FILES, MAX_TOTAL, Found, GitRepository

MAX_BINARY = 256 << 10
"""Bytes of a file that is not text."""

_LEFT_OUT = {
    "node_modules": "packages",
    "bower_components": "packages",
    "__pycache__": "a cache",
    "agentverse-runs": "earlier runs",
}


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was taken over.

    Attributes:
        commit: where the run begins.
        branch: the branch under which its result is delivered.
        skipped: path: why it was left out; a folder stands for all in it.
    """

    commit: str
    branch: str
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])


class Ignores(Protocol):
    """`IgnoreFilterManager` as it is used here. Folders are asked for with a slash at the end."""

    def is_ignored(self, path: str) -> bool | None: ...


def adopt(repo: GitRepository, folder: Path, at: int) -> Adopted:
    """Copy what is in ``folder`` into the empty ``repo``, whose own folder is named after the run.

    A git repository comes with its history up to HEAD, and a commit "Files as found" if the work tree differs; of other
    folders the plain files become the first commit.

    Args:
        repo: a repository with nothing in it yet.
        folder: the user's.
        at: seconds since 1970, for the commit of files as found.

    Raises:
        UsageError: there is no such folder, or nothing to work on in it, or too much, or its history cannot be read.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {str(folder)!r}")
    folder = folder.resolve()
    inside = repo.path.resolve().parent
    branch = f"agentverse/{inside.name}"
    if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
        raise UsageError(
            f"{str(folder)!r} is a git repository without files", fix="Name a folder with files checked out."
        )
    try:
        source = Repo(str(folder)) if (folder / ".git").exists() else None
    except (NotGitRepository, UnsupportedExtension, UnsupportedVersion) as error:
        raise UsageError(f"the git repository in {str(folder)!r} cannot be read: {error}") from error
    if source is None:
        walk = _Walk(folder, IgnoreFilterManager(str(folder), [], ignorecase=False), inside)
        return _first(repo, walk, at, branch)
    with source:
        walk = _Walk(folder, IgnoreFilterManager.from_repo(source), inside)
        head = _head(source)
        if head is None:
            return _first(repo, walk, at, branch)
        _fetch(repo, source, head)
        commit = _as_found(repo, source, head, walk, at)
    return Adopted(commit, branch, walk.skipped)


def _first(repo: GitRepository, walk: _Walk, at: int, branch: str) -> Adopted:
    files = walk.found(known=frozenset())
    if not files:
        raise UsageError(f"there are no files to work on in {str(walk.folder)!r}")
    return Adopted(repo.found(None, files, message="Files as found", at=at), branch, walk.skipped)


def _check_amount(count: int, size: int) -> None:
    if count > MAX_FILES or size > MAX_TOTAL:
        raise UsageError(
            f"the folder holds more than can be worked on: {MAX_FILES:,} files, {MAX_TOTAL >> 20} MiB",
            fix="Name the part to work on, or list what does not belong to it in .gitignore.",
        )


# ---------------------------------------------------------------------- history


def _head(source: Repo) -> str | None:
    """The commit the user stands on; None before the first one."""
    try:
        return source.head().decode()
    except KeyError:
        return None


def _fetch(repo: GitRepository, source: Repo, head: str) -> None:
    """Copy the history up to ``head``, and nothing else of what the user's repository holds."""
    if source.object_format.name != "sha1":
        raise UsageError("the git repository uses SHA-256 names; only SHA-1 can be worked on")
    with repo.objects() as objects:
        try:
            count, packed = source.generate_pack_data(set(), {ObjectID(head.encode())})
            objects.store.add_pack_data(count, packed)
        except KeyError as error:
            raise UsageError(
                f"the history of the git repository is incomplete: {error.args[0]!r} is missing",
                fix="Fetch all of it first: git fetch --refetch",
            ) from error
    shallow = Path(source.commondir()) / "shallow"
    if shallow.exists():
        shutil.copyfile(shallow, repo.path / "shallow")


def _as_found(repo: GitRepository, source: Repo, head: str, walk: _Walk, at: int) -> str:
    """``head``, or a commit on top of it when the work tree differs."""
    commit = source[head.encode()]
    if not isinstance(commit, Commit):
        raise UsageError("HEAD of the git repository is no commit")
    with repo.objects() as objects:
        entries = {path: objects.files(commit.tree.decode())[path.encode()] for path in repo.tree(head)}
        absent, added = _index(source)
        found = walk.found(known=entries.keys() | added)
        if not source.get_config().get_boolean((b"core",), b"filemode", True):
            found = {path: _with_mode(file, entries.get(path)) for path, file in found.items()}
        changes: dict[str, Found | None] = {
            path: file for path, file in found.items() if not _same(file, entries.get(path))
        }
        kept = absent | walk.skipped.keys()
        gone = (path for path in entries if path not in found and kept.isdisjoint([path, *_folders(path)]))
        changes |= dict.fromkeys(gone)
        as_found = repo.found(head, changes, message="Files as found", at=at)
        blobs = repo.tree(as_found).values()
        _check_amount(len(blobs), sum(len(objects.blob(id)) for id in blobs))
        return as_found


def _same(file: Found, entry: Entry | None) -> bool:
    if entry is None or Blob.from_string(file.content).id.decode() != entry.id:
        return False
    return file.executable == (entry.mode == EXECUTABLE)


def _with_mode(file: Found, entry: Entry | None) -> Found:
    """The file with the mode it has in history, where the file system does not tell."""
    return file._replace(executable=entry is not None and entry.mode == EXECUTABLE)


def _index(source: Repo) -> tuple[set[str], set[str]]:
    """Paths that are meant to be absent from the work tree, and all paths that are tracked."""
    if not source.has_index():
        return set(), set()
    entries: dict[bytes, IndexEntry | ConflictedIndexEntry] = dict(source.open_index(source.get_config()).items())
    absent = {path for path, entry in entries.items() if isinstance(entry, IndexEntry) and entry.skip_worktree}
    return _names(absent), _names(set(entries) - absent)


def _names(paths: set[bytes]) -> set[str]:
    return {path.decode("utf-8", "surrogateescape") for path in paths}


# ---------------------------------------------------------------------- files


class _Walk:
    """One reading of a folder. ``skipped`` fills while it goes on."""

    def __init__(self, folder: Path, ignores: Ignores, inside: Path) -> None:
        """``inside`` is the run's own folder, which may lie within."""
        self.folder = folder
        self.skipped: dict[str, str] = {}
        self._ignores = ignores
        self._own = inside

    def found(self, known: frozenset[str] | set[str]) -> dict[str, Found]:
        """Path: file, for all that can be taken over. Files that git knows are not left out for their names."""
        tracked = set(known) | {folder for path in known for folder in _folders(path)}
        files: dict[str, Found] = {}
        size = 0
        for path, file in self._files("", tracked):
            files[path] = file
            size += len(file.content)
            _check_amount(len(files), size)
        return dict(sorted(files.items()))

    def _files(self, prefix: str, tracked: set[str]) -> Iterator[tuple[str, Found]]:
        try:
            with os.scandir(self.folder / prefix) as listing:
                items = sorted(listing, key=lambda item: item.name)
        except PermissionError:
            self.skipped[prefix.rstrip("/")] = "not readable"
            return
        for item in items:
            path = prefix + item.name
            if path == ".git":
                continue
            if item.is_dir(follow_symlinks=False):
                why = self._folder_left_out(path, item.name, path in tracked)
                if not why:
                    yield from self._files(f"{path}/", tracked)
            else:
                why = self._file_left_out(path, item, path in tracked)
                if not why:
                    file = self._read(path)
                    if isinstance(file, Found):
                        yield path, file
                    else:
                        why = file
            if why:
                self.skipped[path] = why

    def _folder_left_out(self, path: str, name: str, tracked: bool) -> str:
        full = self.folder / path
        if full == self._own:
            return "this run"
        if (full / ".git").exists():
            return "another git repository"
        if tracked:
            return ""
        if name in _LEFT_OUT:
            return _LEFT_OUT[name]
        if (full / "pyvenv.cfg").exists():
            return "a virtual environment"
        if self._ignores.is_ignored(f"{path}/"):
            return "ignored by .gitignore"
        return _refusal(f"{path}/{'.gitkeep'}")

    def _file_left_out(self, path: str, item: os.DirEntry[str], tracked: bool) -> str:
        if item.is_symlink():
            return "a link"
        if tracked:
            return _refusal(path, hidden=True)
        if self._ignores.is_ignored(path):
            return "ignored by .gitignore"
        return _refusal(path)

    def _read(self, path: str) -> Found | str:
        """The file, or why it is left out. Nothing is followed or waited for: it may have become a link or a pipe."""
        try:
            handle = os.open(self.folder / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            return f"not readable: {error.strerror}"
        with open(handle, "rb") as file:
            facts = os.fstat(handle)
            if not stat.S_ISREG(facts.st_mode):
                return "not a plain file"
            content = file.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            return f"larger than {MAX_FILE >> 20} MiB"
        if len(content) > MAX_BINARY and b"\0" in content[:8000]:
            return f"not text and larger than {MAX_BINARY >> 10} KiB"
        return Found(content, bool(facts.st_mode & stat.S_IXUSR))


def _refusal(path: str, *, hidden: bool = False) -> str:
    """Why a product may not hold such a path, or ""."""
    try:
        plain = plain_path(path) if hidden else safe_path(path)
    except PathRefused as error:
        return str(error).partition(" is refused: ")[2] or str(error)
    return "" if plain == path else "its name holds a backslash"


def _folders(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
