"""Parts of a conversation, one after the other, and what the world does between them."""

import pytest

from agentverse.errors import UsageError


def say(seat, turn):
    return f"{seat} says {turn}"


def act(name):
    return lambda seat, turn: {"action": name}


async def test_each_stage_has_its_rules_tasks_and_actions(stage):
    play = stage(
        {"a": {"acts": ["nod"]}, "b": {"acts": ["nod"]}},
        act("nod"),
        actions={"nod": {}, "wave": {}},
        stages={
            "one": {"steps": 2, "task": "Nod, {{ names[me] }}.", "tasks": {"b": "Nod twice."}},
            "two": {"rules": {"order": {"sequential": {"among": "seat == 'b'"}}}, "acts": {"b": ["wave", "nod"]}},
        },
        stop={"turns": 9},
    )
    result = await play.hold()
    assert (play.speakers, play.stages, result.reason) == ("a b b", ["one", "two"], "ended")
    assert play.notes == ["Nod, A.", "Nod twice.", ""]
    assert [[*cue.acts.options] for cue in play.cues] == [["nod"], ["nod"], ["wave", "nod"]]


async def test_a_stage_is_over_when_something_holds_and_leads_where_it_says(stage):
    count = {"begin": {"changes": {"rounds": "rounds + 1"}}}
    play = stage(
        ["a", "b"], say, world={"rounds": 0}, stop={"turns": 99},
        stages={
            "talk": {**count, "until": "step > 2", "then": [{"to": "end", "when": "rounds == 3"}, {"to": "rest"}]},
            "rest": {"steps": "pause", "then": "talk"},
        }, params={"pause": 1},
    )  # fmt: skip
    result = await play.hold()
    assert play.stages == ["talk", "rest", "talk", "rest", "talk"]
    assert (result.reason, result.turns, result.world) == ("ended", 8, {"rounds": 3})


async def test_the_world_speaks_to_whom_it_likes(stage):
    begin = [
        {"says": "Night falls."},
        {"says": "You alone are awake.", "to": "['b']", "changes": {"awake": "'b'"}},
        {"says": "never", "when": "awake == 'a'"},
        {"changes": {"awake": "awake"}},
    ]
    stages = {"night": {"begin": begin, "steps": 2, "end": {"says": "{{ awake }} was awake."}}}
    play = stage(["a", "b"], say, world={"awake": ""}, stages=stages, stop={"turns": 9})
    await play.hold()
    assert play.shown == [("Night falls.",), ("Night falls.", "You alone are awake.", "A: a says 1")]
    assert [(text, by) for seat, text, by, _ in play.log if not seat] == [
        ("Night falls.", None), ("You alone are awake.", ["b"]), ("", None), ("b was awake.", None),
    ]  # fmt: skip
    assert "" not in play.shown[1], "what the world changes without a word is no line of a prompt"


async def test_an_action_leads_to_a_stage_or_ends_it(stage):
    seats = {"a": {"acts": ["go", "stop", "wait"]}}
    script = [{"action": "wait"}, {"action": "go"}, {"action": "stop"}]
    play = stage(seats, script, actions={"go": {"leads_to": "two"}, "stop": {"leads_to": "end"}, "wait": {}},
                 stages={"one": {}, "between": {}, "two": {}}, stop={"turns": 9})  # fmt: skip
    result = await play.hold()
    assert (play.stages, result.reason, result.turns) == (["one", "two"], "ended", 3)


async def test_an_action_that_lapsed_leads_nowhere(stage):
    play = stage(
        {key: {"acts": ["take"]} for key in "ab"}, act("take"), world={"left": 1}, stop={"turns": 4},
        actions={"take": {"allowed": "left > 0 or stage == 'two'", "changes": {"left": "left - 1"},
                          "leads_to": "two"}},
        stages={"one": {"rules": {"order": "concurrent"}}, "two": {"rules": {"order": "concurrent"}}},
    )  # fmt: skip
    await play.hold()
    assert play.stages[:2] == ["one", "two"]
    assert play.log[1][1] == "(B tried to take, but could not: 'take' cannot be done now)"


async def test_stages_in_which_nobody_can_speak_come_to_an_end(stage):
    nobody = {"rules": {"order": {"alternate": {"among": "false"}}}}
    play = stage(["a"], say, stages={"one": {**nobody, "then": "two"}, "two": {**nobody, "then": "one"}})
    assert (await play.hold()).reason == "stopped"
    assert len(play.stages) <= 4


async def test_a_world_that_goes_on_by_itself_is_waited_for(stage):
    order = {"order": {"alternate": {"among": "day == 5"}}}
    tick = {"changes": {"day": "day + 1"}}
    play = stage(["a"], say, world={"day": 0}, stop={"turns": 1},
                 stages={"day": {"rules": order, "begin": tick, "then": "day"}})  # fmt: skip
    assert ((await play.hold()).reason, play.stages) == ("turns", ["day"] * 5)


async def test_a_world_that_goes_on_for_ever_is_not(stage):
    order = {"order": {"alternate": {"among": "false"}}}
    play = stage(["a"], say, world={"day": 0},
                 stages={"day": {"rules": order, "begin": {"changes": {"day": "day + 1"}}, "then": "day"}})  # fmt: skip
    assert (await play.hold()).reason == "stopped"
    assert len(play.stages) < 1100


async def test_seats_may_be_none_when_a_parameter_says_so(stage):
    play = stage({"a": {}, "guest": {"count": "guests"}}, say, params={"guests": 0}, order="sequential",
                 measures={"guests": "members.guest | length"})  # fmt: skip
    assert ((await play.hold()).measures, play.speakers) == ({"guests": 0}, "a")
    assert ((await play.hold(guests=2)).measures, play.speakers) == ({"guests": 2}, "a a guest_1 guest_2")
    with pytest.raises(UsageError, match="cannot be -1 seats 'guest'"):
        await play.hold(guests=-1)


async def test_measures_and_the_report_are_of_the_end(stage):
    play = stage(["a"], say, world={"day": 0}, update={"clock": {"minutes": 1, "field": "day"}}, stop={"turns": 3},
                 measures={"days": "day"}, report="{{ days }} days, then {{ reason }}")  # fmt: skip
    result = await play.hold()
    assert (result.measures, result.report) == ({"days": 3}, "3 days, then turns")
