"""A hub on 127.0.0.1 that speaks to both packages, and misbehaves as it is told."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

os.environ["MODELSCOPE_REPO_TREE_PAGE_MAX_ATTEMPTS"] = "1"  # read when the package is imported
COMMIT = "c" * 40


@dataclass
class Stored:
    """A file of a repository, and what goes wrong with it."""

    content: bytes
    large: bool = False
    """Kept by its SHA-256, as weights are."""
    lie: bytes | None = None
    """What is sent instead."""
    cuts: list[int] = field(default_factory=list)
    """The next replies end after so many bytes each."""
    ranges: bool = True
    statuses: list[int] = field(default_factory=list)
    """The next requests are answered with these."""
    elsewhere: str = ""
    """URL of the server that has the bytes."""
    stalls: bool = False
    """A reply that is cut stays open."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def sha1(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.content) + self.content).hexdigest()


class Hub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repos: dict[str, dict[str, Stored]] = {}
        self.gated: set[str] = set()
        """Repositories that are listed, and whose files want a token."""
        self.hidden: dict[str, int] = {}
        """Repositories that answer with this status alone."""
        self.sent: dict[str, int] = {}
        """Bytes of each file that went out."""
        self.tokens: set[str] = set()
        """What clients said who they are."""
        self.over = threading.Event()
        """The test is; nothing stalls any longer."""
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def add(self, repo: str, path: str, content: bytes, **more: object) -> Stored:
        stored = Stored(content, large=path.endswith((".gguf", ".safetensors")), **more)
        self.repos.setdefault(repo.lower(), {})[path] = stored
        return stored

    def add_safetensors(self) -> dict[str, bytes]:
        """MiniCPM5-2B in two shards, and files that nobody needs; returns those that vLLM reads."""
        index = {"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors"}}
        files = {
            "config.json": b"{}",
            "tokenizer.json": b'{"a": 1}',
            "chat_template.jinja": b"{{ x }}",
            "model.safetensors.index.json": json.dumps(index).encode(),
            "model-1-of-2.safetensors": bytes(range(256)) * 1200,
            "model-2-of-2.safetensors": bytes(range(255)) * 1200,
        }
        for path, content in files.items():
            self.add("openbmb/MiniCPM5-2B", path, content)
        for path in ("README.md", "assets/picture.png", "pytorch_model.bin", "model.onnx"):
            self.add("openbmb/MiniCPM5-2B", path, b"not wanted")
        return files


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None: ...

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        path, query = unquote(split.path), parse_qs(split.query)
        if token := self.headers.get("Authorization") or self.headers.get("Cookie"):
            self.server.tokens.add(token)
        for pattern, answer in (
            (r"/api/models/([^/]+/[^/]+)/revision/main", self._info),
            (r"/api/models/([^/]+/[^/]+)/tree/[^/]+", self._tree),
            (r"/api/v1/models/([^/]+/[^/]+)/repo/files", self._modelscope),
        ):
            if found := re.fullmatch(pattern, path):
                return self._listed(found[1], answer)
        if found := re.fullmatch(r"/api/v1/models/([^/]+/[^/]+)/repo", path):
            return self._file(found[1], query["FilePath"][0])
        if found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            return self._file(found[1], found[2])
        self._refuse(404)

    def _listed(self, repo: str, answer) -> None:
        if status := self.server.hidden.get(repo.lower()):
            return self._refuse(status)
        if repo.lower() not in self.server.repos:
            return self._refuse(404, "RepoNotFound")
        body = json.dumps(answer(repo, self.server.repos[repo.lower()])).encode()
        self._head(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        self.wfile.write(body)

    def _info(self, repo: str, files: dict[str, Stored]) -> object:
        siblings = [
            {"rfilename": name, "size": len(one.content), "blobId": one.sha1}
            | ({"lfs": {"sha256": one.sha256, "size": len(one.content), "pointerSize": 134}} if one.large else {})
            for name, one in files.items()
        ]
        return {"id": repo, "modelId": repo, "sha": COMMIT, "private": False, "siblings": siblings}

    def _tree(self, repo: str, files: dict[str, Stored]) -> object:
        return [
            {"type": "file", "path": name, "size": len(one.content), "oid": one.sha1}
            | ({"lfs": {"oid": one.sha256, "size": len(one.content), "pointerSize": 134}} if one.large else {})
            for name, one in files.items()
        ]

    def _modelscope(self, repo: str, files: dict[str, Stored]) -> object:
        listed = [
            {"Path": name, "Name": name, "Size": len(one.content), "Sha256": one.sha256, "Type": "blob"}
            for name, one in files.items()
        ]
        return {"Code": 200, "Success": True, "Data": {"Files": listed}}

    def _file(self, repo: str, name: str) -> None:
        if repo.lower() in self.server.gated and not self.headers.get("Authorization"):
            return self._refuse(401, "GatedRepo")
        stored = self.server.repos.get(repo.lower(), {}).get(name)
        if stored is None:
            return self._refuse(404, "EntryNotFound")
        if self.command == "GET" and stored.statuses:
            return self._refuse(stored.statuses.pop(0))
        if stored.elsewhere and self.command == "GET":
            return self._head(302, {"Location": stored.elsewhere + self.path, "Content-Length": "0"})
        self._send(name, stored)

    def _send(self, name: str, stored: Stored) -> None:
        content = stored.content if stored.lie is None else stored.lie
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted and stored.ranges else 0
        etag = stored.sha256 if stored.large else stored.sha1
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"', "Content-Length": str(len(content) - start)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._head(206 if start else 200, headers)
        if self.command == "HEAD":
            return
        body = content[start:]
        if stored.cuts:
            body = body[: stored.cuts.pop(0)]
            self.close_connection = True
        self.wfile.write(body)
        self.server.sent[name] = self.server.sent.get(name, 0) + len(body)
        if stored.stalls and len(body) < len(content) - start:
            self.server.over.wait()

    def _refuse(self, status: int, code: str = "") -> None:
        self._head(status, {"Content-Length": "0"} | ({"X-Error-Code": code} if code else {}))

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


@contextmanager
def serving(server: Hub) -> Iterator[Hub]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    with server:
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def cdn() -> Iterator[Hub]:
    """Another server, where a hub may send for the bytes."""
    with serving(Hub()) as server:
        yield server


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with nothing in it, which both packages take for theirs; their caches are under ``tmp_path``."""
    for name in ("HF_HUB_CACHE", "HF_TOKEN", "XDG_CACHE_HOME", "MODELSCOPE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with serving(Hub()) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", server.url)
        monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "ms"))
        monkeypatch.setenv("MODELSCOPE_HOME", str(tmp_path / "ms-home"))
        yield server
