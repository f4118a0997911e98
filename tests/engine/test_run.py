"""Runs as a whole: resume, fork, limits, stopping, questions, and what is delivered."""

import asyncio

import pytest

from agentverse.blueprint.company import Limits
from agentverse.cli.story import Story
from agentverse.engine.drive import PATIENCE
from agentverse.engine.run import begin, fork, resume
from agentverse.errors import BlueprintError, CompanyChanged, RunBusy, UsageError
from agentverse.journal.events import GateAnswered, Reply, RunEnded, Usage
from agentverse.testing import Manners, ScriptedServer, fault
from agentverse.testing.script import Reply as Said

CHAIN = """
phases:
  a: {ask: cto, prompt: A, produces: {x: text}}
  b: {after: a, ask: ceo, prompt: "B {{ x }}", produces: {y: text}}
  c: {after: b, ask: cpo, prompt: "C {{ y }}", produces: {z: text}}
"""


def edit(old: str, new: str) -> str:
    return f"```\nmain.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```"


SAID = {"a#1/-/1": "one", "b#1/-/1": "two", "c#1/-/1": "three"}


def ends(entries) -> list[str]:
    return [e.event.outcome for e in entries if isinstance(e.event, RunEnded)]


async def test_a_server_that_is_down_stops_the_run_and_resuming_asks_only_what_is_missing(stage) -> None:
    result, _ = await stage.play(CHAIN, {**SAID, "b#1/-/1": fault("500")})
    assert result.outcome == "stopped"
    assert "500" in result.reason
    stage.replies = SAID
    handle = await resume(await stage.host(), "made")
    assert (await handle.result()).outcome == "succeeded"
    assert stage.asked == ["a#1/-/1.1", "b#1/-/1.1", "b#1/-/1.1", "c#1/-/1.1"]
    assert ends(await stage.journal.read("made")) == ["stopped", "succeeded"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("401", "key"),
        ("404", "model"),
        ("429", "429"),
        ("500", "500"),
        ("503", "503"),
        ("cut_connection", "connection"),
        ("garbage", "JSON"),
    ],
)
async def test_a_failing_server_is_never_taken_for_a_reply(stage, name: str, words: str) -> None:
    result, entries = await stage.play(CHAIN, {**SAID, "b#1/-/1": fault(name)})
    assert result.outcome == "stopped"
    assert words.lower() in result.reason.lower()
    assert [e.event.text for e in entries if isinstance(e.event, Reply)] == ["one"]


@pytest.mark.parametrize("name", ["empty", "null", "only_thinking"])
async def test_a_useless_reply_is_asked_for_again(stage, name: str) -> None:
    result, entries = await stage.play(CHAIN, {**SAID, "b#1/-/1": [fault(name), Said("two")]})
    assert result.outcome == "succeeded"
    assert [e.event.problem for e in entries if e.event.type == "repair"] in (["empty"], ["only_thinking"])


async def test_a_server_that_ignores_constraints_is_recorded_as_such_and_its_replies_are_repaired(stage) -> None:
    company = """
success: "true"
phases:
  a: {ask: cto, prompt: Web or command, produces: {x: {choice: [web, command]}}}
  b: {after: a, ask: cto, prompt: "Review {{ x }}", produces: {y: verdict}}
"""
    said = {"a#1/-/1": ["It depends on a lot of things.", "**command**"], "b#1/-/1": ["Fine!", '{"approved": true}']}
    async with ScriptedServer(stage.answer, manners=Manners(constraints="ignored")) as server:
        stage.url = server.url
        result, entries = await stage.play(company, said)
        assert "structured_outputs" in server.requests[0].body
        assert "response_format" in server.requests[2].body
    assert result.outcome == "succeeded"
    contact = next(e.event for e in entries if e.event.type == "model")
    assert {contact.facts[name] for name in ("dialect", "constraints")} == {"vllm", "ignored"}
    repairs = [(e.event.problem, e.event.rung) for e in entries if e.event.type == "repair"]
    assert repairs == [("wrong_shape", "reask"), ("bad_json", "reask")]
    told = [line.text for entry in entries if entry.event is contact for line in Story("en").tell(entry).body]
    assert told == ["this server holds no reply to a form: what comes out of form is asked for again"]


