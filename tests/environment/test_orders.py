"""Who speaks next, rule by rule."""

import itertools

import pytest

from agentverse.errors import UsageError


def say(seat, turn):
    return f"{seat} says {turn}"


async def speakers(play, **how):
    result = await play.hold(**how)
    return play.speakers, result.reason


async def test_only_seats_that_may_speak_are_asked(stage):
    play = stage(["a", "b", "c"], say, order={"alternate": {"among": "seat != 'b'"}}, stop={"turns": 4})
    assert (await speakers(play))[0] == "a c a c"
    play = stage(["a", "b", "c"], say, order={"sequential": {"among": "seat != 'a'"}}, stop={"turns": 9})
    assert await speakers(play) == ("b c", "stopped")
    play = stage(["a", "b"], say, order={"alternate": {"among": "false"}}, stop={"turns": 9})
    assert await speakers(play) == ("", "stopped")


async def test_all_at_once_as_often_as_is_said(stage):
    play = stage(["a", "b", "c"], say, order={"concurrent": {"rounds": 2}}, stop={"turns": 99})
    assert await speakers(play) == ("a b c a b c", "stopped")
    assert [len(shown) for shown in play.shown] == [0, 0, 0, 3, 3, 3], "nobody hears those who speak at the same time"


async def test_chance_follows_the_seed_and_takes_nobody_twice_in_a_row(stage):
    def play():
        return stage(list("abcd"), say, order="random", stop={"turns": 30})

    one, again, other = play(), play(), play()
    first = (await speakers(one, seed=1))[0]
    assert (await speakers(again, seed=1))[0] == first
    assert (await speakers(other, seed=2))[0] != first
    order = first.split()
    assert set(order) == set("abcd")
    assert all(one != two for one, two in itertools.pairwise(order))


async def test_chance_may_draw_several(stage):
    play = stage(list("abcd"), say, order={"random": {"count": 2}}, stop={"turns": 8})
    order = (await speakers(play))[0].split()
    steps = [set(order[at : at + 2]) for at in range(0, 8, 2)]
    assert all(len(step) == 2 for step in steps)
    assert all(not one & two for one, two in itertools.pairwise(steps))


async def test_one_of_each_group_speaks_in_turn(stage):
    groups = {"groups": [["a", "b"], ["c", "d", "e"]], "rounds": 3}
    play = stage(list("abcde"), say, order={"round_robin": groups}, stop={"turns": 99})
    assert await speakers(play) == ("a c b d a e", "stopped")


async def test_groups_may_follow_the_world(stage):
    world = {"team": {"each": True, "start": {"a": "red", "b": "blue", "c": "red"}, "otherwise": ""}}
    order = {"round_robin": {"by": "team[seat]", "rounds": 2}}
    play = stage(list("abcd"), say, order=order, world=world, stop={"turns": 99})
    assert (await speakers(play))[0] == "a b b c"


async def test_groups_are_those_that_hear_only_themselves(stage):
    rules = {"order": "round_robin", "visibility": {"groups": {"size": 2, "ends": 2}}}
    play = stage(list("abcd"), say, **rules, stop={"turns": 99})
    assert await speakers(play) == ("a c b d", "stopped"), "after the groups have dissolved nobody is in one"


CLASS = {"boss": {"acts": ["speak", "ask", "call_on"]}, "x": {"acts": ["raise_hand", "speak", "pass"]}}
CLASS |= {"y": CLASS["x"]}


async def test_a_moderator_calls_on_whom_they_like(stage):
    script = [
        {"action": "speak", "text": "welcome"}, {"action": "ask", "text": "who knows?"},
        {"action": "raise_hand"}, {"action": "raise_hand"},
        {"action": "call_on", "who": "y"}, {"action": "speak", "text": "I do"}, {"action": "speak", "text": "good"},
    ]  # fmt: skip
    play = stage(CLASS, script, order={"call_on": {"moderator": "boss"}}, stop={"turns": 7})
    await play.hold()
    assert play.speakers == "boss boss x y boss y boss"


async def test_without_a_moderator_the_last_speaker_names_the_next(stage):
    seats = {key: {"acts": ["speak", "call_on"]} for key in "abc"}
    said = {"a": {"action": "call_on", "who": "c"}, "c": {"action": "speak", "text": "x"}}
    play = stage(seats, lambda seat, turn: said.get(seat, {"action": "speak", "text": "y"}), order="call_on",
                 stop={"turns": 5})  # fmt: skip
    await play.hold()
    assert play.speakers == "a c a c a"


async def test_whoever_wants_to_speak_most_does(stage):
    play = stage(list("abc"), say, order="bidding", answers=lambda poll: {"a": "2", "b": "5", "c": "3"}[poll.seat],
                 stop={"turns": 4})  # fmt: skip
    await play.hold()
    assert play.speakers == "b c b c", "whoever spoke last is not asked"
    assert {poll.what for poll in play.polls} == {"bid"}
    assert len(play.polls) == 3 + 2 + 2 + 2


async def test_when_nobody_wants_to_speak_it_is_over(stage):
    play = stage(list("abc"), say, order={"bidding": {"least": 2}}, answers=lambda poll: "1", stop={"turns": 9})
    assert await speakers(play) == ("", "stopped")


async def test_a_tie_is_broken_by_the_seed(stage):
    def play():
        return stage(list("abcd"), say, order="bidding", answers=lambda poll: "3", stop={"turns": 12})

    found = {(await speakers(play(), seed=seed))[0] for seed in (1, 2, 3)}
    assert len(found) == 3


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"round_robin": {"groups": [["a"], ["b", "c"]]}}, "group of one"),
        ({"round_robin": {"groups": [["a", "b"], ["b", "c"]]}}, "'b' is in two groups"),
        ({"round_robin": {"groups": [["a", "b"], []]}}, "a group is empty"),
        ({"round_robin": {"groups": [["a", "b"]], "by": "seat"}}, "either 'groups' or 'by'"),
        ({"call_on": {"moderator": "z"}}, "no seat 'z'"),
        ({"bidding": {"least": 9}}, "less than or equal to 5"),
        ({"random": {"count": 0}}, "greater than 0"),
    ],
)
async def test_what_cannot_be_is_refused(stage, order, said):
    with pytest.raises(UsageError, match=said):
        await stage(list("abc"), say, order=order).hold()


async def test_a_number_may_be_a_parameter(stage):
    play = stage(["a", "b"], say, order={"sequential": {"rounds": "times"}}, params={"times": 2}, stop={"turns": 99})
    assert (await speakers(play))[0] == "a b a b"
    assert (await speakers(stage(["a"], say, order={"sequential": {"rounds": "times"}}, params={"times": 2}), times=3)
            )[0] == "a a a"  # fmt: skip
