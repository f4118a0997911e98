"""What each kind of phase makes of trouble, and how samples are picked, on real parts."""

import asyncio
import json
from collections import defaultdict

import pytest

from agentverse.engine.kinds import call
from agentverse.engine.run import fork, resume
from agentverse.errors import AgentverseError
from agentverse.journal.events import Decision, EvidenceSeen, GateAnswered, PhaseFailedEvent
from agentverse.testing import ScriptedServer, fault
from agentverse.testing.script import Reply as Said

PLAN = '{"items": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}]}'
SCHEMA = "{type: object, properties: {items: {type: array, items: {type: object}}}, required: [items]}"


def code(text: str, path: str = "main.py") -> str:
    return f"```python {path}\n{text}\n```"


def edit(old: str, new: str) -> str:
    return f"```\nmain.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```"


def failed(entries) -> list[tuple[str, str]]:
    return [(e.event.code, e.event.handled) for e in entries if isinstance(e.event, PhaseFailedEvent)]


# ---------------------------------------------------------------------- on_error

EACH = """
phases:
  plan: {ask: cto, prompt: P, produces: {plan: %s}}
  work:
    after: plan
    each: one in plan.items
    ask: ceo
    prompt: "W {{ one.id }}"
    on_error: %s
    produces: {w: {choice: [good, bad]}}
  last: {after: work, ask: cpo, prompt: L, produces: {l: text}}
"""


async def test_each_goes_on_without_its_result_when_an_item_fails(stage) -> None:
    said = {"plan#1/-/1": PLAN, "work#1/a/1": "good", "work#1/b/1": "neither", "last#1/-/1": "done"}
    result, entries = await stage.play(EACH % (SCHEMA, "continue"), said)
    assert result.outcome == "succeeded", result.reason
    assert failed(entries) == [("reply", "continue")]
    assert stage.asked[-1] == "last#1/-/1.1"


async def test_each_is_tried_again_when_an_item_fails(stage) -> None:
    said = {
        "plan#1/-/1": PLAN, "work#1/a/1": "good", "work#1/b/1": "neither",
        "work#1~1/a/1": "good", "work#1~1/b/1": "bad", "last#1/-/1": "done",
    }  # fmt: skip
    result, entries = await stage.play(EACH % (SCHEMA, "retry"), said)
    assert result.outcome == "succeeded", result.reason
    assert failed(entries) == [("reply", "retry")]


async def test_a_failing_item_fails_the_phase_and_says_so(stage) -> None:
    said = {"plan#1/-/1": PLAN, "work#1/a/1": "good", "work#1/b/1": "neither"}
    result, entries = await stage.play(EACH % (SCHEMA, "fail"), said)
    assert result.outcome == "failed"
    assert failed(entries) == [("reply", "fail")]


async def test_a_server_that_is_down_is_no_failure_of_an_item(stage) -> None:
    said = {"plan#1/-/1": PLAN, "work#1/a/1": "good", "work#1/b/1": fault("500")}
    result, entries = await stage.play(EACH % (SCHEMA, "continue"), said)
    assert result.outcome == "stopped"
    assert failed(entries) == []


OVERFLOW = """
phases:
  a: {ask: cto, prompt: A, on_error: continue, produces: {x: text}}
  b: {after: a, ask: ceo, prompt: "B{% if x is defined %} {{ x }}{% endif %}", produces: {y: text}}
  c: {after: b, ask: cpo, prompt: C, produces: {z: text}}
"""


async def test_a_call_that_was_gone_on_without_is_not_tried_again_after_a_resume(stage) -> None:
    said = {"a#1/-/1": fault("context_overflow"), "b#1/-/1": "two", "c#1/-/1": fault("500")}
    result, entries = await stage.play(OVERFLOW, said)
    assert result.outcome == "stopped"
    assert failed(entries) == [("context", "continue")]
    stage.replies = {"a#1/-/1": "now it fits", "b#1/-/1": "two", "c#1/-/1": "three"}
    result = await (await resume(await stage.host(), "made")).result()
    assert result.outcome == "succeeded", result.reason
    assert stage.asked.count("a#1/-/1.1") == 1


# ---------------------------------------------------------------------- timeout


async def test_software_that_hangs_is_evidence_and_not_the_end(stage) -> None:
    result, entries = await stage.play(
        """
success: check.passed
phases:
  code: {ask: programmer, prompt: code, produces: {source: files}}
  check: {after: code, run: python main.py, timeout: 1, produces: {check: evidence}}
  repair:
    after: check
    when: not check.passed
    ask: programmer
    prompt: mend
    produces: {source: edits}
    then: check
    at_most: 2
""",
        {"code#1/-/1": code("while True: pass"), "repair#1/-/1": edit("while True: pass", "print(1)")},
    )
    assert result.outcome == "succeeded", result.reason
    assert [e.event.evidence["passed"] for e in entries if isinstance(e.event, EvidenceSeen)] == [False, True]


