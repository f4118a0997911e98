"""Who hears what, rule by rule."""

import pytest

from agentverse.errors import UsageError


def say(seat, turn):
    return f"{seat} says {turn}"


async def heard(stage, visibility, *, turns=6, world=None, seats=("a", "b", "c", "d"), **how):
    """Seat: the seats that heard it, over ``turns`` replies in turn."""
    play = stage(list(seats), say, visibility=visibility, world=world, stop={"turns": turns})
    await play.hold(**how)
    return [(seat, "".join(by) if by is not None else "all") for seat, _, by, _ in play.log]


async def test_pairs_hear_each_other_and_nobody_else(stage):
    found = await heard(stage, {"pairs": [["a", "b"], ["a", "c"]]}, turns=4)
    assert found == [("a", "abc"), ("b", "ab"), ("c", "ac"), ("d", "d")]


async def test_groups_hear_only_themselves_and_others_are_heard_by_all(stage):
    found = await heard(stage, {"groups": [["a", "b"]]}, turns=4)
    assert found == [("a", "ab"), ("b", "ab"), ("c", "all"), ("d", "all")]


async def test_groups_form_and_dissolve(stage):
    found = await heard(stage, {"groups": {"groups": [["a", "b"], ["c", "d"]], "starts": 2, "ends": 3}}, turns=5)
    assert found == [("a", "all"), ("b", "ab"), ("c", "cd"), ("d", "all"), ("a", "all")]


async def test_groups_of_a_size_leave_nobody_alone(stage):
    found = await heard(stage, {"groups": {"size": 2}}, turns=5, seats="abcde")
    assert found == [("a", "ab"), ("b", "ab"), ("c", "cde"), ("d", "cde"), ("e", "cde")]


async def test_groups_are_mixed_by_the_seed(stage):
    def find(seed):
        return heard(stage, {"groups": {"size": 4, "mixed": True}}, turns=8, seats="abcdefgh", seed=seed)

    assert await find(1) == await find(1)
    assert len({tuple(await find(seed)) for seed in range(4)}) > 1


async def test_groups_may_be_made_of_some_seats(stage):
    found = await heard(stage, {"groups": {"size": 2, "of": ["b", "c"]}}, turns=4)
    assert found == [("a", "all"), ("b", "bc"), ("c", "bc"), ("d", "all")]


async def test_groups_may_follow_the_world(stage):
    world = {"team": {"each": True, "start": {"a": "red", "c": "red"}, "otherwise": ""}}
    found = await heard(stage, {"groups": {"by": "team[seat]"}}, turns=3, world=world)
    assert found == [("a", "ac"), ("b", "all"), ("c", "ac")]


async def test_a_seat_is_told_who_is_in_its_group(stage):
    seats = {key: {"prompt": "With {{ group | join(' and ') or 'nobody' }}."} for key in "abcd"}
    play = stage(seats, say, visibility={"groups": {"size": 2, "of": ["a", "b"]}}, stop={"turns": 3})
    await play.hold()
    assert [cue.prompt for cue in play.cues] == ["With a and b.", "With a and b.", "With nobody."]


async def test_only_whoever_is_at_the_same_place_hears(stage):
    world = {"place": {"each": True, "start": {"a": "inn", "b": "mill", "c": "inn"}, "otherwise": None}}
    found = await heard(stage, "location", turns=4, world=world)
    assert found == [("a", "ac"), ("b", "b"), ("c", "ac"), ("d", "d")]


async def test_words_go_along_the_edges_of_a_network(stage):
    edges = [["a", "b"], ["b", "c"]]
    assert await heard(stage, {"network": {"edges": edges}}, turns=3) == [("a", "ab"), ("b", "abc"), ("c", "bc")]
    directed = {"network": {"edges": edges, "directed": True}}
    assert await heard(stage, directed, turns=3) == [("a", "ab"), ("b", "bc"), ("c", "c")]


async def test_a_declared_seat_stands_for_all_that_are_made_of_it(stage):
    play = stage({"boss": {}, "worker": {"count": 2}}, say, visibility={"pairs": [["boss", "worker"]]},
                 stop={"turns": 3})  # fmt: skip
    await play.hold()
    assert [by for _, _, by, _ in play.log] == [None, ["boss", "worker_1"], ["boss", "worker_2"]]


@pytest.mark.parametrize(
    ("visibility", "said"),
    [
        ({"pairs": [["a", "a"]]}, "two different seats"),
        ({"pairs": [["a", "z"]]}, "no seat 'z'"),
        ({"pairs": []}, "at least 1 item"),
        ({"groups": {"groups": [["a"]]}}, "group of one"),
        ({"groups": {"size": 1}}, "greater than or equal to 2"),
        ({"groups": {"size": 2, "by": "seat"}}, "one of 'groups', 'by' and 'size'"),
        ({"groups": {"size": 2, "starts": 3, "ends": 2}}, "dissolve before they form"),
        ({"groups": {"size": 2, "of": ["a", "z"]}}, "no seat 'z'"),
        ("location", "no field 'place'"),
        ({"network": {"edges": [["a", "b", "c"]]}}, "an edge is two different seats"),
    ],
)
async def test_what_cannot_be_is_refused(stage, visibility, said):
    with pytest.raises(UsageError, match=said):
        await stage(["a", "b", "c"], say, visibility=visibility).hold()
