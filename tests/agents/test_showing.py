"""What was found out about the product, as prompts show it."""

from __future__ import annotations

import re

import pytest

from agentverse.agents.showing import show_artifact
from agentverse.blueprint.artifacts import Evidence, TestCase, TestResults

FRAME = """\
test_sum.py:9
called from test_sum.py:20
    def test_sum(tmp_path):
        first = run("1")
        second = run("2")
        lines = run("sum").splitlines()
>       assert lines == ["3", "4"]
E       AssertionError: assert ['3', '5'] == ['3', '4']
E
E         At index 1 diff: '5' != '4'
E         Use -v to get more diff"""
MESSAGE = "AssertionError: assert ['3', '5'] == ['3', '4'] At index 1 diff: '5' != '4' Use -v to get more diff"
REASON = f"1 of 3 tests failed, first test_sum.py::test_sum: {MESSAGE}."


def failed(*cases: TestCase, **facts: object) -> Evidence:
    tests = TestResults(passed=2, failed=len(cases), cases=[*cases, TestCase(id="other", outcome="passed")])
    seen = {"kind": "tests", "command": ["pytest", "-q"], "passed": False, "reason": REASON, "exit_code": 1}
    return Evidence.model_validate({**seen, "tests": tests, "head": "1 failed, 2 passed in …s", **facts})


def case(name: str = "test_sum.py::test_sum", message: str = MESSAGE, frame: str = FRAME) -> TestCase:
    return TestCase(id=name, outcome="failed", message=message, frame=frame)


def test_a_failed_test_is_shown_once_without_the_runners_own_words() -> None:
    assert show_artifact("check", failed(case()), "en") == (
        "check: `pytest -q` failed: 1 of 3 tests\n"
        "- test_sum.py::test_sum\n"
        "test_sum.py:9\n"
        "called from test_sum.py:20\n"
        '        second = run("2")\n'
        '        lines = run("sum").splitlines()\n'
        '>       assert lines == ["3", "4"]\n'
        "E       AssertionError: assert ['3', '5'] == ['3', '4']\n"
        "E         At index 1 diff: '5' != '4'"
    )


def test_a_failure_whose_lines_do_not_say_it_is_shown_with_its_message() -> None:
    text = show_artifact("check", failed(case(frame="test_sum.py:9\n>       raise SystemExit")), "en")
    assert "- test_sum.py::test_sum: AssertionError: assert ['3', '5'] == ['3', '4'] At index 1" in text
    assert "Use -v" not in text


def test_of_many_failures_only_the_first_are_shown_with_their_lines() -> None:
    text = show_artifact("check", failed(*(case(f"test_{number}") for number in range(9))), "en")
    assert "failed: 9 of 11 tests" in text
    assert all(f"- test_{number}" in text for number in range(9))
    assert text.count(">       assert") == 4


UNENDED = case(message="it began and did not end", frame="")


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (failed(case()), "3 个测试中有 1 个失败"),
        (failed(UNENDED, ended="timeout", exit_code=None), "超时"),
        (failed(UNENDED, ended="timeout", exit_code=None), "test_sum: 开始运行后没有结束"),
        (failed(exit_code=5), "没有找到测试"),
        (Evidence(passed=False, reason="It ended with exit code 3: bad.", exit_code=3, tail="bad"), "退出码 3\nbad"),
        (Evidence(passed=False, reason="It used more memory than allowed.", ended="memory"), "占用内存过多"),
    ],
)
def test_what_the_product_says_of_a_failure_is_in_the_runs_language(seen: Evidence, shown: str) -> None:
    text = show_artifact("检验", seen, "zh")
    assert shown in text
    assert not re.search(r"failed:|tests failed|exit code|did not end|called from|Use -v|memory", text)


def test_output_is_shown_only_when_no_test_explains_the_failure() -> None:
    assert "1 failed, 2 passed" not in show_artifact("check", failed(case()), "en")
    shown = show_artifact("check", failed(exit_code=4, head="ERROR: no such option"), "en")
    assert shown.endswith("failed: exit code 4\nERROR: no such option")
    assert show_artifact("check", Evidence(passed=True, command=["true"], head="fine"), "en") == "check: `true` passed"


def test_evidence_that_nothing_else_explains_keeps_its_reason() -> None:
    odd = failed(exit_code=0, reason="The report of the tests cannot be read.")
    assert "failed: The report of the tests cannot be read." in show_artifact("check", odd, "en")


def looked(**facts: object) -> Evidence:
    show = {
        "kind": "command",
        "passed": False,
        "reason": "main.py: it crashed: ValueError: x",
        "moments": [{"did": "main.py --help", "saw": "usage"}, {"did": "main.py", "saw": "Traceback\nValueError: x"}],
    }
    seen = {"kind": "tests", "command": ["pytest"], "passed": False, "exit_code": 0, "head": "3 passed"}
    tests = TestResults(passed=3)
    return Evidence.model_validate({**seen, "tests": tests, "reason": "It crashed.", "shows": [{**show, **facts}]})


def test_of_a_look_that_failed_the_last_moment_is_shown_and_not_what_the_tests_printed() -> None:
    assert show_artifact("check", looked(), "en") == (
        "check: `pytest` failed: It crashed.\nAfter `main.py` it showed:\nTraceback\nValueError: x"
    )


def test_a_long_screen_is_cut_to_its_end_where_the_reason_is() -> None:
    text = show_artifact("check", looked(moments=[{"did": "main.py", "saw": "x" * 1500 + "the end"}]), "zh")
    assert text.endswith("the end")
    assert len(text) < 900


@pytest.mark.parametrize("facts", [{"passed": True}, {"ended": "not_run"}])
def test_a_look_that_did_not_fail_is_not_shown(facts: dict[str, object]) -> None:
    assert "After" not in show_artifact("check", looked(**facts), "en")
