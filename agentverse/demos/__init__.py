"""Recorded runs that come with agentverse: only the replies are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from agentverse.errors import UsageError
from agentverse.models.recording import Recording

__all__ = ["Demo", "demos", "find_demo"]


@dataclass(frozen=True, slots=True)
class Demo:
    """One recorded run. ``name`` is that of its file."""

    name: str
    path: Path
    recording: Recording

    @property
    def company(self) -> str:
        return self.recording.about.company or "software"

    def title(self, language: str) -> str:
        """In ``language``, else in English, else the idea."""
        titles = self.recording.about.title
        return titles.get(language) or titles.get("en") or self.recording.about.idea


def demos(folder: Path | None = None) -> list[Demo]:
    """All recorded runs, by name.

    Args:
        folder: where they lie; what is shipped when left out.
    """
    home = folder or Path(str(files("agentverse.demos")))
    return [Demo(path.stem, path, Recording.read(path)) for path in sorted(home.glob("*.json"))]


def find_demo(name: str, among: Sequence[Demo]) -> Demo:
    """The demo called ``name``.

    Raises:
        UsageError: there is none.
    """
    for demo in among:
        if demo.name == name:
            return demo
    raise UsageError(f"there is no demo {name!r}", fix=f"There are: {', '.join(d.name for d in among) or 'none'}.")
