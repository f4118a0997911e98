"""Reading search/replace edits out of a reply and applying them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Read, Unreadable
from agentverse.agents.reading.fences import fence_line, find_blocks
from agentverse.agents.reading.files import SEARCH_MARK, allowed, check_files, one_final_newline, unix
from agentverse.agents.reading.matching import Many, Place, find, nearest
from agentverse.agents.reading.paths import as_path, in_line, split_info
from agentverse.agents.reading.refusal import is_refusal
from agentverse.agents.reading.source import check_source, check_syntax, elision
from agentverse.workspace.protocol import Changes

_SEARCH = re.compile(r"^[ \t]*<{5,}[ \t]*SEARCH\b[ \t:]*(.*?)[ \t]*$", re.IGNORECASE)
_DIVIDER = re.compile(r"^[ \t]*={5,}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*>{5,}[ \t]*(?:REPLACE|UPDATED|SEARCH|END)?\b[ \t]*$", re.IGNORECASE)
_QUOTED = 6
"""Lines of a search quoted back to the agent."""
_EXAMPLE = "main.py\n<<<<<<< SEARCH\n…\n=======\n…\n>>>>>>> REPLACE"


@dataclass(frozen=True, slots=True)
class _Edit:
    number: int
    path: str | None
    body: list[str]
    """Lines between the SEARCH and the REPLACE mark."""
    dividers: list[int]

    def split(self, at: int) -> tuple[list[str], list[str]]:
        return self.body[:at], self.body[at + 1 :]


def read_edits(text: str, expects: Expectation) -> Read:
    """The edits in ``text``, applied to ``expects.base``, as `Changes`.

    Raises:
        Unreadable: ``empty``, ``refusal``, ``no_fence`` (no edit), ``cut_off``, ``path``, ``no_match``, ``ambiguous``,
            ``no_change``, ``elided``, ``syntax``.
    """
    text = unix(text)
    if not text.strip():
        raise Unreadable("empty")
    lines = text.split("\n")
    known = frozenset(expects.base) | frozenset(expects.paths)
    edits = _edits(lines, text, known)
    mended: list[str] = []
    whole = _whole_files(text, edits, expects, mended)
    if not edits and not whole:
        if SEARCH_MARK.search(text) is None and is_refusal(text):
            raise Unreadable("refusal")
        raise Unreadable("no_fence", why="no_edits", example=_EXAMPLE)
    files = _Files(expects, mended)
    for edit in edits:
        files.apply(edit)
    write = {**whole, **files.written()}
    write = {path: content for path, content in write.items() if expects.base.get(path) != content}
    if not write:
        raise Unreadable("no_change")
    return Read(Changes(write=write), mended)


# ---------------------------------------------------------------------- finding the blocks


def _edits(lines: Sequence[str], text: str, known: frozenset[str]) -> list[_Edit]:
    edits: list[_Edit] = []
    at, free, path = 0, 0, None
    while at < len(lines):
        opening = _SEARCH.match(lines[at])
        if opening is None:
            at += 1
            continue
        number = len(edits) + 1
        named = as_path(opening.group(1), known) if opening.group(1) else None
        path = named or _path_above(lines, free, at, known) or path
        end = _end(lines, at, number, text)
        body = list(lines[at + 1 : end])
        dividers = [index for index, line in enumerate(body) if _DIVIDER.match(line)]
        if not dividers:
            raise Unreadable("no_match", why="malformed_edit", number=number, marker="=======")
        edits.append(_Edit(number, path, body, dividers))
        at = free = end + 1
    return edits


def _end(lines: Sequence[str], start: int, number: int, text: str) -> int:
    for at in range(start + 1, len(lines)):
        if _REPLACE.match(lines[at]):
            return at
        if _SEARCH.match(lines[at]):
            raise Unreadable("no_match", why="malformed_edit", number=number, marker=">>>>>>> REPLACE")
    raise Unreadable("cut_off", partial=text)


def _path_above(lines: Sequence[str], free: int, at: int, known: frozenset[str]) -> str | None:
    """The path on the nearest line of text above; a fence in between may name it too."""
    for above in range(at - 1, max(free, at - 4) - 1, -1):
        info = fence_line(lines[above])
        if info:
            path = split_info(info, known)[1]
            if path is not None:
                return path
        elif info is None and lines[above].strip():
            found = in_line(lines[above], known)
            return found.path if found else None
    return None


def _whole_files(text: str, edits: Sequence[_Edit], expects: Expectation, mended: list[str]) -> Mapping[str, bytes]:
    """Files sent whole where edits were asked for."""
    edited = {edit.path for edit in edits}
    whole: dict[str, str] = {}
    for block in find_blocks(text, frozenset(expects.base)):
        if block.path is None or SEARCH_MARK.search(block.content):
            continue
        if block.last:
            raise Unreadable("cut_off", partial=text)
        if block.sure == 2 and block.path not in edited and not _quotes(block.content, expects.base.get(block.path)):
            whole[block.path] = block.content
    mended.extend(f"{path} was sent whole" for path in whole)
    return check_files(whole, expects)


def _quotes(content: str, base: bytes | None) -> bool:
    """Whether a block only shows some lines of the file as it is."""
    return base is not None and content.strip("\n") in base.decode("utf-8", "replace")


# ---------------------------------------------------------------------- applying them


class _Files:
    """The files as the edits change them, one after another."""

    def __init__(self, expects: Expectation, mended: list[str]) -> None:
        self._expects = expects
        self._mended = mended
        self._lines: dict[str, list[str]] = {}
        self._crlf: set[str] = set()
        self._made: set[str] = set()

    def apply(self, edit: _Edit) -> None:
        path = allowed(edit.path, self._expects) if edit.path is not None else self._guess(edit)
        search, replace = edit.split(edit.dividers[0])
        if path not in self._lines and path not in self._expects.base:
            path = self._resolve(path, search)
            if path not in self._expects.base and path not in self._lines:
                self._lines[path] = [*replace, ""]
                self._made.add(path)
                return
        lines = self._open(path)
        if len(edit.dividers) > 1:
            search, replace = self._split(edit, lines)
        if not any(line.strip() for line in search):
            if any(line.strip() for line in lines):
                raise Unreadable("no_match", why="empty_search", path=path)
            lines[:] = [*replace, ""]
            return
        self._replace(path, lines, search, replace)

    def written(self) -> dict[str, bytes]:
        """All files touched. Raises Unreadable ``elided`` or ``syntax``."""
        files: dict[str, bytes] = {}
        for path, lines in self._lines.items():
            text = "\n".join(lines)
            if path in self._made:
                text = one_final_newline(text)
                check_source(path, text)
            check_syntax(path, text)
            files[path] = (text.replace("\n", "\r\n") if path in self._crlf else text).encode()
        return files

    def _replace(self, path: str, lines: list[str], search: list[str], replace: list[str]) -> None:
        place = find(lines, search, replace)
        if isinstance(place, Many):
            raise Unreadable("ambiguous", path=path, count=place.places, search=_quote(search))
        if place is None:
            if any(line.strip() for line in replace) and find(lines, replace, replace) is not None:
                self._mended.append(f"an edit of {path} was made already")
                return
            near = "\n".join(nearest(lines, search))
            raise Unreadable("no_match", path=path, search=_quote(search), near=near)
        gap = elision(path, "\n".join(replace))
        if gap is not None and gap.text not in "\n".join(lines):
            raise Unreadable("elided", path=path, line=place.start + gap.line, text=gap.text)
        if place.how:
            self._mended.append(f"an edit of {path} matched but for {place.how}")
        lines[place.start : place.end] = place.replace

    def _open(self, path: str) -> list[str]:
        if path not in self._lines:
            try:
                text = self._expects.base[path].decode()
            except UnicodeDecodeError as error:
                raise Unreadable("path", path=path, reason="it is not text") from error
            if "\r\n" in text:
                self._crlf.add(path)
                text = unix(text)
            self._lines[path] = text.split("\n")
        return self._lines[path]

    def _resolve(self, path: str, search: Sequence[str]) -> str:
        """A path that does not exist: a new file when nothing is searched in it, else the one file of that name."""
        if not any(line.strip() for line in search):
            return path
        base = path.rpartition("/")[2]
        same = [known for known in self._expects.base if known.rpartition("/")[2] == base]
        if len(same) != 1:
            raise Unreadable("no_match", why="no_such_file", path=path, paths=", ".join(self._expects.base) or "-")
        self._mended.append(f"{path} is {same[0]}")
        return allowed(same[0], self._expects)

    def _guess(self, edit: _Edit) -> str:
        """The file meant by an edit that names none: the only one there is, or the only one with these lines."""
        mine = [path for path in self._expects.base if path not in self._expects.owned]
        search = edit.split(edit.dividers[0])[0]
        if len(mine) > 1 and any(line.strip() for line in search):
            mine = [path for path in mine if "\n".join(search) in self._expects.base[path].decode("utf-8", "replace")]
        if len(mine) != 1:
            raise Unreadable("no_match", why="no_edit_path", number=edit.number)
        self._mended.append(f"an edit that names no file is of {mine[0]}")
        return allowed(mine[0], self._expects)

    def _split(self, edit: _Edit, lines: Sequence[str]) -> tuple[list[str], list[str]]:
        """Which of several dividing lines divides: the last before which the file's own lines stand."""
        for at in reversed(edit.dividers):
            search, replace = edit.split(at)
            if search and isinstance(place := find(lines, search, replace), Place) and not place.how:
                return search, replace
        return edit.split(edit.dividers[0])


def _quote(lines: Sequence[str]) -> str:
    shown = "\n".join(lines[:_QUOTED])
    return f"{shown}\n…" if len(lines) > _QUOTED else shown
