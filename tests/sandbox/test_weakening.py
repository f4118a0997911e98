"""What weakens a test and what corrects it, by pairs of sources."""

from __future__ import annotations

import textwrap

import pytest

from agentverse.sandbox.weakening import CODES, empty_tests, weakened

HEAD = "import pytest\nimport unittest\nfrom main import f\n"


def source(body: str) -> dict[str, bytes]:
    """A test file; a body without ``def`` is that of one test."""
    body = textwrap.dedent(body).strip("\n")
    if "def " not in body:
        body = "def test_f():\n" + textwrap.indent(body, "    ")
    return {"test_main.py": (HEAD + body + "\n").encode()}


def codes(before: str, after: str) -> list[str]:
    return [finding.what.partition(":")[0] for finding in weakened(source(before), source(after))]


WEAKER = [
    ("assert f(1) == 2\nassert f(2) == 3", "assert f(1) == 2", "removed-assertion"),
    ("assert f(1) == 2", "f(1)", "removed-assertion"),
    ("assert f(1) == 2 and f(2) == 3", "assert f(1) == 2", "removed-assertion"),
    ("assert f(1) == 2", "assert f(1)", "weakened-assertion"),
    ("assert f(1) == 2", "assert f(1) is not None", "weakened-assertion"),
    ("assert f(1) == 2", "assert f(1) != 7", "weakened-assertion"),
    ("assert f(1) == 2", "assert f(1) in (2, 3)", "weakened-assertion"),
    ("assert f('a') == 'abc'", "assert 'a' in f('a')", "weakened-assertion"),
    ("assert f(1) == 2", "assert f(1) > 0", "weakened-assertion"),
    ("assert f(1) == 2", "assert isinstance(f(1), int)", "weakened-assertion"),
    ("assert f(1) == 2", "assert True", "weakened-assertion"),
    ("assert f(1) == 2", "assert 1", "weakened-assertion"),
    ("assert f(1) == 2", "assert (f(1) == 3, 'wrong')", "weakened-assertion"),
    ("assert f(1) == 2", "assert f(1) == 2 or True", "weakened-assertion"),
    ("assert f(1) == 2", "assert f(1) == 2 or f(1) == 3", "weakened-assertion"),
    ("assert f(1) == 2", "assert f(1) == f(1)", "weakened-assertion"),
    ("assert f(1) == 2", "assert 2 == 2", "weakened-assertion"),
    ("assert f(1) == [1, 2]", "assert len(f(1)) == 2", "weakened-assertion"),
    ("assert f(1) == 2", "from unittest.mock import ANY\nassert f(1) == ANY", "weakened-assertion"),
    ("assert f(1)", "assert True", "weakened-assertion"),
    ("assert f(1)", "assert f(1) is not None", "weakened-assertion"),
    ("assert f(1) is True", "assert isinstance(f(1), bool)", "weakened-assertion"),
    ("assert 'a' in f(1)", "assert '' in f(1)", "weakened-assertion"),
    ("assert 'a' in f(1)", "assert f(1)", "weakened-assertion"),
    ("assert f(1) == pytest.approx(2.0)", "assert f(1) == pytest.approx(2.0, abs=5)", "widened-tolerance"),
    ("assert f(1) == pytest.approx(2.0, rel=1e-4)", "assert f(1) == pytest.approx(2.0, rel=0.5)", "widened-tolerance"),
    ("assert f(1) == 2.0", "assert f(1) == pytest.approx(2.0, 0.1)", "widened-tolerance"),
    ("assert f(1) == 2.0", "assert abs(f(1) - 2.0) < 1", "widened-tolerance"),
    ("with pytest.raises(ValueError):\n    f(-1)", "with pytest.raises(Exception):\n    f(-1)", "broadened-exception"),
    ("with pytest.raises(KeyError):\n    f(-1)", "with pytest.raises(LookupError):\n    f(-1)", "broadened-exception"),
    ("with pytest.raises(ValueError):\n    f(-1)", "with pytest.raises((ValueError, TypeError)):\n    f(-1)",
     "broadened-exception"),
    ("with pytest.raises(ValueError, match='low'):\n    f(-1)", "with pytest.raises(ValueError):\n    f(-1)",
     "broadened-exception"),
    ("with pytest.raises(ValueError):\n    f(-1)", "f(-1)", "removed-assertion"),
    ("def test_f():\n    assert f(1) == 2", "def test_g():\n    assert f(3) == 2", "removed-test"),
    ("def test_f():\n    assert f(1) == 2", "def _test_f():\n    assert f(1) == 2", "removed-test"),
    ("def test_f():\n    assert f(1) == 2", "@pytest.mark.skip\ndef test_f():\n    assert f(1) == 2", "new-skip"),
    ("def test_f():\n    assert f(1) == 2",
     "@pytest.mark.xfail(reason='x')\ndef test_f():\n    assert f(1) == 2", "new-skip"),
    ("assert f(1) == 2", "pytest.skip('later')\nassert f(1) == 2", "new-skip"),
    ("def test_f():\n    assert f(1) == 2",
     "pytestmark = pytest.mark.skip\ndef test_f():\n    assert f(1) == 2", "new-skip"),
    ("assert f(1) == 2", "try:\n    assert f(1) == 2\nexcept Exception:\n    pass", "guarded-assertion"),
    ("assert f(1) == 2", "try:\n    assert f(1) == 2\nexcept:\n    print('no')", "guarded-assertion"),
    ("assert f(1) == 2", "import contextlib\nwith contextlib.suppress(AssertionError):\n    assert f(1) == 2",
     "guarded-assertion"),
    ("assert f(1) == 2", "if f(1):\n    assert f(1) == 2", "guarded-assertion"),
    ("assert f(1) == 2", "return\nassert f(1) == 2", "early-return"),
    ("assert f(1) == 2", "if not f(1):\n    return\nassert f(1) == 2", "early-return"),
    ("@pytest.mark.parametrize('n', [1, 2, 3])\ndef test_f(n):\n    assert f(n) == n",
     "@pytest.mark.parametrize('n', [1])\ndef test_f(n):\n    assert f(n) == n", "removed-case"),
    ("class TestF(unittest.TestCase):\n    def test_f(self):\n        self.assertEqual(f(1), 2)",
     "class TestF(unittest.TestCase):\n    def test_f(self):\n        self.assertTrue(f(1))", "weakened-assertion"),
    ("class TestF(unittest.TestCase):\n    def test_f(self):\n        self.assertAlmostEqual(f(1), 2)",
     "class TestF(unittest.TestCase):\n    def test_f(self):\n        self.assertAlmostEqual(f(1), 2, places=0)",
     "widened-tolerance"),
    ("def check(n):\n    assert f(n) == n\ndef test_f():\n    check(1)",
     "def check(n):\n    assert f(n)\ndef test_f():\n    check(1)", "weakened-assertion"),
    ("def check(n):\n    assert f(n) == n\ndef test_f():\n    check(1)",
     "def check(n):\n    pass\ndef test_f():\n    check(1)", "removed-assertion"),
    ("def test_f():\n    assert f(1) == 2",
     "def pytest_runtest_makereport(item):\n    ...\ndef test_f():\n    assert f(1) == 2", "new-hook"),
    ("def test_f():\n    assert f(1) == 2", "__test__ = False\ndef test_f():\n    assert f(1) == 2", "new-hook"),
    ("def test_f():\n    assert f(1) == 2", "def test_f(:\n    assert f(1) == 2", "broken-tests"),
]  # fmt: skip