async def test_a_timeout_is_kept_and_not_tried_again(stage) -> None:
    text = """
phases:
  a: {ask: cto, prompt: A, timeout: 0.2, on_error: continue, produces: {x: text}}
  b: {after: a, ask: ceo, prompt: B, produces: {y: text}}
"""
    result, entries = await stage.play(text, {"a#1/-/1": fault("hang"), "b#1/-/1": fault("500")})
    assert result.outcome == "stopped"
    assert [e.event.what for e in entries if isinstance(e.event, Decision)] == ["timeout"]
    stage.replies = {"a#1/-/1": "one", "b#1/-/1": "two"}
    result = await (await resume(await stage.host(), "made")).result()
    assert result.outcome == "succeeded"
    assert stage.asked.count("a#1/-/1.1") == 1


async def test_stopping_is_no_timeout(stage) -> None:
    text = """
phases:
  a: {ask: cto, prompt: A, produces: {x: text}}
  b: {after: a, ask: ceo, prompt: B, timeout: 0.3, on_error: continue, produces: {y: text}}
  slow: {ask: cpo, prompt: S, produces: {z: text}}
"""
    held, begun = asyncio.Event(), asyncio.Event()
    handle = None

    async def hold(body, headers):
        key = headers["X-Request-Id"]
        if "slow" in key:
            begun.set()
            await held.wait()
        elif "a#1" in key or "a%231" in key:
            await begun.wait()
            await handle.stop()
        return stage.answer(body, headers)

    async with ScriptedServer(hold) as server:
        stage.url = server.url
        handle = await stage.begin(text, {"a#1/-/1": "one", "b#1/-/1": "two", "slow#1/-/1": "three"})
        asyncio.get_running_loop().call_later(1.0, held.set)
        result = await handle.result()
    assert result.outcome == "stopped"
    entries = await stage.journal.read("made")
    assert not [e for e in entries if isinstance(e.event, Decision | PhaseFailedEvent)]


# ---------------------------------------------------------------------- samples

PICK = """
phases:
  a: {ask: cto, prompt: A, samples: 3, pick: %s, produces: {x: %s}}
"""


async def test_the_majority_picks(stage) -> None:
    said = Said("red", samples=("blue", "Blue."))
    _, entries = await stage.play(PICK % ("vote", "text"), {"a#1/-/1": said})
    assert next(e.event.value for e in entries if e.event.type == "artifact") == "blue"


async def test_a_judge_picks(stage) -> None:
    said = Said("red", samples=("blue", "green"))
    _, entries = await stage.play(PICK % ("best, judge: ceo", "text"), {"a#1/-/1": said, "a#1/-/judge": "3"})
    assert next(e.event.value for e in entries if e.event.type == "artifact") == "green"


async def test_the_evidence_picks_and_a_resumed_run_picks_the_same(stage) -> None:
    text = """
phases:
  a: {ask: programmer, prompt: A, samples: 3, pick: verified, verify: python main.py, produces: {x: files}}
  b: {after: a, ask: cpo, prompt: B, produces: {y: text}}
"""
    said = Said(code("raise SystemExit(1)"), samples=(code("print('good')"), code("print('late')")))
    result, entries = await stage.play(text, {"a#1/-/1": said, "b#1/-/1": fault("500")})
    assert (result.product / "main.py").read_text() == "print('good')\n"
    assert len([e for e in entries if isinstance(e.event, EvidenceSeen)]) == 3
    stage.replies["b#1/-/1"] = "done"
    result = await (await resume(await stage.host(), "made")).result()
    assert (result.product / "main.py").read_text() == "print('good')\n"
    assert stage.asked == ["a#1/-/1.1", "b#1/-/1.1", "b#1/-/1.1"]


async def test_samples_of_a_repair_that_is_asked_anew_are_judged_anew(stage) -> None:
    text = """
success: check.passed
phases:
  code: {ask: programmer, prompt: code, produces: {source: files}}
  check: {after: code, run: python main.py, produces: {check: evidence}}
  repair:
    {after: check, when: not check.passed, ask: programmer, prompt: mend, samples: 2, pick: verified,
    verify: python main.py, produces: {source: files}, then: check, at_most: 3}
"""
    one, two, good = code("raise SystemExit(1)"), code("raise SystemExit(2)"), code("print('good')")
    result, _ = await stage.play(
        text,
        {
            "code#1/-/1": one,
            "repair#1/-/1": Said(two, samples=(two + "\n",)),
            "repair#2/-/1": Said(two, samples=(two,)),
            "repair#2/-/1~1": Said(two, samples=(good,)),
            "repair#2/-/1~2": Said(two, samples=(good,)),
            "repair#3/-/1": Said(two, samples=(two,)),
        },
    )
    assert result.outcome == "succeeded", result.reason
    assert (result.product / "main.py").read_text() == "print('good')\n"


