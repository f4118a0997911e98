"""What was seen of a product, told in one line each and in the report."""

from __future__ import annotations

import pytest

from agentverse.blueprint.artifacts import Coverage, Evidence, FileCoverage, Moment, Show, TestResults
from agentverse.cli.story import Story
from agentverse.journal.events import Decision, Entry, EvidenceSeen
from agentverse.report.text import _coverage, _show


def line(language: str = "en", **facts: object) -> tuple[str, str]:
    show = Show.model_validate({"kind": "terminal", "passed": True, **facts})
    evidence = Evidence(command=["pytest"], passed=show.passed, shows=[show])
    event = EvidenceSeen(phase="check", visit=1, evidence=evidence.model_dump(mode="json"))
    told = Story(language).tell(Entry(run="r", seq=1, key="check#1/-/run", at=0.0, event=event))
    assert told is not None
    return told.body[-1].text, told.body[-1].style


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"moments": [{"did": "start", "picture": "pictures/a.png"}]},
         ("looked at on a terminal: it works · pictures: 1", "good")),
        ({"kind": "command", "changed": ["main.py", "main.py -h"], "since": 2},
         ("looked at as a command: it works · changed since visit 2: main.py, main.py -h", "good")),
        ({"passed": False, "reason": "it\ncrashed"}, ("looked at on a terminal: it crashed", "bad")),
        ({"passed": False, "ended": "not_run", "reason": "there is no Xvfb", "fix": "install xvfb"},
         ("not looked at on a terminal: there is no Xvfb (install xvfb)", "warn")),
    ],
)  # fmt: skip
def test_a_look_is_one_line(facts: dict[str, object], expected: tuple[str, str]) -> None:
    assert line(**facts) == expected


def test_packages_are_told_by_name_and_version_and_other_decisions_are_not() -> None:
    def told(what: str, value: object):
        return Story("en").tell(Entry(run="r", seq=1, key="k", at=0.0, event=Decision(what=what, value=value)))

    said = told("packages", {"wanted": ["flask"], "versions": ["flask==3.1.3", "jinja2==3.1.6"]})
    assert said is not None
    assert said.head.text == "packages: flask 3.1.3, jinja2 3.1.6"
    assert told("pick", 1) is None


def test_a_look_is_told_in_the_readers_language() -> None:
    assert line("zh")[0] == "在终端里看过：正常"


def test_what_was_printed_stands_in_the_report_and_can_mean_nothing_to_markdown() -> None:
    moments = [Moment(did="main.py <b>", saw="`x`\n<script>\n# no"), Moment(did="main.py", saw="y" * 500)]
    lines = _show(Show(kind="command", passed=True, moments=moments), "en")
    assert lines[1] == "  - main.py &lt;b&gt;: `'x' <script> # no`"
    assert len(lines[2]) < 250


COVERAGE = Coverage(covered=7, total=9, files=[
    FileCoverage(path="a.py", covered=4, total=4), FileCoverage(path="b`.py", covered=3, total=5, missing=["2", "7-9"]),
])  # fmt: skip


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "passed: 2 passed, 0 failed · 77 % of the product run"),
        ("zh", "通过: 2 通过，0 失败 · 执行了产品的 77 %"),
    ],
)
def test_what_tests_ran_is_a_few_words_beside_their_number(language: str, expected: str) -> None:
    evidence = Evidence(command=["pytest"], passed=True, tests=TestResults(passed=2), coverage=COVERAGE)
    event = EvidenceSeen(phase="check", visit=1, evidence=evidence.model_dump(mode="json"))
    told = Story(language).tell(Entry(run="r", seq=1, key="check#1/-/run", at=0.0, event=event))
    assert told is not None
    assert told.head.text.endswith(expected)


def test_the_report_names_files_and_lines_that_were_not_run() -> None:
    assert _coverage(COVERAGE, "en") == [
        "- The tests ran 77 % of the product: 7 of 9 statements.",
        "  - `b'.py`: 60 %, not run: line 2, 7-9",
    ]
    assert _coverage(None, "en") == []
