"""A sandbox that breaks down says nothing about the product: the run stops in order and can be resumed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentverse.engine.run import begin, resume

COMPANY = """
success: check.passed
phases:
  code: {ask: programmer, prompt: write, produces: {source: files}, paths: [main.py]}
  tests: {after: code, ask: tester, prompt: write, produces: {tests: files}, paths: [test_main.py]}
  check: {after: tests, run: pytest -q, produces: {check: evidence}, on_error: continue}
  note: {after: check, ask: writer, prompt: write, produces: {note: files}, paths: [README.md]}
"""
SAID = {
    "code#1/-/1": "```python main.py\ndef f(n):\n    return n\n```",
    "tests#1/-/1": "```python test_main.py\nimport main\n\n\ndef test_f():\n    assert main.f(1) == 1\n```",
    "note#1/-/1": "```markdown README.md\n# A thing\n```",
}
STEPS = ["check#1/-/run", "check#1/-/control", "check#1/-/hollow"]


class Breaking:
    """A real sandbox whose box breaks down once, after the command in it ran."""

    def __init__(self, real, broken: int) -> None:
        self.real, self.broken, self.opened = real, broken, 0

    def __getattr__(self, name: str):
        return getattr(self.real, name)

    def open(self, **more):
        self.opened += 1
        box = self.real.open(**more)
        return BrokenBox(box) if self.opened == self.broken else box


class BrokenBox:
    def __init__(self, box) -> None:
        self.box = box

    def __getattr__(self, name: str):
        return getattr(self.box, name)

    async def __aenter__(self):
        await self.box.__aenter__()
        return self

    async def __aexit__(self, *exc):
        await self.box.__aexit__(*exc)

    async def exec(self, argv, **more):
        result = await self.box.exec(argv, **more)
        return replace(result, exit_code=None, signal=9, reason="sandbox_lost", report=b"")


@pytest.mark.parametrize(
    ("broken", "before"),
    [(1, []), (2, STEPS[:1]), (3, STEPS[:2]), (4, STEPS)],
    ids=["the run itself", "the control", "the empty program", "the finished files"],
)
async def test_what_was_lost_is_not_evidence_and_is_run_again(stage, broken: int, before: list[str]) -> None:
    stage.replies = dict(SAID)
    host = await stage.host()
    breaking = Breaking(host.sandbox, broken)
    host = replace(host, sandbox=breaking)
    handle = await begin(host, stage.company(COMPANY), "a thing", run="made")
    result = await handle.result()
    assert (result.outcome, result.reason) == ("stopped", "the sandbox broke down while a command ran")
    assert [e.key for e in await stage.journal.read("made") if e.event.type == "evidence"] == before

    result = await (await resume(host, "made")).result()
    assert result.outcome == "succeeded", result.reason
    entries = await stage.journal.read("made")
    shown = [e.event.evidence for e in entries if e.event.type == "evidence"]
    assert all(evidence["passed"] for evidence in shown)
    assert len(shown) == 4
    assert breaking.opened == 5, "only what was lost is run again"
    assert len(stage.asked) == len(set(stage.asked)), "nobody is asked twice"
