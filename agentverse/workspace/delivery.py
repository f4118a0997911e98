"""Handing over the product: plain files and a real ``.git`` with the whole history, never over the user's own work.

What was written where is noted in ``deliveries.json`` inside the bare repository, as a hash for each path. A folder
that still holds exactly that may be replaced; any other one is the user's.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

from dulwich.index import IndexEntry, index_entry_from_stat, write_index_dict
from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID
from dulwich.refs import Ref, check_ref_format

from agentverse.errors import UsageError
from agentverse.workspace.objects import EXECUTABLE, Files, Objects, write_whole

if TYPE_CHECKING:
    from agentverse.workspace.repository import GitRepository

NOTES = "deliveries.json"

_CONFIG = (
    "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"
    # Files stay as they were tested, byte for byte, whatever the user's git is set to.
    "\tautocrlf = false\n"
)
_NOT_COMPARED = ".git/index"
"""Git writes it anew when it is merely looked at."""


class Delivery(TypedDict):
    """What was written into one folder."""

    commit: str
    branch: str
    files: dict[str, str]
    """Path: SHA-256, the ones in ``.git`` included."""


def deliver(repo: GitRepository, commit: str, folder: Path, *, branch: str) -> Path:
    """Write the files of ``commit`` and their history, with ``branch`` checked out.

    Goes to ``folder``; to ``folder-2`` … when that one holds anything that was not delivered there or was changed
    since. The folder appears as a whole; a killed process leaves the old one or the new one.

    Returns:
        The folder written.

    Raises:
        UsageError: ``branch`` is no name for a branch.
    """
    if not check_ref_format(Ref(f"refs/heads/{branch}".encode())):
        raise UsageError(f"{branch!r} is no name for a branch")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with repo.objects() as objects:
        notes = _Notes(repo.path)
        target, before = _free(folder, notes)
        if before is not None and (before["commit"], before["branch"]) == (commit, branch):
            return target
        staged = _beside(target, "new")
        _write(repo, objects, commit, staged, branch)
        notes.add(target, Delivery(commit=commit, branch=branch, files=dict(_hashes(staged))))
        _swap(staged, target)
        repo.point(branch, commit)
        return target


def _free(folder: Path, notes: _Notes) -> tuple[Path, Delivery | None]:
    """The first of ``folder``, ``folder-2`` … that may be written, and the delivery that still lies there unchanged."""
    target, number = folder, 1
    while True:
        _recover(target)
        present = _present(target)
        if present is not None:
            before = notes.match(target, present)
            if before is not None or not present:
                return target, before
        number += 1
        target = folder.with_name(f"{folder.name}-{number}")


class _Notes:
    """What was delivered where, kept beside the objects. Folders are noted relative to it: a run may be moved."""

    def __init__(self, repository: Path) -> None:
        self._root = repository.resolve()
        self._path = repository / NOTES
        text = self._path.read_text() if self._path.exists() else "{}"
        self._notes = cast("dict[str, list[Delivery]]", json.loads(text))

    def _key(self, folder: Path) -> str:
        return os.path.relpath(folder.resolve(), self._root)

    def match(self, folder: Path, present: Mapping[str, str]) -> Delivery | None:
        """The delivery that ``folder`` still holds unchanged."""
        return next((one for one in self._notes.get(self._key(folder), []) if one["files"] == present), None)

    def add(self, folder: Path, delivery: Delivery) -> None:
        """Note what is about to be written. The one before stays noted: until the swap it is what lies there."""
        key = self._key(folder)
        self._notes[key] = [*self._notes.get(key, [])[-1:], delivery]
        write_whole(self._path, json.dumps(self._notes).encode())


# ---------------------------------------------------------------------- folders


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.agentverse-{what}")


def _recover(target: Path) -> None:
    """Clear away what a killed delivery left; between its two renames the old folder had no name."""
    shutil.rmtree(_beside(target, "new"), ignore_errors=True)
    old = _beside(target, "old")
    if old.is_dir():
        if target.exists():
            shutil.rmtree(old)
        else:
            old.rename(target)


def _swap(staged: Path, target: Path) -> None:
    if target.exists():
        old = _beside(target, "old")
        target.rename(old)
        staged.rename(target)
        shutil.rmtree(old)
    else:
        staged.rename(target)


def _present(target: Path) -> dict[str, str] | None:
    """Path: hash of what lies in the folder; empty when there is nothing; None when it cannot be ours."""
    if not os.path.lexists(target):
        return {}
    if target.is_symlink() or not target.is_dir():
        return None
    return dict(_hashes(target))


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of each file. Byte code that running the product leaves behind is nobody's work."""
    for root, folders, names in os.walk(folder):
        for name in [*names, *(sub for sub in folders if os.path.islink(os.path.join(root, sub)))]:
            full = Path(root, name)
            path = full.relative_to(folder).as_posix()
            if path == _NOT_COMPARED or (full.suffix == ".pyc" and full.parent.name == "__pycache__"):
                continue
            plain = full.is_file() and not full.is_symlink()
            yield path, hashlib.sha256(full.read_bytes()).hexdigest() if plain else "not a file"


