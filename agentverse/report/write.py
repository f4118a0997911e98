"""Puts a report beside the run it is about."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from agentverse.report.model import Report
from agentverse.report.text import as_markdown

JSON = "report.json"
MARKDOWN = "report.md"


def write_report(report: Report, folder: Path) -> Path:
    """Write ``report.json`` and ``report.md``, each whole or not at all. Returns the path of the latter."""
    _write(folder / JSON, report.model_dump_json(indent=2, exclude_none=True) + "\n")
    _write(folder / MARKDOWN, as_markdown(report))
    return folder / MARKDOWN


def _write(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
