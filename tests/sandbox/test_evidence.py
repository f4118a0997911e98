"""Commands and test sessions in a real box, and what is made of them."""

import pytest

from agentverse.sandbox.evidence import PART, gather
from agentverse.sandbox.protocol import Limits

PRODUCT = {
    "converter.py": b"""FACTOR = 1.609
def to_miles(km):
    if km < 0:
        raise ValueError(f"negative distance at {object()!r}")
    return km / FACTOR
""",
    "tests/test_converter.py": b"""import pytest
from converter import to_miles

def test_zero(): assert to_miles(0) == 0

def test_marathon(): assert round(to_miles(42.195), 1) == 26.3

def test_negative():
    to_miles(-1)

@pytest.fixture
def broken(): raise OSError("no fixture")

def test_fixture(broken): pass

@pytest.mark.skip
def test_skipped(): pass

@pytest.mark.parametrize("n", [1, 2])
def test_many(n): assert n
""",
}


async def test_failures_are_reported_with_place_and_source(box):
    await box.put(PRODUCT)
    evidence = await gather(box, ["pytest", "-q"])
    assert not evidence.passed
    assert (evidence.kind, evidence.exit_code, evidence.ended, evidence.sandbox) == ("tests", 1, "exited", "bubblewrap")
    tests = evidence.tests
    assert (tests.passed, tests.failed, tests.errors, tests.skipped) == (3, 2, 1, 1)
    assert evidence.reason.startswith("3 of 7 tests failed, first tests/test_converter.py::test_marathon: assert ")
    cases = {case.id.partition("::")[2]: case for case in tests.cases}
    assert cases["test_negative"].outcome == "failed"
    assert cases["test_negative"].message == "ValueError: negative distance at <object object at 0x…>"
    assert cases["test_negative"].frame.startswith("converter.py:4\ncalled from tests/test_converter.py:9\n")
    assert ">           raise ValueError" in cases["test_negative"].frame
    assert cases["test_fixture"].outcome == "error"
    assert cases["test_fixture"].message == "OSError: no fixture"
    assert cases["test_many[2]"].outcome == "passed"
    assert cases["test_many[2]"].message == ""
    assert all(len(case.message) + len(case.frame) <= 1500 for case in tests.cases)


async def test_the_same_failure_reads_the_same(backend):
    seen = []
    for _ in range(2):
        async with backend.open() as box:
            await box.put(PRODUCT)
            seen.append(await gather(box, ["python", "-m", "pytest"]))
    first, second = (one.model_copy(update={"seconds": 0.0}).model_dump(exclude={"tests"}) for one in seen)
    assert first == second
    assert seen[0].fingerprint == seen[1].fingerprint


async def test_all_passing(box):
    await box.put({"test_a.py": b"def test_a(tmp_path, capsys): print('x')\n"})
    evidence = await gather(box, ["pytest"])
    assert (evidence.passed, evidence.reason) == (True, "")
    assert [case.id for case in evidence.tests.cases] == ["test_a.py::test_a"]


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("test_x.py", "def test(: pass", "1 file could not be collected: test_x.py: SyntaxError: "),
        (
            "test_x.py",
            "import nowhere\ndef test(): pass",
            "1 file could not be collected: test_x.py: ModuleNotFoundError: ",
        ),
        ("test_x.py", "x = 1", "No tests were collected."),
        ("nothing.txt", "", "No tests were collected."),
        ("test_x.py", "import os\nos._exit(0)", "The test run ended without a complete report."),
        (
            "test_x.py",
            "import os\ndef test(): os._exit(0)",
            "The test run ended without a complete report while test_x.py::test ran.",
        ),
        ("test_x.py", "import sys\nsys.exit(0)", "Pytest failed inside: SystemExit: 0."),
        (
            "test_x.py",
            "import ctypes\ndef test(): ctypes.string_at(0)",
            "It was killed by SIGSEGV while test_x.py::test ran.",
        ),
        ("conftest.py", "import nowhere", "Pytest could not start: ModuleNotFoundError: No module named 'nowhere'."),
        ("test_x.py", "import pytest\n@pytest.mark.skip\ndef test(): pass", "No test ran: 1 test skipped."),
        (
            "conftest.py",
            "import os, atexit\natexit.register(os._exit, 0)\ndef pytest_collection(): raise SystemExit(1)",
            "Pytest failed inside: SystemExit: 1.",
        ),
        (
            "test_x.py",
            "import os, atexit\natexit.register(os._exit, 0)\ndef test(): assert 0",
            "Tests failed, but the test run ended with exit code 0.",
        ),
    ],
)
async def test_nothing_but_passing_tests_passes(box, name, source, reason):
    await box.put({name: source.encode()})
    evidence = await gather(box, ["pytest", "-q"])
    assert not evidence.passed
    assert evidence.reason.startswith(reason)