# ---------------------------------------------------------------------- contents


def _write(repo: GitRepository, objects: Objects, commit: str, folder: Path, branch: str) -> None:
    """Files, history, branch and index, into a new ``folder``."""
    folder.mkdir()
    folder.chmod(0o755)
    files = objects.files(objects.commit(commit).tree)
    shown = repo.tree(commit)
    for path in shown:
        _write_file(folder, path, objects.blob(shown[path]), files[path.encode()].mode)
    git = folder / ".git"
    for name in ("objects/pack", "objects/info", "refs/heads", "refs/tags"):
        (git / name).mkdir(parents=True)
    _copy_history(repo.path, objects, commit, git)
    head = git / "refs" / "heads" / branch
    head.parent.mkdir(parents=True, exist_ok=True)
    head.write_text(f"{commit}\n")
    (git / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    (git / "config").write_text(_CONFIG)
    (git / "index").write_bytes(_index(folder, files, shown))


def _write_file(folder: Path, path: str, content: bytes, mode: int) -> None:
    full = folder / path
    for parent in reversed(full.relative_to(folder).parents[:-1]):
        if not (folder / parent).is_dir():
            (folder / parent).mkdir()
            (folder / parent).chmod(0o755)
    full.write_bytes(content)
    full.chmod(0o755 if mode == EXECUTABLE else 0o644)


def _copy_history(source: Path, objects: Objects, commit: str, git: Path) -> None:
    """All objects of the commit's history: an adopted one is packed already, the run's own go into one new pack."""
    for pack in sorted((source / "objects" / "pack").glob("pack-*")):
        shutil.copyfile(pack, git / "objects" / "pack" / pack.name)
    if (source / "shallow").exists():
        shutil.copyfile(source / "shallow", git / "shallow")
    target = DiskObjectStore(str(git / "objects"))
    try:
        loose = sorted(objects.unpacked(commit))
        target.add_objects([(objects.store[ObjectID(id.encode())], None) for id in loose])
    finally:
        target.close()


def _index(folder: Path, files: Files, shown: Mapping[str, str]) -> bytes:
    """Git's index, so that ``git status`` finds nothing to do; what is not delivered is marked as absent on purpose."""
    entries: dict[bytes, IndexEntry] = {}
    for path, entry in files.items():
        id = entry.id.encode()
        name = path.decode("utf-8", "surrogateescape")
        if name in shown:
            entries[path] = index_entry_from_stat((folder / name).lstat(), id, entry.mode)
        else:
            absent = IndexEntry((0, 0), (0, 0), 0, 0, entry.mode, 0, 0, 0, ObjectID(id))
            absent.set_skip_worktree()
            entries[path] = absent
    buffer = BytesIO()
    write_index_dict(buffer, entries)
    data = buffer.getvalue()
    return data + hashlib.sha1(data, usedforsecurity=False).digest()
