"""Which paths a reply may name. A path is made relative and plain; it is never lower-cased, cut or renamed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from agentverse.errors import PathRefused

MAX_NAME = 120
"""Bytes of one name in UTF-8."""
MAX_PATH = 240
"""Bytes of a whole path in UTF-8."""
HIDDEN_ALLOWED = frozenset({".gitignore", ".gitkeep", ".dockerignore", ".editorconfig", ".env.example"})
"""Hidden files that a product may hold, at any level; beside them only ``.github/`` at the top."""

_DRIVE = re.compile(r"[A-Za-z]:")
_DOT_GIT = re.compile(r"\.git$|git~\d+$")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"] + [f"{port}{n}" for port in ("com", "lpt") for n in "0123456789"]
)
_NOT_IN_NAMES = frozenset('<>:"|?*')


def safe_path(path: str) -> str:
    """Return ``path`` relative and with ``/``, as it may be written.

    Raises:
        PathRefused: it leaves the workspace, reaches into ``.git``, is hidden, or no file can have it on every system.
    """
    plain = plain_path(path)
    reason = _hidden(plain.split("/"))
    if reason:
        raise PathRefused(f"the path {path!r} is refused: {reason}")
    return plain


@lru_cache(maxsize=4096)
def plain_path(path: str) -> str:
    """As `safe_path`, with hidden files let through: for files that are there already.

    Raises:
        PathRefused: see `safe_path`.
    """
    slashed = path.replace("\\", "/")
    reason = _whole(slashed)
    parts = [part for part in slashed.split("/") if part not in ("", ".")]
    if not reason and not parts:
        reason = "it names no file"
    elif not reason and parts[0].startswith("~"):
        reason = "it starts with '~'"
    reason = reason or next((wrong for part in parts if (wrong := _part(part))), "")
    plain = "/".join(parts)
    if not reason and len(plain.encode()) > MAX_PATH:
        reason = f"it is longer than {MAX_PATH} bytes"
    if reason:
        raise PathRefused(f"the path {_short(path)!r} is refused: {reason}")
    return plain


def _short(path: str) -> str:
    return path if len(path) <= 100 else f"{path[:97]}..."


def _whole(path: str) -> str:
    """What is wrong with the path as one piece, or ""."""
    if path.startswith("/"):
        return "it is absolute"
    if _DRIVE.match(path):
        return "it starts with a drive letter"
    if path.endswith(("/", "/.")):
        return "it names a folder, not a file"
    return ""


def _part(name: str) -> str:
    """What is wrong with one name, or ""."""
    for character in name:
        category = unicodedata.category(character)
        if category[0] == "C" or category in ("Zl", "Zp"):
            return f"the character {character!r} may not be in a name"
        if character in _NOT_IN_NAMES:
            return f"the character {character!r} may not be in a name on every system"
    if name == "..":
        return "'..' leaves the workspace"
    if _DOT_GIT.match(unicodedata.normalize("NFKC", name).casefold().rstrip(". ")):
        return "'.git' belongs to version control"
    if name[-1] in ". " or name[0] == " ":
        return f"the name {name!r} starts or ends with a space or ends with a dot"
    if name.split(".")[0].rstrip().casefold() in _DEVICES:
        return f"the name {name!r} is a device on Windows"
    if len(name.encode()) > MAX_NAME:
        return f"a name in it is longer than {MAX_NAME} bytes"
    return ""


def _hidden(parts: list[str]) -> str:
    """Why a hidden name in ``parts`` may not be written, or ""."""
    if parts[0] == ".github" and len(parts) > 1:
        parts = parts[1:]
    for name in parts[:-1]:
        if name.startswith("."):
            return f"the folder {name!r} is hidden"
    if parts[-1].startswith(".") and parts[-1] not in HIDDEN_ALLOWED:
        return f"the file {parts[-1]!r} is hidden"
    return ""


def folded(path: str) -> str:
    """Equal for two paths that are one on a system that ignores letter case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


class _Name(NamedTuple):
    spelling: str
    is_file: bool


def check_collisions(present: Iterable[str], new: Iterable[str]) -> None:
    """See that ``new`` paths fit beside those ``present`` and beside one another.

    Raises:
        PathRefused: two differ only in letter case, or one is a file where the other has a folder.
    """
    names: dict[str, _Name] = {}
    for path in present:
        for spelling, is_file in _levels(path):
            names.setdefault(folded(spelling), _Name(spelling, is_file))
    for path in new:
        for spelling, is_file in _levels(path):
            other = names.setdefault(folded(spelling), _Name(spelling, is_file))
            if other.is_file != is_file:
                kind = "a file" if other.is_file else "a folder"
                raise PathRefused(f"the path {path!r} is refused: {other.spelling!r} is {kind} already")
            if other.spelling != spelling:
                raise PathRefused(
                    f"the path {path!r} is refused: {other.spelling!r} differs from it only in letter case",
                    fix=f"Write it as {other.spelling!r}.",
                )


def _levels(path: str) -> Iterable[tuple[str, bool]]:
    """Each folder on the way to ``path``, then ``path`` itself with True."""
    end = path.find("/")
    while end >= 0:
        yield path[:end], False
        end = path.find("/", end + 1)
    yield path, True
