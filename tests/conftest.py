"""What tests of several rooms need: a browser, and a package index on 127.0.0.1 with wheels made on the spot."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import tempfile
import threading
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from agentverse.errors import SandboxUnavailable
from agentverse.sandbox.live import chromium
from scripts.hatch_page import Page

LANES = {"container": "make containers", "language": "make languages", "vllm": "make vllm"}
"""Tests that need more than the others, by their mark, and what sets that up and runs them."""
_LEFT_OUT = pytest.StashKey[Counter[str]]()
CHECKOUT = Path(__file__).parents[1]
JSON = "application/vnd.pypi.simple.v1+json"


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        item.config.stash.setdefault(_LEFT_OUT, Counter()).update(mark.name for mark in item.iter_markers())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells the process that sums up."""
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["left_out"] = dict(session.config.stash.get(_LEFT_OUT, Counter[str]()))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each worker has collected all tests."""
    node.config.stash[_LEFT_OUT] = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What was left out, and what runs it: nobody is to think that it passed."""
    left_out = config.stash.get(_LEFT_OUT, Counter[str]()) if "not" in config.option.markexpr else Counter[str]()
    for mark, command in LANES.items():
        if left_out[mark]:
            terminalreporter.write_line(f"left out: {left_out[mark]} tests marked {mark}; {command} runs them")


@dataclass
class Offered:
    """A file of the index, and what its page says of it."""

    filename: str
    content: bytes
    facts: dict = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return self.facts.get("sha256", hashlib.sha256(self.content).hexdigest())


def wheel(
    name: str, version: str, files: Mapping[str, str | bytes], *, needs: Sequence[str] = (), scripts: str = ""
) -> bytes:
    """A wheel with these files."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {one}\n" for one in needs)
    metadata += "".join("Provides-Extra: " + one.split("'")[1] + "\n" for one in needs if "extra ==" in one)
    all_files = {
        **files,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if scripts:
        all_files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}\n"
    all_files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*all_files, f"{info}/RECORD"])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, content in all_files.items():
            archive.writestr(path, content)
    return made.getvalue()


class LocalIndex:
    """Serves pages and files over HTTP, and keeps what was asked for.

    Attributes:
        asked: paths, in order.
        before: called with the path before each answer.
        elsewhere: path: where it leads instead.
        json: pages are JSON, with times of upload; otherwise HTML.
    """

    def __init__(self) -> None:
        self.projects: dict[str, list[Offered]] = {}
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda path: None
        self.elsewhere: dict[str, str] = {}
        self.json = False
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                index.answer(self)

            def log_message(self, *words: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.address}/simple"

    def add(self, name: str, files: Mapping[str, str | bytes], *, version: str = "1.0", **more: object) -> Offered:
        """Offer a wheel."""
        made = wheel(name, version, files, needs=more.pop("needs", ()), scripts=more.pop("scripts", ""))
        return self.offer(name, f"{name.replace('-', '_')}-{version}-py3-none-any.whl", made, **more)

    def offer(self, name: str, filename: str, content: bytes, **facts: object) -> Offered:
        """Offer a file of any kind."""
        offered = Offered(filename, content, facts)
        self.projects.setdefault(name, []).append(offered)
        return offered

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        path = request.path
        self.asked.append(path)
        self.before(path)
        if path in self.elsewhere:
            request.send_response(302)
            request.send_header("Location", self.elsewhere[path])
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        kind, content = self._find(path)
        request.send_response(200 if kind else 404)
        request.send_header("Content-Type", kind or "text/plain")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _find(self, path: str) -> tuple[str, bytes]:
        _, folder, *rest = path.split("/")
        if folder == "simple" and rest[0] in self.projects:
            return self._page(rest[0])
        for offered in self.projects.get(rest[0], []) if folder == "files" else []:
            if rest[1] == offered.filename:
                return "application/octet-stream", offered.content
            if rest[1] == f"{offered.filename}.metadata":
                return "text/plain", self._metadata(offered)
        return "", b""

    def _page(self, name: str) -> tuple[str, bytes]:
        files = self.projects[name]
        if self.json:
            entries = [
                {
                    "filename": one.filename,
                    "url": f"../../files/{name}/{one.filename}",
                    "hashes": {"sha256": one.sha256},
                }
                | {key: value for key, value in one.facts.items() if key != "sha256"}
                for one in files
            ]
            return JSON, json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": entries}).encode()
        links = [
            f'<a href="/files/{name}/{one.filename}#sha256={one.sha256}" '
            f'data-core-metadata="sha256={hashlib.sha256(self._metadata(one)).hexdigest()}">{one.filename}</a>'
            if one.filename.endswith(".whl")
            else f'<a href="/files/{name}/{one.filename}#sha256={one.sha256}">{one.filename}</a>'
            for one in files
        ]
        return "text/html", "<br>\n".join(["<!doctype html>", *links]).encode()

    @staticmethod
    def _metadata(offered: Offered) -> bytes:
        with zipfile.ZipFile(io.BytesIO(offered.content)) as archive:
            return archive.read(next(name for name in archive.namelist() if name.endswith("METADATA")))


@pytest.fixture
def package_index() -> Iterator[LocalIndex]:
    index = LocalIndex()
    yield index
    if index._thread.is_alive():
        index.close()


def page_of(checkout: Path = CHECKOUT) -> Path:
    """The page, built from its sources as they are now; that takes half a minute, and is done once for each change."""
    page = Page(checkout)
    with FileLock(Path(tempfile.gettempdir()) / f"agentverse-page-{zlib.crc32(bytes(checkout))}.lock"):
        if not page.fresh() or not (page.source / "node_modules").is_dir():
            page.build()
    return page.target


@pytest.fixture(scope="session")
def chromium_here() -> None:
    """A browser. The set-up installs one but on Ubuntu, whose own is a snap that cannot run in a sandbox."""
    try:
        chromium.find()
    except SandboxUnavailable as error:
        if "ID=ubuntu" not in Path("/etc/os-release").read_text():
            raise
        pytest.skip(f"{error}: {error.fix}")
