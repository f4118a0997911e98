"""Reports as a hostile neighbour would leave them."""

from __future__ import annotations

import json

import pytest

from agentverse.sandbox.results import Places, read_go, read_junit

FILES = {
    "add.js": b"one\ntwo\nthree\nfour\n",
    "src/add.js": b"",
    "com/Add.java": b"a\nb\n",
    "main.go": b"package main\n",
}
FAILED = (
    '<testcase name="adds" classname="test"><failure message="3 !== 4">at add (/work/add.js:3:9)</failure></testcase>'
)


def suite(inside: str, **given: object) -> bytes:
    said = "".join(f' {name}="{value}"' for name, value in given.items())
    document = f'<testsuites><testsuite name="t"{said}>{inside}</testsuite></testsuites>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode()


def test_a_case_says_what_failed_and_where() -> None:
    found = read_junit(suite(FAILED + '<testcase name="b" classname="Sum" time="0.25"/>', tests=2, failures=1), FILES)
    failed, passed = found.cases
    assert found.whole
    assert (failed.id, failed.outcome, failed.message) == ("t::adds", "failed", "3 !== 4")
    assert failed.frame == "add.js:3\n  one\n  two\n> three"
    assert (passed.id, passed.outcome, passed.seconds) == ("t::Sum::b", "passed", 0.25)
    assert (found.results.passed, found.results.failed) == (1, 1)


def test_documents_one_after_another_are_read_as_one() -> None:
    found = read_junit(suite('<testcase name="a"/>') + b"\n" + suite('<testcase name="b"/>'), FILES)
    assert found.whole
    assert [case.id for case in found.cases] == ["t::a", "t::b"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"PASS",
        b'{"passed": 1}',
        suite('<testcase name="a"/>')[:-4],
        suite('<testcase name="a"/>') + b"and more",
        suite('<testcase name="a"/>', tests=2),
        suite('<testcase name="a"/>', tests=1, failures=1),
        suite("<testcase name='a'>" * 60 + "</testcase>" * 60),
        suite("\N{SNOWMAN}").replace("\N{SNOWMAN}".encode(), b"\xff"),
        b'<?xml version="1.0"?><!DOCTYPE t SYSTEM "file:///etc/passwd"><testsuites><testcase name="a"/></testsuites>',
        b'<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<testsuites><testcase name="&b;"/></testsuites>',
    ],
)
def test_what_is_not_a_whole_report_is_not_believed(data: bytes) -> None:
    assert not read_junit(data, FILES).whole


def test_colours_and_control_characters_do_not_hide_a_failure() -> None:
    found = read_junit(
        suite('<testcase name="\x1b[31mred\x1b[0m\x00"><failure message="\x1b[1mno"/></testcase>'), FILES
    )
    assert found.whole
    assert [(case.id, case.outcome, case.message) for case in found.cases] == [("t::[31mred[0m", "failed", "[1mno")]


def test_a_file_that_was_run_as_a_whole_is_no_test() -> None:
    found = read_junit(suite('<testcase name="/work/add.js"/>'), FILES)
    assert found.whole
    assert found.cases == []


def test_a_file_that_could_not_be_run_is_an_error_with_what_was_printed() -> None:
    whole = '<testcase name="/work/add.js"><failure message="test failed"/></testcase>'
    found = read_junit(
        suite(whole), FILES, printed="add.js:2\nError: Cannot find module './sub'\n  at (/work/add.js:2:9)"
    )
    [case] = found.cases
    assert (case.id, case.outcome) == ("add.js", "error")
    assert case.message == "it could not be run: Error: Cannot find module './sub'"
    assert case.frame.startswith("add.js:2\n")


