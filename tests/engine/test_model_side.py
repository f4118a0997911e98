"""What a run writes down about its models, over real HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from agentverse.engine.run import begin, resume
from agentverse.journal.events import Reply, ServersCounted, Usage
from agentverse.models.keys import read_request_id
from agentverse.report import build_model_report
from agentverse.testing import ScriptedServer, fault
from agentverse.testing.script import Reply as Said

COMPANY = """
success: "true"
phases:
  a: {ask: cto, prompt: A, samples: 3, pick: vote, produces: {x: {choice: [red, blue]}}}
  b: {after: a, ask: ceo, prompt: "B {{ x }}", produces: {y: text}}
"""
USED = Usage(prompt=400, cached=320, completion=12)


async def test_tokens_times_samples_and_counters_come_from_the_wire(stage) -> None:
    stage.replies = {
        "a#1/-/1": Said("red", samples=("blue", "red"), usage=USED),
        "b#1/-/1": Said("done", thinking="I think, therefore.", usage=USED),
    }
    seen: list[str] = []
    host = replace(await stage.host(), watch=lambda delta: seen.append(delta.key))
    handle = await begin(host, stage.company(COMPANY), "a thing", run="made")
    assert (await handle.result()).outcome == "succeeded"
    entries = await stage.journal.read("made")
    report = build_model_report(entries, prices={})
    assert [(turn.samples, turn.requests) for turn in report.turns] == [(3, 1), (1, 1)]
    assert all(turn.first_token and turn.rate and turn.seconds >= turn.first_token for turn in report.turns)
    assert report.turns[1].usage.reasoning > 0
    assert report.samples is not None
    assert (report.samples.prompt, report.samples.computed) == (1200, 80)
    assert report.servers == {stage.url: {"queried": 800.0, "hit": 640.0, "generated": 24.0}}
    assert report.contacts[0].facts["dialect"] == "vllm"
    assert seen


async def test_each_process_that_drives_a_run_adds_what_its_servers_counted(stage) -> None:
    said = {"a#1/-/1": Said("red", samples=("red", "red"), usage=USED), "b#1/-/1": fault("500")}
    result, _ = await stage.play(COMPANY, said)
    assert result.outcome == "stopped"
    stage.replies = {**said, "b#1/-/1": Said("done", usage=USED)}
    assert (await (await resume(await stage.host(), "made")).result()).outcome == "succeeded"
    entries = await stage.journal.read("made")
    assert [entry.key for entry in entries if isinstance(entry.event, ServersCounted)] == [
        "counters/edge@1",
        "counters/edge@2",
    ]
    assert build_model_report(entries, prices={}).servers[stage.url]["queried"] == 800.0


async def test_a_run_goes_on_at_the_other_server_when_one_dies_with_its_call(stage) -> None:
    """No turn is lost, none that was answered is asked again, and the journal says who answered."""
    stage.replies = {"a#1/-/1": Said("red", samples=("red", "red")), "b#1/-/1": "done"}
    homes: list[str] = []

    def script(name: str) -> Any:
        async def answer(body: Any, headers: Any) -> Any:
            if read_request_id(headers["X-Request-Id"]).startswith("b") and homes[0] == name:
                await asyncio.Event().wait()  # until the server dies
            homes.append(name)
            return stage.answer(body, headers)

        return answer

    async with ScriptedServer(script("one")) as one, ScriptedServer(script("other")) as other:
        stage.url = [one.url, other.url]
        handle = await begin(await stage.host(), stage.company(COMPANY), "a thing", run="made")
        async for entry in handle:
            if entry.key == "a#1/-/1.1":
                first, second = (one, other) if homes == ["one"] else (other, one)
                await first.wait_for(started=2)
                await first.__aexit__()
        assert (await handle.result()).outcome == "succeeded"
    entries = await stage.journal.read("made")
    places = {entry.key: entry.event.where for entry in entries if isinstance(entry.event, Reply)}
    assert places == {"a#1/-/1.1": first.url, "b#1/-/1.1": second.url}
    assert stage.asked == ["a#1/-/1.1", "b#1/-/1.1"]
