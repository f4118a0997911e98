"""What the box holds besides the system: one Python interpreter, pytest, and our reporter plugin.

The interpreter is the one agentverse runs on, without the packages installed beside it; pytest comes from agentverse's
own environment, alone. So the product sees the standard library and pytest, and nothing else of ours.
"""

from __future__ import annotations

import compileall
import importlib.metadata
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agentverse.errors import SandboxUnavailable

HOME = "/home/user"
OURS = "/opt/agentverse"
"""Where our read-only folders appear in the box: ``bin`` first on PATH, ``lib`` on PYTHONPATH."""

REPORTER = "agentverse_report"
"""Name of the pytest plugin in ``lib``."""
AGENT = "agentverse_agent"
"""Name of the first program of a session, in ``lib`` too."""
PARTS = ("agentverse_programs", "agentverse_warm")
"""Its modules."""
SITE = "agentverse_site"
"""Name of the program that looks static websites over, in ``lib``."""
COVER = "agentverse_cover"
"""Folder in ``lib`` that makes every Python program count its lines when it is on PYTHONPATH."""
LINES_VARIABLE = "AGENTVERSE_LINES"
TRACER = "agentverse_tracer.so"
REPORT_FOLDER = "/run/agentverse"
REPORT_VARIABLE = "AGENTVERSE_REPORT"
"""Environment variable that names the file a report goes to. Set only for commands run with ``report=True``."""

INSIDE = Path(__file__).parent / "inside"

ENVIRONMENT: Mapping[str, str] = {
    "PATH": f"{OURS}/bin:/usr/local/bin:/usr/bin:/bin",
    "HOME": HOME,
    "USER": "user",
    "LOGNAME": "user",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",  # noqa: S108, the box's own
    "TZ": "UTC",
    "TERM": "dumb",
    "PYTHONPATH": f"{OURS}/lib",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
"""The whole environment of a command. Nothing of the host's enters it."""


UNUSED = re.compile(r"/(lexers|styles)/")
"""Hundreds of modules that pytest never asks for."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The Python shown in the box."""

    executable: Path
    prefix: Path | None
    """Folder to show read-only at its own path; None when it lies under /usr, which is shown anyway."""
    masked: tuple[Path, ...]
    """Folders of installed packages, to be covered by empty ones."""


def command(argv: Sequence[str]) -> tuple[str, ...]:
    """``pytest …`` as ``python -m pytest …``, which finds modules in the working directory; others as they are."""
    if argv and argv[0] == "pytest":
        return ("python", "-m", "pytest", *argv[1:])
    return tuple(argv)


@cache
def interpreter() -> Interpreter:
    """Find the interpreter that agentverse's environment was made from."""
    base = Path(sys.base_prefix).resolve()
    named = base / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    executable = named if named.exists() else Path(os.path.realpath(sys.executable))
    roots = {base}
    in_system = base.is_relative_to("/usr")
    if in_system:
        roots |= {Path("/usr"), Path("/usr/local")}
    patterns = ("lib*/python3*/site-packages", "lib*/python3*/dist-packages", "local/lib/python3*/*-packages")
    masked = {found for root in roots for pattern in patterns for found in root.glob(pattern) if found.is_dir()}
    return Interpreter(executable, None if in_system else base, tuple(sorted(masked)))


@cache
def tools() -> Mapping[str, Path]:
    """Find pytest, what it needs, and our reporter: name in ``lib`` to path on the host.

    Raises:
        SandboxUnavailable: pytest is not installed beside agentverse.
    """
    entries: dict[str, Path] = {}
    for name in _with_requirements("pytest"):
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            top = file.parts[0]
            if top not in ("..", ".", "__pycache__") and not top.endswith(".pth"):
                entries[top] = Path(str(distribution.locate_file(top)))
    if "pytest" not in entries:
        raise SandboxUnavailable(
            "pytest was not installed in the usual way", fix="pip install --force-reinstall pytest"
        )
    for ours in (REPORTER, AGENT, *PARTS, SITE):
        entries[f"{ours}.py"] = INSIDE / f"{ours}.py"
    if (tracer := _tracer()) is not None:
        entries[COVER] = INSIDE / COVER
        entries[TRACER] = tracer
    return entries


def _tracer() -> Path | None:
    """The C tracer of the package ``coverage``; None where only its slow one in Python could be installed."""
    try:
        files = importlib.metadata.distribution("coverage").files or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    found = (Path(str(file.locate())) for file in files if file.name.startswith("tracer.") and file.suffix == ".so")
    return next(found, None)


def counting(env: Mapping[str, str], seconds: float) -> dict[str, str]:
    """``env`` with what makes a test session, and the programs that its tests start, count lines where it can.

    Args:
        seconds: processor time that it may take part of in each process.
    """
    if TRACER not in tools():
        return dict(env)
    paths = env.get("PYTHONPATH", ENVIRONMENT["PYTHONPATH"])
    return {**env, LINES_VARIABLE: str(seconds), "PYTHONPATH": f"{paths}:{OURS}/lib/{COVER}"}


def _with_requirements(name: str) -> list[str]:
    """A distribution and everything it requires here, itself first."""
    from packaging.requirements import Requirement

    names = [name]
    for current in names:
        try:
            lines = importlib.metadata.requires(current) or []
        except importlib.metadata.PackageNotFoundError as error:
            raise SandboxUnavailable(f"{current} is not installed", fix=f"pip install {current}") from error
        for requirement in map(Requirement, lines):
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and requirement.name.lower() not in names:
                names.append(requirement.name.lower())
    return names


def compile_tools() -> None:
    """Write bytecode where it is missing or old: the box may not, and would compile on every run."""
    for name, entry in tools().items():
        wanted = entry.is_dir() and (name == COVER or not (entry / "__pycache__").is_dir())
        if wanted and os.access(entry, os.W_OK):
            compileall.compile_dir(entry, quiet=2, rx=UNUSED)
