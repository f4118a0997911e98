"""What values are called, votes that a rule counts, actions for a whole stage, walks that are seen, and fair turns."""

import pytest

from agentverse.blueprint.environment import Environment
from agentverse.engine.check_environment import environment_faults

VOTES = {"out": ""}


def voting(ties: str) -> dict:
    return {
        "order": {"concurrent": {"rounds": 1}},
        "update": {"tally": {"into": "out", "ties": ties}},
        "stop": {"turns": 20},
    }


BALLOT = {"vote": {"changes": {}}}


def ballot(votes):
    return lambda seat, turn: {"action": "vote", "who": votes[seat]} if votes.get(seat) else {"action": "pass"}


def seats_of(names: str) -> dict:
    return {name: {"acts": ["vote", "pass"]} for name in names}


@pytest.mark.parametrize(
    ("votes", "ties", "winners"),
    [
        ({"a": "b", "b": "c", "c": "b"}, "nobody", {"b"}),
        ({"a": "b", "b": "a", "c": ""}, "nobody", {""}),
        ({"a": "b", "b": "a", "c": ""}, "chance", {"a", "b"}),
        ({"a": "", "b": "", "c": ""}, "chance", {""}),
    ],
)
async def test_a_tally_writes_who_was_named_most_often(stage, votes, ties, winners):
    found = set()
    for seed in range(8):
        floor = stage(seats_of("abc"), ballot(votes), world=VOTES, actions=BALLOT, **voting(ties))
        found.add((await floor.hold(seed=seed)).world["out"])
    assert found == winners


async def test_a_tie_is_broken_the_same_way_by_the_same_seed(stage):
    def once():
        return stage(seats_of("ab"), ballot({"a": "b", "b": "a"}), world=VOTES, actions=BALLOT, **voting("chance"))

    first, second = await once().hold(seed=3), await once().hold(seed=3)
    assert first.world == second.world


def test_a_tally_needs_one_field_of_the_world_to_write_into():
    for world, says in (({}, "no field 'out'"), ({"out": {"each": True}}, "a value for each seat")):
        made = Environment(
            name="x", seats=seats_of("ab"), world=world, actions=BALLOT, rules={"update": {"tally": {"into": "out"}}}
        )
        assert any(says in fault.what for fault in environment_faults(made))


async def test_actions_of_a_stage_may_be_the_same_for_all(stage):
    stages = {"talk": {"steps": 1}, "act": {"acts": ["pass", "speak"], "steps": 1}}
    floor = stage({"a": {}, "b": {}}, lambda seat, turn: "hm" if turn < 3 else {"action": "pass"}, stages=stages,
                  order="concurrent", stop={"turns": 9})  # fmt: skip
    await floor.hold()
    assert [cue.acts is None for cue in floor.cues] == [True, True, False, False]
    assert list(floor.cues[2].acts.options) == ["pass", "speak"]


def test_an_unknown_action_for_all_is_found_before_anybody_sits_down():
    made = Environment(name="x", seats=["a"], stages={"act": {"acts": ["spek"]}})
    fault = next(iter(environment_faults(made)))
    assert (fault.path, "spek" in fault.what) == (("stages", "act", "acts", 0), True)


async def test_choices_are_called_as_people_read_them_and_understood_either_way(stage):
    walker = {"acts": ["move", "pass"]}
    world = {"place": {"each": True, "start": "inn"}}
    said = iter(({"action": "move", "where": "磨坊"}, {"action": "move", "where": "inn"}))
    floor = stage({"a": walker, "b": walker}, lambda seat, turn: next(said) if seat == "a" else {"action": "pass"},
                  world=world, params={"places": ["inn", "mill"]}, stop={"turns": 4})  # fmt: skip
    floor.environment = floor.environment.model_copy(
        update={"words": {"mill": {"en": "the mill", "zh": "磨坊"}, "inn": {"en": "the inn", "zh": "客栈"}}}
    )
    outcome = await floor.hold(language="zh")
    assert floor.cues[0].acts.schema["anyOf"][0]["properties"]["where"]["enum"] == ["磨坊"]
    assert '"磨坊"' in floor.cues[0].acts.form
    assert [changes for *_, changes in floor.log if changes] == [{"place[a]": "mill"}, {"place[a]": "inn"}]
    assert outcome.world["place"]["a"] == "inn"


async def test_a_walk_is_seen_where_it_begins_and_where_it_ends(stage):
    walker = {"acts": ["move", "pass"]}
    start = {"a": "inn", "b": "inn", "c": "mill", "d": "wood"}
    floor = stage(dict.fromkeys("abcd", walker), lambda seat, turn: {"action": "move", "where": "mill"},
                  world={"place": {"each": True, "start": start}}, params={"places": ["inn", "mill", "wood"]},
                  visibility="location", stop={"turns": 1})  # fmt: skip
    await floor.hold()
    assert floor.log[0][2] == ["a", "b", "c"]


async def test_whoever_waited_longest_speaks_when_somebody_joins_a_group(stage):
    def script(seat, turn):
        return {"action": "move", "where": "inn"} if (seat, turn) == ("c", 2) else {"action": "pass"}

    walker = {"acts": ["move", "pass"]}
    floor = stage(dict.fromkeys("abc", walker), script, params={"places": ["inn", "mill"]},
                  world={"place": {"each": True, "start": {"a": "inn", "b": "inn", "c": "mill"}}},
                  order={"round_robin": {"by": "place[seat]"}}, stop={"turns": 6})  # fmt: skip
    floor.environment.actions.clear()
    await floor.hold()
    assert floor.speakers == "a c b a c b", "b has never spoken, then a, then c"


async def test_what_the_world_says_to_nobody_leaves_no_trace_in_prompts(stage):
    stages = {"one": {"begin": [{"changes": {"n": "n + 1"}}], "steps": 1}}
    floor = stage(["a"], ["hm"], world={"n": 0}, stages=stages, stop={"turns": 3})
    await floor.hold()
    assert floor.shown == [()]
    assert floor.log[0] == ("", "", None, {"n": 1})


async def test_what_rules_change_in_the_world_is_written_down_step_by_step(stage):
    world = {"time": "08:55", "score": {"each": True, "start": 0}, "out": ""}
    rules = {
        "order": {"concurrent": {"rounds": 2}},
        "update": [{"clock": 10}, {"score": {"points": "2 if me == 'a' else 0"}}, {"tally": {"into": "out"}}],
        "stop": {"turns": 20},
    }
    floor = stage(seats_of("ab"), ballot({"a": "b", "b": ""}), world=world, actions=BALLOT, **rules)
    await floor.hold()
    assert floor.ruled == [{"time": "09:05", "score[a]": 2, "out": "b"}, {"time": "09:15", "score[a]": 4}]
