"""What may be done, how a reply is read, what it changes and who hears of it."""

import json

import pytest

from agentverse.agents.reading.base import Unreadable
from agentverse.errors import UsageError

FIELDS = {
    "who": "others",
    "whom": "seat",
    "said": "text",
    "many": "integer",
    "much": "number",
    "sure": "yes_no",
    "way": {"choice": ["left", "right"]},
    "what": {"from": "shelf"},
}
DO = {"do": {"fields": FIELDS, "changes": {"shelf": "shelf | reject('equalto', what)"}, "says": "{{ said }}"}}
GOOD = {
    "action": "do", "who": "b", "whom": "a", "said": "x", "many": 2, "much": 2.5, "sure": True, "way": "left",
    "what": "pot",
}  # fmt: skip


async def acts_of(stage, **how):
    """What seat a may do in its first turn."""
    play = stage({"a": {"acts": ["do", "pass"]}, "b": {}}, lambda seat, turn: GOOD if seat == "a" else "x",
                 actions=DO, world={"shelf": ["pot", "pan"]}, stop={"turns": 1})  # fmt: skip
    await play.hold(**how)
    return play.cues[0].acts


async def test_a_reply_is_held_to_what_there_is(stage):
    acts = await acts_of(stage)
    about = acts.schema["anyOf"][0]
    kinds = {name: field.get("enum") or field["type"] for name, field in about["properties"].items()}
    assert kinds == {
        "action": ["do"], "who": ["B"], "whom": ["A", "B"], "said": "string", "many": "integer", "much": "number",
        "sure": "boolean", "way": ["left", "right"], "what": ["pot", "pan"],
    }  # fmt: skip
    assert about["required"] == list(about["properties"])
    assert about["additionalProperties"] is False
    assert '"way": "left | right"' in acts.form


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({"who": "B"}, ("who", "b")),
        ({"many": "3"}, ("many", 3)),
        ({"many": 3.0}, ("many", 3)),
        ({"sure": "no"}, ("sure", False)),
        ({"sure": "是"}, ("sure", True)),
        ({"way": " RIGHT "}, ("way", "right")),
        ({"said": "y" * 3000}, ("said", "y" * 2000)),
        ({"action": "Do"}, ("action", "do")),
    ],
)
async def test_a_reply_is_read_tolerantly(stage, change, value):
    found = (await acts_of(stage)).read("Here: " + json.dumps([{**GOOD, **change}])).value
    assert found[value[0]] == value[1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"action": "dance"}, "no action 'dance' now; you may: do, pass"),
        ({"who": "zed"}, "who: there is no 'zed'; choose one of: B"),
        ({"who": "a"}, "who: there is no 'a'"),
        ({"said": " "}, "needs a text"),
        ({"said": 7}, "needs a text"),
        ({"many": 2.5}, "a number was expected, not '2.5'"),
        ({"many": True}, "a number was expected"),
        ({"much": "nan"}, "a number was expected"),
        ({"much": 1e300}, "a number was expected"),
        ({"sure": "perhaps"}, "expected true or false, not 'perhaps'"),
        ({"what": "cup"}, "choose one of: pot, pan"),
    ],
)
async def test_a_reply_that_cannot_be_done_says_what_can(stage, change, told):
    acts = await acts_of(stage)
    with pytest.raises(Unreadable) as caught:
        acts.read(json.dumps({**GOOD, **change}))
    assert told in caught.value.detail("en")


@pytest.mark.parametrize("text", ["", "no idea", "[1, 2]", '"do"'])
async def test_what_is_no_json_is_unreadable(stage, text):
    acts = await acts_of(stage)
    with pytest.raises(Unreadable):
        acts.read(text)


async def test_an_action_with_nothing_to_choose_from_is_not_offered(stage):
    play = stage({"a": {"acts": ["do", "pass"]}, "b": {}}, lambda seat, turn: GOOD if seat == "a" else "x",
                 actions=DO, world={"shelf": ["pot"]}, stop={"turns": 3})  # fmt: skip
    result = await play.hold()
    assert result.world == {"shelf": []}
    assert play.speakers == "a b", "a seat that can do nothing but pass is not asked"
    assert result.turns == 3


async def test_an_action_may_be_offered_only_at_times(stage):
    seats = {"a": {"acts": ["nod", "speak"]}}
    play = stage(seats, lambda seat, turn: {"action": "speak", "text": "x"}, actions={"nod": {"offered": "turn == 2"}},
                 stop={"turns": 3})  # fmt: skip
    await play.hold()
    assert [[*cue.acts.options] for cue in play.cues] == [["speak"], ["nod", "speak"], ["speak"]]


