"""The programming languages of a run: which one the product is written in, and what agents are told of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from agentverse.blueprint.artifacts import Requirements
from agentverse.blueprint.language import ProgrammingLanguage, words
from agentverse.blueprint.load import Library
from agentverse.blueprint.text import localize
from agentverse.engine.words import word
from agentverse.errors import PhaseFailed
from agentverse.sandbox.toolchain import Lack

if TYPE_CHECKING:
    from agentverse.engine.state import State

PYTHON = "python"
VARIABLES = frozenset({"code", "languages"})
NAMED = ("auto", "lint")
"""Commands that are said by name: the tests of the product's language, and what looks its source over."""


class Told(BaseModel):
    """What agents are told for each kind of work, in the run's language."""

    model_config = ConfigDict(frozen=True)

    design: str
    source: str
    tests: str


class Code(BaseModel):
    """The product's programming language as templates see it."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    suffixes: list[str]
    tests: list[str]
    """How test files are called, such as ``*_test.go``; none for languages whose products are not tested by files."""
    lint: str
    """The command behind ``run: lint``; "" when there is none."""
    writing: Told


@dataclass(frozen=True, slots=True)
class Languages:
    """What a run knows of programming languages.

    Attributes:
        usable: by name.
        lacking: those that cannot be used here, by each of their names.
        chosen: name of the one that the user wants; "" leaves it to the requirements.
        asked: the company asks for languages at all.
    """

    usable: Mapping[str, ProgrammingLanguage] = field(default_factory=dict[str, ProgrammingLanguage])
    lacking: Mapping[str, Lack] = field(default_factory=dict[str, Lack])
    chosen: str = ""
    asked: bool = False

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Languages:
        """As they were written down when the run began."""
        said = settings.get("languages")
        if not said:
            return cls()
        usable = {name: ProgrammingLanguage.model_validate(given) for name, given in said["usable"].items()}
        lacking = {name: Lack(*given) for name, given in said["lacking"].items()}
        return cls(usable, lacking, said["chosen"], asked=True)

    def settings(self) -> dict[str, Any]:
        """What is written down of them: the profiles whole, so that a resumed run goes on as it began."""
        if not self.asked:
            return {}
        return {
            "languages": {
                "usable": {name: one.model_dump(exclude_defaults=True) for name, one in self.usable.items()},
                "lacking": {name: [lack.why, lack.fix] for name, lack in self.lacking.items()},
                "chosen": self.chosen,
            }
        }

    def of_product(self, state: State, *, outer: str = "") -> ProgrammingLanguage:
        """The language the product is written in: the user's choice, else the requirements', else Python.

        Args:
            outer: what a calling company knows already; its requirements are not in ``state``.
        """
        made = (thing.value for thing in reversed(state.oldest_first()))
        agreed = next((value.language for value in made if isinstance(value, Requirements)), outer)
        return self._usable(self.chosen or agreed) or self.usable.get(PYTHON) or python()

    def variables(self, code: ProgrammingLanguage, tongue: str) -> dict[str, Any]:
        """``code`` and ``languages``, for templates."""
        titles = [localize(one.title, tongue) or name for name, one in self.usable.items()]
        return {"code": _code(code, tongue), "languages": titles}

    # ------------------------------------------------------------------ requirements

    def check(self, idea: str, tongue: str) -> Callable[[Any], str | None] | None:
        """A look at requirements that says when their language cannot be used. One that the idea itself names is not
        put to the agent: it is for the user to decide, see `settled`.
        """
        if not self.asked or self.chosen:
            return None

        def look(value: Any) -> str | None:
            if not isinstance(value, Requirements) or self._usable(value.language):
                return None
            lack = self.lacking.get(value.language)
            if lack and any(_mentions(idea, name) for name, other in self.lacking.items() if other == lack):
                return None
            titles = ", ".join(localize(one.title, tongue) or name for name, one in self.usable.items())
            return word("no_language", tongue, said=value.language, usable=titles)

        return look

    def settled(self, requirements: Requirements) -> Requirements:
        """Requirements with the language that the product will be written in, by its own name.

        Raises:
            PhaseFailed: code ``language``; it cannot be used here.
        """
        if not self.asked:
            return requirements
        lack = self.lacking.get(requirements.language)
        if lack is not None and not self.chosen:
            raise PhaseFailed(f"{lack.why}.", code="language", fix=lack.fix or None)
        found = self._usable(self.chosen or requirements.language)
        return requirements.model_copy(update={"language": found.name}) if found else requirements

    def _usable(self, name: str) -> ProgrammingLanguage | None:
        return find(name, self.usable)


def find(name: str, known: Mapping[str, ProgrammingLanguage]) -> ProgrammingLanguage | None:
    """The language that goes by ``name``, or None."""
    wanted = name.strip().casefold()
    return known.get(wanted) or next((one for one in known.values() if wanted in one.names), None)


def is_python(language: ProgrammingLanguage) -> bool:
    """Whether products of a language are tested by pytest, whose evidence can be doubted further."""
    return language.results == "pytest"


@cache
def python() -> ProgrammingLanguage:
    """Python, as it is shipped."""
    return Library.default(Path("/nonexistent")).load_language(PYTHON)


def command(language: ProgrammingLanguage, name: str) -> list[str]:
    """The words behind ``auto`` and ``lint``.

    Raises:
        PhaseFailed: the language has nothing that looks its source over.
    """
    said = words(language.test if name == "auto" else language.lint)
    if not said:
        raise PhaseFailed(f"{language.name} has no '{name}' command", code="run", fix="Guard it: when: code.lint")
    return said


def _code(language: ProgrammingLanguage, tongue: str) -> Code:
    writing = language.writing
    return Code(
        name=language.name,
        title=localize(language.title, tongue) or language.name,
        suffixes=language.suffixes,
        tests=[pattern for pattern in language.tests if not pattern.endswith("/")],
        lint=" ".join(words(language.lint)),
        writing=Told(
            design=localize(writing.design, tongue).strip(),
            source=localize(writing.source, tongue).strip(),
            tests=localize(writing.tests, tongue).strip(),
        ),
    )


def _mentions(idea: str, name: str) -> bool:
    return re.search(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z+#])", idea, re.IGNORECASE) is not None
