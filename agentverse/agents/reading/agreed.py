"""Requirements and designs: what holds between their parts, beyond the shape of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from agentverse.agents.reading.base import Unreadable
from agentverse.agents.reading.paths import as_path
from agentverse.errors import PathRefused

_LANGUAGE = re.compile(r"[a-z][a-z+#]*")
_STANDARD = frozenset({"none", "standard library", "python standard library", "stdlib", "n/a", "无", "标准库"})


def tidy_requirements(value: Any, mended: list[str]) -> Any:
    """Number items that have no id of their own; the plain name of the language; no packages that are none."""
    if not isinstance(value, dict):
        return value
    given = cast("dict[str, Any]", value)
    items = given.get("items")
    if isinstance(items, list):
        given = {**given, "items": _numbered(cast("list[Any]", items), mended)}
    language = given.get("language")
    if isinstance(language, str) and (found := _LANGUAGE.match(language.strip().casefold())):
        given["language"] = found.group()
    packages = given.get("dependencies")
    if isinstance(packages, list):
        names = [name for name in cast("list[Any]", packages) if str(name).strip().casefold() not in _STANDARD]
        given["dependencies"] = names
    return given


def _numbered(items: list[Any], mended: list[str]) -> list[Any]:
    ids = [
        str(cast("dict[str, Any]", item).get("id") or "").strip() if isinstance(item, dict) else "" for item in items
    ]
    ids = [f"R{id}" if id.isdigit() else id for id in ids]
    if any(not id or len(id) > 8 for id in ids) or len(set(ids)) < len(ids):
        ids = [f"R{number}" for number in range(1, len(items) + 1)]
        mended.append("numbered the items")
    return [{**item, "id": id} if isinstance(item, dict) else item for item, id in zip(items, ids, strict=True)]


def tidy_design(value: Any, mended: list[str]) -> Any:
    """A design whose files are safe, named once, and need only files of the design, in no circle.

    Modules named where files are wanted become their files, or are dropped when they are none of the design's.

    Raises:
        Unreadable: ``wrong_shape``, saying which file is at fault.
    """
    design = dict(cast("dict[str, Any]", value)) if isinstance(value, dict) else {}
    listed = cast("list[Any]", design.get("files")) if isinstance(design.get("files"), list) else []
    files = [dict(cast("dict[str, Any]", file)) for file in listed if isinstance(file, dict)]
    if not files or len(files) < len(listed) or not all(isinstance(file.get("path"), str) for file in files):
        return cast("Any", value)  # the validation names the field
    for number, file in enumerate(files):
        file["path"] = _safe(file["path"], f"files.{number}.path")
    paths: list[str] = [file["path"] for file in files]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    if twice:
        raise Unreadable("wrong_shape", what=f"files: {', '.join(twice)} is listed twice")
    for file in files:
        file["depends_on"] = _needs(file, paths, mended)
    circle = find_circle({file["path"]: file["depends_on"] for file in files})
    if circle:
        raise Unreadable("wrong_shape", what=f"depends_on goes in a circle: {' → '.join(circle)}")
    design["files"] = files
    entry = design.get("entry")
    if isinstance(entry, str) and entry.strip():
        design["entry"] = _entry(entry.strip(), paths, mended)
    return design


def _safe(path: str, where: str) -> str:
    from agentverse.workspace.paths import safe_path

    try:
        return safe_path(path.strip().removeprefix("./"))
    except PathRefused as error:
        raise Unreadable("wrong_shape", what=f"{where}: {error}") from error


def _needs(file: Mapping[str, Any], paths: list[str], mended: list[str]) -> list[str]:
    said = file.get("depends_on")
    names = [str(name).strip() for name in cast("list[Any]", said)] if isinstance(said, list) else []
    needs: list[str] = []
    for name in names:
        path = _file_of(name, paths)
        if path is None and as_path(name, frozenset()):
            known = ", ".join(paths)
            raise Unreadable(
                "wrong_shape", what=f"{file['path']} depends_on {name}, which is no file of the design ({known})"
            )
        if path is None or path == file["path"]:
            mended.append(f"{file['path']} does not depend on {name or 'nothing'}")
        elif path not in needs:
            needs.append(path)
    return needs


def _file_of(name: str, paths: list[str]) -> str | None:
    """The file a path or a module name means."""
    plain = name.removeprefix("./")
    if plain in paths:
        return plain
    module = plain.replace(".", "/")
    for path in (f"{module}.py", f"{module}/__init__.py"):
        if path in paths:
            return path
    same = [path for path in paths if path.rpartition("/")[2] == plain]
    return same[0] if len(same) == 1 else None


def _entry(entry: str, paths: list[str], mended: list[str]) -> str:
    words = [word for word in re.split(r"\s+", entry) if word not in ("python", "python3", "-m")]
    path = next((found for word in words if (found := _file_of(word, paths))), None)
    if path is None:
        raise Unreadable("wrong_shape", what=f"entry: {entry} is no file of the design ({', '.join(paths)})")
    if path != entry:
        mended.append(f"entry is {path}")
    return path


def find_circle(needs: Mapping[str, list[str]]) -> list[str]:
    """A circle in a graph of names, its first name repeated at the end; empty when there is none."""
    done: set[str] = set()
    for start in needs:
        trail: list[str] = []
        stack = [(start, iter(needs[start]))] if start not in done else []
        while stack:
            name, rest = stack[-1]
            if not trail or trail[-1] != name:
                trail.append(name)
            following = next((other for other in rest if other not in done), None)
            if following is None:
                done.add(name)
                stack.pop()
                trail.pop()
            elif following in trail:
                return [*trail[trail.index(following) :], following]
            else:
                stack.append((following, iter(needs.get(following, ()))))
    return []
