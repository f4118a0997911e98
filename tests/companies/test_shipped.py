"""Every shipped file loads, checks, speaks both languages and stays short enough for a small model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentverse import templates
from agentverse.blueprint.artifacts import Design, DesignFile, Evidence, Requirement, Requirements, Verdict
from agentverse.blueprint.company import Company
from agentverse.blueprint.language import ProgrammingLanguage
from agentverse.blueprint.load import Library, shipped_folder
from agentverse.blueprint.text import Localized, localize
from agentverse.engine.check import check
from agentverse.engine.languages import Languages

COMPANIES = sorted(path.stem for path in (shipped_folder() / "companies").glob("*.yaml"))
ROLES = sorted(path.stem for path in (shipped_folder() / "roles").glob("*.yaml"))
ENVIRONMENTS = sorted(path.stem for path in (shipped_folder() / "environments").glob("*.yaml"))
PROGRAMMING = sorted(path.stem for path in (shipped_folder() / "languages").glob("*.yaml"))
LANGUAGES = ("en", "zh")
PERSONA_TOKENS = 45
SEAT_TOKENS = 60
PROMPT_TOKENS = 140
FOREIGN_TOKENS = 190
"""Where the language has to be explained too."""

ENGLISH_CHARACTERS = 4.2
"""Characters of English instructions in one token."""
CHINESE_TOKENS = 0.65
"""Tokens in one Chinese character, with the vocabularies of MiniCPM and Qwen."""


def tokens(text: str) -> int:
    wide = sum(ord(character) > 0x2E80 for character in text)
    return round(wide * CHINESE_TOKENS + (len(text) - wide) / ENGLISH_CHARACTERS)


def texts(value: Any, where: str = "") -> Iterator[tuple[str, Localized]]:
    """All titles, duties, descriptions and prompts in a model, with where they stand."""
    for name in ("title", "duties", "description", "prompt"):
        if getattr(value, name, ""):
            yield f"{where}.{name}", getattr(value, name)
    for group in ("phases", "seats", "roles", "environments"):
        inner = getattr(value, group, None) or {}
        for name, part in inner.items():
            if not isinstance(part, str):
                yield from texts(part, f"{where}.{group}.{name}")


def variables(kind: str, code: ProgrammingLanguage, language: str, *, entry: bool) -> dict[str, Any]:
    """What a prompt may name in a run whose product is of this kind."""
    design = Design(
        files=[
            DesignFile(path="shop.py", purpose="prices", names=["total() -> int"]),
            DesignFile(path="main.py", purpose="till"),
        ],
        entry="" if kind == "library" else "main.py",
        start="python main.py",
    )
    usable = Languages(usable={"python": code, "go": code})
    return {
        **usable.variables(code, language),
        "idea": "a shop",
        "language": "en",
        "visit": 1,
        "phase": "any",
        "requirements": Requirements(
            title="Shop", summary="A shop.", kind=kind, items=[Requirement(id="R1", text="x")]
        ),
        "design": design,
        "file": design.files[1 if entry else 0].model_copy(update={"depends_on": ["cart.py"]}),
        "check": Evidence(passed=False, repeats=1),
        "gaps": Verdict(approved=False),
        "modality": kind,
        "platform": "Python",
        "cause": "a wrong sign",
    }


def rendered(company: Company, language: str, code: ProgrammingLanguage) -> Iterator[tuple[str, str]]:
    for name, phase in company.phases.items():
        prompt = localize(phase.prompt, language)
        for kind in ("command", "library", "window", "terminal", "web"):
            for entry in (True, False):
                known = {**company.inputs, **variables(kind, code, language, entry=entry)}
                yield name, templates.render(prompt, known).strip()


@pytest.mark.parametrize("name", COMPANIES)
def test_company_loads_and_checks_without_problems(library: Library, name: str) -> None:
    loaded = library.load(name)
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.resolved is not None
    assert [str(problem) for problem in check(loaded.resolved)] == []


@pytest.mark.parametrize("name", ROLES)
def test_role_is_complete_in_both_languages(library: Library, name: str) -> None:
    role = library.load_role(name)
    assert role.title
    assert role.duties
    assert role.prompt
    assert_bilingual(role, name)
    for language in LANGUAGES:
        assert tokens(localize(role.prompt, language)) <= PERSONA_TOKENS


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_environment_is_complete_in_both_languages(library: Library, name: str) -> None:
    environment = library.load_environment(name)
    assert environment.title
    assert environment.description
    assert_bilingual(environment, name)
    for seat in environment.seats.values():
        for language in LANGUAGES:
            assert tokens(localize(seat.prompt, language)) <= SEAT_TOKENS


@pytest.mark.parametrize("name", COMPANIES)
def test_company_is_complete_in_both_languages(library: Library, name: str) -> None:
    company = library.company(name).company
    assert company.title
    assert company.description
    assert all(phase.title for phase in company.phases.values())
    # What is done in a meeting may stand in its environment alone.
    assert all(phase.prompt for phase in company.phases.values() if phase.kind == "ask")
    assert_bilingual(company, name)


@pytest.mark.parametrize("written_in", PROGRAMMING)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COMPANIES)
def test_prompts_are_short(library: Library, name: str, language: str, written_in: str) -> None:
    code = library.load_language(written_in)
    long = {
        f"{phase}: {tokens(text)}"
        for phase, text in rendered(library.company(name).company, language, code)
        if tokens(text) > (PROMPT_TOKENS if written_in == "python" else FOREIGN_TOKENS)
    }
    assert long == set()


@pytest.mark.parametrize("written_in", PROGRAMMING)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COMPANIES)
def test_prompts_have_no_holes(library: Library, name: str, language: str, written_in: str) -> None:
    """No branch of a template leaves an empty line, stray blanks or a template tag behind."""
    for phase, text in rendered(library.company(name).company, language, library.load_language(written_in)):
        assert not re.search(r"\n\s*\n|[ \t]\n|\n[ \t]|\{%|\{\{", text), f"{phase}: {text}"


@pytest.mark.parametrize("name", COMPANIES)
def test_success_rests_on_evidence(library: Library, name: str) -> None:
    company = library.company(name).company
    evidence = {
        artifact for phase in company.phases.values() for artifact, type in phase.produces.items() if type == "evidence"
    }
    rests_on = re.match(r"\w+", company.success)[0]  # type: ignore[index]
    weighed = [phase for phase in company.phases.values() if phase.produces.get(rests_on) == "attempts"]
    if weighed:
        assert evidence == set(re.findall(r"(\w+)\.passed", weighed[0].inputs["accepted"]))
    else:
        assert rests_on in evidence


@pytest.mark.parametrize("name", COMPANIES)
def test_who_writes_code_never_owns_the_tests(library: Library, name: str) -> None:
    for phase in library.company(name).company.phases.values():
        assert not {"source", "tests"} <= set(phase.produces)


def test_in_software_code_and_tests_are_written_at_the_same_time(library: Library) -> None:
    phases = library.company("software").company.phases
    assert phases["code"].predecessors == phases["tests"].predecessors == ["design"]


def test_there_are_roles_enough() -> None:
    assert len(ROLES) >= 12


def test_the_documented_example_is_a_company(library: Library, docs: Path) -> None:
    example = re.search(r"```yaml\n(# companies/notes\.yaml\n.*?)```", (docs / "companies.md").read_text("utf-8"), re.S)
    assert example is not None
    loaded = library.load("notes", text=example[1])
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.resolved is not None
    assert [str(problem) for problem in check(loaded.resolved)] == []


def assert_bilingual(value: Any, where: str) -> None:
    for place, text in texts(value, where):
        assert isinstance(text, dict), f"{place} has one language only"
        assert set(text) == set(LANGUAGES), place
        zh = text["zh"]
        assert re.search(r"[\u4e00-\u9fff]", zh), f"{place} is not Chinese"
        assert not re.search(r"[\u4e00-\u9fff]", text["en"]), f"{place} is not English"
        assert not re.search(r"[\u4e00-\u9fff][,;!?]", zh), f"{place} has Latin punctuation after Chinese"
