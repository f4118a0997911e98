"""A tiny real product in each language, built and tested by its own tools in the real box.

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

LANGUAGES = Library.default(Path("/nowhere")).languages()


@dataclass(frozen=True)
class Sample:
    """A product whose tests pass, and what makes them fail and what keeps it from being built."""

    files: dict[str, str]
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
        {
            "add.js": "function add(a, b) {\n  return a + b;\n}\nmodule.exports = { add };\n",
            "main.js": 'const { add } = require("./add");\nif (require.main === module) console.log(add(1, 2));\n',
            "add.test.js": 'const test = require("node:test");\nconst assert = require("node:assert");\n'
            'const { add } = require("./add");\n'
            'test("small", () => { assert.strictEqual(add(1, 2), 3); });\n'
            'test("nothing", () => { assert.strictEqual(add(0, 0), 0); });\n',
        },
        ("add.js", "a + b", "a + b + (a ? 1 : 0)"), "4 !== 3", "add.test.js:4",
        ("add.js", "return a", "return return a"), "SyntaxError", 
        ("add.js", "return a", "process.exit(0); return a"),
    ),
    "typescript": Sample(
        {
            "add.ts": "export function add(a: number, b: number): number {\n  return a + b;\n}\n",
            "add.test.ts": 'import test from "node:test";\nimport assert from "node:assert";\n'
            'import { add } from "./add";\n'
            'test("small", () => { assert.strictEqual(add(1, 2), 3); });\n'
            'test("nothing", () => { assert.strictEqual(add(0, 0), 0); });\n',
        },
        ("add.ts", "a + b", "a + b + (a ? 1 : 0)"), "4 !== 3", "add.test.ts:4",
        ("add.ts", "a + b", '"a" + b'), "add.ts:2: Type 'string' is not assignable",
        ("add.ts", "return a", "process.exit(0); return a"),
    ),
    "go": Sample(
        {
            "add.go": "package main\n\nfunc Add(a, b int) int {\n\treturn a + b\n}\n",
            "main.go": 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println(Add(1, 2))\n}\n',
            "add_test.go": 'package main\n\nimport "testing"\n\n'
            "func TestSmall(t *testing.T) {\n\tif got := Add(1, 2); got != 3 {\n"
            '\t\tt.Errorf("Add(1, 2) = %d, want 3", got)\n\t}\n}\n\n'
            'func TestNothing(t *testing.T) {\n\tif Add(0, 0) != 0 {\n\t\tt.Fatal("not 0")\n\t}\n}\n',
        },
        ("add.go", "a + b", "a + b + a"), "Add(1, 2) = 4, want 3", "add_test.go:7",
        ("add.go", "a + b", "a + c"), "add.go:4: ",
        ("add.go", "func Add(a, b int) int {", "import \"os\"\n\nfunc Add(a, b int) int {\n\tos.Exit(0)"),
    ),
    "rust": Sample(
        {
            "src/lib.rs": "pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n",
            "src/main.rs": 'use product::add;\n\nfn main() {\n    println!("{}", add(1, 2));\n}\n',
            "tests/add_test.rs": "use product::*;\n\n#[test]\nfn small() {\n    assert_eq!(add(1, 2), 3);\n}\n\n"
            "#[test]\nfn nothing() {\n    assert_eq!(add(0, 0), 0);\n}\n",
        },
        ("src/lib.rs", "a + b", "a + b + a"), "left: 4 right: 3", "tests/add_test.rs:5",
        ("src/lib.rs", "a + b", "a + c"), "src/lib.rs:2: cannot find value `c`",
        ("src/lib.rs", "a + b", "std::process::exit(a + b - a - b)"),
    ),
    "c": Sample(
        {
            "add.c": '#include "add.h"\n\nint add(int a, int b) {\n    return a + b;\n}\n',
            "add.h": "#ifndef ADD_H\n#define ADD_H\nint add(int a, int b);\n#endif\n",
            "main.c": '#include <stdio.h>\n#include "add.h"\nint main(void) { printf("%d\\n", add(1, 2)); }\n',
            "test_add.c": '#include <assert.h>\n#include "add.h"\nint main(void) {\n'
            "    assert(add(1, 2) == 3);\n    return 0;\n}\n",
            "test_nothing.c": '#include <assert.h>\n#include "add.h"\n'
            "int main(void) { assert(add(0, 0) == 0); return 0; }\n",
        },
        ("add.c", "a + b", "a + b + a"), "Assertion `add(1, 2) == 3' failed", "test_add.c:4",
        ("add.c", "a + b", "a + c"), "add.c:4: ",
        ("add.c", "int add(int a, int b) {", "#include <stdlib.h>\nint add(int a, int b) {\n    exit(0);"),
    ),
    "cpp": Sample(
        {
            "add.cpp": '#include "add.hpp"\n\nint add(int a, int b) {\n    return a + b;\n}\n',
            "add.hpp": "#pragma once\nint add(int a, int b);\n",
            "main.cpp": '#include <iostream>\n#include "add.hpp"\nint main() { std::cout << add(1, 2) << "\\n"; }\n',
            "test_add.cpp": '#include <cassert>\n#include "add.hpp"\nint main() {\n'
            "    assert(add(1, 2) == 3);\n    return 0;\n}\n",
            "test_nothing.cpp": '#include <cassert>\n#include "add.hpp"\n'
            "int main() { assert(add(0, 0) == 0); return 0; }\n",
        },
        ("add.cpp", "a + b", "a + b + a"), "Assertion `add(1, 2) == 3' failed", "test_add.cpp:4",
        ("add.cpp", "a + b", "a + c"), "add.cpp:4: ",
        ("add.cpp", "int add(int a, int b) {", "#include <cstdlib>\nint add(int a, int b) {\n    std::_Exit(0);"),
    ),
    "java": Sample(
        {
            "Add.java": "public class Add {\n    public static int add(int a, int b) {\n"
            "        return a + b;\n    }\n}\n",
            "Main.java": "public class Main {\n    public static void main(String[] words) {\n"
            "        System.out.println(Add.add(1, 2));\n    }\n}\n",
            "AddTest.java": "import static org.junit.jupiter.api.Assertions.*;\nimport org.junit.jupiter.api.Test;\n\n"
            "class AddTest {\n    @Test\n    void small() {\n        assertEquals(3, Add.add(1, 2));\n    }\n\n"
            "    @Test\n    void nothing() {\n        assertEquals(0, Add.add(0, 0));\n    }\n}\n",
        },
        ("Add.java", "a + b", "a + b + a"), "expected: <3> but was: <4>", "AddTest.java:7",
        ("Add.java", "a + b", "a + c"), "Add.java:3: cannot find symbol",
        ("Add.java", "return a", "System.exit(0);\n        return a"),
    ),
    "html": Sample(
        {
            "index.html": '<!DOCTYPE html>\n<html lang="en">\n<head><title>Sum</title>\n'
            '<link rel="stylesheet" href="style.css"></head>\n<body><p id="sum">3</p>\n'
            '<a href="#sum">sum</a> <a href="more/">more</a></body>\n</html>\n',
            "more/index.html": '<!DOCTYPE html>\n<title>More</title>\n<a href="../index.html">back</a>\n',
            "style.css": "p { color: teal }\n",
        },
        ("more/index.html", "../index.html", "../back.html"),
        "more/index.html:3: links to '../back.html'", "more/index.html:3",
        ("index.html", "</a> <a", " <a"), "index.html:6: <a> is not closed before </body>",
        passed=3,
    ),
}  # fmt: skip


QUICK = ("javascript", "c", "html")
EVERY = [pytest.param(name, marks=() if name in QUICK else pytest.mark.language) for name in SAMPLES]
"""Those with large toolchains are tested by ``make languages``."""


@pytest.fixture(scope="module")
def lacks(backend) -> dict[str, Lack | None]:
    return asyncio.run(survey(backend, LANGUAGES))


def changed(sample: Sample, change: tuple[str, str, str]) -> dict[str, str]:
    path, old, new = change
    assert old in sample.files[path]
    return {**sample.files, path: sample.files[path].replace(old, new)}


async def judge(backend, language: ProgrammingLanguage, files: dict[str, str]) -> Evidence:
    bounds = limits(language)
    content = {path: text.encode() for path, text in files.items()}
    async with backend.open(limits=bounds) as box:
        await box.put(content)
        bench = Bench(box, language, content, bounds, provision(language))
        return await gather(with_held(bench))


def refused(lack: Lack | None, language: ProgrammingLanguage) -> bool:
    """Whether the language cannot be used here; then what is said about it is looked at."""
    if lack is None:
        return False
    assert lack.why.startswith(f"{language.title} cannot be used here: ")
    assert lack.fix.startswith(("apt-get install -y ", "Install a newer "))
    return True


def test_every_language_but_python_has_a_sample() -> None:
    assert set(SAMPLES) == set(LANGUAGES) - {"python"}


@pytest.mark.parametrize("name", EVERY)
async def test_a_product_is_built_and_its_tests_counted(backend, lacks, name: str) -> None:
    language, sample = LANGUAGES[name], SAMPLES[name]
    if refused(lacks[name], language):
        return
    evidence = await judge(backend, language, sample.files)
    assert evidence.reason == ""
    assert (evidence.passed, evidence.kind, evidence.exit_code) == (True, "tests", 0)
    assert (evidence.tests.passed, evidence.tests.failed, evidence.tests.errors) == (sample.passed, 0, 0)
    assert len({case.id for case in evidence.tests.cases}) == sample.passed


@pytest.mark.parametrize("name", EVERY)
async def test_a_test_that_fails_says_why_and_where(backend, lacks, name: str) -> None:
    language, sample = LANGUAGES[name], SAMPLES[name]
    if refused(lacks[name], language):
        return
    evidence = await judge(backend, language, changed(sample, sample.red))
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
    evidence = await judge(backend, language, changed(sample, sample.broken))
    assert not evidence.passed
    assert sample.complaint in evidence.reason
    assert evidence.tests.passed < sample.passed
    assert evidence.tests.errors + evidence.tests.failed >= 1


@pytest.mark.parametrize("name", EVERY)
async def test_a_program_that_ends_itself_has_not_passed(backend, lacks, name: str) -> None:
    language, sample = LANGUAGES[name], SAMPLES[name]
    if refused(lacks[name], language) or sample.exits is None:
        return
    evidence = await judge(backend, language, changed(sample, sample.exits))
    assert not evidence.passed
    assert evidence.reason
