"""Which calls go before others: those a person waits for, then those that decide how long a run takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentverse.engine.run import begin
from agentverse.models.keys import split_attempt
from agentverse.testing import Manners, ScriptedServer

PLAN = '{"items": [{"id": "base"}, {"id": "apart"}, {"id": "top", "depends_on": ["base"]}]}'
COMPANY = """
success: "true"
phases:
  plan:
    ask: cto
    prompt: P
    produces: {plan: {type: object, properties: {items: {type: array, items: {type: object}}}, required: [items]}}
  work: {after: plan, each: one in plan.items, ask: ceo, prompt: "W {{ one.id }}", produces: {w: {choice: [good, bad]}}}
  last: {after: work, ask: cpo, prompt: L, produces: {l: text}}
  beside: {after: plan, ask: cpo, prompt: B, produces: {b: text}}
"""
SAID = {
    "plan#1/-/1": PLAN, "work#1/base/1": "good", "work#1/apart/1": "good", "work#1/top/1": "good",
    "last#1/-/1": "done", "beside#1/-/1": "done",
}  # fmt: skip
CRITICAL = {"plan#1/-/1", "work#1/base/1", "work#1/top/1", "last#1/-/1"}


async def priorities(stage, *, manners: Manners | None = None, **host: object) -> dict[str, int | None]:
    """Turn: the priority its call was sent with."""
    async with ScriptedServer(stage.answer, manners=manners or Manners()) as server:
        stage.url, stage.replies = server.url, SAID
        opened = replace(await stage.host(), **host)
        handle = await begin(opened, stage.company(COMPANY), "a thing", run="made")
        assert (await handle.result()).outcome == "succeeded"
        return {split_attempt(request.key)[0]: request.body.get("priority") for request in server.requests}


@pytest.mark.parametrize("attended", [{}, {"interactive": True}, {"watch": lambda _delta: None}])
async def test_the_critical_path_goes_before_the_rest_and_a_person_before_both(stage, attended) -> None:
    sent = await priorities(stage, **attended)
    assert set(sent) == set(SAID)
    first, second = (None, 1) if attended else (2, 3)  # 0 is what a server assumes
    assert {key for key, priority in sent.items() if priority == first} == CRITICAL
    assert {key for key, priority in sent.items() if priority == second} == set(SAID) - CRITICAL


async def test_a_server_that_does_not_schedule_by_priority_is_sent_none(stage) -> None:
    assert set((await priorities(stage, manners=Manners(priority=False))).values()) == {None}


async def test_a_company_inside_is_as_urgent_as_its_phase(stage) -> None:
    (stage.folder / "companies").mkdir()
    inner = 'name: inner\nsuccess: "true"\nphases:\n  one: {ask: cto, prompt: O, produces: {o: text}}\n'
    (stage.folder / "companies" / "inner.yaml").write_text(inner)
    company = """
success: "true"
phases:
  a: {ask: cto, prompt: A, produces: {x: text}}
  b: {after: a, ask: cto, prompt: B, produces: {y: text}}
  within: {after: b, company: inner}
  beside: {company: inner}
"""
    stage.replies = dict.fromkeys(["a#1/-/1", "b#1/-/1", "within#1/->one#1/-/1", "beside#1/->one#1/-/1"], "said")
    async with ScriptedServer(stage.answer) as server:
        stage.url = server.url
        handle = await begin(await stage.host(), stage.company(company), "a thing", run="made")
        assert (await handle.result()).outcome == "succeeded"
        sent = {split_attempt(request.key)[0]: request.body["priority"] for request in server.requests}
    assert sent == {"a#1/-/1": 2, "b#1/-/1": 2, "within#1/->one#1/-/1": 2, "beside#1/->one#1/-/1": 3}
