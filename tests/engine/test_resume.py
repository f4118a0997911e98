"""The same replies make the same run, whatever the timing and however often it is stopped and resumed."""

import asyncio
import random

import pytest

from agentverse.engine.run import fork, resume
from agentverse.models.keys import read_request_id
from agentverse.testing import ScriptedServer, fault
from agentverse.testing.script import Reply as Said

BUSY = """
success: check.passed
phases:
  start: {call: lint, produces: {begun: verdict}}
  plan:
    after: start
    ask: cto
    prompt: P
    produces: {plan: {type: object, properties: {items: {type: array}}, required: [items]}}
  notes: {after: start, ask: ceo, prompt: N, produces: {notes: files}}
  tests: {after: start, ask: tester, prompt: T, paths: [test_a.py], produces: {tests: files}}
  code: {after: plan, each: one in plan.items, ask: programmer, prompt: "C {{ one.path }}", produces: {source: files}}
  vote: {after: plan, ask: cpo, prompt: V, samples: 3, pick: vote, produces: {colour: text}}
  guess: {after: plan, ask: ceo, prompt: G, produces: {guess: text}}
  either: {any: [guess, vote], ask: ceo, prompt: E, reads: [], produces: {either: text}}
  slow: {after: plan, ask: cpo, prompt: S, timeout: 0.3, on_error: continue, produces: {slow: text}}
  bad: {after: plan, ask: ceo, prompt: B, on_error: retry, produces: {bad: {choice: [yes, no]}}}
  polish: {after: [code, tests, bad], ask: programmer, prompt: "{{ bad }}", reads: [source], produces: {source: files}}
  look: {after: polish, ask: reviewer, prompt: L, reads: [source], produces: {look: {choice: [good, poor]}}}
  mend:
    after: look
    when: look == 'poor'
    ask: programmer
    prompt: M
    reads: [source]
    produces: {source: files}
    then: look
    at_most: 2
  check: {after: [mend, slow, either, notes], run: python main.py, produces: {check: evidence}}
  repair:
    after: check
    when: not check.passed
    ask: programmer
    prompt: R
    reads: [source, check]
    produces: {source: files}
    then: polish
    at_most: 2
  inner: {after: check, company: small, produces: {done: text}}
  last: {after: inner, ask: cpo, prompt: "Z {{ done }}", reads: [done], produces: {manual: files}}
"""
SMALL = """
name: small
phases:
  one: {ask: cpo, prompt: one, produces: {guide: files}}
  two: {ask: ceo, prompt: two, produces: {more: files}}
  say: {after: [one, two], ask: cto, prompt: say, produces: {done: text}}
"""
ITEMS = (
    '{"items": [{"path": "a.py"}, {"path": "b.py", "depends_on": ["a.py"]}, {"path": "c.py"},'
    ' {"path": "main.py", "depends_on": ["b.py", "c.py"]}]}'
)


def text(path: str, body: str) -> str:
    return f"```python {path}\n{body}\n```"


SAID = {
    "plan#1/-/1": ITEMS,
    "notes#1/-/1": text("notes.md", "# notes"),
    "tests#1/-/1": text("test_a.py", "def test_a():\n    assert True"),
    "code#1/a.py/1": text("a.py", "A = 1"),
    "code#1/b.py/1": [Said(""), text("b.py", "from a import A")],
    "code#1/c.py/1": text("c.py", "C = 3"),
    "code#1/main.py/1": text("main.py", "import b, c\nraise SystemExit(1)"),
    "vote#1/-/1": Said("red", samples=("blue", "blue")),
    "guess#1/-/1": "green",
    "either#1/-/1": "one of them",
    "slow#1/-/1": fault("hang"),
    "bad#1/-/1": "neither",
    "bad#1~1/-/1": "yes",
    "polish#1/-/1": text("c.py", "C = 33"),
    "polish#2/-/1": text("c.py", "C = 333"),
    "look#1/-/1": "poor",
    "look#2/-/1": "good",
    "look#3/-/1": "good",
    "mend#1/-/1": text("a.py", "A = 11"),
    "repair#1/-/1": text("main.py", "import b, c\nprint(c.C)"),
    "inner#1/->one#1/-/1": text("guide.md", "# guide"),
    "inner#1/->two#1/-/1": text("more.md", "# more"),
    "inner#1/->say#1/-/1": "done",
    "last#1/-/1": text("manual.md", "# manual"),
}


