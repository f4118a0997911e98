"""The town: whoever is at the same place hears, and nobody else; the clock; a visitor."""

import pytest

from .conftest import any_reply

HOMES = {"ada": "bakery", "ben": "smithy", "clara": "inn", "dora": "school", "emil": "square", "finn": "smithy"}


def places_over_time(played):
    """For each line that a seat spoke: where everybody was after the step in which it was said."""
    place = dict(played.scenes[0].world["place"])
    for line in played.lines:
        for change, value in line.changes.items():
            if change.startswith("place["):
                place[change[6:-1]] = value
        yield line, dict(place)


async def test_words_are_heard_where_they_are_said_and_nowhere_else(play):
    def script(ask):
        return (
            {"action": "speak", "text": f"{ask.seat} word {ask.number}."}
            if "speak" in ask.actions
            else {"action": "pass"}
        )

    played = await play("town", script, steps=4)
    assert played.outcome == "succeeded"
    assert [(line.seat, line.heard_by) for line in played.lines if line.action == "speak"] == [
        ("ben", ["ben", "finn"]), ("finn", ["ben", "finn"]), ("ben", ["ben", "finn"]), ("finn", ["ben", "finn"]),
    ]  # fmt: skip
    for line in played.lines:
        for ask in played.asks:
            if line.text and line.text in ask.text:
                assert ask.seat in line.heard_by


async def test_who_walks_is_seen_leaving_and_arriving_and_meets_who_is_there(play):
    def script(ask):
        if ask.seat == "emil" and "You are at the square" in ask.text:
            return {"action": "move", "where": "the smithy"}
        if ask.seat == "emil" and "speak" in ask.actions:
            return {"action": "speak", "text": "A letter for you."}
        return {"action": "pass"}

    played = await play("town", script, steps=6)
    walk = next(line for line in played.lines if line.action == "move")
    assert (walk.text, walk.heard_by) == ("(goes to: the smithy)", ["ben", "emil", "finn"])
    letter = next(line for line in played.lines if line.action == "speak")
    assert letter.heard_by == ["ben", "emil", "finn"]
    at_smithy = [ask for ask in played.asks if ask.seat == "ben"][-1]
    assert "Emil: A letter for you." in at_smithy.text
    assert "With you: Emil, Finn." in at_smithy.text
    assert played.ended.world["place"] == {**HOMES, "emil": "smithy", "visitor": "road"}
    assert "Emil at the smithy" in played.ended.report


async def test_the_clock_goes_on_ten_minutes_with_each_step(play):
    played = await play("town", lambda ask: {"action": "pass"}, steps=3, clock="23:50")
    told = [ask.text.partition("It is ")[2][:5] for ask in played.asks if ask.seat == "clara"]
    assert told == ["23:50", "00:00", "00:10"]
    assert played.ended.world["time"] == "00:20"


async def test_one_of_each_place_speaks_at_a_time_and_nobody_waits_for_ever(play):
    played = await play("town", lambda ask: {"action": "pass"}, steps=4)
    smithy = [ask.seat for ask in played.asks if ask.seat in ("ben", "finn")]
    assert smithy == ["ben", "finn", "ben", "finn"]


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_they_do_nobody_is_told_what_was_said_elsewhere(play, seed):
    played = await play("town", any_reply, seed=seed, steps=12 + seed)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    said = [line for line in played.lines if line.action == "speak"]
    assert said
    for ask in played.asks:
        for line in said:
            if f": {line.text}\n" in ask.text:
                assert ask.seat in line.heard_by
    for line, place in places_over_time(played):
        if line.action == "speak":
            assert set(line.heard_by) >= {
                seat for seat in HOMES if place[seat] == place[line.seat] and seat == line.seat
            }


async def test_where_nobody_can_be_asked_the_visitor_stays_away(play):
    played = await play("town", any_reply, steps=10)
    assert played.ended.world["place"]["visitor"] == "road"
    assert not any("Visitor" in ask.text for ask in played.asks)


async def test_it_is_played_in_chinese(play):
    played = await play("town", any_reply, language="zh", steps=8)
    assert all(ask.seat for ask in played.asks)
    assert any("你在铁匠铺" in ask.text for ask in played.asks)
    assert not any("smithy" in ask.text for ask in played.asks)
    assert "在" in played.ended.report
