"""Products that serve pages: how one is told from others, how it is started, and where it listens."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from agentverse.blueprint.artifacts import Design
from agentverse.sandbox import scrub
from agentverse.sandbox.looks.protocol import Start
from agentverse.sandbox.protocol import ExecResult, Sandbox

FRAMEWORKS = frozenset({
    "bottle", "cherrypy", "dash", "django", "falcon", "fastapi", "flask", "gradio", "nicegui", "quart", "sanic",
    "starlette", "streamlit", "uvicorn",
})  # fmt: skip
"""Top names of packages that are good for nothing else."""
SERVERS = frozenset({"aiohttp.web", "http.server", "tornado.web", "werkzeug.serving", "wsgiref.simple_server"})
"""Modules by which a product may serve pages, or test that it can fetch them."""
RUNNERS = {
    "fastapi": "fastapi", "flask": "flask", "gunicorn": "gunicorn", "hypercorn": "hypercorn", "streamlit": "streamlit",
    "uvicorn": "uvicorn", "waitress-serve": "waitress",
}  # fmt: skip
"""Programs that serve an application, and the modules that they are."""
ENTRIES = ("main.py", "app.py", "server.py", "run.py", "__main__.py")
SHELL = re.compile(r"[|&;<>`$]")
ASSIGNED = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
STATIC_PORT = "8000"
LISTENING = "0A"
CRASH = "Traceback (most recent call last)"
ACCESS = re.compile(r'" \d{3} (?:-|\d)|HTTP/1\.\d" \d{3}')
"""A line of a server's own journal, which says nothing about its end."""


def start_of(files: Mapping[str, bytes], design: Design | None) -> Start | None:
    """How a product that serves pages is started; a folder of pages by Python's own server; None when it cannot be."""
    for words in _candidates(design):
        if list(words[1:3]) == ["-m", "http.server"]:
            break  # ours finds the folder, too
        if start := _start(words, files):
            return start
    return site(files, design)


def site(files: Mapping[str, bytes], design: Design | None) -> Start | None:
    """How pages without a program are served: the one the design names, ``index.html``, or the only one there is."""
    pages = sorted((path for path in files if path.endswith((".html", ".htm"))), key=lambda path: path.count("/"))
    indexes = [path for path in pages if PurePosixPath(path).name == "index.html"]
    named = [design.entry] if design is not None and design.entry in pages else []
    found = next(iter(named or indexes or (pages if len(pages) == 1 else [])), None)
    if found is None:
        return None
    path = PurePosixPath(found)
    folder = ("--directory", str(path.parent)) if path.parent.name else ()
    # Without -P a file of the product could stand in the way of the server's own modules.
    words = ("python", "-P", "-m", "http.server", *folder, STATIC_PORT)
    return Start(words, page="/" if path.name == "index.html" else f"/{path.name}")


def _candidates(design: Design | None) -> Iterator[Sequence[str]]:
    if design is not None:
        with suppress(ValueError):
            yield shlex.split("" if SHELL.search(design.start) else design.start)
        yield ("python", design.entry)
    for entry in ENTRIES:
        yield ("python", entry)


def _start(words: Sequence[str], files: Mapping[str, bytes]) -> Start | None:
    """Words as a start; None when they start nothing that is there."""
    env: dict[str, str] = {}
    words = list(words)
    while words and (assigned := ASSIGNED.fullmatch(words[0])):
        env[assigned[1]] = assigned[2]
        del words[0]
    if not words:
        return None
    program, *rest = words
    if program in RUNNERS:
        return Start(("python", "-m", RUNNERS[program], *rest), env=env)
    if program not in ("python", "python3") or not rest:
        return None
    if rest[0] == "-m":
        known = len(rest) > 1 and (rest[1] in RUNNERS.values() or _is_module(rest[1], files))
        return Start(("python", *rest), env=env) if known else None
    return Start(("python", *rest), env=env) if rest[0] in files and rest[0].endswith(".py") else None


def _is_module(name: str, files: Mapping[str, bytes]) -> bool:
    path = name.replace(".", "/")
    return f"{path}.py" in files or f"{path}/__main__.py" in files


# ---------------------------------------------------------------------- at work


async def listening(box: Sandbox) -> frozenset[int]:
    """Ports on which something listens in the session."""
    result = await box.warm(["cat", "/proc/net/tcp", "/proc/net/tcp6"])
    found: set[int] = set()
    for line in result.stdout.decode(errors="replace").splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[3] == LISTENING:
            with suppress(ValueError):
                found.add(int(fields[1].rpartition(":")[2], 16))
    return frozenset(found)


def address(port: int, printed: bytes) -> str:
    """Where a person would go: by the name that the server itself says, if it says one."""
    host = "localhost" if f"localhost:{port}".encode() in printed else "127.0.0.1"
    return f"http://{host}:{port}"


def ending(result: ExecResult) -> str:
    """How a server ended, one sentence."""
    if result.reason == "sandbox_lost":
        return "the sandbox broke down"
    said = last_words(result.stderr) or last_words(result.stdout)
    last = f": {said}" if said else ""
    if result.reason != "exited" or result.signal is not None:
        how = f"was killed by signal {result.signal}" if result.reason == "killed" else f"was stopped ({result.reason})"
        return f"the server {how}{last}"
    if result.exit_code:
        return f"the server ended with exit code {result.exit_code}{last}"
    return f"the server ended by itself{last}"


def last_words(printed: bytes) -> str:
    """The last error that was printed, or else the last line; "" when nothing was."""
    lines = [line for line in scrub.text(printed).splitlines() if line.strip() and not ACCESS.search(line)]
    return crash(printed) or (scrub.one_line(lines[-1], 200) if lines else "")


def crash(printed: bytes) -> str:
    """The last error that was printed with a traceback; "" when there was none."""
    _, found, after = scrub.text(printed).rpartition(CRASH)
    lines = after.splitlines()[1:] if found else []
    # What belongs to the traceback is indented, but for the error itself.
    return scrub.one_line(next((line for line in lines if line.strip() and not line.startswith(" ")), ""), 200)
