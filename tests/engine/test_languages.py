"""Products in other languages: who chooses the language, what agents are told, which tests are believed."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from agentverse.agents.forms import fenced
from agentverse.blueprint.load import Library
from agentverse.engine.check import check
from agentverse.engine.judging import is_test
from agentverse.engine.languages import Languages
from agentverse.errors import UsageError
from agentverse.journal.events import EvidenceSeen, RunStarted
from agentverse.sandbox.registry import choose
from agentverse.sandbox.toolchain import survey

PRODUCTS = Path(__file__).parents[1] / "products"
COMPANY = """
success: check.passed
phases:
  demand:
    ask: cpo
    prompt: "Written in one of: {{ languages | join(', ') }}."
    produces: {requirements: requirements}
  code: {after: demand, ask: programmer, prompt: "{{ code.writing.source }}", produces: {source: files}}
  tests:
    after: demand
    ask: tester
    prompt: "{{ code.title }}: {{ code.writing.tests }}"
    produces: {tests: files}
    paths: ["{{ code.tests[0] }}"]
  check: {after: [code, tests], run: {show: auto}, produces: {check: evidence}}
"""
AMEND = """
  amend:
    after: check
    when: not check.passed
    ask: tester
    prompt: mend the tests
    produces: {tests: edits}
    then: check
    at_most: 2
