"""Asks ruff what is wrong in Python files: errors only, never style.

ruff parses text and runs none of it, so it stands where `ast.parse` stands: on the host. Its input is hostile all the
same. It sees copies under names of our own in a folder of our own, with no settings but these, an empty environment,
and bounds on time, memory and output.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import decode_source
from typing import Any, cast

from agentverse.errors import AgentverseError

UNDEFINED = frozenset({"F821"})
REFUSED = frozenset({
    "invalid-syntax", "E902", "F404", "F406", "F407", "F621", "F622", "F701", "F702", "F704", "F706", "F707",
    "PLE0115", "PLE0117", "PLE0118", "PLE1132", "PLE1142", "PLE1700",
})  # fmt: skip
"""What Python refuses the whole file for. `ast.parse` sees only the grammar of it, and `compile` is not for hostile
text: nested ``finally`` blocks make it take minutes and gigabytes."""
RAISING = frozenset({
    "F822", "F823", "F501", "F502", "F503", "F505", "F506", "F507", "F508", "F509", "F521", "F524", "F525", "F901",
    "PLE0100", "PLE0101", "PLE0237", "PLE0241", "PLE0302", "PLE0303", "PLE0304", "PLE0305", "PLE0307", "PLE0308",
    "PLE0309", "PLE0604", "PLE0605", "PLE0643", "PLE1300", "PLE1307", "PLE1507",
})  # fmt: skip
"""What raises when its line is reached: a name read before it is bound, formats that do not fit their values, special
methods of the wrong shape, an index past the end. Left out is what may be meant (PLE0704, PLE1310) and all style."""
MISTAKEN = frozenset({"F631", "F632", "F633", "F634"})
"""Conditions that are always true, ``is`` with a literal, ``print >>``."""
RULES = tuple(sorted((UNDEFINED | REFUSED | RAISING | MISTAKEN) - {"invalid-syntax"}))

SECONDS, MEMORY, OUTPUT = 10, 1 << 30, 4 << 20
BOUND = 'ulimit -c 0; ulimit -t "$1"; ulimit -f "$2"; ulimit -v "$3"; shift 3; exec "$@"'
"""Ours, and the same every time: sets bounds and becomes the words after them. macOS has no ``-v`` and goes on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that ruff found."""

    path: str
    line: int
    code: str
    message: str


class RuffFailed(Exception):
    """It ended without an answer: nothing is known about these files."""


def faults(files: Mapping[str, bytes]) -> list[Fault]:
    """Look through Python files that parse.

    Args:
        files: contents by path. Paths only name the files in the answer.

    Raises:
        RuffFailed: it crashed or hit a bound.
        AgentverseError: it is not installed.
    """
    if not files:
        return []
    with tempfile.TemporaryDirectory(prefix="agentverse-ruff-") as folder:
        names = {f"{number}.py": path for number, path in enumerate(files)}
        for name, path in names.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
                file.write(decode_source(files[path]))  # in what encoding it says it is; ruff reads UTF-8 only
        with tempfile.TemporaryFile() as output:
            code = _run([_program(), *_options(), *names], folder, output.fileno())
            output.seek(0)
            said = output.read(OUTPUT)
    if code not in (0, 1, -signal.SIGXFSZ):  # a flood of faults is cut, and the first of them count
        raise RuffFailed(f"it ended with {code}")
    return list(_read(said, names))


def _options() -> list[str]:
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    return [
        "check", "--isolated", "--no-cache", "--ignore-noqa", "--quiet", "--no-fix", "--output-format", "json-lines",
        "--target-version", version, "--select", ",".join(RULES), "--",
    ]  # fmt: skip


@cache
def _program() -> str:
    """Path of the program that the package ``ruff`` brings."""
    try:
        from ruff.__main__ import find_ruff_bin
    except ImportError as error:
        raise AgentverseError("ruff is not installed", fix="pip install ruff") from error
    try:
        return os.fspath(find_ruff_bin())
    except FileNotFoundError as error:
        raise AgentverseError("ruff's program is missing", fix="pip install --force-reinstall ruff") from error


def _run(argv: list[str], folder: str, output: int) -> int:
    limits = [str(SECONDS), str(OUTPUT // 512), str(MEMORY // 1024)]
    process = subprocess.Popen(  # noqa: S603, words of ours
        ["/bin/sh", "-c", BOUND, "sh", *limits, *argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={},
    )
    with process:
        try:
            return process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise RuffFailed(f"it took more than {SECONDS} seconds") from None
        finally:
            process.kill()


def _read(said: bytes, names: Mapping[str, str]) -> Iterator[Fault]:
    """What it said, a JSON object a line. What makes no sense is left out."""
    for line in said.splitlines():
        try:
            entry = cast("dict[str, Any]", json.loads(line))
            path = names[os.path.basename(entry["filename"])]
            yield Fault(path, int(entry["location"]["row"]), str(entry["code"]), str(entry["message"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
