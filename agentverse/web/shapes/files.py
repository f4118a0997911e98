"""The workspace of a run at its commits, and prompts."""

from __future__ import annotations

from pydantic import Field

from agentverse.journal.events import Usage
from agentverse.web.shapes.base import Told


class FileEntry(Told):
    path: str
    size: int
    author: str
    """Who changed it last; "" when that was before the run."""


class Tree(Told):
    commit: str
    files: list[FileEntry]


class FileContent(Told):
    commit: str
    path: str
    size: int
    binary: bool
    text: str
    """"" when it is binary. Data, never markup: it may hold anything."""
    truncated: bool


class Commit(Told):
    """One change of the workspace."""

    commit: str
    parents: list[str]
    seq: int
    key: str
    at: float
    phase: str
    visit: int
    author: str
    written: list[str]
    deleted: list[str]
    conflicts: list[str]


class Commits(Told):
    base: str
    """The first commit."""
    commits: list[Commit]


class DiffPart(Told):
    commit: str
    base: str
    phase: str
    visit: int
    author: str
    patch: str
    """As ``git apply`` takes it."""


class Diff(Told):
    parts: list[DiffPart]


class PromptSegment(Told):
    role: str
    """``system``, ``user`` or ``assistant``."""
    text: str
    shared: bool
    """It was sent before, in the same place: a server that caches prefixes has computed it."""


class Prompt(Told):
    """What a turn was shown, exactly as sent."""

    key: str
    segments: list[PromptSegment]
    shared_segments: int
    base: str | None
    """Key of the reply whose prompt begins alike."""
    usage: Usage
    """``cached`` of ``prompt`` tokens were in the server's cache, as it says itself."""
    model: str
    tier: str


class Preview(Told):
    """Where a product's own page is served: another origin, to be shown in ``<iframe sandbox="allow-scripts">``."""

    url: str
    pages: list[str] = Field(default_factory=list[str])
    """HTML files there are, as paths behind ``url``."""