CORRECTED = [
    ("assert f(1) == 2", "assert f(1) == 3"),
    ("assert f(1) == 2", "assert f(2) == 2"),
    ("assert f(1) == 2", "# R1: one gives two\nassert f(1) == 2"),
    ("assert f(1) == 2", "assert f(1) == 2, 'R1'"),
    ("assert f(1) == [1]", "assert f(1) == []"),
    ("assert f(1) == 2", "assert f(1) is None"),
    ("assert 'wrong value' in f(1)", "assert 'bad' in f(1)"),
    ("assert 'wrong' in f(1)", "assert f(1) == 'wrong value'"),
    ("assert f(1)", "assert not f(1)"),
    ("assert f(1)", "assert f(1) == 2"),
    ("assert f(1) is True", "assert not f(1)"),
    ("assert f(1) == True", "assert f(1)"),
    ("assert 'a' in f(1)", "assert 'a' not in f(1)"),
    ("x = f(1)\nassert 'a' in x\nassert 'b' in x", "x = f(1)\nassert 'b' in x\nassert 'a' not in x"),
    ("assert f(1) == 2\nassert f(2) == 3", "assert f(1) == 2\nwith pytest.raises(ValueError):\n    f(2)"),
    ("assert f(1) == 0.3", "assert f(1) == pytest.approx(0.3)"),
    ("assert f(1) == 0.3", "assert abs(f(1) - 0.3) < 1e-9"),
    ("assert f(1) == pytest.approx(0.3)", "assert f(1) == pytest.approx(0.4)"),
    ("assert f(1) == pytest.approx(0.3, abs=0.1)", "assert f(1) == pytest.approx(0.3, abs=0.01)"),
    ("assert f(1).returncode == 2", "assert f(1).returncode != 0"),
    ("assert f(1) == 2 and f(2) == 3", "assert f(1) == 2\nassert f(2) == 3"),
    ("with pytest.raises(ValueError):\n    f(-1)", "with pytest.raises(TypeError):\n    f(-1)"),
    ("with pytest.raises(ValueError):\n    f(-1)", "with pytest.raises(ValueError):\n    f(-2)"),
    ("with pytest.raises(Exception):\n    f(-1)", "with pytest.raises(ValueError):\n    f(-1)"),
    ("with pytest.raises(ValueError):\n    f(-1)", "assert f(-1) == 1"),
    ("def test_f():\n    assert f(1) == 2", "def test_one():\n    assert f(1) == 2"),
    ("def test_f():\n    assert f(1) == 2", "def test_f():\n    assert f(1) == 2\ndef test_g():\n    assert f(2) == 3"),
    ("def test_a():\n    assert f(1) == 2", "class TestF:\n    def test_a(self):\n        assert f(1) == 2"),
    ("@pytest.mark.skip\ndef test_f():\n    assert f(1) == 2", "def test_f():\n    assert f(1) == 2"),
    ("try:\n    assert f(1) == 2\nexcept Exception:\n    pass", "assert f(1) == 2"),
    ("assert f(1) == 2", "for n in (1,):\n    assert f(n) == 2"),
    ("assert f(1) == 2", "def test_f():\n    def inner():\n        return 1\n    assert f(inner()) == 2"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "code"), WEAKER)
