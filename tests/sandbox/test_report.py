"""Reports as hostile code may leave them."""

import json

from agentverse.sandbox.report import parse


def lines(*events: object) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def phase(name: str, when: str, outcome: str, **more: object) -> dict[str, object]:
    return {"event": "phase", "id": name, "when": when, "outcome": outcome, "seconds": 0.1, **more}


def test_a_passed_call_with_a_broken_teardown_is_an_error():
    report = parse(
        lines(
            {"event": "start", "id": "t"},
            phase("t", "setup", "passed"),
            phase("t", "call", "passed"),
            phase("t", "teardown", "failed", message="late"),
        )
    )
    assert report.results.errors == 1
    assert report.results.passed == 0
    assert report.results.cases[0].message == "late"
    assert report.running == ""


def test_a_failed_call_keeps_its_message_when_teardown_fails_too():
    report = parse(
        lines(
            phase("t", "setup", "passed"),
            phase("t", "call", "failed", message="first"),
            phase("t", "teardown", "failed", message="second"),
        )
    )
    case = report.results.cases[0]
    assert (case.outcome, case.message) == ("error", "first")


def test_of_several_failures_in_one_test_the_first_is_told():
    report = parse(lines(phase("t", "call", "failed", message="sub 1"), phase("t", "call", "failed", message="sub 2")))
    assert (report.results.failed, report.results.cases[0].message) == (1, "sub 1")


def test_garbage_is_noticed_and_survived():
    data = (
        b"not json\n[1]\n" + b"[" * 100_000 + b"\n" + lines({"event": "phase", "id": 7, "seconds": "x"}, {"event": "?"})
    )
    report = parse(data + b'{"event": "finish", "exit": true}\n')
    assert not report.whole
    assert report.exit_code is None


def test_everything_is_cut_and_cleaned():
    long = phase(
        "t" * 9999, "call", "failed", message="a\n" * 9999, place="x.py:1", lines=["\x1b[31m" + "y" * 500] * 12
    )
    case = parse(lines(long)).results.cases[0]
    assert len(case.id) == 300
    assert len(case.message) == 300
    assert len(case.frame) <= 900
    assert "\x1b" not in case.frame
    assert case.frame.startswith("x.py:1\n")


def test_lines_that_are_no_numbers_are_none():
    ran = {"event": "ran", "id": "main.py", "lines": "1,x,-2,3.5,٣,99999999999,,4"}
    report = parse(lines(ran, {"event": "ran", "id": "a.py", "lines": [1]}))
    assert (report.ran, report.counted, report.whole) == ({"main.py": {1, 4}, "a.py": set()}, False, True)
    assert parse(lines(ran, {"event": "ran"})).counted
