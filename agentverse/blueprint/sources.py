"""Where companies, roles, environments and languages lie."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from agentverse.blueprint.text import Localized

Kind = Literal["company", "role", "environment", "language"]
FOLDERS: dict[Kind, str] = {
    "company": "companies",
    "role": "roles",
    "environment": "environments",
    "language": "languages",
}
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that a name leads to."""

    name: str
    path: Path
    origin: str
    """``project``, ``user`` or ``shipped``."""
    title: Localized = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """A folder that holds ``companies/``, ``roles/``, ``environments/``, ``languages/``, ``recordings/``."""

    origin: str
    folder: Path


def user_folder() -> Path:
    """``$AGENTVERSE_CONFIG_HOME``, else ``agentverse`` in the XDG config folder."""
    said = os.environ.get("AGENTVERSE_CONFIG_HOME")
    if said:
        return Path(said)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "agentverse"


def shipped_folder() -> Path:
    """Where what comes with agentverse lies: in the package, or at the top of a source checkout."""
    package = Path(str(files("agentverse")))
    checkout = package.parent
    inside = package / "shipped"
    return checkout if not inside.is_dir() and (checkout / "pyproject.toml").is_file() else inside


def as_path(name_or_path: str) -> Path | None:
    """The path that is meant, or None when it is a name."""
    looks_so = name_or_path.endswith(SUFFIXES) or "/" in name_or_path or os.sep in name_or_path
    return Path(name_or_path).expanduser() if looks_so else None


def shown(path: Path) -> str:
    """A path as people read it: relative to the current folder when it lies below."""
    try:
        return str(path.relative_to(Path.cwd())) if path.is_absolute() else str(path)
    except ValueError:
        return str(path)