def test_a_change_that_demands_less_is_found(before: str, after: str, code: str) -> None:
    assert code in codes(before, after)
    assert code in CODES


@pytest.mark.parametrize(("before", "after"), CORRECTED)
def test_a_correction_is_not_found(before: str, after: str) -> None:
    assert codes(before, after) == []


@pytest.mark.parametrize("body", [pair[0] for pair in (*WEAKER, *CORRECTED)])
def test_nothing_is_found_where_nothing_changed(body: str) -> None:
    assert codes(body, body) == []


def test_a_deleted_file_loses_its_tests_and_says_which() -> None:
    found = weakened(source("assert f(1) == 2"), {})
    assert [(f.file, f.what) for f in found] == [("test_main.py", "removed-test: test_f is gone")]


def test_a_test_may_move_to_another_file() -> None:
    assert weakened(source("assert f(1) == 2"), {"test_other.py": source("assert f(1) == 2")["test_main.py"]}) == []


def test_a_finding_names_the_line_and_both_versions() -> None:
    (found,) = weakened(source("assert f(1) == 2"), source("x = 1\nassert f(1)"))
    assert (found.line, found.what) == (6, "weakened-assertion: test_f: f(1) == 2 became f(1)")


def test_files_that_never_parsed_and_other_files_are_not_compared() -> None:
    assert weakened({"test_a.py": b"def (", "data.txt": b"1"}, {"test_a.py": b"def (", "data.txt": b""}) == []


EMPTY = [
    "f(1)", "pass", "print(f(1))", "assert True", "assert 1 == 1", "assert (f(1), 'x')", "x = f(1)\nassert x == x",
    "def test_f():\n    unittest.TestCase().assertTrue(True)",
    "def helper():\n    return f(1)\ndef test_f():\n    helper()",
    "class TestF:\n    def test_f(self):\n        f(1)",
    "@pytest.fixture\ndef ready():\n    return f(1)\ndef test_f(ready):\n    ready",
]  # fmt: skip
FULL = [
    "assert f(1)", "with pytest.raises(ValueError):\n    f(1)", "pytest.raises(ValueError, f, 1)", "pytest.fail('x')",
    "with pytest.warns(UserWarning):\n    f(1)", "if f(1) != 2:\n    raise AssertionError",
    "import subprocess\nsubprocess.run(['x'], check=True)",
    "try:\n    f(-1)\nexcept ValueError:\n    return\nassert False",
    "for n in range(3):\n    assert f(n) == n",
    "class TestF(unittest.TestCase):\n    def test_f(self):\n        self.assertEqual(f(1), 2)",
    "def check(n):\n    assert f(n) == n\ndef test_f():\n    check(1)",
    "def deep(n):\n    check(n)\ndef check(n):\n    assert f(n) == n\ndef test_f():\n    deep(1)",
    "class TestF:\n    def check(self, n):\n        assert f(n) == n\n    def test_f(self):\n        self.check(1)",
    "@pytest.fixture\ndef clean():\n    yield\n    assert f(1) == 2\ndef test_f(clean):\n    f(3)",
    "def test_f(mocker):\n    f(mocker.x)\n    mocker.x.assert_called_once_with(1)",
    "def helper():\n    f(1)",
    "@pytest.fixture\ndef test_file():\n    return 1",
    "class Helper:\n    def test_f(self):\n        f(1)",
]  # fmt: skip


@pytest.mark.parametrize("body", EMPTY)
def test_a_test_without_an_assertion_is_found(body: str) -> None:
    (found,) = empty_tests(source(body))
    assert found.what.startswith("asserts-nothing: ")
    assert "test_f" in found.what
    assert found.line


@pytest.mark.parametrize("body", FULL)
def test_a_test_that_can_fail_is_not_found(body: str) -> None:
    assert empty_tests(source(body)) == []


def test_helpers_may_stand_in_another_file() -> None:
    helper = {"conftest.py": b"def check(n):\n    assert n\n"}
    assert len(empty_tests(source("check(f(1))"))) == 1
    assert empty_tests(source("check(f(1))") | helper) == []


def test_source_that_is_nested_too_deeply_counts_as_asserting_nothing() -> None:
    deep = source("assert f(1) == " + " + ".join(["1"] * 700))
    assert [f.what for f in empty_tests(deep)] == ["asserts-nothing: test_f asserts nothing"]
    assert weakened(source("assert f(1) == 2"), deep)