async def test_an_action_is_heard_by_whom_it_says(stage):
    script = [{"action": "whisper", "who": "c", "text": "psst"}, {"action": "tell", "text": "hey"}]
    play = stage(
        {key: {"acts": ["whisper", "tell"]} for key in "abc"}, script, stop={"turns": 2},
        actions={"tell": {"fields": {"text": "text"}, "says": "{{ text }}", "heard_by": "['a', 'nobody']"}},
    )  # fmt: skip
    await play.hold()
    assert [by for _, _, by, _ in play.log] == [["a", "c"], ["a", "b"]]
    assert play.log[0][1] == "(whispers to C) psst"


async def test_an_action_that_others_made_impossible_lapses_and_only_its_seat_is_told(stage):
    take = {"take": {"allowed": "cakes > 0", "refused": "the plate is empty", "changes": {"cakes": "cakes - 1"},
                     "says": "(takes the cake)"}}  # fmt: skip
    play = stage({key: {"acts": ["take"]} for key in "abc"}, lambda seat, turn: {"action": "take"}, actions=take,
                 world={"cakes": 1}, order={"concurrent": {"rounds": 1}}, stop={"turns": 9})  # fmt: skip
    result = await play.hold()
    assert result.world == {"cakes": 0}
    assert play.log[0] == ("a", "(takes the cake)", None, {"cakes": 0})
    for seat, entry in zip("bc", play.log[1:], strict=True):
        assert entry == (seat, f"({seat.upper()} tried to take, but could not: the plate is empty)", [seat], {})


async def test_an_action_that_the_world_forbids_is_refused_at_once(stage):
    take = {"take": {"fields": {"many": "integer"}, "allowed": "many <= cakes", "changes": {"cakes": "cakes - many"}}}
    play = stage({"a": {"acts": ["take"]}}, [{"action": "take", "many": 3}], actions=take, world={"cakes": 2})
    with pytest.raises(Unreadable) as caught:
        await play.hold()
    assert "'take' cannot be done now" in caught.value.detail("en")


async def test_votes_and_moves_change_the_world(stage):
    seats = {"a": {"acts": ["vote"]}, "b": {"acts": ["move"]}}
    script = [{"action": "vote", "who": "b"}, {"action": "move", "where": "inn"}]
    world = {"votes": {"each": True, "start": ""}, "places": ["inn", "mill"], "place": {"each": True, "start": "mill"}}
    play = stage(seats, script, world=world, stop={"turns": 2})
    result = await play.hold()
    assert result.world["votes"] == {"a": "b", "b": ""}
    assert result.world["place"] == {"a": "mill", "b": "inn"}
    assert play.cues[1].acts.options["move"].choices["where"] == ("inn",), "nobody goes where they are"
    assert [changes for *_, changes in play.log] == [{"votes[a]": "b"}, {"place[b]": "inn"}]


async def test_an_action_of_the_product_is_changed_field_by_field(stage):
    play = stage({"a": {"acts": ["speak"]}}, [{"action": "speak", "text": "hello"}], world={"said": 0},
                 actions={"speak": {"changes": {"said": "said + 1"}}}, stop={"turns": 2, "circles": False})  # fmt: skip
    assert (await play.hold()).world == {"said": 2}
    assert play.log[0][1] == "hello"


async def test_what_is_said_is_data_to_templates(stage):
    play = stage({"a": {"acts": ["speak"]}}, [{"action": "speak", "text": "{{ 7 * 7 }}"}], stop={"turns": 1})
    await play.hold()
    assert play.log[0][1] == "{{ 7 * 7 }}"


# ---------------------------------------------------------------------- the world


@pytest.mark.parametrize(
    ("start", "change", "told"),
    [
        (1, "'one'", "is a number and cannot become text"),
        (1, "true", "is a number and cannot become yes or no"),
        (True, "1", "is yes or no and cannot become a number"),
        ("x", "[1]", "is text and cannot become a list"),
        ([], "'x'", "is a list and cannot become text"),
        (1, "1 / 0", "cannot be worked out"),
    ],
)
async def test_a_field_keeps_its_type(stage, start, change, told):
    play = stage({"a": {"acts": ["nod"]}}, [{"action": "nod"}], world={"it": start},
                 actions={"nod": {"changes": {"it": change}}})  # fmt: skip
    with pytest.raises(UsageError, match=told):
        await play.hold()


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"money['z']": "1"}, "has no entry 'z'"), ({"purse": "1"}, "no field 'purse'"), ({"it[me]": "1"}, "no entry")],
)
async def test_only_what_is_there_can_be_changed(stage, changes, told):
    play = stage({"a": {"acts": ["nod"]}}, [{"action": "nod"}], actions={"nod": {"changes": changes}},
                 world={"money": {"each": True, "start": 1}, "it": 1})  # fmt: skip
    with pytest.raises(UsageError, match=told):
        await play.hold()


async def test_changes_see_those_before_them_and_copies_are_apart(stage):
    changes = {"one": "one + [me]", "two": "one", "three[me]": "two | length"}
    play = stage({key: {"acts": ["nod"]} for key in "ab"}, lambda seat, turn: {"action": "nod"}, stop={"turns": 2},
                 actions={"nod": {"changes": changes}},
                 world={"one": [], "two": [], "three": {"each": True, "start": 0}})  # fmt: skip
    assert (await play.hold()).world == {"one": ["a", "b"], "two": ["a", "b"], "three": {"a": 1, "b": 2}}
    assert play.log[0][3] == {"one": ["a"], "two": ["a"], "three[a]": 1}, "what was noted stays as it was"


async def test_how_the_world_begins(stage):
    world = {
        "double": {"value": "size * 2"},
        "money": {"each": ["a"], "value": "size + (1 if me == 'a' else 0)"},
        "card": {"each": True, "deal": ["king", "queen", "jack", "ace"]},
        "mood": {"each": True, "start": {"b": "low"}, "otherwise": "high"},
    }
    play = stage(["a", "b"], "xy", world=world, params={"size": 2}, order="sequential")
    begun = (await play.hold(seed=4, size=3)).world
    assert (begun["double"], begun["money"], begun["mood"]) == (6, {"a": 4}, {"a": "high", "b": "low"})
    assert sorted(begun["card"].values()) == ["king", "queen"]
    dealt = {(await stage(["a", "b"], "xy", world=world, params={"size": 2}, order="sequential").hold(seed=seed))
             .world["card"]["a"] for seed in range(8)}  # fmt: skip
    assert dealt == {"king", "queen"}


async def test_more_seats_than_there_is_to_deal_is_refused(stage):
    with pytest.raises(UsageError, match="deals 1 of 'card', and 2 seats"):
        await stage(["a", "b"], "xy", world={"card": {"each": True, "deal": ["king"]}}).hold()


BID = {
    "bid": {
        "fields": {"amount": {"integer": {"min": "least", "max": "money[me]"}}},
        "changes": {"money[me]": "money[me] - amount", "least": "amount + 1"},
    },
    "give": {"fields": {"part": {"number": {"max": 0.5}}}},
}
PURSES = {"least": 2, "money": {"each": True, "start": {"a": 9, "b": 1}}}


async def test_a_number_is_held_to_its_bounds_as_they_are_now(stage):
    script = [{"action": "bid", "amount": 4}, {"action": "give", "part": 0.25}] * 2
    play = stage({"a": {"acts": ["bid", "give"]}, "b": {"acts": ["bid", "give"]}}, script, actions=BID, world=PURSES,
                 stop={"turns": 3, "circles": False})  # fmt: skip
    with pytest.raises(Unreadable) as caught:
        await play.hold()
    assert "amount: 4 is not within 5 … 5" in caught.value.detail("en")
    first, second, third = (cue.acts for cue in play.cues)
    assert [part["properties"] for part in first.schema["anyOf"]] == [
        {"action": {"type": "string", "enum": ["bid"]}, "amount": {"type": "integer", "minimum": 2, "maximum": 9}},
        {"action": {"type": "string", "enum": ["give"]}, "part": {"type": "number", "maximum": 0.5}},
    ]
    assert '{"action": "bid", "amount": "2 … 9"}' in first.form
    assert list(second.options) == ["give"], "a bid that the purse does not allow is not offered"
    assert third.schema["anyOf"][0]["properties"]["amount"] == {"type": "integer", "minimum": 5, "maximum": 5}
    with pytest.raises(Unreadable, match="check"):
        second.read('{"action": "give", "part": 0.75}')


async def test_a_number_that_others_made_impossible_lapses(stage):
    take = {"take": {"fields": {"many": {"integer": {"min": 1, "max": "left"}}}, "changes": {"left": "left - many"}}}
    play = stage({"a": {"acts": ["take"]}, "b": {"acts": ["take"]}}, [{"action": "take", "many": 3}], actions=take,
                 world={"left": 4}, order={"concurrent": {"rounds": 1}}, stop={"turns": 9})  # fmt: skip
    assert (await play.hold()).world == {"left": 1}
    assert play.log[1][1:3] == ("(B tried to take, but could not: 'take' cannot be done now)", ["b"])