async def test_configuration_of_the_product_cannot_silence_the_report(box):
    await box.put(
        {
            "pytest.ini": b"[pytest]\naddopts = -p no:agentverse_report --co -q -x --maxfail=1 --rootdir=/tmp\n",
            "test_a.py": b"def test_a(): assert 0\ndef test_b(): assert 0\n",
        }
    )
    evidence = await gather(box, ["pytest"])
    assert evidence.tests.failed == 2


async def test_a_forged_report_does_not_pass(box):
    forged = b"""
import gc, os, sys
def test():
    for thing in gc.get_objects():
        if type(thing).__name__ == "Reporter":
            thing._say("finish", exit=0)
            os._exit(0)
"""
    await box.put({"test_x.py": forged})
    evidence = await gather(box, ["pytest"])
    assert not evidence.passed


async def test_a_hanging_test_is_named(box):
    await box.put({"test_x.py": b"def test_fine(): pass\ndef test_hangs():\n while True: pass\n"})
    evidence = await gather(box, ["pytest"], limits=Limits(wall=4.0))
    assert evidence.ended == "timeout"
    assert evidence.reason == "It did not end within its time while test_x.py::test_hangs ran."
    assert {case.id: case.outcome for case in evidence.tests.cases} == {
        "test_x.py::test_fine": "passed",
        "test_x.py::test_hangs": "error",
    }


async def test_many_failures_are_counted_and_twenty_are_shown(box):
    await box.put(
        {"test_x.py": b"import pytest\n@pytest.mark.parametrize('n', range(40))\ndef test(n): assert n > 90\n"}
    )
    evidence = await gather(box, ["pytest"])
    assert evidence.tests.failed == 40
    assert len(evidence.tests.cases) == 20


async def test_unittest_classes_count(box):
    methods = b" def test_a(self): self.assertEqual(1, 2)\n def test_b(self): pass\n"
    source = b"import unittest\nclass T(unittest.TestCase):\n" + methods
    await box.put({"test_x.py": source})
    evidence = await gather(box, ["pytest"])
    assert (evidence.tests.passed, evidence.tests.failed) == (1, 1)
    assert evidence.tests.cases[0].message == "AssertionError: 1 != 2"


async def test_commands_pass_on_exit_code_alone(box):
    good = await gather(box, ["python", "-c", "print('done')"])
    assert (good.passed, good.kind, good.head, good.tail, good.reason) == (True, "command", "done", "", "")
    bad = await gather(box, ["python", "-c", "import sys; sys.exit('wrong \\x1b[31munit\\x1b[0m')"])
    assert (bad.passed, bad.exit_code, bad.reason) == (False, 1, "It ended with exit code 1: wrong unit.")


async def test_limits_are_reasons(box):
    slow = await gather(box, ["sleep", "60"], limits=Limits(wall=0.2))
    assert (slow.passed, slow.ended, slow.reason) == (False, "timeout", "It did not end within its time.")


async def test_head_and_tail_of_long_output(box):
    evidence = await gather(box, ["seq", "5000"])
    assert evidence.passed
    assert len(evidence.head) == len(evidence.tail) == PART
    assert evidence.head.startswith("1\n2\n")
    assert evidence.tail.endswith("\n5000")


async def test_words_that_cannot_be_run_are_evidence_too(box):
    for words in ([], ["echo", "\0"]):
        evidence = await gather(box, words)
        assert (evidence.passed, evidence.ended) == (False, "not_run")


async def test_names_of_tests_stay_readable_in_any_language(box):
    await box.put(
        {"test_a.py": "import pytest\n@pytest.mark.parametrize('s', ['类型'])\ndef test_a(s): assert s\n".encode()}
    )
    evidence = await gather(box, ["pytest", "-q"])
    assert [case.id for case in evidence.tests.cases] == ["test_a.py::test_a[类型]"]


async def test_modules_are_found_from_the_workspace_as_pytest_finds_them_and_pytest_itself_is_not(box):
    await box.put(
        {
            "product.py": b"answer = 42\n",
            "pytest.py": b"import sys\nprint('1 passed')\nsys.exit(0)\n",
            "tests/conftest.py": b"import pytest, product\n@pytest.fixture\ndef answer(): return product.answer\n",
            "tests/test_product.py": b"import product\ndef test_one(answer): assert product.answer == answer == 42\n",
        }
    )
    evidence = await gather(box, ["pytest", "-q"])
    assert evidence.passed, evidence.reason
    assert evidence.tests.passed == 1