"""
SOURCE = """\
```javascript add.js
function add(a, b) {
  return a + b;
}
module.exports = { add };
```
```javascript main.js
const { add } = require("./add");
if (require.main === module) console.log(add(1, 2));
```
"""
TESTS = """\
```javascript add.test.js
const test = require("node:test");
const assert = require("node:assert");
const { add } = require("./add");
test("small", () => { assert.strictEqual(add(1, 2), 3); });
test("nothing", () => { assert.strictEqual(add(0, 0), 0); });
```
"""
ZIG = """
title: Zig
other_names: [ziglang]
suffixes: [.zig]
needs: {no-such-compiler: zig}
test: zig test
results: junit
"""


def wanted(language: str) -> str:
    said = {"title": "Sum", "summary": "It adds.", "language": language, "items": [{"id": "R1", "text": "adds"}]}
    return json.dumps(said)


def replies(language: str = "javascript", **more: str) -> dict[str, str]:
    said = {"demand#1/-/1": wanted(language), "code#1/-/1": SOURCE, "tests#1/-/1": TESTS}
    return {**said, **{f"{name}#1/-/1": text for name, text in more.items()}}


def evidence_of(entries) -> list[dict]:
    return [entry.event.evidence for entry in entries if isinstance(entry.event, EvidenceSeen)]


async def test_the_requirements_say_the_language_and_agents_are_told_how_to_write_it(stage) -> None:
    result, _ = await stage.play(COMPANY, replies("Node.js"))
    assert result.outcome == "succeeded", result.reason
    assert (result.evidence.tests.passed, result.evidence.tests.failed) == (2, 0)
    assert "JavaScript" in stage.prompts["demand#1/-/1.1"]
    assert 'const test = require("node:test")' in stage.prompts["tests#1/-/1.1"]
    assert "module.exports" in stage.prompts["code#1/-/1.1"]
    assert sorted(path.name for path in result.product.iterdir() if path.name != ".git") == [
        "add.js", "add.test.js", "main.js",
    ]  # fmt: skip
    [show] = result.evidence.shows
    assert (show.kind, show.passed, show.command) == ("command", True, ["node", "main.js"])
    assert show.moments[1].saw == "3"


@pytest.mark.language
@pytest.mark.parametrize("name", ["c", "cpp", "go", "java", "rust", "typescript"])
async def test_a_product_is_built_tested_started_and_seen(stage, name: str) -> None:
    code = Library.default(Path("/nowhere")).load_language(name)
    folder = PRODUCTS / name
    files = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.*")}
    said = {path: fenced(path, text) for path, text in files.items()}
    source, tests = ("\n".join(said[p] for p in said if code.is_test(p) is kind) for kind in (False, True))
    lack = (await survey(await choose(), {name: code}))[name]
    if lack is not None:
        with pytest.raises(UsageError, match=f"^{re.escape(lack.why)}$"):
            await stage.begin(COMPANY, {}, code=name)
        return
    result, _ = await stage.play(COMPANY, replies("python", code=source, tests=tests), code=name)
    assert result.outcome == "succeeded", result.reason
    assert result.evidence.tests.passed == 2
    [show] = result.evidence.shows
    assert (show.kind, show.passed, show.moments[1].saw) == ("command", True, "3")
    delivered = {path.relative_to(result.product).as_posix() for path in result.product.rglob("*") if path.is_file()}
    assert {path for path in delivered if not path.startswith(".git")} == set(files)


async def test_the_users_choice_counts_more_than_the_requirements(stage) -> None:
    result, entries = await stage.play(COMPANY, replies("python"), code="javascript")
    assert result.outcome == "succeeded", result.reason
    started = next(entry.event for entry in entries if isinstance(entry.event, RunStarted))
    assert started.settings["languages"]["chosen"] == "javascript"
    assert Languages.of(started.settings).usable["javascript"].suffixes == [".js", ".cjs", ".mjs"]
    assert '"language": "javascript"' in stage.prompts["code#1/-/1.1"] or "javascript" in stage.prompts["code#1/-/1.1"]


async def test_a_language_that_cannot_be_used_is_told_to_whoever_wrote_it(stage) -> None:
    said = {**replies(), "demand#1/-/1": [wanted("cobol"), wanted("js")]}
    result, _ = await stage.play(COMPANY, said)
    assert result.outcome == "succeeded", result.reason
    assert "'cobol' cannot be used here as the language. Choose one of: " in stage.prompts["demand#1/-/1.2"]


@pytest.fixture
def zig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language of the project's own, whose compiler is not there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "zig.yaml").write_text(ZIG, encoding="utf-8")


@pytest.mark.usefixtures("zig")
async def test_a_language_whose_compiler_is_missing_is_refused_before_a_token_is_spent(stage) -> None:
    with pytest.raises(UsageError) as refused:
        await stage.play(COMPANY, replies(), code="ziglang")
    assert str(refused.value) == "Zig cannot be used here: no-such-compiler is not installed"
    assert refused.value.fix == "apt-get install -y zig"
    assert stage.asked == []


@pytest.mark.usefixtures("zig")
async def test_a_missing_language_that_the_idea_names_ends_the_run_with_the_fix(stage) -> None:
    stage.replies = replies("zig")
    from agentverse.engine.run import begin

    handle = await begin(await stage.host(), stage.company(COMPANY), "a sum in Zig", run="zig")
    result = await handle.result()
    assert (result.outcome, result.turns) == ("failed", 1)
    assert result.reason == "Zig cannot be used here: no-such-compiler is not installed."


async def test_a_company_that_does_not_ask_for_languages_writes_python(stage) -> None:
    plain = "phases: {code: {ask: programmer, prompt: write, produces: {source: files}}}"
    with pytest.raises(UsageError, match="writes Python only"):
        await stage.begin(plain, {}, code="javascript")
    with pytest.raises(UsageError, match="there is no language 'klingon'"):
        await stage.begin(plain, {}, code="klingon")
    result, _ = await stage.play(plain, {"code#1/-/1": SOURCE}, code="py")
    assert result.outcome == "succeeded"


@pytest.mark.parametrize(
    ("source", "tests", "reason"),
    [
        (
            SOURCE,
            TESTS.replace("assert.strictEqual(add(1, 2), 3)", "add(1, 2)").replace(
                "assert.strictEqual(add(0, 0), 0)", "assert.ok(true)"
            ),
            "Tests that assert nothing: add.test.js.",
        ),
        (
            SOURCE.replace("return a + b;", "process.exit(0);"),
            TESTS,
            "2 tests can be seen in add.test.js, but only 0 reported: something ended them early.",
        ),
        (
            SOURCE.replace("function add", "process.exit(0);\nfunction add"),
            TESTS,
            "2 tests can be seen in add.test.js, but only 0 reported: something ended them early.",
        ),
        (
            SOURCE.replace("a + b", "a - b"),
            TESTS,
            "1 of 2 tests failed, first small: Expected values to be strictly equal",
        ),
        (
            SOURCE,
            TESTS.replace("./add", "./sum"),
            "1 of 1 test failed, first add.test.js: it could not be run: Error: ",
        ),
    ],
)
async def test_a_verdict_needs_tests_that_ran_and_demand_something(stage, source, tests, reason) -> None:
    result, entries = await stage.play(COMPANY, replies(code=source, tests=tests))
    assert result.outcome == "failed"
    assert evidence_of(entries)[0]["reason"].startswith(reason)


async def test_an_edit_by_which_tests_demand_less_is_refused(stage) -> None:
    lines = TESTS.splitlines()
    gone = f"add.test.js\n<<<<<<< SEARCH\n{lines[4]}\n=======\n>>>>>>> REPLACE\n"
    right = f"add.test.js\n<<<<<<< SEARCH\n{lines[4]}\n=======\n{lines[4].replace('3)', '4)')}\n>>>>>>> REPLACE\n"
    said = {**replies(code=SOURCE.replace("a + b", "a + b + (a && 1)")), "amend#1/-/1": [gone, right]}
    result, _ = await stage.play(COMPANY + AMEND, said)
    assert result.outcome == "succeeded", result.reason
    assert "removed-test: 2 tests became 1" in stage.prompts["amend#1/-/1.2"]


@pytest.mark.parametrize(
    ("language", "path", "expected"),
    [
        ("go", "add_test.go", True),
        ("go", "add.go", False),
        ("javascript", "add.test.js", True),
        ("javascript", "test/add.js", True),
        ("javascript", "add.js", False),
        ("rust", "tests/add.rs", True),
        ("rust", "src/tests.rs", False),
        ("java", "src/AddTest.java", True),
        ("java", "Tested.java", False),
        ("c", "test_add.c", True),
        ("html", "index.html", False),
    ],
)
def test_each_language_says_which_files_are_tests(language: str, path: str, expected: bool) -> None:
    assert is_test(path, Library.default(Path("/nowhere")).load_language(language)) is expected


@pytest.mark.parametrize(
    ("company", "problem"),
    [
        ("phases: {a: {ask: cpo, prompt: '{{ code.tittle }}'}}", "the type 'code' has no field 'tittle'"),
        ("phases: {a: {ask: cpo, prompt: '{{ languages.x }}'}}", "'languages' is a list; name one of its items"),
        ("phases: {a: {ask: cpo, prompt: '{{ code.writing.tests }}'}}", ""),
        (
            "phases: {a: {ask: cpo, prompt: x, produces: {code: text}}, b: {after: a, ask: cpo, prompt: '{{ code }}'}}",
            "",
        ),
        ("phases: {a: {run: auto}, b: {run: lint, when: code.lint}, c: {run: {show: command}}}", ""),
    ],
)
def test_a_company_may_name_the_language_as_a_variable(stage, company: str, problem: str) -> None:
    found = [one.what for one in check(stage.company(company)) if one.severity == "error"]
    assert [problem in what for what in found] == ([True] if problem else [])


TOY = """
title: Toy
suffixes: [.toy]
needs: {toy: toy}
folders: {/opt/toy: ["HERE/toys/*"]}
path: [/opt/toy/bin]
test: toy {report}
results: junit
report: "{report}"
tests: ["*_test.toy"]
writing: {source: Write a toy., tests: Test the toy.}
"""


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A language of the user's own, with a toolchain in a folder that only its file names."""
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config" / "languages").mkdir(parents=True)
    (tmp_path / "config" / "languages" / "toy.yaml").write_text(TOY.replace("HERE", str(tmp_path)))
    program = tmp_path / "toys" / "1.0" / "bin" / "toy"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "<testsuites><testcase name=\'plays\'/></testsuites>" > "$1"\n')
    program.chmod(0o755)
    return tmp_path / "toys"


async def test_a_language_needs_no_python_and_a_toolchain_that_goes_away_stops_the_run(stage, toys: Path) -> None:
    from agentverse.engine.run import resume

    said = replies("python", code="```toy a.toy\nplay\n```", tests="```toy a_test.toy\ntest\n```")
    handle = await stage.begin(COMPANY, said, code="toy")
    os.rename(toys, f"{toys}-away")
    result = await handle.result()
    assert result.outcome == "stopped"
    assert result.reason == "Toy cannot be used here: toy is not installed. apt-get install -y toy"
    os.rename(f"{toys}-away", toys)
    result = await (await resume(await stage.host(), handle.id)).result()
    assert result.outcome == "succeeded", result.reason
    assert result.evidence.tests.passed == 1
    assert sorted(stage.asked) == ["code#1/-/1.1", "demand#1/-/1.1", "tests#1/-/1.1"], "nothing is asked twice"
    assert "Test the toy." in stage.prompts["tests#1/-/1.1"]
