"""What third-party packages a product asks for, in its ``requirements.txt`` and in what was agreed.

Only ``name[extras] version ; marker`` is read. Everything else that installers understand (options, files, links, other
indexes, variables) is refused with its line: it would have them run or read what the product chooses.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentverse.sandbox import scrub
from agentverse.sandbox.packages.policy import BY_MODULE, meant_by, spelled

if TYPE_CHECKING:
    from packaging.requirements import Requirement

FILE = "requirements.txt"
LONGEST, MOST = 1 << 16, 60
"""Bytes of a file that are read, and packages that a product may name."""
PRESENT = frozenset({"pytest", "python", "pip"})
"""Named as packages and there anyway, or none."""
ARCHIVE = re.compile(r"\.(whl|egg|zip|tar|tgz|tbz|txz|gz|bz2|xz)$", re.IGNORECASE)
COMMENT = re.compile(r"(^|\s)#.*$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A package by the name that requirements spell.

    Attributes:
        line: what a resolver is given, such as ``flask[async]>=3``.
        where: ``requirements.txt:3``, or "" for what was agreed.
    """

    name: str
    line: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that is not read, and why."""

    where: str
    text: str
    why: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text!r} {self.why}"


@dataclass(frozen=True, slots=True)
class Wish:
    """All that a product asks for."""

    wanted: tuple[Wanted, ...] = ()
    refused: tuple[Refused, ...] = ()
    dropped: tuple[str, ...] = ()
    """What was left out because it is no package, or is there anyway."""


class NotPlain(ValueError):
    """A line is no plain requirement; ``str`` says why."""


def read_wish(files: Mapping[str, bytes], agreed: Sequence[str] = ()) -> Wish:
    """Read what a product asks for.

    Args:
        files: the product.
        agreed: names from the agreed requirements. A small model wrote them: names of modules are taken for those of
            packages, and what is no name at all is dropped, since no later edit could mend it.
    """
    wanted: dict[str, Wanted] = {}
    refused: list[Refused] = []
    dropped: list[str] = []
    for number, text in _lines(files.get(FILE, b""), refused):
        where = f"{FILE}:{number}"
        try:
            found = _plain(text)
        except NotPlain as problem:
            refused.append(Refused(where, scrub.one_line(text, 80), str(problem)))
            continue
        name = spelled(found.name)
        if _is_there(name):
            dropped.append(name)
        elif name in wanted and wanted[name].line != str(found):
            refused.append(Refused(where, scrub.one_line(text, 80), f"asks for {name} again"))
        else:
            wanted[name] = Wanted(name, str(found), where)
    for text in agreed:
        name = _agreed_name(text)
        if not name or _is_there(name):
            dropped.append(scrub.one_line(text, 80))
        elif name not in wanted:
            wanted[name] = Wanted(name, name)
    if len(wanted) > MOST:
        refused.append(Refused(FILE, f"{len(wanted)} packages", f"are more than {MOST}"))
    return Wish(tuple(wanted[name] for name in sorted(wanted)), tuple(refused), tuple(dropped))


def _lines(content: bytes, refused: list[Refused]) -> Iterator[tuple[int, str]]:
    """Lines that say something, by number, without comments."""
    if len(content) > LONGEST:
        refused.append(Refused(FILE, f"{len(content)} bytes", f"are more than {LONGEST}"))
        return
    for number, line in enumerate(content.decode("utf-8-sig", "replace").splitlines(), 1):
        if text := COMMENT.sub("", line).strip():
            yield number, text


def _plain(text: str) -> Requirement:
    """Read one requirement.

    Raises:
        NotPlain: it is more, or something else.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    if text.startswith("-"):
        raise NotPlain("is an option; only packages can be named")
    if text.endswith("\\") or "${" in text:
        raise NotPlain("is continued or holds a variable; write it out on one line")
    try:
        found = Requirement(text)
    except InvalidRequirement:
        raise NotPlain("is not a package's name with a version; write name or name>=1.2") from None
    if found.url:
        raise NotPlain("comes from a link; only packages of the index can be used")
    if ARCHIVE.search(found.name):
        raise NotPlain("is a file; only packages of the index can be used")
    return found


def _agreed_name(text: str) -> str:
    try:
        name = spelled(_plain(text).name)
    except NotPlain:
        return ""
    return meant_by(name) or name


def _is_there(name: str) -> bool:
    module = name.replace("-", "_")
    return name in PRESENT or module in sys.stdlib_module_names


def importable(wish: Wish) -> frozenset[str]:
    """Modules that packages are likely to bring, going by their names."""
    names = {one.name for one in wish.wanted}
    others = {module for module, package in BY_MODULE.items() if package in names}
    return frozenset(name.replace("-", "_") for name in names) | others
