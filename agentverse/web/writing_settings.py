"""Settings written into a file, whose comments and order stay."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.exceptions import TOMLKitError

from agentverse.errors import SettingsError

WRITABLE = ("company", "language", "limits.tokens", "limits.turns", "limits.minutes")
Value = str | int | float | None


def with_values(text: str, values: Mapping[str, Value], *, where: str) -> str:
    """The text of a settings file with ``values`` in it; None takes one out.

    Raises:
        SettingsError: the text cannot be read.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise SettingsError(f"{where}: {error}", fix="Mend the file first.") from None
    for path, value in values.items():
        table, _, key = path.rpartition(".")
        inner: MutableMapping[str, Any] | None = _table(document, table, make=value is not None)
        if inner is None:
            continue
        if value is None:
            inner.pop(key, None)
        else:
            inner[key] = value
    return tomlkit.dumps(document)


def _table(document: TOMLDocument, name: str, *, make: bool) -> MutableMapping[str, Any] | None:
    """The table ``name``, or the whole document for ""; None when there is none and none is to be made."""
    whole = cast("MutableMapping[str, Any]", document)
    if not name:
        return whole
    if make and name not in whole:
        whole[name] = tomlkit.table()
    found = whole.get(name)
    return cast("MutableMapping[str, Any]", found) if isinstance(found, MutableMapping) else None


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; one that is there keeps who may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, mode)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise
