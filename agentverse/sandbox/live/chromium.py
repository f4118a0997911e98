"""Which Chromium there is, and the words that start it in a box."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.equipment import TOOLS, remedy
from agentverse.sandbox.protocol import Mount

NAMES = TOOLS["Chromium"].programs
"""The first that is there is taken; the first of them starts in a third of the others' time."""
ELSEWHERE = "use the sandbox bubblewrap, or set sandbox.image to an image that has Chromium"
"""For a box that shows other programs than the host has."""
SNAP = "a snap cannot run in a sandbox: install Google Chrome, or Chromium from another source"
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
    "--no-startup-window", "--block-new-web-contents", "--hide-scrollbars", "--mute-audio", "--no-first-run",
    "--no-default-browser-check", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-extensions", "--disable-sync", "--disable-breakpad",
    "--disable-crash-reporter", "--enable-logging=none", "--password-store=basic", "--force-color-profile=srgb",
    "--lang=en-US",
)  # fmt: skip
START = 'folder="${TMPDIR:-/tmp}/$1"; shift; exec "$@" --user-data-dir="$folder"'
"""A profile in the box's own temporary folder, wherever that is. Ours, and the same every time."""


@dataclass(frozen=True, slots=True)
class Found:
    """A Chromium of the host."""

    program: Path

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """Its folder, when it is not in the part of the system that every box shows."""
        folder = self.program.parent
        return () if folder.is_relative_to("/usr") else (Mount(folder, str(folder)),)

    def words(self, profile: str) -> list[str]:
        """What starts it with a profile of its own, called so."""
        return ["sh", "-c", START, "sh", profile, str(self.program), *FLAGS]


def find() -> Found:
    """The Chromium to use.

    Raises:
        SandboxUnavailable: there is none that a box could run.
    """
    fix = remedy("Chromium")
    for name in NAMES:
        path = shutil.which(name)
        if path is None:
            continue
        if path.startswith("/snap/"):
            fix = SNAP
            continue
        return Found(_program(name, Path(path).resolve()))
    raise SandboxUnavailable("Chromium is not installed", fix=fix)


def _program(name: str, path: Path) -> Path:
    """The program itself where ``path`` is a script that distributions put before it: it reads what no box has."""
    places = [path.parent / "chrome", *(Path(f"/usr/{lib}/{name}/{name}") for lib in ("lib", "lib64"))]
    for place in [path, Path("/usr/lib/chromium", name), *places]:
        try:
            with open(place, "rb") as file:
                if file.read(4) == b"\x7fELF" and os.access(place, os.X_OK):
                    return place
        except OSError:
            continue
    return path
