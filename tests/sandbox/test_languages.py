"""A tiny real product in each language (``tests/products``), built and tested by its own tools in the real box.

Where a toolchain is not installed, what is said instead is what the test is about.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentverse.blueprint.artifacts import Evidence
from agentverse.blueprint.language import ProgrammingLanguage
from agentverse.blueprint.load import Library
from agentverse.sandbox.foreign import Bench, gather, with_held
from agentverse.sandbox.toolchain import Lack, limits, provision, survey

PRODUCTS = Path(__file__).parents[1] / "products"
LANGUAGES = Library.default(Path("/nowhere")).languages()


@dataclass(frozen=True)
class Sample:
    """What makes the tests of a product fail, what keeps it from being built, and what is said then."""

    red: tuple[str, str, str]
    """File, text, and the text in its place with which one test of two fails."""
    message: str
    """In the message of that test."""
    place: str
    broken: tuple[str, str, str]
    """File, text, and the text in its place with which nothing is built."""
    complaint: str
    """In the reason then."""
    exits: tuple[str, str, str] | None = None
    """File, text, and the text in its place with which the program ends itself, content, in the midst of its tests."""
    passed: int = 2


SAMPLES = {
    "javascript": Sample(
        ("add.js", "a + b", "a + b + (a ? 1 : 0)"), "4 !== 3", "add.test.js:4",
        ("add.js", "return a", "return return a"), "SyntaxError",
        ("add.js", "return a", "process.exit(0); return a"),
    ),
    "typescript": Sample(
        ("add.ts", "a + b", "a + b + (a ? 1 : 0)"), "4 !== 3", "add.test.ts:4",
        ("add.ts", "a + b", '"a" + b'), "add.ts:2: Type 'string' is not assignable",
        ("add.ts", "return a", "process.exit(0); return a"),
    ),
    "go": Sample(
        ("add.go", "a + b", "a + b + a"), "Add(1, 2) = 4, want 3", "add_test.go:7",
        ("add.go", "a + b", "a + c"), "add.go:4: ",
        ("add.go", "func Add(a, b int) int {", "import \"os\"\n\nfunc Add(a, b int) int {\n\tos.Exit(0)"),
    ),
    "rust": Sample(
        ("src/lib.rs", "a + b", "a + b + a"), "left: 4 right: 3", "tests/add_test.rs:5",
        ("src/lib.rs", "a + b", "a + c"), "src/lib.rs:2: cannot find value `c`",
        ("src/lib.rs", "a + b", "std::process::exit(a + b - a - b)"),
    ),
    "c": Sample(
        ("add.c", "a + b", "a + b + a"), "Assertion `add(1, 2) == 3' failed", "test_add.c:4",
        ("add.c", "a + b", "a + c"), "add.c:4: ",
        ("add.c", "int add(int a, int b) {", "#include <stdlib.h>\nint add(int a, int b) {\n    exit(0);"),
    ),
    "cpp": Sample(
        ("add.cpp", "a + b", "a + b + a"), "Assertion `add(1, 2) == 3' failed", "test_add.cpp:4",
        ("add.cpp", "a + b", "a + c"), "add.cpp:4: ",
        ("add.cpp", "int add(int a, int b) {", "#include <cstdlib>\nint add(int a, int b) {\n    std::_Exit(0);"),
    ),
    "java": Sample(
        ("Add.java", "a + b", "a + b + a"), "expected: <3> but was: <4>", "AddTest.java:7",
        ("Add.java", "a + b", "a + c"), "Add.java:3: cannot find symbol",
        ("Add.java", "return a", "System.exit(0);\n        return a"),
    ),
    "html": Sample(
        ("more/index.html", "../index.html", "../back.html"),
        "more/index.html:3: links to '../back.html'", "more/index.html:3",
        ("index.html", "</a> <a", " <a"), "index.html:6: <a> is not closed before </body>",
        passed=3,
    ),
}  # fmt: skip


QUICK = ("javascript", "html")
EVERY = [pytest.param(name, marks=() if name in QUICK else pytest.mark.language) for name in SAMPLES]
"""Those with large toolchains are tested by ``make languages``."""


@pytest.fixture(scope="module")
def lacks(backend) -> dict[str, Lack | None]:
    return asyncio.run(survey(backend, LANGUAGES))


def product(name: str, change: tuple[str, str, str] | None = None) -> dict[str, bytes]:
    """The files of a product, in one of which a text is another."""
    folder = PRODUCTS / name
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    if change is not None:
        path, old, new = change
        assert old.encode() in files[path]
        files[path] = files[path].replace(old.encode(), new.encode())
    return files


async def judge(backend, language: ProgrammingLanguage, files: dict[str, bytes]) -> Evidence:
    bounds = limits(language)
    async with backend.open(limits=bounds) as box:
        await box.put(files)
        bench = Bench(box, language, files, bounds, provision(language))
        return await gather(with_held(bench))


def refused(lack: Lack | None, language: ProgrammingLanguage) -> bool:
    """Whether the language cannot be used here; then what is said about it is looked at."""
    if lack is None:
        return False
    assert lack.why.startswith(f"{language.title} cannot be used here: ")
    assert lack.fix.startswith(("apt-get install -y ", "Install a newer "))
    return True


def test_every_language_but_python_has_a_sample() -> None:
    assert set(SAMPLES) == {folder.name for folder in PRODUCTS.iterdir()} == set(LANGUAGES) - {"python"}


@pytest.mark.parametrize("name", EVERY)
async def test_a_product_is_built_and_its_tests_counted(backend, lacks, name: str) -> None:
    language, sample = LANGUAGES[name], SAMPLES[name]
    if refused(lacks[name], language):
        return
    evidence = await judge(backend, language, product(name))
    assert evidence.reason == ""
    assert (evidence.passed, evidence.kind, evidence.exit_code) == (True, "tests", 0)
    assert (evidence.tests.passed, evidence.tests.failed, evidence.tests.errors) == (sample.passed, 0, 0)
    assert len({case.id for case in evidence.tests.cases}) == sample.passed


@pytest.mark.parametrize("name", EVERY)
async def test_a_test_that_fails_says_why_and_where(backend, lacks, name: str) -> None:
    language, sample = LANGUAGES[name], SAMPLES[name]
    if refused(lacks[name], language):
        return
    evidence = await judge(backend, language, product(name, sample.red))
    assert not evidence.passed
    assert (evidence.tests.passed, evidence.tests.failed) == (sample.passed - 1, 1)
    [case] = [case for case in evidence.tests.cases if case.outcome == "failed"]
    assert sample.message in case.message
    assert case.frame.startswith(sample.place)
    assert evidence.reason.startswith(f"1 of {sample.passed} tests failed, first {case.id}: ")


@pytest.mark.parametrize("name", EVERY)
async def test_what_cannot_be_built_is_an_error_of_every_test(backend, lacks, name: str) -> None:
    language, sample = LANGUAGES[name], SAMPLES[name]
    if refused(lacks[name], language):
        return
    evidence = await judge(backend, language, product(name, sample.broken))
    assert not evidence.passed
    assert sample.complaint in evidence.reason
    assert evidence.tests.passed < sample.passed
    assert evidence.tests.errors + evidence.tests.failed >= 1


@pytest.mark.parametrize("name", EVERY)
async def test_a_program_that_ends_itself_has_not_passed(backend, lacks, name: str) -> None:
    language, sample = LANGUAGES[name], SAMPLES[name]
    if refused(lacks[name], language) or sample.exits is None:
        return
    evidence = await judge(backend, language, product(name, sample.exits))
    assert not evidence.passed
    assert evidence.reason


async def test_a_test_that_can_be_seen_and_is_not_reported_is_missed(backend, lacks) -> None:
    if refused(lacks["javascript"], LANGUAGES["javascript"]):
        return
    files = product("javascript")
    hidden = files["add.test.js"].replace(b'test("small"', b'if (process.pid < 0)\n  test("small"')
    files["add.test.js"] = hidden + b"for (const n of [1, 2]) test(`more ${n}`, () => assert.ok(n));\n"
    evidence = await judge(backend, LANGUAGES["javascript"], files)
    assert not evidence.passed
    assert evidence.tests.passed == 3
    assert evidence.reason == "The test 'small' can be seen in add.test.js, but nothing is reported of it."


TRICKS = {
    "c": ("CMakeLists.txt", "project(p C)\nenable_testing()\nadd_test(NAME test_add COMMAND true)\n"),
    "typescript": ("tsconfig.json", '{"compilerOptions": {"outDir": ".build"}, "files": ["main.ts"]}\n'),
    "rust": ("Cargo.toml", '[package]\nname = "product"\nversion = "1.0.0"\nedition = "2021"\nautotests = false\n'),
}  # fmt: skip


@pytest.mark.language
@pytest.mark.parametrize("name", TRICKS)
async def test_a_build_file_of_the_products_own_does_not_hide_a_failing_test(backend, lacks, name: str) -> None:
    if refused(lacks[name], LANGUAGES[name]):
        return
    path, text = TRICKS[name]
    files = {**product(name, SAMPLES[name].red), path: text.encode()}
    evidence = await judge(backend, LANGUAGES[name], files)
    assert not evidence.passed
