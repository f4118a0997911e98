"""Samples that are tried in one session, and the one that is picked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentverse.blueprint.artifacts import Evidence
from agentverse.engine.run import begin, resume
from agentverse.errors import SandboxUnavailable
from agentverse.testing import fault
from agentverse.testing.script import Reply as Said

COMPANY = """
phases:
  a: {ask: programmer, prompt: A, samples: %d, pick: verified, verify: %s, produces: {x: files}}
  b: {after: a, ask: cpo, prompt: B, produces: {y: text}}
"""
FAILS, WORKS = "raise SystemExit(1)", "print('good')"
LEAVES = "open('left', 'w'); open('/tmp/left', 'w'); raise SystemExit(1)"
SEES = "import os; raise SystemExit(os.path.exists('left') or os.path.exists('/tmp/left'))"
IN_SESSION = "import os; raise SystemExit('agentverse_agent' not in open(f'/proc/{os.getppid()}/cmdline').read())"
KILLS = "import os; os.kill(os.getppid(), 9); raise SystemExit(1)"


def code(*sources: str) -> Said:
    first, *others = (f"```python main.py\n{source}\n```" for source in sources)
    return Said(first, samples=tuple(others))


def shown(entries) -> dict[str, tuple[bool, bool]]:
    """Step: whether it passed, and whether a session says so."""
    seen = {e.key: Evidence.model_validate(e.event.evidence) for e in entries if e.event.type == "evidence"}
    return {key.removeprefix("a#1/-/"): (evidence.passed, evidence.warm) for key, evidence in seen.items()}


BEGINS = {"sample1/run": (False, False)}
CASES = {
    "the first that works needs no session": ((WORKS, FAILS), {"sample1/run": (True, False)}, WORKS),
    "of several that work the first is picked": (
        (FAILS, FAILS, WORKS, WORKS),
        {**BEGINS, "sample2/run": (False, True), "sample3/run": (True, True), "sample3/confirm": (True, False)},
        WORKS,
    ),
    "nothing of one is left for the next": (
        (FAILS, LEAVES, SEES),
        {**BEGINS, "sample2/run": (False, True), "sample3/run": (True, True), "sample3/confirm": (True, False)},
        SEES,
    ),
    "what works in a session only is not picked": (
        (FAILS, IN_SESSION, WORKS),
        {**BEGINS, "sample2/run": (True, True), "sample2/confirm": (False, False),
         "sample3/run": (True, True), "sample3/confirm": (True, False)},
        WORKS,
    ),
    "what ends the session is tried in a box of its own": (
        (FAILS, KILLS, WORKS),
        {**BEGINS, "sample2/run": (False, False), "sample3/run": (True, True), "sample3/confirm": (True, False)},
        WORKS,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("samples", "steps", "picked"), CASES.values(), ids=CASES)
async def test_samples(stage, samples: tuple[str, ...], steps: dict[str, tuple[bool, bool]], picked: str) -> None:
    text = COMPANY % (len(samples), "python main.py")
    result, entries = await stage.play(text, {"a#1/-/1": code(*samples), "b#1/-/1": "done"})
    assert result.outcome == "succeeded", result.reason
    assert shown(entries) == steps
    assert (result.product / "main.py").read_text() == f"{picked}\n"
    assert result.evidence is None, "no sample closes a phase"


async def test_a_resumed_run_tries_nothing_again_and_picks_the_same(stage) -> None:
    text = COMPANY % (4, "python main.py")
    await stage.play(text, {"a#1/-/1": code(FAILS, FAILS, WORKS, WORKS), "b#1/-/1": fault("500")})
    before = shown(await stage.journal.read("made"))
    stage.replies["b#1/-/1"] = "done"
    host = await stage.host()
    counting = Counting(host.sandbox)
    result = await (await resume(replace(host, sandbox=counting), "made")).result()
    assert (result.product / "main.py").read_text() == f"{WORKS}\n"
    assert counting.opened == 0
    assert shown(await stage.journal.read("made")) == before


async def test_samples_are_tested_in_one_session(stage) -> None:
    """Three sessions of tests on three products; the tests are part of each."""
    tests = "```python test_main.py\nimport main\n\n\ndef test_f():\n    assert main.f(1) == 2\n```"
    bodies = ["return 0", "return n", "return n + 1"]
    replies = [f"```python main.py\ndef f(n):\n    {body}\n```\n{tests}" for body in bodies]
    stage.replies = {"a#1/-/1": Said(replies[0], samples=tuple(replies[1:])), "b#1/-/1": "done"}
    host = await stage.host()
    counting = Counting(host.sandbox)
    company = stage.company(COMPANY % (3, "pytest -q"))
    result = await (await begin(replace(host, sandbox=counting), company, "a thing", run="made")).result()
    assert result.outcome == "succeeded", result.reason
    entries = await stage.journal.read("made")
    assert list(shown(entries)) == ["sample1/run", "sample2/run", "sample3/run", "sample3/confirm"]
    assert counting.opened == 3
    seen = [e.event.evidence["tests"] for e in entries if e.event.type == "evidence"]
    assert [(tests["passed"], tests["failed"]) for tests in seen] == [(0, 1), (0, 1), (1, 0), (1, 0)]
    assert seen[0]["cases"][0]["frame"].startswith("test_main.py:5"), "a session tells as much as a box of its own"


async def test_what_a_session_says_of_the_best_of_those_that_fail_is_not_enough(stage) -> None:
    bad = "```python test_main.py\ndef test_f():\n    assert 1 == 2\n\n\ndef test_g():\n    assert %s == 2\n```"
    lies = "'agentverse_agent' in open(f'/proc/{__import__(\"os\").getpid()}/cmdline').read() and 2"
    replies = [bad % "1", bad % lies, bad % "3"]
    text = COMPANY % (3, "pytest -q")
    result, entries = await stage.play(text, {"a#1/-/1": Said(replies[0], samples=tuple(replies[1:])), "b#1/-/1": "x"})
    assert list(shown(entries)) == ["sample1/run", "sample2/run", "sample3/run", "sample2/confirm"]
    seen = [e.event.evidence["tests"]["passed"] for e in entries if e.event.type == "evidence"]
    assert seen == [0, 1, 0, 0]
    assert "== 2\n\n\ndef test_g():\n    assert 1 == 2" in (result.product / "test_main.py").read_text()


class Counting:
    """A real sandbox that counts its boxes."""

    def __init__(self, real, *, warm: bool = True) -> None:
        self.real, self.warm, self.opened = real, warm, 0

    def __getattr__(self, name: str):
        return getattr(self.real, name)

    def open(self, **more):
        self.opened += 1
        box = self.real.open(**more)
        if not self.warm:
            box.warm = refuse
        return box


async def refuse(*words, **more):
    raise SandboxUnavailable("this backend cannot talk to a running command")


async def test_where_there_are_no_sessions_each_sample_has_a_box_of_its_own(stage) -> None:
    stage.replies = {"a#1/-/1": code(FAILS, FAILS, WORKS), "b#1/-/1": "done"}
    host = await stage.host()
    without = Counting(host.sandbox, warm=False)
    company = stage.company(COMPANY % (3, "python main.py"))
    result = await (await begin(replace(host, sandbox=without), company, "a thing", run="made")).result()
    assert (result.product / "main.py").read_text() == f"{WORKS}\n"
    assert shown(await stage.journal.read("made")) == {
        "sample1/run": (False, False),
        "sample2/run": (False, False),
        "sample3/run": (True, False),
    }
