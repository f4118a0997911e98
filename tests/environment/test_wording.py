import pytest

from agentverse.blueprint.artifacts import (
    Answer,
    Artifact,
    Design,
    DesignFile,
    Edits,
    Evidence,
    Finding,
    Opinion,
    Requirement,
    Requirements,
    TestCase,
    TestResults,
    Verdict,
)
from agentverse.environment.wording import say
from agentverse.workspace.protocol import Changes

WANTED = Requirements(
    title="Units",
    summary="Converts units.",
    dependencies=["rich"],
    items=[
        Requirement(id="R1", text="Convert km to miles", test="1 km gives 0.62"),
        Requirement(id="R2", text="Keep history"),
    ],
)
FOUND = Verdict(
    approved=False,
    findings=[
        Finding(file="a.py", line=3, severity="blocker", what="crashes on zero", how="check for zero"),
        Finding(file="b.py", severity="minor", what="no help text"),
        Finding(what="slow"),
    ],
)


class Recipe(Artifact):
    dish: str = "soup"
    cooks: int = 1


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (" plain \n", "en", "plain"),
        (
            WANTED,
            "en",
            "Units (command, python, rich): Converts units.\n"
            "R1. Convert km to miles — test: 1 km gives 0.62\nR2. Keep history",
        ),
        (FOUND, "en", "a.py:3 blocker crashes on zero — check for zero\nb.py minor no help text\nmajor slow"),
        (FOUND, "zh", "a.py:3 严重 crashes on zero — check for zero\nb.py 轻微 no help text\n重要 slow"),
        (Verdict(approved=True), "en", "approved"),
        (Verdict(approved=True), "zh", "通过"),
        (Verdict(approved=True, findings=[Finding(what="typo", severity="minor")]), "en", "approved\nminor typo"),
        (Verdict(approved=False), "zh", "未通过"),
        (Opinion(agreed=False, message="change X to Y "), "en", "change X to Y"),
        (Opinion(agreed=True), "en", "agreed"),
        (Opinion(agreed=False), "zh", "不同意"),
        (
            Design(
                files=[DesignFile(path="m.py", purpose="starts it", names=["main()"], depends_on=["u.py"])],
                entry="m.py",
            ),
            "en",
            "m.py — starts it [main()] (needs u.py)\nstart: m.py",
        ),
        (Evidence(passed=True, command=["pytest", "-q"], head="5 passed"), "en", "pytest -q: passed"),
        (
            Evidence(passed=False, command=["python", "m.py"], reason="exit code 1", head="Traceback"),
            "en",
            "python m.py: failed: exit code 1\nTraceback",
        ),
        (
            Evidence(
                passed=False,
                command=["pytest"],
                reason="1 of 2 tests failed",
                head="noise",
                tests=TestResults(
                    failed=1,
                    cases=[
                        TestCase(id="t::ok", outcome="passed"),
                        TestCase(id="t::bad", outcome="failed", message="AssertionError: 1 == 2", frame="t.py:4"),
                    ],
                ),
            ),
            "zh",
            "pytest: 失败: 1 of 2 tests failed\nt::bad: AssertionError: 1 == 2\nt.py:4",
        ),
        (Changes(write={"b.py": b"", "a.py": b""}, delete=frozenset({"c.py"})), "en", "a.py\nb.py\nc.py"),
        (Edits(paths=["a.py", "b.py"]), "en", "a.py\nb.py"),
        (Answer(choice="yes", text="go on"), "en", "yes — go on"),
        (Recipe(dish="汤"), "zh", '{"dish":"汤"}'),
        ({"score": 3}, "en", '{"score":3}'),
        (Verdict(approved=True), "fr", "approved"),
    ],
)
def test_a_value_is_said_briefly_in_the_language_of_the_run(value, language, text):
    assert say(value, language) == text


def test_only_the_end_of_a_long_output_is_said():
    seen = Evidence(passed=False, command=["x"], head="h" * 4000, tail="t" * 1999)
    assert say(seen, "en") == "x: failed\n" + "\n" + "t" * 1999