def test_a_failure_that_the_runner_does_not_explain_is_explained_by_what_was_printed() -> None:
    printed = (
        "thread 'bad' (9) panicked at main.go:1:5:\nassertion failed: a == b\n  left: 3\n right: 4\nnote: run with X"
    )
    found = read_junit(
        suite(f'<testcase name="a"><failure type="assert"/><system-out>{printed}</system-out></testcase>'), FILES
    )
    assert found.cases[0].message == "assertion failed: a == b left: 3 right: 4"
    assert found.cases[0].frame.startswith("main.go:1\n")


def go(*events: dict[str, object]) -> bytes:
    return "\n".join(json.dumps({"Package": "product", **event}) for event in events).encode()


def test_subtests_stand_for_the_test_they_belong_to() -> None:
    data = go(
        {"Action": "run", "Test": "TestA"},
        {"Action": "run", "Test": "TestA/one"},
        {"Action": "output", "Test": "TestA/one", "Output": "    main.go:1: got 3, want 4\n"},
        {"Action": "fail", "Test": "TestA/one", "Elapsed": 0.5},
        {"Action": "pass", "Test": "TestA/two"},
        {"Action": "fail", "Test": "TestA"},
        {"Action": "fail"},
    )
    found = read_go(data, FILES)
    assert found.whole
    assert [(case.id, case.outcome) for case in found.cases] == [("TestA/one", "failed"), ("TestA/two", "passed")]
    assert found.cases[0].message == "got 3, want 4"
    assert found.cases[0].seconds == 0.5


def test_a_test_that_began_and_did_not_end_is_an_error() -> None:
    found = read_go(go({"Action": "run", "Test": "TestA"}), FILES)
    assert [(case.outcome, case.message) for case in found.cases] == [("error", "it began and did not end")]


@pytest.mark.parametrize(
    "data", [b"", b"ok  \tproduct\t0.1s\n", b"[1]\n", go({"Action": "pass", "Test": "T"}) + b"\n{"]
)
def test_go_lines_that_are_no_events_make_a_report_incomplete(data: bytes) -> None:
    assert not read_go(data, FILES).whole


@pytest.mark.parametrize("elapsed", [float("inf"), float("nan"), -1, "long", None, 1e300])
def test_times_are_taken_only_when_they_can_be(elapsed: object) -> None:
    [case] = read_go(go({"Action": "pass", "Test": "T", "Elapsed": elapsed}), FILES).cases
    assert case.seconds == 0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("./main.go:5:12: undefined: x", "main.go:5"),
        ("vet: ./main.go:5:12: undeclared name: x", "main.go:5"),
        ("    at bad (/work/add.js:2:22)", "add.js:2"),
        ("    at file:///work/src/add.js:7:1", "src/add.js:7"),
        ("add.js(3,5): error TS2322: no", "add.js:3"),
        ("       Add.add(Add.java:2)", "com/Add.java:2"),
        ("/usr/lib/node/add.js.map:3", None),
        ("node:internal/main:2", None),
        ("add.js:0", None),
        ("add.js: 3", None),
    ],
)
def test_places_are_the_products_own(text: str, place: str | None) -> None:
    found = Places(FILES).first(text)
    assert (str(found) if found else None) == place


def test_warnings_are_no_errors_and_each_line_is_told_once() -> None:
    said = ["1:1: warning: w", "2:1: error: bad", "2:1: error: worse", "3: note: here", "4: fatal error: end"]
    text = "\n".join(f"add.js:{line}" for line in said)
    assert [(str(at), at.said) for at in Places(FILES).errors(text)] == [("add.js:2", "bad"), ("add.js:4", "end")]


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text", ["a/" * 200_000 + "x.js:1", ":1" * 200_000, "a" * 400_000 + ":1", "(1:1)" * 100_000, "-./" * 130_000 + ":9"]
)
def test_long_nonsense_is_read_in_no_time(text: str) -> None:
    assert list(Places(FILES).all(text)) == []
    data = suite(f"<testcase name='a'><failure/><system-out>{text}</system-out></testcase>" * 3)
    assert len(read_junit(data, FILES).cases) == 3
