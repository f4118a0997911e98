"""Three-way merging by file, and what it needs to know about history. Pure functions over mappings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from agentverse.workspace.paths import folded

Version = TypeVar("Version")
Parents = Callable[[str], Sequence[str]]


class Joined(NamedTuple, Generic[Version]):
    """What came of two sides."""

    files: dict[bytes, Version]
    conflicts: frozenset[bytes]
    """Paths that the sides disagreed on."""


def three_way(
    base: Mapping[bytes, Version], first: Mapping[bytes, Version], second: Mapping[bytes, Version]
) -> Joined[Version]:
    """Join two sides that grew out of ``base``.

    A path that only one side changed is taken from there. Where both changed it in different ways the second side
    wins, but a change wins over a deletion. Where paths of both sides cannot live side by side (a file and a folder of
    one name, names that differ only in letter case) the second side's stay.
    """
    joined: dict[bytes, Version] = {}
    conflicts: set[bytes] = set()
    for path in base.keys() | first.keys() | second.keys():
        was, one, two = base.get(path), first.get(path), second.get(path)
        if one == two or two == was:
            kept = one
        elif one == was:
            kept = two
        else:
            conflicts.add(path)
            kept = one if two is None else two
        if kept is not None:
            joined[path] = kept
    for path in _crowded(joined, first, second):
        conflicts.add(path)
        del joined[path]
    return Joined(joined, frozenset(conflicts))


def _crowded(
    joined: Mapping[bytes, object], first: Mapping[bytes, object], second: Mapping[bytes, object]
) -> set[bytes]:
    """Paths of the first side alone that collide with a path of the second side alone."""
    ours = joined.keys() - second.keys()
    theirs = joined.keys() - first.keys()
    if not ours or not theirs:
        return set()
    their_names = {_fold(path) for path in theirs}
    their_folders = {_fold(folder) for path in theirs for folder in _folders(path)}
    return {
        path
        for path in ours
        if _fold(path) in their_names
        or _fold(path) in their_folders
        or any(_fold(folder) in their_names for folder in _folders(path))
    }


def _fold(path: bytes) -> str:
    return folded(path.decode("utf-8", "surrogateescape"))


def _folders(path: bytes) -> list[bytes]:
    return [path[:at] for at, byte in enumerate(path) if byte == ord("/")]


def ancestors(commits: Sequence[str], parents: Parents) -> set[str]:
    """``commits`` and all that came before them."""
    seen = set(commits)
    todo = list(commits)
    while todo:
        for parent in parents(todo.pop()):
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)
    return seen


def independent(commits: Sequence[str], parents: Parents) -> list[str]:
    """``commits`` without repetitions and without those contained in another one, in order."""
    unique = list(dict.fromkeys(commits))
    if len(unique) < 2:
        return unique
    before = {commit: ancestors(parents(commit), parents) for commit in unique}
    return [one for one in unique if not any(one in before[other] for other in unique if other != one)]


def merge_bases(first: Sequence[str], second: str, parents: Parents) -> list[str]:
    """The best common ancestors of ``second`` and a merge of ``first``, sorted."""
    common = ancestors(first, parents) & ancestors([second], parents)
    inner = {parent for commit in common for parent in parents(commit)}
    return sorted(common - inner)
