"""Pictures beside a run. They were made of what a model wrote, so they are only handed out as what they are."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from agentverse.engine.shows import BIGGEST, PICTURES
from agentverse.journal.protocol import RunRow
from agentverse.web.problems import Refused

_PNG = b"\x89PNG\r\n\x1a\n"


def picture(row: RunRow, name: str) -> bytes:
    """A picture of a run, by the name of its file, which is a name and nothing else.

    Raises:
        Refused: there is none.
    """
    missing = Refused(404, "not_found", f"run {row.id} has no picture {name!r}")
    try:
        handle = os.open(Path(row.folder) / PICTURES / Path(name).name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise missing from None
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        content = file.read(BIGGEST + 1) if stat.S_ISREG(facts.st_mode) else b""
    if not content.startswith(_PNG) or len(content) > BIGGEST:
        raise missing
    return content
