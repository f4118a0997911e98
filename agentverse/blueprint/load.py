"""Companies, roles, environments and programming languages by name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from agentverse.blueprint.assemble import Assembly, Loaded, as_mapping, read, validated
from agentverse.blueprint.document import Document, read_text
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.explain import did_you_mean
from agentverse.blueprint.language import ProgrammingLanguage
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.role import Role
from agentverse.blueprint.sources import (
    FOLDERS,
    SUFFIXES,
    Kind,
    Layer,
    Source,
    as_path,
    shipped_folder,
    shown,
    user_folder,
)
from agentverse.blueprint.text import Localized
from agentverse.errors import BlueprintError, Problem

__all__ = ["Kind", "Layer", "Library", "Loaded", "Resolved", "Source"]

Model = TypeVar("Model", bound=BaseModel)
_LOCALIZED: TypeAdapter[Localized] = TypeAdapter(Localized)


class Library:
    """Everything there is to run, in the order in which it is looked for."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = tuple(layers)

    @classmethod
    def default(cls, project: Path | None = None) -> Library:
        """The project's folder (the current one when None), then the user's, then what is shipped."""
        project = Path.cwd() if project is None else project
        return cls([Layer("project", project), Layer("user", user_folder()), Layer("shipped", shipped_folder())])

    def beside(self, path: Path) -> Library:
        """The library as a company file at ``path`` sees it.

        When the file lies in a folder ``companies``, what lies beside that folder comes first.
        """
        home = path.resolve().parent
        if home.name != FOLDERS["company"] or any(layer.folder.resolve() == home.parent for layer in self.layers):
            return self
        return Library([Layer("project", home.parent), *self.layers])

    def names(self, kind: Kind) -> list[Source]:
        """All of a kind, by name; a file hides those of its name further down. Broken files are listed, untitled."""
        found: dict[str, Source] = {}
        for layer in self.layers:
            folder = layer.folder / FOLDERS[kind]
            for path in sorted(folder.iterdir()) if folder.is_dir() else []:
                if path.suffix in SUFFIXES and path.is_file() and path.stem not in found:
                    found[path.stem] = Source(path.stem, path, layer.origin, _title(path))
        return [found[name] for name in sorted(found)]

    def find(self, kind: Kind, name: str) -> Source | None:
        """The file that ``name`` leads to, or None. A name never leads out of the folders."""
        if not name or name != Path(name).name:
            return None
        for layer in self.layers:
            for suffix in SUFFIXES:
                path = layer.folder / FOLDERS[kind] / f"{name}{suffix}"
                if path.is_file():
                    return Source(name, path, layer.origin)
        return None

    def stems(self, kind: Kind) -> list[str]:
        """The names there are; nothing is read."""
        folders = [layer.folder / FOLDERS[kind] for layer in self.layers]
        present = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
        return sorted({path.stem for path in present if path.suffix in SUFFIXES})

    def load_role(self, name: str) -> Role:
        """Raises BlueprintError."""
        return self._load_part("role", name, Role)

    def load_environment(self, name: str) -> Environment:
        """Raises BlueprintError."""
        return self._load_part("environment", name, Environment)

    def environment(self, name_or_path: str) -> tuple[Environment | None, Document]:
        """An environment by name or by the path of its file: what is in it, or None, and its document with problems.

        Raises:
            BlueprintError: there is none of that name.
        """
        path = as_path(name_or_path)
        if path is None:
            source = self.find("environment", name_or_path)
            if source is None:
                raise BlueprintError([self.not_found("environment", name_or_path)])
            path = source.path
        part, document = self.part("environment", path)
        return cast("Environment | None", part), document

    def load_language(self, name: str) -> ProgrammingLanguage:
        """A programming language by its name. Raises BlueprintError."""
        source = self.find("language", name)
        if source is None:
            raise BlueprintError([self.not_found("language", name)])
        language, document = self.part("language", source.path)
        if not isinstance(language, ProgrammingLanguage) or document.problems:
            raise BlueprintError(document.problems)
        return language

    def languages(self) -> dict[str, ProgrammingLanguage]:
        """All programming languages by name. Files that are broken, or something else altogether, are left out."""
        found: dict[str, ProgrammingLanguage] = {}
        for name in self.stems("language"):
            with suppress(BlueprintError):
                found[name] = self.load_language(name)
        return found

    def company(self, name_or_path: str) -> Resolved:
        """A company with everything it uses, by name or by the path of its file.

        Raises:
            BlueprintError: with all problems of all files concerned.
        """
        loaded = self.load(name_or_path)
        if loaded.resolved is None or any(problem.severity == "error" for problem in loaded.problems):
            raise BlueprintError(loaded.problems)
        return loaded.resolved

    def load(self, name_or_path: str, *, text: str | None = None) -> Loaded:
        """As `company`, but hands the problems back instead of raising. ``text`` replaces what is in the file."""
        path = as_path(name_or_path)
        if path is None:
            source = self.find("company", name_or_path)
            if source is None and text is None:
                return Loaded(None, (self.not_found("company", name_or_path),))
            path = source.path if source else Path(FOLDERS["company"]) / f"{name_or_path}.yaml"
            return Assembly(self).company(path, text=text)
        if text is None and not path.is_file():
            near = did_you_mean(path.name, [p.name for p in path.parent.glob("*.y*ml")] if path.parent.is_dir() else [])
            return Loaded(None, (Problem(shown(path), 1, 1, "", "there is no such file.", near),))
        return Assembly(self.beside(path)).company(path, text=text)

    def part(self, kind: Kind, path: Path, *, text: str | None = None) -> tuple[BaseModel | None, Document]:
        """The file of a role, an environment or a language: what is in it, or None, and the document with its problems.

        ``text`` replaces what is in the file.
        """
        document = read(path) if text is None else read_text(text, shown(path))
        part = validated(kind, document, path.stem)[0]
        if isinstance(part, ProgrammingLanguage) and part.folders and not _is_the_users(path):
            what = "only languages in your config folder may show folders of this computer to the sandbox."
            fix = f"move the file to {user_folder() / FOLDERS['language']}."
            document.problems.append(document.problem(("folders",), what, fix, at_key=True))
        return part, document

    def not_found(self, kind: Kind, name: str) -> Problem:
        """A problem that says what was looked for, where, and what is near."""
        file = shown(self.layers[0].folder / FOLDERS[kind] / f"{name}.yaml") if self.layers else f"{name}.yaml"
        return Problem(file, 1, 1, "", self.looked_for(kind, name), did_you_mean(name, self.stems(kind)))

    def looked_for(self, kind: Kind, name: str) -> str:
        folders = ", ".join(dict.fromkeys(shown(layer.folder / FOLDERS[kind]) for layer in self.layers))
        return f"there is no {kind} {name!r}; looked in {folders}."

    def _load_part(self, kind: Kind, name: str, model: type[Model]) -> Model:
        source = self.find(kind, name)
        if source is None:
            raise BlueprintError([self.not_found(kind, name)])
        part, problems = validated(kind, read(source.path), source.name)
        if part is None or problems:
            raise BlueprintError(problems)
        return cast(Model, part)


def _is_the_users(path: Path) -> bool:
    """Whether a file lies where only its user, or whoever installed agentverse, puts files."""
    return path.resolve().parent.parent in (user_folder().resolve(), shipped_folder().resolve())


def _title(path: Path) -> Localized:
    title = (as_mapping(read(path).data) or {}).get("title", "")
    try:
        return _LOCALIZED.validate_python(title)
    except ValidationError:
        return ""
