"""Which replies count, what changes afterwards, and what ends a conversation, rule by rule."""

import pytest

from agentverse.blueprint.artifacts import Evidence
from agentverse.errors import UsageError

ONCE = {"concurrent": {"rounds": 1}}


async def counted(stage, selection, replies, *, seats="abc", **how):
    """Seats whose replies counted when all spoke at once."""
    play = stage(list(seats), replies, order=ONCE, selection=selection, stop={"turns": 9}, **how)
    result = await play.hold()
    return "".join(line.seat for line in result.lines), play


async def test_the_first_that_says_anything_counts(stage):
    assert (await counted(stage, "first", ["", "x", "y"]))[0] == "b"
    assert (await counted(stage, "first", ["", " ", ""]))[0] == ""


@pytest.mark.parametrize(
    ("replies", "share", "counts"),
    [
        (["7", "8", "7.0"], 0.0, "a"),
        (["8", "1,000", "1000."], 0.5, "b"),
        (["x", "y", "z"], 0.5, ""),
        (["", "", "z"], 0.0, "c"),
    ],
)
async def test_what_most_say_counts(stage, replies, share, counts):
    assert (await counted(stage, {"majority": share}, replies))[0] == counts


async def test_the_majority_may_be_of_a_field(stage):
    seats = {key: {"acts": ["guess"]} for key in "abc"}
    guess = {"guess": {"fields": {"number": "integer", "why": "text"}, "says": "{{ number }}"}}
    script = [{"action": "guess", "number": number, "why": f"w{number}"} for number in (3, 4, 4)]
    play = stage(seats, script, actions=guess, order=ONCE, selection={"majority": {"field": "number"}})
    assert [line.text for line in (await play.hold()).lines] == ["4"]


async def test_a_judge_says_which_is_best(stage):
    counts, play = await counted(stage, {"best": "d"}, ["x", "", "z"], seats="abcd", answers=lambda poll: "2")
    assert counts == "c"
    assert "1. x\n\n2. z" in play.polls[0].question
    assert [poll.seat for poll in play.polls] == ["d"]


async def test_a_moderator_says_which_count(stage):
    counts, play = await counted(stage, {"moderator": "a"}, ["x", "y", "z"], answers=lambda poll: {"count": [2]})
    assert counts == "ac", "the moderator's own reply always counts"
    assert play.polls[0].type["properties"]["count"]["items"]["maximum"] == 2


async def test_of_several_hands_so_many_are_seen(stage):
    seats = {key: {"acts": ["raise_hand", "pass"]} for key in "abcd"}
    script = [{"action": act} for act in ("raise_hand", "pass", "raise_hand", "raise_hand")]

    async def seen(seed):
        play = stage(seats, script, order=ONCE, selection={"hand_raise": 2})
        return [line.seat for line in (await play.hold(seed=seed)).lines]

    found = {tuple(await seen(seed)) for seed in range(6)}
    assert all(len(hands) == 2 and "b" not in hands for hands in found)
    assert len(found) > 1


async def test_the_files_that_do_best_count(stage):
    assert (await counted(stage, {"passing": "x"}, ["", "axx", "xxx"]))[0] == "b", "the first that is good enough"


# ---------------------------------------------------------------------- update


async def test_silence_is_heard(stage):
    seats = {"a": {"acts": ["speak", "pass"]}, "b": {"acts": ["nod", "pass"]}}
    script = [{"action": "pass"}, {"action": "nod"}, {"action": "speak", "text": "x"}, {"action": "pass"}]
    play = stage(seats, script, actions={"nod": {}}, update="silence", stop={"turns": 4})
    result = await play.hold(language="zh")
    assert [line.text for line in result.lines] == ["", "（沉默）", "", "x", "", "（沉默）"]


async def test_the_clock_goes_on_over_midnight(stage):
    play = stage(["a"], "xyz", update={"clock": 20}, world={"time": "23:30"}, stop={"turns": 3})
    assert (await play.hold()).world == {"time": "00:30"}
    play = stage(["a"], "xyz", update={"clock": {"minutes": 2, "field": "day"}}, world={"day": 1}, stop={"turns": 3})
    assert (await play.hold()).world == {"day": 7}


async def test_replies_score(stage):
    points = "2 if 'yes' in text else (1 if action == 'nod' else 0)"
    play = stage(
        {"a": {"acts": ["speak"]}, "b": {"acts": ["nod", "pass"]}},
        [{"action": "speak", "text": "yes"}, {"action": "nod"}, {"action": "speak", "text": "no"}, {"action": "pass"}],
        actions={"nod": {}},
        update={"score": points},
        world={"score": {"each": True, "start": 0}},
        stop={"turns": 4},
    )
    assert (await play.hold()).world == {"score": {"a": 2, "b": 1}}


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"update": "clock"}, "no field 'time'"),
        ({"update": {"score": "1"}}, "no field 'score'"),
        ({"update": {"score": {"points": "1", "field": "x"}}, "world": {"x": 0}}, "no value for each seat"),
        ({"selection": {"best": "z"}}, "no seat 'z'"),
        ({"selection": {"majority": 1.0}}, "less than 1"),
        ({"stop": {"judge": "z"}}, "no seat 'z'"),
    ],
)
async def test_what_cannot_be_is_refused(stage, rules, said):
    with pytest.raises(UsageError, match=said):
        await stage(["a", "b"], "xy", **rules).hold()


# ---------------------------------------------------------------------- stop


async def test_a_condition_of_the_world_ends_it(stage):
    play = stage(["a"], "xyz", update={"clock": {"minutes": 1}}, world={"time": 0}, stop={"when": "time == 2"})
    assert ((await play.hold()).reason, len(play.asked)) == ("condition", 2)


async def test_a_judge_may_end_it(stage):
    said = iter(["no", "yes"])
    stop = {"judge": {"judge": "b", "every": 2, "question": "Is peace made?"}, "turns": 9, "circles": False}
    play = stage(["a", "b"], "xyz", stop=stop, answers=lambda poll: next(said))
    assert ((await play.hold()).reason, len(play.asked)) == ("judged", 4)
    assert "Is peace made?" in play.polls[0].question


async def test_what_passed_in_the_sandbox_ends_it(stage):
    failed, passed = Evidence(passed=False), Evidence(passed=True)
    play = stage(["a"], [failed, passed], stop={"passed": True, "turns": 9, "circles": False})
    assert ((await play.hold()).reason, len(play.asked)) == ("passed", 2)


async def test_an_action_that_nobody_hears_is_no_silence(stage):
    seats = {key: {"acts": ["nod", "pass"]} for key in "ab"}
    play = stage(seats, lambda seat, turn: {"action": "nod"}, actions={"nod": {}},
                 stop={"silence": True, "turns": 4, "circles": False})  # fmt: skip
    assert (await play.hold()).reason == "turns"