# ---------------------------------------------------------------------- each


async def test_many_items_that_all_depend_on_one_another_are_planned_at_once(stage) -> None:
    items = [{"id": f"f{i}", "depends_on": [f"f{j}" for j in range(i)]} for i in range(40)]
    said = {"plan#1/-/1": json.dumps({"items": items}), "last#1/-/1": "done"}
    said |= {f"work#1/f{i}/1": "good" for i in range(40)}
    async with asyncio.timeout(20):
        result, _ = await stage.play(EACH % (SCHEMA, "fail"), said)
    assert result.outcome == "succeeded"


@pytest.mark.parametrize(
    "items",
    [
        '[{"id": "x"}, {"id": "x~3"}, {"id": "x"}]',
        '[{"id": "x", "depends_on": 5}]',
        '[{"id": "x", "depends_on": [["y"], {"z": 1}, null]}]',
        '[{"id": "x", "depends_on": "x"}]',
        '["a", 1, null, ["b"], {"path": "\\u0000/../\\n{{ 7*7 }}"}]',
    ],
)
async def test_odd_items_end_the_run_in_order(stage, items: str) -> None:
    text = EACH.replace("one.id", "item") % ("{type: object, properties: {items: {type: array}}}", "fail")
    handle = await stage.begin(text, {})
    stage.replies = defaultdict(lambda: "good", {"plan#1/-/1": f'{{"items": {items}}}'})
    async with asyncio.timeout(20):
        result = await handle.result()
    assert result.outcome in ("succeeded", "failed"), result.reason


# ---------------------------------------------------------------------- call


async def test_source_that_cannot_be_parsed_is_a_finding(stage, tmp_path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "deep.py").write_text("x = " + "1+" * 20000 + "1\n")
    text = "phases:\n  look: {call: unfinished, produces: {look: verdict}}\n"
    async with asyncio.timeout(20):
        result, entries = await stage.play(text, source=tmp_path / "theirs")
    assert result.outcome == "succeeded", result.reason
    look = next(e.event.value for e in entries if e.event.type == "artifact" and e.event.name == "look")
    assert not look.get("approved")


# ---------------------------------------------------------------------- company


def write_inner(stage, text: str) -> None:
    (stage.folder / "companies").mkdir(exist_ok=True)
    (stage.folder / "companies" / "inner.yaml").write_text("name: inner\n" + text, encoding="utf-8")


INNER = """
success: check.passed
phases:
  code: {ask: programmer, prompt: code, produces: {source: files}}
  check: {after: code, run: python main.py, produces: {check: evidence}}
"""
OUTER = """
phases:
  build: {company: inner, on_error: %s, produces: {check: evidence}}
  late: {after: build, ask: maintainer, prompt: polish, produces: {source: edits}}
"""


async def test_what_follows_a_nested_company_is_tested_before_it_is_delivered(stage) -> None:
    write_inner(stage, INNER)
    async with asyncio.timeout(20):
        result, _ = await stage.play(
            OUTER % "fail",
            {
                "build#1/->code#1/-/1": code("print('well')"),
                "late#1/-/1": edit("print('well')", "raise SystemExit(1)"),
            },
        )
    assert result.outcome == "failed"
    assert (result.product / "main.py").read_text() == "print('well')\n"


async def test_a_nested_company_that_fails_is_gone_on_without(stage) -> None:
    write_inner(stage, INNER)
    async with asyncio.timeout(20):
        result, entries = await stage.play(
            OUTER.replace("late", "later").replace("edits", "files") % "continue",
            {"build#1/->code#1/-/1": "no files", "later#1/-/1": code("print('alone')")},
        )
    assert result.outcome == "succeeded", result.reason
    assert ("reply", "continue") in failed(entries)


# ---------------------------------------------------------------------- fork


