"""Files of companies, roles, environments and languages: read, checked, drawn, and written where the user's lie."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

from pydantic import BaseModel

from agentverse.blueprint.company import Company
from agentverse.blueprint.load import Library
from agentverse.blueprint.sources import FOLDERS, Kind, Source, shown
from agentverse.engine.check import validate
from agentverse.engine.drawing import drawn
from agentverse.engine.kinds import CALLS
from agentverse.errors import Problem
from agentverse.web.problems import Refused
from agentverse.web.shapes.base import Done, LocatedProblem
from agentverse.web.shapes.blueprints import (
    BlueprintBrief,
    BlueprintText,
    Draft,
    Graph,
    GraphEdge,
    GraphNode,
    Origin,
    Validation,
    Write,
)
from agentverse.web.writing_settings import write_whole

Where = Literal["project", "user"]
KEPT = 1000
"""Files whose content is remembered for lists, until they change."""


@lru_cache(maxsize=KEPT)
def _part(kind: Kind, path: Path, changed: int, size: int) -> BaseModel | None:
    """What is in a file by itself, without what it refers to; None when it is broken."""
    return Library([]).part(kind, path)[0]


class Shelf:
    """The blueprints as one project sees them."""

    def __init__(self, project: Path) -> None:
        self.library = Library.default(project)
        self._folders = {layer.origin: layer.folder for layer in self.library.layers}

    def listed(self, kind: Kind) -> list[BlueprintBrief]:
        """All of a kind, by name. Broken files are listed too."""
        return [self._brief(kind, source) for source in self.library.names(kind)]

    def _brief(self, kind: Kind, source: Source) -> BlueprintBrief:
        about = source.path.stat()
        part = _part(kind, source.path, about.st_mtime_ns, about.st_size)
        return BlueprintBrief(
            kind=kind,
            name=source.name,
            title=source.title or source.name,
            description=getattr(part, "description", getattr(part, "duties", "")),
            origin=cast(Origin, source.origin),
            path=shown(source.path),
            hides=self._hidden(kind, source.name, source.origin) is not None,
            inputs=dict(part.inputs) if isinstance(part, Company) else {},
        )

    def text(self, kind: Kind, name: str) -> BlueprintText:
        """A file as it is.

        Raises:
            Refused: there is none.
        """
        source = self.library.find(kind, name)
        if source is None:
            raise Refused(404, "not_found", self.library.looked_for(kind, name))
        content = source.path.read_bytes()
        return BlueprintText(
            kind=kind,
            name=name,
            origin=cast(Origin, source.origin),
            path=shown(source.path),
            text=content.decode("utf-8", "replace"),
            hash=_hash(content),
        )

    def write(self, kind: Kind, name: str, asked: Write) -> BlueprintText:
        """Write a file into the project's or the user's folder.

        Raises:
            Refused: something else is in the file, or it would hide another one unasked.
        """
        path = self._place(kind, name, asked.where)
        self._refuse_other(path, asked.replaces)
        hidden = self._hidden(kind, name, asked.where)
        if not path.exists() and hidden is not None and not asked.hide:
            raise Refused(
                409,
                "conflict",
                f"this file would hide {shown(hidden.path)}, which is {hidden.origin}",
                fix="Agree to that, or choose another name.",
            )
        write_whole(path, asked.text)
        return self.text(kind, name)

    def remove(self, kind: Kind, name: str, where: Where, hash: str) -> Done:
        """Remove a file of the project's or the user's.

        Raises:
            Refused: there is none, or something else is in it.
        """
        path = self._place(kind, name, where)
        if not path.is_file():
            raise Refused(404, "not_found", f"there is no file {shown(path)}")
        self._refuse_other(path, hash)
        path.unlink()
        return Done()

    def check(self, draft: Draft) -> Validation:
        """What is wrong with a text, or with what is in the file."""
        problems = self._problems(draft)
        return Validation(ok=all(one.severity != "error" for one in problems), problems=_located(problems))

    def graph(self, draft: Draft) -> Graph:
        """A company as a graph, as far as its text can be read."""
        problems = self._problems(draft)
        resolved = self.library.load(self._asked(draft), text=draft.text).resolved
        if resolved is None:
            return Graph(name=draft.name, title="", success="", nodes=[], edges=[], problems=_located(problems))
        picture = drawn(resolved)
        return Graph(
            name=resolved.company.name,
            title=resolved.company.title,
            success=resolved.company.success,
            nodes=[GraphNode(**asdict(node)) for node in picture.nodes],
            edges=[GraphEdge(**asdict(edge)) for edge in picture.edges],
            problems=_located(problems),
        )

    def _problems(self, draft: Draft) -> list[Problem]:
        name = self._asked(draft)
        if draft.text is None and self.library.find(draft.kind, draft.name) is None:
            return [self.library.not_found(draft.kind, draft.name)]
        return validate(name, self.library, known_calls=CALLS.names(), text=draft.text)

    def _asked(self, draft: Draft) -> str:
        """The path that a draft is checked as: its own file's, or the project's when it has none yet."""
        source = self.library.find(draft.kind, draft.name)
        return str(source.path if source else self._place(draft.kind, draft.name, "project"))

    def _place(self, kind: Kind, name: str, where: Where) -> Path:
        folder = self._folders[where] / FOLDERS[kind]
        spelt = next(
            (folder / f"{name}{end}" for end in (".yaml", ".yml") if (folder / f"{name}{end}").is_file()), None
        )
        return spelt or folder / f"{name}.yaml"

    def _hidden(self, kind: Kind, name: str, origin: str) -> Source | None:
        """The file that one of this name hides when it lies in the layer ``origin``."""
        origins = [layer.origin for layer in self.library.layers]
        below = Library(self.library.layers[origins.index(origin) + 1 :])
        return below.find(kind, name)

    def _refuse_other(self, path: Path, replaces: str | None) -> None:
        if path.is_symlink():
            raise Refused(409, "conflict", f"{shown(path)} is a link, and is left alone")
        with suppress(FileNotFoundError):
            if replaces != _hash(path.read_bytes()):
                raise Refused(
                    409,
                    "conflict",
                    f"{shown(path)} is there already, or was changed since it was read",
                    fix="Read it again, and keep what is to stay.",
                )


def _located(problems: Sequence[Problem]) -> list[LocatedProblem]:
    return [LocatedProblem(**asdict(problem)) for problem in problems]


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