class Disturbed:
    """Answers as the stage does, after a delay by chance; wakes who waits for the n-th call."""

    def __init__(self, stage, seed: int) -> None:
        self.stage, self.chance = stage, random.Random(seed)
        self.begun = 0
        self.done: set[str] = set()
        self.repeated: list[str] = []
        self.changed = asyncio.Condition()

    async def answer(self, body, headers):
        key = read_request_id(headers["X-Request-Id"])
        if key in self.done:
            self.repeated.append(key)
        async with self.changed:
            self.begun += 1
            self.changed.notify_all()
        await asyncio.sleep(self.chance.random() * 0.02)
        return self.stage.answer(body, headers)

    async def reached(self, count: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: self.begun >= count)


def facts(entries) -> dict[str, tuple[str, str]]:
    """What must be the same whatever the timing: keys, inputs and what was made. A race may be won by either side."""
    kept = ("files", "artifact", "evidence", "phase.finished", "phase.failed", "phase.skipped", "reply", "decision")
    told = {}
    for entry in entries:
        if entry.event.type not in kept or "/first@" in entry.key:
            continue
        body = entry.event.model_dump(mode="json", exclude={"seconds", "first_token", "usage", "prompt", "where"})
        seen = body.get("evidence") or body.get("value")
        if isinstance(seen, dict):
            seen.pop("seconds", None)
        told[entry.key] = (entry.input if entry.event.type == "reply" else "", str(body))
    return told


async def play(stage, seed: int) -> tuple[str, dict]:
    """A fork of the run ``base`` from its first phase on, which is stopped at random and resumed eight times."""
    disturbed = Disturbed(stage, seed)
    chance = random.Random(seed + 1000)
    run = f"r{seed}"
    async with ScriptedServer(disturbed.answer) as server:
        stage.url = server.url
        handle = await fork(await stage.host(), "base", phase="start", new_run=run)
        for _ in range(8):
            reached = asyncio.ensure_future(disturbed.reached(disturbed.begun + chance.randint(1, 6)))
            done = asyncio.ensure_future(handle.result())
            await asyncio.wait({reached, done}, return_when=asyncio.FIRST_COMPLETED)
            reached.cancel()
            await asyncio.sleep(chance.random() * 0.02)
            await handle.stop(now=chance.random() < 0.7)
            if (await done).outcome != "stopped":
                break
            replied = {e.key for e in await stage.journal.read(run) if e.event.type == "reply"}
            stage.asked.clear()
            handle = await resume(await stage.host(), run)
            disturbed.done |= replied
        async with asyncio.timeout(60):
            result = await handle.result()
    assert result.outcome == "succeeded", result.reason
    assert not disturbed.repeated
    entries = await stage.journal.read(run)
    return [entry.event.commit for entry in entries if entry.event.type == "run.ended"][-1], facts(entries)


@pytest.fixture
async def base(stage):
    """A run that nobody disturbed."""
    (stage.folder / "companies").mkdir()
    (stage.folder / "companies" / "small.yaml").write_text(SMALL)
    result, entries = await stage.play(BUSY, SAID, run="base")
    assert result.outcome == "succeeded", result.reason
    return entries


@pytest.mark.parametrize("seed", range(3))
async def test_a_run_that_is_stopped_at_random_ends_as_one_that_is_not(stage, base, seed: int) -> None:
    commit, told = await play(stage, seed)
    undisturbed = facts(base)
    assert {key: told.get(key) for key in undisturbed} == undisturbed
    assert told.keys() == undisturbed.keys()
    assert commit == [entry.event.commit for entry in base if entry.event.type == "run.ended"][-1]
