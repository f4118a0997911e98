"""Settings written into a file, whose comments and order stay."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

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
        if table and not isinstance(document.get(table), Table):
            if value is None:
                continue
            document[table] = tomlkit.table()
        inner = document[table] if table else document
        if value is None:
            inner.pop(key, None)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        else:
            inner[key] = value  # pyright: ignore[reportIndexIssue]
    return tomlkit.dumps(document)


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