async def test_a_prompt_longer_than_the_context_fails_the_phase_and_says_so(stage) -> None:
    result, _ = await stage.play(CHAIN, {**SAID, "b#1/-/1": fault("context_overflow")})
    assert result.outcome == "failed"
    assert "does not fit the 4,096 tokens" in result.reason


async def test_a_run_that_ended_asks_nothing_when_it_is_resumed(stage) -> None:
    await stage.play(CHAIN, SAID)
    before = list(stage.asked)
    handle = await resume(await stage.host(), "made")
    assert (await handle.result()).outcome == "succeeded"
    assert stage.asked == before


async def test_a_company_edited_in_between_is_noticed(stage) -> None:
    await stage.play(CHAIN, {**SAID, "b#1/-/1": fault("500")})
    edited = stage.company(CHAIN.replace("prompt: A", "prompt: A please"))
    with pytest.raises(CompanyChanged, match="made_here"):
        await resume(await stage.host(), "made", blueprint=edited)
    stage.replies = SAID
    handle = await resume(await stage.host(), "made", blueprint=edited, as_begun=True)
    assert (await handle.result()).outcome == "succeeded"


async def test_a_fork_keeps_what_came_before_and_leaves_the_old_run_alone(stage) -> None:
    await stage.play(CHAIN, SAID)
    before = await stage.journal.read("made")
    stage.replies = {**SAID, "c#1/-/1": "another three"}
    edited = stage.company(CHAIN.replace('"C {{ y }}"', '"C, briefly: {{ y }}"'))
    handle = await fork(await stage.host(), "made", phase="c", blueprint=edited, new_run="other")
    assert (await handle.result()).outcome == "succeeded"
    assert stage.asked.count("a#1/-/1.1") == stage.asked.count("b#1/-/1.1") == 1
    assert stage.asked.count("c#1/-/1.1") == 2
    assert await stage.journal.read("made") == before
    assert (await stage.journal.find("other")).parent == "made"
    with pytest.raises(UsageError, match="no phase 'd'"):
        await fork(await stage.host(), "made", phase="d")


async def test_turns_are_bounded_and_a_higher_limit_lets_the_run_go_on(stage) -> None:
    result, entries = await stage.play(CHAIN, SAID, limits=Limits(turns=2))
    assert result.outcome == "failed"
    assert "2 turns" in result.reason
    assert [e.event.kind for e in entries if e.event.type == "limit"] == ["turns"]
    handle = await resume(await stage.host(), "made", limits=Limits(turns=5))
    assert (await handle.result()).outcome == "succeeded"
    assert stage.asked == ["a#1/-/1.1", "b#1/-/1.1", "c#1/-/1.1"]


async def test_tokens_are_bounded(stage) -> None:
    said = {key: Said(text, usage=Usage(prompt=400, completion=100)) for key, text in SAID.items()}
    result, _ = await stage.play(CHAIN, said, limits=Limits(tokens=900))
    assert result.outcome == "failed"
    assert "tokens" in result.reason
    assert result.usage.total == 1000


async def test_stopping_lets_the_call_in_flight_end_and_begins_no_other(stage) -> None:
    released = asyncio.Event()

    async def hold(body, headers):
        if "b#1" in headers["X-Request-Id"] or "b%231" in headers["X-Request-Id"]:
            released.set()
            await asyncio.sleep(0.3)
        return stage.answer(body, headers)

    from agentverse.testing import ScriptedServer

    async with ScriptedServer(hold) as server:
        stage.url = server.url
        handle = await stage.begin(CHAIN, SAID)
        await released.wait()
        await handle.stop()
        result = await handle.result()
    assert result.outcome == "stopped"
    assert stage.asked == ["a#1/-/1.1", "b#1/-/1.1"]
    texts = [e.event.text for e in await stage.journal.read("made") if isinstance(e.event, Reply)]
    assert texts == ["one", "two"], "the reply that was under way is kept"


async def test_stopping_now_cancels_the_request(stage) -> None:
    from agentverse.testing import ScriptedServer

    async with ScriptedServer([fault("hang")]) as server:
        stage.url = server.url
        handle = await stage.begin(CHAIN, SAID)
        await server.wait_for(started=1)
        await handle.stop()
        await handle.stop(now=True)
        async with asyncio.timeout(PATIENCE / 2):
            assert (await handle.result()).outcome == "stopped"
        await server.wait_for(dropped=1)


