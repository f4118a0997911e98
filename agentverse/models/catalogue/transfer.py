"""One file from a hub to the disk: goes on where it stopped, and is believed only when its checksum is right."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Literal

from agentverse.errors import PullFailed

if TYPE_CHECKING:
    import httpx2

BLOCK = 1 << 20
"""Of a file that is read back. What arrives is taken as it arrives, or the end of a cut reply would be lost."""
TRIES = 5
"""In a row that bring not a single byte."""
PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that are worth another try."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A file as a hub lists it."""

    path: str
    size: int
    url: str
    digest: str
    """Hexadecimal; "" when the hub does not say, which is accepted of small files."""
    algorithm: Literal["sha256", "git-sha1"] = "sha256"


def checked_path(path: str, repo: str) -> str:
    """``path`` as a hub lists it, which must lead to a place in the folder of ``repo``.

    Raises:
        PullFailed: it leads elsewhere.
    """
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or not path.isprintable():
        raise unreachable(f"the hub lists a file of {repo} with a path that is none: {path!r}")
    return path


@dataclass(slots=True)
class Transfer:
    """Brings ``file`` to ``partial``, a path that holds as much of it as there is.

    Args:
        client: sends the requests; follows redirects.
        arrived: told how many bytes there are more, or with a negative number fewer.
        wait: seconds before the second try in a row that brings nothing; doubles each time.
    """

    file: Remote
    partial: Path
    client: httpx2.Client
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    arrived: Callable[[int], None] = lambda count: None
    wait: float = 1.0

    def run(self) -> None:
        """Leaves the whole file at ``partial``.

        Raises:
            PullFailed: the hub refuses it, cannot be reached, or sends something else than it lists.
            OSError: it cannot be written. What there is stays, as it does when the process is interrupted.
        """
        resumed = self.partial.exists()
        if self._attempt():
            return
        if not (resumed and self._attempt()):  # the first part may be what is wrong
            raise PullFailed(
                f"{self.file.path} is not the file that the hub lists: its checksum differs",
                code="checksum",
                fix="Pull again; if that does not help, pull from elsewhere: --source, or HF_ENDPOINT.",
            )

    def _attempt(self) -> bool:
        """Fetch what is missing; False, and nothing left, when the checksum is wrong."""
        self.partial.parent.mkdir(parents=True, exist_ok=True)
        with self.partial.open("a+b") as target:
            digest = self._known(target)
            self._fill(target, digest)
            target.flush()
            os.fsync(target.fileno())
        if digest.is_right():
            return True
        self.arrived(-digest.count)
        self.partial.unlink()
        return False

    def _known(self, target: BinaryIO) -> _Digest:
        """The digest of what is there."""
        digest = _Digest(self.file)
        target.seek(0)
        while block := target.read(BLOCK):
            digest.update(block)
        if digest.count > self.file.size:
            target.truncate(0)
            digest = _Digest(self.file)
        self.arrived(digest.count)
        return digest

    def _fill(self, target: BinaryIO, digest: _Digest) -> None:
        import httpx2

        tries = 0
        while digest.count < self.file.size:
            before, why = digest.count, "the hub sends nothing"
            try:
                self._stream(target, digest)
            except httpx2.TransportError as error:
                why = f"the connection to the hub is lost: {error or type(error).__name__}"
            except _Passing as error:
                why = f"the hub answers {error}"
            if digest.count > before:
                tries = 0
                continue
            tries += 1
            if tries == TRIES:
                raise unreachable(f"{self.file.path} cannot be downloaded: {why}")
            time.sleep(self.wait * 2 ** (tries - 1))

    def _stream(self, target: BinaryIO, digest: _Digest) -> None:
        """One request for the rest."""
        headers = {**self.headers, "Accept-Encoding": "identity"}
        if digest.count:
            headers["Range"] = f"bytes={digest.count}-"
        with self.client.stream("GET", self.file.url, headers=headers, timeout=30.0) as response:
            self._check(response, resuming=digest.count > 0)
            if digest.count and not _continues(response, digest.count):
                self.arrived(-digest.count)
                target.truncate(0)
                digest.begin()
                if response.status_code != 200:
                    return
            for block in response.iter_bytes():
                block = block[: self.file.size - digest.count + 1]
                target.write(block)
                digest.update(block)
                self.arrived(len(block))
                if digest.count > self.file.size:
                    return

    def _check(self, response: httpx2.Response, *, resuming: bool) -> None:
        status = response.status_code
        if status in PASSING:
            raise _Passing(status)
        if status not in (200, 206) and not (resuming and status == 416):  # 416: there is no such rest
            raise refused(self.file.path, status)


class _Passing(Exception):
    """The hub is busy; its status."""


class _Digest:
    """Of the bytes of a file so far."""

    def __init__(self, file: Remote) -> None:
        self._file = file
        self.begin()

    def begin(self) -> None:
        self.count = 0
        self._hash = hashlib.sha256()
        if self._file.algorithm == "git-sha1":
            self._hash = hashlib.sha1(b"blob %d\0" % self._file.size, usedforsecurity=False)

    def update(self, block: bytes) -> None:
        self._hash.update(block)
        self.count += len(block)

    def is_right(self) -> bool:
        return self.count == self._file.size and self._file.digest in ("", self._hash.hexdigest())


def _continues(response: httpx2.Response, start: int) -> bool:
    """Whether the reply is the rest of the file from ``start`` on."""
    with suppress(ValueError, IndexError):
        said = response.headers.get("Content-Range", "").split()[1].partition("-")[0]
        return response.status_code == 206 and int(said) == start
    return False


def refused(what: str, status: int) -> PullFailed:
    """The error for a status of the hub that trying again cannot change."""
    if status in (401, 403):
        return PullFailed(
            f"the hub does not give {what} to everybody",
            code="gated",
            fix="Accept its terms on its page at the hub, then set HF_TOKEN (MODELSCOPE_API_TOKEN) to your token.",
        )
    if status in (404, 410):
        return PullFailed(f"the hub has no {what}", code="missing", fix="Try the other hub: --source.")
    return unreachable(f"the hub answers {status} for {what}")


def unreachable(message: str) -> PullFailed:
    """The error for a hub that does not answer as it should."""
    return PullFailed(
        message,
        code="unreachable",
        fix="Pull again later: it goes on where it stopped. A mirror: HF_ENDPOINT=URL, or --source modelscope.",
    )
