"""Evidence that is put to the test itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentverse.blueprint.artifacts import Evidence, TestCase, TestResults
from agentverse.engine.judging import is_test, judged
from agentverse.engine.run import begin, resume
from agentverse.sandbox.registry import choose

COMPANY = """
success: check.passed
phases:
  code: {ask: programmer, prompt: write main.py, produces: {source: files}, paths: [main.py]}
  tests: {after: code, ask: tester, prompt: write test_main.py, produces: {tests: files}, paths: [test_main.py]}
  check: {after: tests, run: pytest -q, produces: {check: evidence}}
"""
AMEND = """
  amend: {after: check, when: not check.passed, ask: tester, prompt: correct, produces: {tests: edits}, then: check,
          at_most: 2}
"""
LOOK = """
  look: {after: check, when: not check.passed, ask: tester, prompt: look, produces: {note: text}, then: check,
         at_most: 1}
"""
CODE = "```python main.py\ndef f(n):\n    return n\n```"


def written(body: str) -> str:
    return f"```python test_main.py\nfrom pathlib import Path\nimport main\n\n\n{body}\n```"


def edit(old: str, new: str) -> str:
    return f"test_main.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE"


def shown(entries) -> dict[str, Evidence]:
    return {e.key: Evidence.model_validate(e.event.evidence) for e in entries if e.event.type == "evidence"}


async def test_tests_that_notice_an_empty_program_are_believed_at_the_price_of_two_more_runs(stage) -> None:
    body = "def test_f(): assert main.f(1) == 1\ndef test_g(): assert main.f is not None"
    result, entries = await stage.play(COMPANY, {"code#1/-/1": CODE, "tests#1/-/1": written(body)})
    assert result.outcome == "succeeded", result.reason
    assert [(key, e.kind, e.passed) for key, e in shown(entries).items()] == [
        ("check#1/-/run", "tests", True),
        ("check#1/-/control", "control", True),
        ("check#1/-/hollow", "hollow", True),
    ]
    assert result.evidence.tests.passed == 2, "the run itself is what counts"
    assert [file.path for file in result.evidence.coverage.files] == ["main.py"], "tests are not the product"
    assert result.evidence.coverage.percent == 100
    told = result.report.read_text()
    assert "fails on an empty program, as it must" in told
    assert "fails when its tests are made to fail, as it must" in told


async def test_tests_that_pass_on_an_empty_program_are_not_believed(stage) -> None:
    body = "def test_f(): assert main.f is not None\ndef test_g(): assert callable(main.f)"
    result, entries = await stage.play(COMPANY, {"code#1/-/1": CODE, "tests#1/-/1": written(body)})
    assert result.outcome == "failed"
    assert not result.evidence.passed
    assert "empty program" in result.evidence.reason
    assert shown(entries)["check#1/-/hollow"].reason == result.evidence.reason


async def test_tests_that_pass_when_they_are_made_to_fail_are_not_believed(stage) -> None:
    hook = "import pytest\n\n@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
    hook += "    report = yield\n    report.outcome = 'passed'\n    return report"
    company = COMPANY.replace("paths: [main.py]", "paths: [main.py, conftest.py]")
    replies = {
        "code#1/-/1": f"{CODE}\n```python conftest.py\n{hook}\n```",
        "tests#1/-/1": written("def test_f(): assert main.f(1) == 2"),
    }
    result, entries = await stage.play(company, replies)
    assert result.outcome == "failed"
    reason = "Tests that pass even when they are made to fail: test_main.py::test_f."
    assert result.evidence.reason == reason
    assert {key: e.reason for key, e in shown(entries).items()} == {
        "check#1/-/run": "",
        "check#1/-/control": reason,
    }
    assert f"did not pass: exit code 0; {reason.rstrip('.')}" in result.report.read_text() or reason in result.reason


async def test_tests_that_assert_nothing_are_named_to_the_one_who_can_mend_them(stage) -> None:
    body = "def test_f(): assert main.f(1) == 1\ndef test_g():\n    main.f(1)"
    replies = {
        "code#1/-/1": CODE,
        "tests#1/-/1": written(body),
        "amend#1/-/1": edit("    main.f(1)", "    assert main.f(2) == 2"),
    }
    result, entries = await stage.play(COMPANY + AMEND, replies)
    assert result.outcome == "succeeded", result.reason
    first = shown(entries)["check#1/-/run"]
    assert (first.passed, first.reason) == (False, "Tests that assert nothing: test_main.py::test_g.")
    assert first.reason in stage.prompts["amend#1/-/1.1"]
    assert list(shown(entries)) == ["check#1/-/run", "check#2/-/run", "check#2/-/control", "check#2/-/hollow"]


async def test_an_edit_that_weakens_tests_is_refused_and_one_that_corrects_them_is_not(stage) -> None:
    replies = {
        "code#1/-/1": CODE,
        "tests#1/-/1": written("def test_f():\n    assert main.f(1) == 2"),
        "amend#1/-/1": [
            edit("    assert main.f(1) == 2", "    assert main.f(1) is not None"),
            edit("    assert main.f(1) == 2", "    assert main.f(1) == 1"),
        ],
    }
    result, _ = await stage.play(COMPANY + AMEND, replies)
    assert result.outcome == "succeeded", result.reason
    told = "test_main.py:6: weakened-assertion: test_f: main.f(1) == 2 became main.f(1) is not None"
    assert told in stage.prompts["amend#1/-/1.2"]
    assert (result.product / "test_main.py").read_text().endswith("assert main.f(1) == 1\n")


async def test_files_that_cannot_be_collected_are_explained_by_line(stage) -> None:
    replies = {
        "code#1/-/1": CODE,
        "tests#1/-/1": written("from main import g\n\n\ndef test_f():\n    assert g(1) == 1"),
        "amend#1/-/1": edit("from main import g", "from main import f as g"),
    }
    result, entries = await stage.play(COMPANY + AMEND, replies)
    assert result.outcome == "succeeded", result.reason
    first = shown(entries)["check#1/-/run"]
    told = "test_main.py:5: imports g from main.py, which has no such name"
    assert first.reason.splitlines()[1:] == [told]
    assert told in stage.prompts["amend#1/-/1.1"]


async def test_a_failure_is_explained_by_what_can_be_seen_in_the_files(stage) -> None:
    body = "try:\n        return prepare(n)\n    except NameError:\n        return 0"
    code = f"```python main.py\ndef f(n):\n    {body}\n\ndef g():\n    return helper()\n```"
    replies = {
        "code#1/-/1": code,
        "tests#1/-/1": written("def test_f():\n    assert main.f(1) == 1"),
        "amend#1/-/1": edit("main.f(1) == 1", "main.f(1) == 0"),
    }
    _, entries = await stage.play(COMPANY + AMEND, replies)
    first = shown(entries)["check#1/-/run"]
    assert first.reason.splitlines()[1:] == ["main.py:8: uses helper, which is not defined"]
    assert stage.prompts["amend#1/-/1.1"].count("uses helper, which is not defined") == 1


async def test_tests_that_pass_do_not_excuse_a_name_that_nothing_binds(stage) -> None:
    code = "```python main.py\ndef f(n):\n    return n\n\ndef g(n):\n    return helper(n)\n```"
    body = "def test_f(): assert main.f(1) == 1"
    result, _ = await stage.play(COMPANY, {"code#1/-/1": code, "tests#1/-/1": written(body)})
    assert result.outcome == "failed"
    assert result.evidence.tests.passed == 1
    assert result.evidence.reason == "No test reaches it, but main.py:5: uses helper, which is not defined."


class Lucky:
    """A real sandbox in which the file ``luck.txt`` says something else each time."""

    def __init__(self, real, luck: list[str]) -> None:
        self.real, self.luck, self.opened = real, luck, 0

    def __getattr__(self, name: str):
        return getattr(self.real, name)

    def open(self, **more):
        self.opened += 1
        return LuckyBox(self.real.open(**more), self.luck[self.opened - 1])


class LuckyBox:
    def __init__(self, box, luck: str) -> None:
        self.box, self.luck = box, luck

    async def __aenter__(self):
        await self.box.__aenter__()
        return self

    async def __aexit__(self, *exc):
        await self.box.__aexit__(*exc)

    def __getattr__(self, name: str):
        return getattr(self.box, name)

    async def put(self, files) -> None:
        await self.box.put({**files, "luck.txt": self.luck.encode()})


@pytest.mark.parametrize(
    ("luck", "outcome"),
    [
        ("bad good any any good good", "succeeded"),
        ("bad good any any good bad", "failed"),
        ("bad good any any bad", "failed"),
    ],
)
async def test_what_passes_without_a_change_must_pass_three_times(stage, luck: str, outcome: str) -> None:
    stage.replies = {
        "code#1/-/1": CODE,
        "tests#1/-/1": written("def test_f():\n    assert main.f(Path('luck.txt').read_text()) == 'good'"),
        "look#1/-/1": "I changed nothing.",
    }
    host = await stage.host()
    lucky = Lucky(host.sandbox, luck.split())
    host = replace(host, sandbox=lucky)
    handle = await begin(host, stage.company(COMPANY + LOOK), "a thing", run="made")
    result = await handle.result()
    assert result.outcome == outcome, result.reason
    assert lucky.opened == len(luck.split())
    seen = shown(await stage.journal.read("made"))
    steps = ["check#1/-/run", *(f"check#2/-/{name}" for name in ("run", "control", "hollow", "run~2", "run~3"))]
    assert list(seen) == steps[: lucky.opened]
    if outcome == "failed":
        assert "by chance" in result.reason + result.evidence.reason
        handle = await resume(host, "made")
        assert (await handle.result()).outcome == "failed"
        assert lucky.opened == len(luck.split()), "nothing is run twice"


async def test_what_is_run_again_to_rule_out_chance_is_the_command_alone(stage) -> None:
    stage.replies = {
        "code#1/-/1": CODE,
        "tests#1/-/1": written("def test_f():\n    assert main.f(Path('luck.txt').read_text()) == 'good'"),
        "look#1/-/1": "I changed nothing.",
    }
    host = await stage.host()
    luck = ["bad", "good", "looked at", "any", "any", "good", "good"]
    lucky = Lucky(host.sandbox, luck)
    company = stage.company((COMPANY + LOOK).replace("run: pytest -q", "run: {command: pytest -q}"))
    result = await (await begin(replace(host, sandbox=lucky), company, "a thing", run="made")).result()
    assert result.outcome == "succeeded", result.reason
    assert lucky.opened == len(luck)
    seen = shown(await stage.journal.read("made"))
    assert {key: len(e.shows) for key, e in seen.items() if e.passed} == {
        "check#2/-/run": 1, "check#2/-/control": 0, "check#2/-/hollow": 0, "check#2/-/run~2": 0, "check#2/-/run~3": 0,
    }  # fmt: skip


def passed(*ids: str) -> Evidence:
    cases = [TestCase(id=name, outcome="passed") for name in ids]
    return Evidence(kind="tests", passed=True, tests=TestResults(passed=len(cases), cases=cases))


EMPTY, FULL = b"def test_a(): f(1)\n", b"def test_b(): assert f(1)\n"


def test_tests_of_the_customer_may_assert_nothing_unless_all_do() -> None:
    files = {"test_a.py": EMPTY, "test_b.py": FULL}
    evidence = passed("test_a.py::test_a", "test_b.py::test_b")
    assert judged(evidence, files, {"test_a.py"}).passed
    assert not judged(evidence, files, set()).passed
    assert not judged(passed("test_a.py::test_a"), files, {"test_a.py"}).passed


def test_only_tests_that_counted_are_looked_at_and_each_is_named_once() -> None:
    files = {"test_a.py": EMPTY + FULL + b"class TestC:\n    def test_c(self): f(1)\n"}
    assert judged(passed("test_a.py::test_b"), files, set()).passed
    evidence = judged(passed("test_a.py::TestC::test_c[1]", "test_a.py::TestC::test_c[2]"), files, set())
    assert evidence.reason == "Tests that assert nothing: test_a.py::TestC::test_c."


def test_what_cannot_be_looked_through_counts_as_asserting_nothing() -> None:
    deep = b"def test_a(): assert f(1) == " + b" + ".join([b"1"] * 3000)
    assert not judged(passed("test_a.py::test_a"), {"test_a.py": deep}, set()).passed


BROKEN = {"app/gui.py": b"def f(:", "app/core.py": b"def g(): return missing"}


def test_what_no_test_reaches_counts_in_source_that_the_run_wrote_and_nowhere_else() -> None:
    evidence = passed("test_b.py::test_b")
    assert judged(evidence, {"test_b.py": FULL, **BROKEN}, set()).reason.count("app/") == 2
    assert judged(evidence, {"test_b.py": FULL, **BROKEN}, set(BROKEN)).passed, "the customer's own"
    data = {"tests/bad.py": b"def f(:", "app/templates/main.py": b"class {{ name }}:", "app/notes.txt": b"def f(:"}
    assert judged(evidence, {"test_b.py": FULL, **data}, set()).passed


def test_what_fails_for_different_reasons_is_not_the_same_failure() -> None:
    seen = [
        judged(passed("test_b.py::test_b"), {"test_b.py": FULL, path: text}, set()) for path, text in BROKEN.items()
    ]
    assert seen[0].fingerprint != seen[1].fingerprint


def test_an_explanation_is_short_and_begins_with_the_files_that_failed() -> None:
    case = TestCase(id="test_b.py::test_b", outcome="failed", message="x", frame="z.py:1\n> f()")
    evidence = Evidence(passed=False, reason="One failed.", tests=TestResults(failed=1, cases=[case]))
    files = {f"{name}.py": b"print(a)\nprint(b)\nimport numpy" for name in "abcz"}
    told = judged(evidence, files, set()).reason.splitlines()
    assert told[:3] == ["One failed.", "z.py:1: uses a, which is not defined", "z.py:2: uses b, which is not defined"]
    assert len(told) == 7


@pytest.mark.parametrize(
    ("path", "expected"),
    [("test_a.py", True), ("a_test.py", True), ("tests/data.py", True), ("conftest.py", True), ("contest.py", False),
     ("main.py", False), ("latest.py", False), ("testing.py", False)],
)  # fmt: skip
def test_what_is_a_test_is_told_by_its_path(path: str, expected: bool) -> None:
    assert is_test(path) is expected


async def test_a_product_cannot_change_its_tests_while_they_run(stage) -> None:
    if not (await (await choose()).probe()).enforced.get("held files"):
        pytest.skip("this sandbox cannot hold files read-only")
    code = (
        "```python main.py\nfrom pathlib import Path\n\n\ndef f(n):\n"
        "    try:\n        Path('test_main.py').write_text('')\n"
        "    except OSError as error:\n        return type(error).__name__\n    return 'changed'\n```"
    )
    body = "def test_f(): assert main.f(1) == 'OSError'"
    result, _ = await stage.play(COMPANY, {"code#1/-/1": code, "tests#1/-/1": written(body)})
    assert result.outcome == "succeeded", result.evidence.tests
