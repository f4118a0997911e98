"""The incident room: what experts look up in a recording, who hears of it, and a score that no model gives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentverse.journal.events import ToolCalled
from agentverse.models.calling import Wanted, as_text

ROOT = Path(__file__).parents[2]
CAUSES = {
    "slow_pages": "missing_index",
    "stuck_checkout": "lock_pile_up",
    "refused_customers": "connections_used_up",
}
LOOKS = {
    "chief": Wanted("look_up", {"table": "alarms"}),
    "queries": Wanted("look_up", {"table": "plans", "contains": "orders"}),
    "locks": Wanted("look_up", {"table": "locks"}),
    "resources": Wanted("look_up", {"table": "metrics", "since": 5, "until": 6}),
}
"""What each looks up, once in every turn."""


def team(cause, asked=("queries", "locks", "resources")):
    """A script in which the chief asks each of ``asked`` and then names ``cause``."""
    left, looked = [*asked], set()

    def script(ask):
        if "calls" in (ask.schema or {}).get("properties", {}) and ask.seat not in looked:
            looked.add(ask.seat)
            return as_text([LOOKS[ask.seat]])
        if "calls" in (ask.schema or {}).get("properties", {}):
            return as_text([])
        looked.discard(ask.seat)
        if "report" in ask.actions:
            return {"action": "report", "finding": f"{ask.seat} found {ask.number}."}
        if "call_on" in ask.actions and left:
            return {"action": "call_on", "who": left.pop(0), "question": "what do you see?"}
        if "diagnose" in ask.actions:
            return {"action": "diagnose", "cause": cause, "to_do": "Mend it."}
        return {"action": "speak", "text": "The shop is slow since second 3.7."}

    return script


def calls(played):
    return [entry.event for entry in played.entries if isinstance(entry.event, ToolCalled)]


def recorded(incident):
    return json.loads((ROOT / "recordings" / f"{incident}.json").read_text("utf-8"))["tables"]


@pytest.mark.parametrize(("incident", "cause"), CAUSES.items())
async def test_the_known_cause_is_right_and_all_hear_what_was_found(play, incident, cause):
    played = await play("incident_room", team(cause), incident=incident)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended"), played.reason
    assert played.ended.measures == {
        "right": True, "cause": cause, "was": cause, "tool_calls": len(calls(played)), "experts_heard": 3,
    }  # fmt: skip
    spoke = [line.seat for line in played.lines]
    assert spoke == ["chief", *["chief", "queries"], *["chief", "locks"], *["chief", "resources"], "chief"]
    assert all(line.heard_by is None for line in played.lines)
    assert played.ended.report.startswith("Right: ")


async def test_a_wrong_cause_is_wrong_whatever_is_said_of_it(play):
    played = await play("incident_room", team("slow_disk", asked=["locks"]), incident="stuck_checkout")
    measures = played.ended.measures
    assert (measures["right"], measures["cause"], measures["was"]) == (False, "slow_disk", "lock_pile_up")
    assert measures["experts_heard"] == 1
    assert "Wrong: slow disk was named, it was lock pile-up." in played.ended.report


async def test_a_diagnosis_needs_a_finding_and_comes_when_the_time_is_up(play):
    played = await play("incident_room", team("lock_pile_up", asked=["locks"] * 9), rounds=2)
    chief = [ask for ask in played.asks if ask.seat == "chief" and ask.actions]
    offered = [ask.actions for ask in chief]
    assert offered == [["speak"], ["call_on"], ["call_on", "diagnose"], ["diagnose"]]
    assert played.ended.measures["experts_heard"] == 1


async def test_tools_show_the_recording_and_only_the_tables_of_the_seat(play):
    played = await play("incident_room", team("lock_pile_up"), incident="stuck_checkout")
    made = {call.arguments["table"]: call.result for call in calls(played)}
    tables = recorded("stuck_checkout")
    for pid, *_ in tables["locks"]["rows"]:
        assert f"\n{pid} | " in made["locks"]
    assert made["plans"].count("\nSELECT ") == 1
    times = [float(line.split(" | ")[0]) for line in made["metrics"].splitlines()[1:]]
    assert times == [row[0] for row in tables["metrics"]["rows"] if 5 <= row[0] <= 6] != []
    allowed = {
        "chief": {"alarms", "requests"},
        "queries": {"slow_queries", "plans", "tables", "indexes"},
        "locks": {"sessions", "locks", "log"},
        "resources": {"metrics", "settings", "log"},
    }
    for ask in played.asks:
        if "calls" in (ask.schema or {}).get("properties", {}):
            call = ask.schema["properties"]["calls"]["items"]["properties"]
            assert set(call["arguments"]["properties"]["table"]["enum"]) == allowed[ask.seat]


async def test_what_was_looked_up_is_shown_to_nobody_else(play):
    """The others know what its seat says of it."""
    played = await play("incident_room", team("lock_pile_up"), incident="stuck_checkout")
    results = {seat: wanted.arguments["table"] for seat, wanted in LOOKS.items()}
    shown = {call.arguments["table"]: call.result for call in calls(played)}
    for seat, table in results.items():
        assert {ask.seat for ask in played.asks if shown[table] in ask.text} == {seat}


async def test_another_table_is_refused_and_the_agent_goes_on(play):
    prying, script = [as_text([Wanted("look_up", {"table": "locks"})])], team("lock_pile_up")

    def pries(ask):
        return prying.pop() if prying and ask.seat == "chief" else script(ask)

    played = await play("incident_room", pries, incident="stuck_checkout")
    first = calls(played)[0]
    assert not first.ok
    assert "28" not in first.result
    assert played.ended.measures["right"]


async def test_no_prompt_tells_the_cause(play):
    """Until something is looked up, the three incidents are asked for in the same words."""
    asked = {}
    for incident in CAUSES:
        played = await play("incident_room", team("slow_disk"), incident=incident, run=incident)
        asked[incident] = [ask.text for ask in played.asks if "Result of look_up" not in ask.text]
        everything = "\n".join(ask.text for ask in played.asks)
        assert not [name for name in CAUSES if name in everything]
        assert not [cause for cause in CAUSES.values() if cause in everything]
    first, *others = asked.values()
    assert first
    assert all(other == first for other in others)


@pytest.mark.parametrize("incident", CAUSES)
def test_a_recording_does_not_name_what_caused_it(incident):
    text = (ROOT / "recordings" / f"{incident}.json").read_text("utf-8").casefold()
    assert not [cause for cause in CAUSES.values() if cause in text or cause.replace("_", " ") in text]
    assert "drop index" not in text


@pytest.mark.parametrize("seed", [0, 1, 2])
async def test_any_valid_replies_come_to_an_end(play, seed):
    played = await play("incident_room", seed=seed, rounds=2 + seed, incident=[*CAUSES][seed])
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended"), played.reason
    assert not played.failed
    assert played.ended.measures["cause"] != "none"


async def test_the_room_speaks_chinese(play):
    played = await play("incident_room", team("缺少索引"), language="zh")
    assert played.ended.measures["right"], played.reason
    assert played.ended.report.startswith("正确：诊断为缺少索引，实际是缺少索引。")
    said = "\n".join(ask.text for ask in played.asks)
    assert "值班长艾达" in said
    assert "会话：谁连着、在做什么" in said
    assert [line.text for line in played.lines if line.seat == "chief"][1] == "（对布鲁诺）what do you see?"


async def test_an_incident_that_nobody_recorded_is_refused_with_those_there_are(play):
    played = await play("incident_room", incident="../../etc/passwd")
    assert played.outcome == "failed"
    assert "there is no recording '../../etc/passwd'" in played.reason
    assert not played.asks
