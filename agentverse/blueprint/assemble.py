"""Puts a company together from its file and from those of all it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from agentverse.blueprint.company import Company
from agentverse.blueprint.document import Document, FieldPath, read_file, read_text
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.explain import did_you_mean, explain
from agentverse.blueprint.language import ProgrammingLanguage
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.role import Role
from agentverse.blueprint.sources import FOLDERS, Kind, shown
from agentverse.errors import Problem

if TYPE_CHECKING:
    from agentverse.blueprint.load import Library

MODELS: dict[Kind, type[BaseModel]] = {
    "company": Company,
    "role": Role,
    "environment": Environment,
    "language": ProgrammingLanguage,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a company. ``resolved`` is None when it could not be put together at all."""

    resolved: Resolved | None
    problems: tuple[Problem, ...]


def as_mapping(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def read(path: Path) -> Document:
    try:
        return read_file(path, shown(path))
    except OSError as error:
        problem = Problem(shown(path), 1, 1, "", f"the file cannot be read: {error.strerror or error}.")
        return Document(shown(path), problems=[problem])


def _mapping(document: Document) -> dict[str, Any] | None:
    data = as_mapping(document.data)
    if data is not None:
        return data
    if not document.problems:
        document.problems.append(document.problem((), "a mapping of keys to values was expected."))
    return None


def _named(data: dict[str, Any], stem: str, document: Document) -> dict[str, Any]:
    """The data with its name filled in from the file's."""
    if "name" in data and isinstance(data["name"], str) and data["name"] != stem:
        what = f"the file is called {stem!r} but its name is {data['name']!r}."
        document.problems.append(document.problem(("name",), what, f"write {stem!r}, or rename the file."))
    return {"name": stem, **data}


def validated(kind: Kind, document: Document, stem: str) -> tuple[BaseModel | None, list[Problem]]:
    data = _mapping(document)
    if data is None:
        return None, document.problems
    try:
        part = MODELS[kind].model_validate(_named(data, stem, document), strict=True)
    except ValidationError as error:
        document.problems.extend(explain(error, MODELS[kind], document))
        return None, document.problems
    return part, document.problems


@dataclass(slots=True)
class Assembly:
    """One company being put together. Files are read once."""

    library: Library
    chain: tuple[str, ...] = ()
    """Companies that call one another down to this one."""
    parts: dict[tuple[Kind, str], Document | None] = field(default_factory=dict[tuple[Kind, str], "Document | None"])
    reported: set[str] = field(default_factory=set[str])
    """Files whose problems are in the result already."""

    def company(self, path: Path, *, text: str | None = None) -> Loaded:
        document = read(path) if text is None else read_text(text, shown(path))
        data = _mapping(document)
        if data is None:
            return Loaded(None, tuple(document.problems))
        data = _named(data, path.stem, document)
        problems: list[Problem] = []
        for kind in ("role", "environment"):
            data = self._with_overrides(kind, data, document, problems)
        try:
            company = Company.model_validate(data, strict=True)
        except ValidationError as error:
            found = [problem for problem in explain(error, Company, document) if problem.file not in self.reported]
            return Loaded(None, _in_order([*document.problems, *problems, *found]))
        resolved = self._resolve(company, document, problems)
        return Loaded(resolved, _in_order([*document.problems, *problems]))

    # ------------------------------------------------------------------ overrides

    def _with_overrides(
        self, kind: Kind, data: dict[str, Any], document: Document, problems: list[Problem]
    ) -> dict[str, Any]:
        """The company's data with what it overrides in place laid over the files of the same names, field by field."""
        group = FOLDERS[kind]
        given = as_mapping(data.get(group))
        if given is None:
            return data
        merged = dict(given)
        for name, said in given.items():
            over = as_mapping(said)
            if over is None:
                continue
            part = self._part_document(kind, name)
            base = as_mapping(part.data) if part else None
            if part is not None and base is not None:
                self._report(kind, name, part, problems)
                _add_places(document, (group, name), part)
                over = _laid_over(base, over)
            merged[name] = {"name": name, **over}
        return {**data, group: merged}

    def _part_document(self, kind: Kind, name: str) -> Document | None:
        key = (kind, name)
        if key not in self.parts:
            source = self.library.find(kind, name)
            self.parts[key] = read(source.path) if source else None
        return self.parts[key]

    def _report(self, kind: Kind, name: str, document: Document, problems: list[Problem]) -> BaseModel | None:
        """Validate a part's file; its problems are reported once."""
        part, found = validated(
            kind, Document(document.file, document.data, document.places, [*document.problems]), name
        )
        if document.file not in self.reported:
            problems.extend(found)
        if found:
            self.reported.add(document.file)
        return part

    # ------------------------------------------------------------------ what it uses

    def _resolve(self, company: Company, document: Document, problems: list[Problem]) -> Resolved:
        roles: dict[str, Role] = dict(company.roles)
        environments: dict[str, Environment] = dict(company.environments)
        companies: dict[str, Resolved] = {}
        for phase, spec in company.phases.items():
            at: FieldPath = ("phases", phase)
            for field_name in ("ask", "judge"):
                self._use("role", getattr(spec, field_name), (*at, field_name), roles, document, problems)
            for seat, role in spec.seats.items():
                if isinstance(role, str):
                    self._use("role", role, (*at, "seats", seat), roles, document, problems)
            for index, name in enumerate(spec.meets_in):
                where = (*at, "meet") if isinstance(spec.meet, str) else (*at, "meet", "of", index)
                self._use("environment", name, where, environments, document, problems)
                self._seated(environments.get(name), roles, document, problems)
            if spec.company is not None and spec.company not in companies:
                inner = self._inner(spec.company, (*at, "company"), company.name, document, problems)
                if inner is not None:
                    companies[spec.company] = inner
        resolved = Resolved(company=company, roles=roles, environments=environments, companies=companies)
        return resolved.with_places(document.places)

    def _seated(
        self, environment: Environment | None, roles: dict[str, Role], document: Document, problems: list[Problem]
    ) -> None:
        """Roles that an environment itself names for its seats."""
        for seat, about in environment.seats.items() if environment is not None else ():
            if isinstance(about.role, str):
                at: FieldPath = ("environments", environment.name, "seats", seat, "role") if environment else ()
                self._use("role", about.role, at, roles, document, problems)

    def _use(
        self,
        kind: Kind,
        name: str | None,
        at: FieldPath,
        into: dict[str, Any],
        document: Document,
        problems: list[Problem],
    ) -> None:
        if name is None or name in into:
            return
        part = self._part_document(kind, name)
        if part is None:
            known = sorted({*self.library.stems(kind), *into})
            problems.append(document.problem(at, self.library.looked_for(kind, name), did_you_mean(name, known)))
            return
        model = self._report(kind, name, part, problems)
        if model is not None:
            _add_places(document, (FOLDERS[kind], name), part)
            into[name] = model

    def _inner(
        self, name: str, at: FieldPath, outer: str, document: Document, problems: list[Problem]
    ) -> Resolved | None:
        chain = (*self.chain, outer)
        if name in chain:
            circle = " → ".join([*chain[chain.index(name) :], name])
            problems.append(document.problem(at, f"companies call each other in a circle: {circle}."))
            return None
        source = self.library.find("company", name)
        if source is None:
            near = did_you_mean(name, self.library.stems("company"))
            problems.append(document.problem(at, self.library.looked_for("company", name), near))
            return None
        loaded = Assembly(self.library, chain, self.parts, self.reported).company(source.path)
        problems.extend(loaded.problems)
        return loaded.resolved


def _laid_over(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Field by field; ``rules`` rule by rule."""
    merged = {**base, **over}
    if isinstance(base.get("rules"), dict) and isinstance(over.get("rules"), dict):
        merged["rules"] = {**base["rules"], **over["rules"]}
    return merged


def _add_places(document: Document, prefix: FieldPath, part: Document) -> None:
    for path, place in part.places.items():
        document.places.setdefault((*prefix, *path), place)


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file (in order of appearance), line and column."""
    files = {file: index for index, file in enumerate(dict.fromkeys(problem.file for problem in problems))}
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (files[p.file], p.line, p.column)))
