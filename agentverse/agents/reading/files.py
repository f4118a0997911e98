"""Reading whole files out of a reply."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Read, Unreadable
from agentverse.agents.reading.fences import Block, find_blocks
from agentverse.agents.reading.paths import SHELLS, is_language_of
from agentverse.agents.reading.refusal import is_refusal
from agentverse.agents.reading.source import PYTHON, check_source, elision, parse_python, parses
from agentverse.workspace.protocol import Changes

_MARKDOWN = (".md", ".markdown")
SEARCH_MARK = re.compile(r"^[ \t]*<{5,}[ \t]*SEARCH\b", re.MULTILINE | re.IGNORECASE)


def read_files(text: str, expects: Expectation) -> Read:
    """The files in ``text`` as `Changes`.

    Raises:
        Unreadable: ``empty``, ``refusal``, ``no_fence``, ``missing``, ``cut_off``, ``path``, ``elided``, ``syntax``.
    """
    text = unix(text)
    if not text.strip():
        raise Unreadable("empty")
    mended: list[str] = []
    known = frozenset(expects.paths) | frozenset(expects.base)
    blocks = [block for block in find_blocks(text, known) if block.content.strip() or block.path]
    chosen = _choose(_whole(blocks), mended)
    contents = _expected(text, chosen, blocks, expects, mended) if expects.paths else chosen
    missing = [path for path in expects.paths if path not in contents]
    cut = next((block for block in blocks if block.last and not block.closed and block.language not in SHELLS), None)
    if cut is not None and (missing or (not expects.paths and (cut.path or not chosen))):
        raise Unreadable("cut_off", partial=text)
    if not contents:
        _nothing(text, blocks, expects)
    if missing:
        raise Unreadable("missing", paths=", ".join(missing))
    return Read(Changes(write=check_files(contents, expects)), mended)


def check_files(contents: Mapping[str, str], expects: Expectation) -> dict[str, bytes]:
    """Whole files, ready to be written.

    Raises:
        Unreadable: ``path``, ``elided``, ``syntax``.
    """
    files: dict[str, bytes] = {}
    for path, content in contents.items():
        safe = allowed(path, expects)
        if SEARCH_MARK.match(content.lstrip("\n")):
            raise Unreadable("no_fence", example=fence_example(safe))
        check_source(safe, content)
        files[safe] = one_final_newline(content).encode()
    return files


def allowed(path: str, expects: Expectation) -> str:
    """``path`` as the workspace writes it.

    Raises:
        Unreadable: ``path``; it is somebody else's or may not be written at all.
    """
    from agentverse.errors import PathRefused
    from agentverse.workspace.paths import safe_path

    try:
        safe = safe_path(path)
    except PathRefused as error:
        raise Unreadable("path", why="wrong_shape", what=str(error)) from error
    if safe in expects.owned:
        raise Unreadable("path", path=safe, reason=expects.owned[safe].rstrip("."))
    return safe


def fence_example(path: str) -> str:
    return f"```python {path}\n…\n```"


def unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def one_final_newline(content: str) -> str:
    body = content.rstrip("\n")
    return f"{body}\n" if body else ""


def _whole(blocks: Sequence[Block]) -> dict[str, list[Block]]:
    """Blocks by path. A block that prose merely mentions a file before yields to one that names it itself; one that
    does not even say its language is rather some output when other blocks name their files.
    """
    least = min(1, max((block.sure for block in blocks), default=0))
    claims: dict[str, list[Block]] = {}
    for block in blocks:
        if block.path is not None and not block.last and block.sure >= least:
            claims.setdefault(block.path, []).append(block)
    return {
        path: [block for block in claimed if block.sure == max(other.sure for other in claimed)]
        for path, claimed in claims.items()
    }


def _choose(claims: Mapping[str, Sequence[Block]], mended: list[str]) -> dict[str, str]:
    """One content for each path: the last whole one."""
    chosen: dict[str, str] = {}
    for path, blocks in claims.items():
        contents = [block.content for block in blocks]
        if len(set(contents)) > 1:
            mended.append(f"took the last whole one of {len(contents)} versions of {path}")
        elif not blocks[-1].closed:
            mended.append(f"closed the fence of {path}")
        whole = (content for content in reversed(contents) if _is_whole(path, content))
        chosen[path] = next(whole, contents[-1])
    return chosen


def _is_whole(path: str, content: str) -> bool:
    python = PurePosixPath(path).suffix in PYTHON
    return elision(path, content) is None and (not python or parses(content))


def _expected(
    text: str, chosen: Mapping[str, str], blocks: Sequence[Block], expects: Expectation, mended: list[str]
) -> dict[str, str]:
    """The contents of the paths asked for, as far as they can be told."""
    contents = {path: chosen[path] for path in expects.paths if path in chosen}
    others = {path: content for path, content in chosen.items() if path not in expects.paths}
    for path in [path for path in expects.paths if path not in contents]:
        same = [other for other in others if _base(other) == _base(path)]
        same = same or [other for other in others if _base(other).casefold() == _base(path).casefold()]
        if len(same) == 1:
            contents[path] = others.pop(same[0])
            mended.append(f"{same[0]} is {path}")
    if len(expects.paths) == 1 and not contents:
        path = expects.paths[0]
        content = _raw_markdown(text, blocks) if PurePosixPath(path).suffix in _MARKDOWN else None
        if content is None:
            content = _unnamed(path, blocks) if blocks else _unfenced(path, text)
        if content is not None:
            contents[path] = content
            mended.append(f"the reply names no path; taken as {path}")
    if contents:
        mended.extend(f"left out {path}, which was not asked for" for path in others)
    return contents


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _unnamed(path: str, blocks: Sequence[Block]) -> str | None:
    """The one block that can be ``path`` though nothing says so."""
    free = [block for block in blocks if block.path is None and not block.last and block.language not in SHELLS]
    if len(free) > 1:
        free = [block for block in free if is_language_of(block.language, path)]
    if len(free) != 1:
        return None
    block = free[0]
    named = block.language not in ("", "text", "txt", "plaintext", "code")
    if named and not is_language_of(block.language, path) and PurePosixPath(path).suffix in (*PYTHON, *_MARKDOWN):
        return None
    return block.content


def _unfenced(path: str, text: str) -> str | None:
    """A reply that is nothing but the program itself."""
    if PurePosixPath(path).suffix not in PYTHON:
        return None
    tree = parse_python(text.strip("\n"))
    if not isinstance(tree, ast.Module) or all(isinstance(node, ast.Expr | ast.AnnAssign) for node in tree.body):
        return None
    return text.strip("\n")


def _raw_markdown(text: str, blocks: Sequence[Block]) -> str | None:
    """A document that was not fenced itself, though it may hold fences."""
    stripped = text.strip("\n")
    documents = [block for block in blocks if block.language in ("markdown", "md")]
    return stripped if stripped.startswith("# ") and not documents else None


def _nothing(text: str, blocks: Sequence[Block], expects: Expectation) -> None:
    if not blocks and is_refusal(text):
        raise Unreadable("refusal")
    if expects.paths and blocks:
        raise Unreadable("missing", paths=", ".join(expects.paths))
    path = expects.paths[0] if expects.paths else "name.py"
    raise Unreadable("no_fence", example=fence_example(path))
