"""What each kind of evidence needs besides a sandbox, whether it is there, and what installs it: one table."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agentverse.errors import AgentverseError
from agentverse.sandbox.fixes import install_command
from agentverse.sandbox.live.paint import FONTS, WIDE_FONTS
from agentverse.sandbox.protocol import Limits, SandboxBackend


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing that evidence of some kind needs.

    Attributes:
        serves: what is not seen without it.
        programs: one of these is enough.
        module: what the box's Python must be able to import.
        files: one of these is enough.
        inside: it is needed in the box, so that is where it is looked for; other things on the host.
        package: Debian's name of what brings it; empty when ``fix`` says how.
    """

    name: str
    serves: str
    programs: tuple[str, ...] = ()
    module: str = ""
    files: tuple[str, ...] = ()
    inside: bool = True
    package: str = ""
    fix: str = ""

    @property
    def remedy(self) -> str:
        """The command that brings it."""
        if self.module and not Path(sys.base_prefix).resolve().is_relative_to("/usr"):
            return f"install a Python with {self.module}; the one at {sys.base_prefix} was built without it"
        return install_command(self.package) if self.package else self.fix


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("Xvfb", "windows", programs=("Xvfb",), package="xvfb"),
        Tool("tkinter", "windows of tkinter and turtle", module="tkinter", package="python3-tk"),
        Tool(
            "Chromium",
            "web pages",
            programs=(
                "chromium-headless-shell",
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
            ),
            package="chromium",
        ),
        Tool("uv", "packages a product needs", programs=("uv",), inside=False, fix="pip install uv"),
        Tool("font", "words in pictures", files=FONTS, inside=False, package="fonts-dejavu-core"),
        Tool("CJK font", "Chinese in pictures", files=WIDE_FONTS, inside=False, package="fonts-wqy-microhei"),
    )
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """A tool on this machine."""

    name: str
    serves: str
    there: bool | None
    """None: nobody can look, for there is no sandbox to look into."""
    fix: str = ""
    """What brings it; empty unless it is missing."""


def remedy(name: str) -> str:
    """The command that brings a tool of `TOOLS`, for whoever misses it."""
    return TOOLS[name].remedy


async def inspect(backend: SandboxBackend | None) -> list[Inspected]:
    """Look for every tool where it is needed.

    Args:
        backend: the sandbox that is used; None when there is none, and so nothing in it.
    """
    within = await _inside(backend, [tool for tool in TOOLS.values() if tool.inside]) if backend else None
    found: list[Inspected] = []
    for tool in TOOLS.values():
        there = _on_host(tool) if not tool.inside else None if within is None else tool.name in within
        found.append(Inspected(tool.name, tool.serves, there, tool.remedy if there is False else ""))
    return found


def _on_host(tool: Tool) -> bool:
    beside = str(Path(sys.executable).parent)
    return any(shutil.which(name) or shutil.which(name, path=beside) for name in tool.programs) or any(
        Path(path).exists() for path in tool.files
    )


LOOK = """
import json, shutil, sys
for name, programs, module in json.load(sys.stdin):
    try:
        if module:
            __import__(module)
        if module or any(map(shutil.which, programs)):
            print(name)
    except ImportError:
        pass
"""


async def _inside(backend: SandboxBackend, tools: Sequence[Tool]) -> set[str]:
    """Names of the tools that a program in a box finds."""
    asked = json.dumps([[tool.name, tool.programs, tool.module] for tool in tools]).encode()
    try:
        async with backend.open(limits=Limits(wall=30.0)) as box:
            result = await box.exec(["python", "-c", LOOK], stdin=asked)
    except AgentverseError:
        return set()
    return set(result.stdout.decode(errors="replace").splitlines()) & {tool.name for tool in tools}
