"""What a language file may say: how products in a programming language are written, built, tested and started."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from agentverse.blueprint.text import Localized


def _wrong(message: str) -> PydanticCustomError:
    return PydanticCustomError("blueprint", "{message}", {"message": message})


def _splits(command: str | list[str]) -> str | list[str]:
    try:
        given = shlex.split(command) if isinstance(command, str) else command
    except ValueError as error:
        raise _wrong(f"this cannot be split into words: {error}") from None
    if not given or not all(given):
        raise _wrong("the command, or a word of it, is empty")
    return command


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise _wrong(f"this is no regular expression: {error}") from None
    return pattern


def _below(path: str) -> str:
    parts = path.split("/")
    if len(path) > 120 or not all(re.fullmatch(r"[\w.+-]+", part) and part not in (".", "..") for part in parts):
        raise _wrong("a path leads down from the product's folder")
    return path


def _in_box(path: str) -> str:
    if not re.fullmatch(r"/(opt|etc)(/[\w.+-]*[\w+-][\w.+-]*)+", path):
        raise _wrong("folders are shown below /opt or /etc")
    return path


Command = Annotated[str | list[str], AfterValidator(_splits)]
"""Words, or one text that is split into words as a shell would; no shell ever reads it."""
Pattern = Annotated[str, AfterValidator(_compiles)]
"""A regular expression; ``^`` and ``$`` match at every line."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
InBox = Annotated[str, AfterValidator(_in_box)]
"""Where a folder of the host appears in the box."""
Inside = Annotated[str, AfterValidator(_below)]
"""Path of a file of the product."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bounds(_Part):
    """What one command of a language may use. Compilers need more than programs."""

    seconds: float = Field(default=60, gt=0)
    """For each of build and test, unless the phase has a ``timeout``."""
    memory: int = Field(default=1024, gt=0)
    """MiB. Where there are no control groups this bounds addresses, of which node and Java take 4 GiB at once."""
    processes: int = Field(default=128, gt=0)
    """Threads count too."""
    disk: int = Field(default=512, gt=0)
    """MiB, what is built included."""
    output: int = Field(default=1, gt=0)
    """MiB that a command may print before the middle is left out."""


class Writing(_Part):
    """What agents are told so that their files fit together; a prompt names it: ``{{ code.writing.tests }}``."""

    design: Localized = ""
    """For whoever cuts the product into files: where they lie, how they are called, which is started."""
    source: Localized = ""
    """For whoever writes the program."""
    tests: Localized = ""
    """For whoever writes tests: the framework, and how test files are called."""


class ProgrammingLanguage(_Part):
    """A programming language as products are written in it here."""

    name: Name = ""
    """The name of the file, without its ending, when left out."""
    title: Localized = ""
    """Shown to people."""
    other_names: list[str] = Field(default_factory=list[str])
    """Further names that people and models use, lower case: ``golang``."""
    suffixes: list[str] = Field(min_length=1)
    """Of source files: ``.go``."""
    needs: dict[str, str] = Field(default_factory=dict[str, str])
    """Program, or absolute path of a file: the Debian package that brings it."""
    probe: Command = Field(default_factory=list[str])
    """Must end with 0 for the language to be usable; for what its mere presence does not show, such as a version."""
    folders: dict[InBox, list[str]] = Field(default_factory=dict[str, list[str]])
    """Path in the box: patterns of folders of the host that are shown there, read-only; the first that is there."""
    path: list[str] = Field(default_factory=list[str])
    """Folders that are searched for programs first."""
    env: dict[str, str] = Field(default_factory=dict[str, str])
    """Added to the environment of every command."""
    files: dict[Inside, str] = Field(default_factory=dict[str, str])
    """Files that are laid into the box when the product has none of that name. They are not delivered."""
    build: list[Command] = Field(default_factory=list[Command])
    """Commands before the tests. One that fails ends the verdict."""
    test: Command
    """Runs all tests. ``{report}`` is a path for their report; ``{sources}`` in any command all source files."""
    results: Literal["pytest", "junit", "go-json"]
    """Form of the report."""
    report: str = "stdout"
    """Where the report appears: ``stdout``, or a path with ``{report}``."""
    ready: list[Command] = Field(default_factory=list[Command])
    """Commands before ``start``, after those of ``build``; for languages whose tests need no program."""
    start: Command = Field(default_factory=list[str])
    """Starts the product; ``{entry}`` is the file that the design names, ``{stem}`` the same without its suffix."""
    lint: Command = Field(default_factory=list[str])
    """Says what looks wrong in the source; a phase says ``run: lint``."""
    tests: list[str] = Field(default_factory=list[str])
    """Which files are tests: ``*_test.go`` by name, ``test/`` all below a folder. The first is shown to agents."""
    declares: Pattern = ""
    """Where a test begins, its name in the first group, if it can be read. A report in which a test is missing is not
    believed."""
    asserts: Pattern = ""
    """A claim about the product. A test file without one shows nothing."""
    limits: Bounds = Bounds()
    """What a command may use."""
    writing: Writing = Writing()
    """What agents are told."""

    @property
    def names(self) -> list[str]:
        """All names it goes by."""
        return [self.name, *self.other_names]

    def is_test(self, path: str) -> bool:
        """Whether a file of the product is a test by its name or by where it lies."""
        return fits(path, self.tests)

    def is_source(self, path: str) -> bool:
        return path.endswith(tuple(self.suffixes))


def words(command: str | Sequence[str]) -> list[str]:
    """The words of a command."""
    return shlex.split(command) if isinstance(command, str) else list(command)


def fits(path: str, patterns: Sequence[str]) -> bool:
    """Whether a relative path fits one of the patterns: ``name*`` the file's name, ``folder/`` anything below it."""
    *folders, name = path.split("/")
    return any(
        any(fnmatchcase(folder, pattern[:-1]) for folder in folders)
        if pattern.endswith("/")
        else fnmatchcase(name, pattern)
        for pattern in patterns
    )
