"""Telling file paths from prose. A path is taken exactly as written: never lower-cased, flattened or renamed."""

from __future__ import annotations

import re
from collections.abc import Set
from pathlib import PurePosixPath
from typing import NamedTuple

SHELLS = frozenset(
    {"bash", "sh", "shell", "zsh", "console", "terminal", "powershell", "ps1", "cmd", "bat", "shell-session"}
)

_LANGUAGES = {
    "python": "py pyi pyx", "py": "py pyi", "python3": "py pyi", "javascript": "js mjs cjs jsx", "js": "js mjs cjs jsx",
    "typescript": "ts tsx", "ts": "ts tsx", "tsx": "tsx", "jsx": "jsx", "html": "html htm jinja j2", "css": "css scss",
    "markdown": "md markdown", "md": "md markdown", "json": "json", "toml": "toml lock", "yaml": "yaml yml",
    "yml": "yaml yml", "c": "c h", "h": "h", "cpp": "cpp cc cxx hpp h", "c++": "cpp cc cxx hpp h", "cc": "cpp cc h",
    "hpp": "hpp h", "java": "java", "go": "go", "golang": "go", "rust": "rs", "rs": "rs", "node": "js mjs cjs",
    "ruby": "rb", "sql": "sql", "xml": "xml svg", "ini": "ini cfg conf", "csv": "csv", "rst": "rst",
}  # fmt: skip
_NO_LANGUAGE = frozenset({"text", "txt", "plaintext", "dockerfile", "makefile"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHELL_SUFFIXES = _words("sh bash zsh ps1 bat cmd env txt cfg ini conf toml yml yaml")
_SUFFIXES = _words("""
    adoc asm bash bat bib c cc cfg cjs cmd conf cpp cs css csv cxx dart db dockerfile editorconfig env erl ex exs fs
    go gradle graphql h hpp hs htm html in ini ipynb j2 java jinja jl js json jsx kt less lock log lua m make markdown
    md mjs mk ml mod nim nix php pl po pot properties proto ps1 py pyi pyx r rb rs rst sass scala scss sh sql svelte svg
    swift tcl tex tmpl toml ts tsv tsx txt v vim vue wat xml yaml yml zig zsh
""")
_BARE = _words("""
    makefile dockerfile license licence readme procfile gemfile rakefile justfile vagrantfile jenkinsfile changelog
    notice authors manifest pipfile brewfile codeowners
""")
_NOT_FILES = _words("node.js vue.js next.js nuxt.js three.js d3.js react.js express.js asp.net")
"""Products whose names look like files."""
_DOTFILE = re.compile(r"^\.[A-Za-z][\w.-]*$")
_PLAIN = re.compile(r"^[\w.@~/\[-][^\s\x00-\x1f:*?\"<>|`'{}$,;=]*$")
_LOOSE_SUFFIX = re.compile(r"^[A-Za-z]\w{0,11}$")

_KEYED = re.compile(
    r"(?:title|file_?name|filepath|file|path|name)\s*[=:]\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s}\"']+))", re.IGNORECASE
)
_COLON = re.compile(r"^([\w+#-]*):(?:\s*)(\S.*)$")
_LEAD = re.compile(
    r"^(?:#{1,6}\s+|[-*+•]\s+|\(?\d+[.)、]\s*)?[*`\"'\s]*"
    r"(?:(?:new\s+|updated\s+|modified\s+)?(?:file\s*name|filename|file\s*path|file|path|create|update)\s*[:：]"
    r"|(?:新建|修改|更新)?(?:文件名|文件路径|文件|路径)\s*[:：])?",
    re.IGNORECASE,
)
_TRAIL = re.compile(r"[*`\"'\s:：]*(?:[(（][^()（）]*[)）])?[*`\"'\s:：]*$")
_TICKED = re.compile(r"`([^`\s]+)`|\*\*`?([^*`\s]+)`?\*\*")
_COMMENT = re.compile(
    r"^\s*(?:#|//|--|;|%|<!--|/\*+|\"\"\"|''')\s*(?:file\s*name|filename|file|path|文件名?|路径)?\s*[:：]?\s*(\S+?)\s*(?:-->|\*/|\"\"\"|''')?\s*$",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """A path and how sure it is: a line of prose that mentions one file is less so than a heading that is its path."""

    path: str
    sure: bool


def as_path(token: str, known: Set[str], *, loose: bool = False) -> str | None:
    """``token`` as a path, or None when it does not look like one.

    Args:
        known: paths that need not look like anything.
        loose: any suffix will do; for places where nothing but a path can stand.
    """
    token = token.strip().strip("`\"'*")
    if token in known:
        return token
    if "\\" in token and "/" not in token:
        token = token.replace("\\", "/")
    while token.startswith("./"):
        token = token[2:]
    if token in known:
        return token
    name = token.rpartition("/")[2]
    if not name or not _PLAIN.match(token) or token.casefold() in _NOT_FILES or "://" in token:
        return None
    if name.casefold() in _BARE or _DOTFILE.match(name):
        return token
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        return None
    wanted = suffix.casefold() in _SUFFIXES or (_LOOSE_SUFFIX.match(suffix) and (loose or "/" in token))
    return token if wanted else None


def split_info(info: str, known: Set[str]) -> tuple[str, str | None]:
    """Language and path of a fence's info string, such as ``python src/x.py``, ``python:src/x.py``, ``src/x.py``."""
    info = info.strip()
    if not info:
        return "", None
    first, _, rest = info.partition(" ")
    rest = rest.strip()
    if keyed := _KEYED.search(info):
        language = "" if keyed.start() == 0 else re.sub(r"^[{.]+", "", first).casefold()
        path = as_path(next(group for group in keyed.groups() if group), known, loose=True)
        if path is not None:
            return language, path
    if colon := _COLON.match(info):
        path = as_path(re.sub(r"^(?:\d+:)+", "", colon.group(2)), known, loose=True)
        if path is not None:
            return ("" if colon.group(1).isdigit() else colon.group(1).casefold()), path
    language = first.strip("{.}").casefold()
    if rest:
        spaced = (
            rest if rest in known or is_language_of(language, as_path(rest.replace(" ", "_"), known) or "") else None
        )
        found = spaced or next((path for word in rest.split() if (path := as_path(word, known, loose=True))), None)
        return language, found if found is not None and fits(language, found, sure=True) else None
    if language in _LANGUAGES or language in SHELLS or first in _NO_LANGUAGE:
        return language, first if first in known else None
    path = as_path(first, known)
    return ("", path) if path is not None else (language, None)


def in_line(line: str, known: Set[str]) -> Found | None:
    """The path that a line before a fence is about. ``This file uses tkinter.Tk:`` is about none."""
    bare = _TRAIL.sub("", line.strip())
    bare = _LEAD.sub("", bare).strip("*`\"' ")
    if (path := as_path(bare, known)) is not None:
        return Found(path, sure=True)
    ticked = {path for groups in _TICKED.findall(line) for word in groups if (path := as_path(word, known))}
    if len(ticked) == 1:
        return Found(ticked.pop(), sure=False)
    named = {path for path in known if re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w)", line)}
    return Found(named.pop(), sure=False) if len(named) == 1 and not ticked else None


def in_comment(content: str, known: Set[str]) -> str | None:
    """The path in a comment on a file's first line, or on its second below a ``#!`` line."""
    lines = content.lstrip("\n").split("\n", 2)
    line = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    found = _COMMENT.match(line)
    return as_path(found.group(1), known) if found else None


def fits(language: str, path: str, *, sure: bool) -> bool:
    """Whether a block in ``language`` can be the file ``path``. Commands to type are never a source file."""
    suffix = PurePosixPath(path).suffix[1:].casefold()
    if language in SHELLS:
        return not suffix or suffix in _SHELL_SUFFIXES
    if sure or not language or not suffix:
        return True
    own = _LANGUAGES.get(language)
    if own is None:
        return not any(suffix in suffixes.split() for suffixes in _LANGUAGES.values())
    return suffix in own.split()


def is_language_of(language: str, path: str) -> bool:
    """Whether ``language`` is what files like ``path`` are written in."""
    return PurePosixPath(path).suffix[1:].casefold() in _LANGUAGES.get(language, "").split()
