"""Git objects on disk: blobs, trees and commits, written whole or not at all and read through caches."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dulwich.object_store import DiskObjectStore
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree

FILE, EXECUTABLE, FOLDER, SUBMODULE = 0o100644, 0o100755, 0o040000, 0o160000
PRODUCT = b"agentverse <agentverse@agentverse.invalid>"
"""Who commits, whoever is the author."""

_BLOB_CACHE = 16 << 20
_TREE_CACHE = 4096


class Entry(NamedTuple):
    """What a tree says about one name."""

    mode: int
    id: str


class CommitFacts(NamedTuple):
    """The part of a commit that merging needs."""

    tree: str
    parents: tuple[str, ...]
    ours: bool
    """Written by this product, not found in the user's history."""


Files = Mapping[bytes, Entry]
"""Path as git has it: entry. Folders are not in it; links and submodules are."""


class Objects:
    """The object folder of a repository. Not safe for threads; whoever owns it locks.

    An object's file appears under its name when it is whole, so a killed process leaves nothing half written. Nothing
    is forced out to the disk: a power cut may lose the last seconds, a killed process loses nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = DiskObjectStore(str(folder), loose_compression_level=1)
        # Git knows this prefix and sweeps up what a killed process left.
        self._unfinished = f"tmp_obj_{secrets.token_hex(6)}_"
        self._serial = itertools.count()
        self._known: set[str] = set()
        self._trees: OrderedDict[str, dict[bytes, Entry]] = OrderedDict()
        self._files: OrderedDict[str, dict[bytes, Entry]] = OrderedDict()
        self._commits: dict[str, CommitFacts] = {}
        self._blobs: OrderedDict[str, bytes] = OrderedDict()
        self._blob_bytes = 0

    def close(self) -> None:
        self.store.close()

    # ------------------------------------------------------------------ blobs

    def has(self, id: str) -> bool:
        return id in self._known or ObjectID(id.encode()) in self.store

    def write_blob(self, content: bytes) -> str:
        id = self._write(Blob.from_string(content))
        self._remember(id, content)
        return id

    def blob(self, id: str) -> bytes:
        """Raises KeyError when there is no such blob."""
        if id in self._blobs:
            self._blobs.move_to_end(id)
            return self._blobs[id]
        content = self.store.get_raw(ObjectID(id.encode()))[1]
        self._remember(id, content)
        return content

    def _remember(self, id: str, content: bytes) -> None:
        if id in self._blobs or len(content) > _BLOB_CACHE // 4:
            return
        self._blobs[id] = content
        self._blob_bytes += len(content)
        while self._blob_bytes > _BLOB_CACHE:
            self._blob_bytes -= len(self._blobs.popitem(last=False)[1])

    # ------------------------------------------------------------------ trees

    def files(self, tree: str) -> Files:
        """Everything below ``tree`` that is not a folder, in git's order."""
        if tree in self._files:
            self._files.move_to_end(tree)
            return self._files[tree]
        found: dict[bytes, Entry] = {}
        self._collect(tree, b"", found)
        self._files[tree] = found
        if len(self._files) > 64:
            self._files.popitem(last=False)
        return found

    def _collect(self, tree: str, prefix: bytes, found: dict[bytes, Entry]) -> None:
        for name, entry in self._tree(tree).items():
            if entry.mode == FOLDER:
                self._collect(entry.id, prefix + name + b"/", found)
            else:
                found[prefix + name] = entry

    def _tree(self, id: str) -> dict[bytes, Entry]:
        entries = self._trees.get(id)
        if entries is None:
            tree = self.store[ObjectID(id.encode())]
            if not isinstance(tree, Tree):
                raise KeyError(id)
            entries = {item.path: Entry(item.mode, item.sha.decode()) for item in tree.iteritems()}
            self._keep_tree(id, entries)
        return entries

    def _keep_tree(self, id: str, entries: dict[bytes, Entry]) -> None:
        self._trees[id] = entries
        if len(self._trees) > _TREE_CACHE:
            self._trees.popitem(last=False)

    def write_tree(self, base: str | None, changes: Mapping[bytes, Entry | None]) -> str:
        """The tree ``base`` with ``changes``: path and new entry, or None to remove it.

        Only folders on the way are written.
        """
        return self._change_tree(base, list(changes.items())) or self._put_tree({})

    def _change_tree(self, base: str | None, changes: Sequence[tuple[bytes, Entry | None]]) -> str | None:
        """The changed tree, or None when nothing is left in it."""
        entries = dict(self._tree(base)) if base else {}
        below: dict[bytes, list[tuple[bytes, Entry | None]]] = {}
        for path, entry in changes:
            name, slash, rest = path.partition(b"/")
            if slash:
                below.setdefault(name, []).append((rest, entry))
            elif entry is not None:
                entries[name] = entry
            elif name in entries and entries[name].mode != FOLDER:
                del entries[name]
        for name, inner in below.items():
            old = entries.get(name)
            folder = self._change_tree(old.id if old and old.mode == FOLDER else None, inner)
            if folder is not None:
                entries[name] = Entry(FOLDER, folder)
            elif old and old.mode == FOLDER:
                del entries[name]
        return self._put_tree(entries) if entries else None

    def _put_tree(self, entries: dict[bytes, Entry]) -> str:
        tree = Tree()
        for name, entry in entries.items():
            tree.add(name, entry.mode, ObjectID(entry.id.encode()))
        id = self._write(tree)
        # Kept in git's order, as a tree read back would be.
        self._keep_tree(id, {item.path: Entry(item.mode, item.sha.decode()) for item in tree.iteritems()})
        return id

    # ------------------------------------------------------------------ commits

    def write_commit(self, tree: str, parents: Sequence[str], *, author: str, message: str, at: int) -> str:
        """A commit that follows from its arguments alone. ``at`` is in seconds since 1970, UTC."""
        commit = Commit()
        commit.tree = ObjectID(tree.encode())
        commit.parents = [ObjectID(parent.encode()) for parent in parents]
        commit.author = signature(author)
        commit.committer = PRODUCT
        commit.author_time = commit.commit_time = at
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = _clean(message).strip().encode("utf-8", "replace") + b"\n"
        id = self._write(commit)
        self._commits[id] = CommitFacts(tree, tuple(parents), ours=True)
        return id

    def commit(self, id: str) -> CommitFacts:
        """Raises KeyError when there is no such commit."""
        facts = self._commits.get(id)
        if facts is None:
            commit = self.store[ObjectID(id.encode())]
            if not isinstance(commit, Commit):
                raise KeyError(id)
            parents = tuple(parent.decode() for parent in commit.parents)
            facts = CommitFacts(commit.tree.decode(), parents, commit.committer == PRODUCT)
            self._commits[id] = facts
        return facts

    def unpacked(self, commit: str) -> set[str]:
        """Ids of the commit and of all it stands on, as far as they are not in a pack; a pack is closed in itself."""
        found: set[str] = set()
        commits = [commit]
        while commits:
            id = commits.pop()
            if id in found or self._packed(id):
                continue
            found.add(id)
            facts = self.commit(id)
            self._unpacked_tree(facts.tree, found)
            commits += facts.parents
        return found

    def _unpacked_tree(self, tree: str, found: set[str]) -> None:
        if tree in found or self._packed(tree):
            return
        found.add(tree)
        for entry in self._tree(tree).values():
            if entry.mode == FOLDER:
                self._unpacked_tree(entry.id, found)
            elif entry.mode != SUBMODULE and not self._packed(entry.id):
                found.add(entry.id)

    def _packed(self, id: str) -> bool:
        return self.store.contains_packed(ObjectID(id.encode()))

    # ------------------------------------------------------------------ disk

    def _write(self, thing: ShaFile) -> str:
        id = thing.id.decode()
        if id in self._known:
            return id
        folder = f"{self.folder}/{id[:2]}"
        target = f"{folder}/{id[2:]}"
        if not os.path.exists(target) and not self._packed(id):
            beside = f"{folder}/{self._unfinished}{next(self._serial)}"
            with open(_create(beside), "wb") as file:
                file.write(thing.as_legacy_object(compression_level=1))
            os.replace(beside, target)
        self._known.add(id)
        return id


def _create(path: str) -> int:
    """A new file that nobody will change, opened for writing; its folder is made if need be."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o444)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, flags, 0o444)


def signature(author: str) -> bytes:
    """``Name <slug@agentverse.invalid>``, whatever the name holds."""
    name = " ".join(re.sub(r"[<>]", "", _clean(author)).split()).strip(" .,:;'\"\\") or "agentverse"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "agent"
    return f"{name} <{slug}@agentverse.invalid>".encode("utf-8", "replace")


def _clean(text: str) -> str:
    return "".join(c if c == "\n" or unicodedata.category(c) != "Cc" else " " for c in text)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    beside.write_bytes(content)
    beside.replace(path)