async def test_a_second_driver_is_refused_and_a_second_process_may_follow(stage) -> None:
    from agentverse.testing import ScriptedServer

    async with ScriptedServer([fault("hang")]) as server:
        stage.url = server.url
        handle = await stage.begin(CHAIN, SAID)
        await server.wait_for(started=1)
        with pytest.raises(RunBusy):
            await resume(await stage.host(), "made")
        followed = [entry async for entry in _first(stage.journal.follow("made"), 2)]
        assert followed[0].key == "run"
        await handle.stop(now=True)
        await handle.result()


async def _first(entries, count: int):
    async for entry in entries:
        yield entry
        count -= 1
        if not count:
            return


GATE = """
phases:
  a: {ask: cto, prompt: A, produces: {x: text}}
  gate: {after: a, human: "Go on?", choices: [yes, no], %s produces: {go: {choice: [yes, no]}}}
  b: {after: gate, when: "go == 'yes'", ask: ceo, prompt: B, produces: {y: text}}
"""


async def test_a_question_waits_for_its_answer_and_the_answer_is_kept(stage) -> None:
    handle = await stage.begin(GATE % "", SAID)
    async for entry in handle:
        if entry.event.type == "gate.opened":
            await stage.journal.send("made", "answer", {"gate": entry.key, "choice": "yes"})
            break
    assert (await handle.result()).outcome == "succeeded"
    assert stage.asked[-1] == "b#1/-/1.1"
    answers = [e.event for e in await stage.journal.read("made") if isinstance(e.event, GateAnswered)]
    assert [(a.choice, a.by, a.phase) for a in answers] == [("yes", "person", "gate")]


async def test_a_question_nobody_can_be_asked_takes_its_default(stage) -> None:
    _, entries = await stage.play(GATE % "default: no,", SAID)
    assert [e.event.by for e in entries if isinstance(e.event, GateAnswered)] == ["default"]
    assert stage.asked == ["a#1/-/1.1"]


async def test_a_broken_company_is_refused_before_anything_is_made(stage) -> None:
    with pytest.raises(BlueprintError):
        await stage.begin("phases:\n  a: {after: b, ask: cto, prompt: A, produces: {x: text}}\n", {})
    assert not (stage.folder / "runs").exists()


async def test_what_was_added_after_the_evidence_is_tested_before_it_is_delivered(stage) -> None:
    result, _ = await stage.play(
        """
success: check.passed
phases:
  code: {ask: programmer, prompt: code, produces: {source: files}}
  check: {after: code, run: python main.py, produces: {check: evidence}}
  late: {after: check, ask: maintainer, prompt: polish, produces: {source: edits}}
""",
        {
            "code#1/-/1": "```python main.py\nprint('well')\n```",
            "late#1/-/1": edit("print('well')", "raise SystemExit(1)"),
        },
    )
    assert result.outcome == "failed"
    assert (result.product / "main.py").read_text() == "print('well')\n", "the tested files are delivered"


async def test_existing_code_is_copied_and_the_result_is_a_branch(stage, tmp_path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "main.py").write_text("print('old')\n")
    result, _ = await stage.play(
        "phases:\n  change: {ask: programmer, prompt: change, produces: {source: edits}}\n",
        {"change#1/-/1": edit("print('old')", "print('new')")},
        source=theirs,
    )
    assert (theirs / "main.py").read_text() == "print('old')\n"
    assert (result.product / "main.py").read_text() == "print('new')\n"
    assert (result.product / ".git" / "HEAD").read_text().strip() == "ref: refs/heads/agentverse/made"
    assert "+print('new')" in (result.folder / "changes.patch").read_text()


async def test_begin_refuses_an_unknown_input_and_an_empty_idea(stage) -> None:
    host, company = await stage.host(), stage.company(CHAIN)
    with pytest.raises(UsageError, match="no input 'colour'"):
        await begin(host, company, "idea", inputs={"colour": "red"})
    with pytest.raises(UsageError, match="empty"):
        await begin(host, company, "  ")


async def test_a_tier_without_a_model_is_said_and_the_lowest_answers(stage) -> None:
    result, entries = await stage.play(
        "phases:\n  a: {ask: cto, prompt: A, model: cloud, produces: {x: text}}\n", {"a#1/-/1": "one"}
    )
    assert result.outcome == "succeeded"
    assert ["'cloud'" in e.event.text for e in entries if e.event.type == "note"] == [True]
