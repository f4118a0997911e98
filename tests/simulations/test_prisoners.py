"""The prisoner's dilemma: rooms that do not hear one another, and a verdict that no model speaks."""

import pytest

PAYOFFS = [
    ("testify", "testify", 5, 5),
    ("testify", "stay_silent", 0, 10),
    ("stay_silent", "testify", 10, 0),
    ("stay_silent", "stay_silent", 1, 1),
]


@pytest.mark.parametrize(("avery", "blake", "years_avery", "years_blake"), PAYOFFS)
async def test_the_world_gives_the_verdict(play, avery, blake, years_avery, years_blake):
    choice = {"avery": avery, "blake": blake}

    def script(ask):
        return {"action": choice[ask.seat]} if ask.actions else f"{ask.seat} says {ask.number}"

    played = await play("prisoners", script)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    assert played.ended.world["years"] == {"avery": years_avery, "blake": years_blake}
    assert played.ended.measures["cooperated"] is (avery == blake == "stay_silent")
    assert [reply.seat for reply in played.replies] == [
        *["detective", "avery"] * 2, *["detective", "blake"] * 2, "avery", "blake",
    ]  # fmt: skip


async def test_the_payoffs_can_be_set(play):
    played = await play("prisoners", lambda ask: {"action": "testify"} if ask.actions else "x", rounds=1, punishment=7)
    assert played.ended.world["years"] == {"avery": 7, "blake": 7}
    assert "both testify: 7 each" in played.asks[0].text


async def test_no_suspect_hears_the_other_room(play):
    played = await play("prisoners")
    for one, other in (("avery", "blake"), ("blake", "avery")):
        prompts = [ask.text for ask in played.asks if ask.seat == one]
        said = [line.text for line in played.lines if line.seat == other]
        assert prompts
        assert said
        assert not [text for text in said for prompt in prompts if text in prompt]
    assert [line.text for line in played.lines if not line.seat][-1].startswith("The verdict")