async def test_a_fork_confirms_its_own_files(stage) -> None:
    text = """
success: check.passed
phases:
  code: {ask: programmer, prompt: code, produces: {source: files}}
  check: {after: code, run: python main.py, produces: {check: evidence}}
  late: {after: check, ask: maintainer, prompt: polish, produces: {source: edits}}
"""
    said = {"code#1/-/1": code("print('well')"), "late#1/-/1": edit("print('well')", "print('better')")}
    result, _ = await stage.play(text, said)
    assert result.outcome == "succeeded"
    stage.replies = {**said, "late#1/-/1": edit("print('well')", "raise SystemExit(1)")}
    result = await (await fork(await stage.host(), "made", phase="late", new_run="other")).result()
    assert result.outcome == "failed"
    assert (result.product / "main.py").read_text() == "print('well')\n"


# ---------------------------------------------------------------------- human

GATE = """
phases:
  gate: {human: "Go on?", choices: [yes, no], %s produces: {go: {choice: [yes, no]}}}
  b: {after: gate, ask: ceo, prompt: "B{%% if go is defined %%} {{ go }}{%% endif %%}", produces: {y: text}}
  c: {after: b, ask: cpo, prompt: "C", produces: {z: text}}
"""


async def open_gate(handle):
    async for entry in handle:
        if entry.event.type == "gate.opened":
            return entry.key


async def test_an_answer_left_while_nobody_drove_the_run_counts_when_it_goes_on(stage) -> None:
    handle = await stage.begin(GATE % "", {"b#1/-/1": "two", "c#1/-/1": "three"})
    key = await open_gate(handle)
    await handle.stop(now=True)
    assert (await handle.result()).outcome == "stopped"
    await stage.journal.send("made", "answer", {"gate": key, "choice": "yes"})
    async with asyncio.timeout(10):
        result = await (await resume(await stage.host(), "made")).result()
    assert result.outcome == "succeeded"


async def test_an_answer_that_is_no_choice_is_refused(stage) -> None:
    handle = await stage.begin(GATE % "", {"b#1/-/1": "two", "c#1/-/1": "three"})
    key = await open_gate(handle)
    await asyncio.sleep(0)
    with pytest.raises(AgentverseError, match="maybe"):
        await handle.answer(key, choice="maybe")
    await handle.answer(key, text="yes")
    assert (await handle.result()).outcome == "succeeded"
    entries = await stage.journal.read("made")
    assert [e.event.choice for e in entries if isinstance(e.event, GateAnswered)] == ["yes"]


async def test_a_question_nobody_answered_in_time_is_not_asked_again(stage) -> None:
    result, entries = await stage.play(
        GATE % "timeout: 0.1, on_error: continue,", {"b#1/-/1": "two", "c#1/-/1": fault("500")}
    )
    assert result.outcome == "stopped"
    assert failed(entries) == [("timeout", "continue")]
    stage.replies["c#1/-/1"] = "three"
    await stage.journal.send("made", "answer", {"gate": "gate#1/-/gate", "choice": "yes"})
    handle = await resume(await stage.host(), "made")
    result = await handle.result()
    assert result.outcome == "succeeded", result.reason
    assert not [e for e in await stage.journal.read("made") if isinstance(e.event, GateAnswered)]


# ---------------------------------------------------------------------- a fault of our own


async def test_a_fault_in_a_function_ends_the_run_and_is_raised(stage) -> None:
    @call("breaks")
    def breaks(visit, inputs):
        raise ZeroDivisionError("a fault")

    handle = await stage.begin("phases:\n  a: {call: breaks, produces: {x: text}}\n", {})
    async with asyncio.timeout(5):
        async for _ in handle:
            pass
        with pytest.raises(ZeroDivisionError, match="fault"):
            await handle.result()
    assert (await stage.journal.find("made")).state == "interrupted"


async def test_a_field_that_a_model_left_out_fails_the_phase_and_not_the_run(stage) -> None:
    said = {"plan#1/-/1": '{"items": [{"id": "a"}]}', "last#1/-/1": "done"}
    result, entries = await stage.play(EACH.replace("{{ one.id }}", "{{ one.title }}") % (SCHEMA, "continue"), said)
    assert result.outcome == "succeeded", result.reason
    assert failed(entries) == [("template", "continue")]


@pytest.mark.parametrize("entry", ["\\u0000", "x" * 150_000, "\\ud800.py"])
async def test_what_makes_no_command_ends_the_run_in_order(stage, entry: str) -> None:
    text = """
phases:
  plan: {ask: cto, prompt: P, produces: {plan: {type: object, properties: {entry: {type: string}}, required: [entry]}}}
  check: {after: plan, run: "python {{ plan.entry }}", produces: {check: evidence}}
"""
    result, _ = await stage.play(text, {"plan#1/-/1": f'{{"entry": "{entry}"}}'})
    assert result.outcome in ("succeeded", "failed")
