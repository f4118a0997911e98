"""Agents that give nothing usable: they pass, and when nobody can act any more the run says so."""

import pytest

TALK = """\
seats:
  one: {acts: [speak], role: {title: One, prompt: You are One.}}
  two: {acts: [speak], role: {title: Two, prompt: You are Two.}}
setting: Talk.
rules: {stop: {turns: 6, circles: false}}
"""


@pytest.fixture
def talk(tmp_path):
    (tmp_path / "talk.yaml").write_text(TALK)
    return str(tmp_path / "talk.yaml")


async def test_whoever_gives_no_usable_action_passes(play, talk):
    def script(ask):
        return {"action": "sing"} if ask.seat == "two" else {"action": "speak", "text": f"one says {ask.number}"}

    played = await play(talk, script)
    assert (played.outcome, played.ended.reason, played.ended.turns) == ("succeeded", "turns", 6)
    assert [(line.seat, line.action) for line in played.lines] == [("one", "speak"), ("two", "pass")] * 3
    assert [event.seat for event in played.failed] == ["two"] * 3
    assert any("there is no action 'sing' now; you may: speak" in ask.text for ask in played.asks)


async def test_when_nobody_can_act_the_run_fails_and_says_so(play, talk):
    played = await play(talk, lambda ask: "I would rather not.")
    assert played.outcome == "failed"
    assert "nobody gave a usable reply any more (2 turns in a row)" in played.reason
    assert played.ended is None


CROWD = """\
params: {deaf: 25}
seats:
  deaf: {count: deaf, acts: [speak], role: {title: Deaf, prompt: You hear nothing.}}
  able: {acts: [speak], role: {title: Able, prompt: You are able.}}
setting: Talk.
rules: {order: {concurrent: {rounds: 2}}, stop: {turns: 100, circles: false}}
"""


def only_able(ask):
    return {"action": "speak", "text": f"said {ask.number}"} if ask.seat == "able" else {"action": "sing"}


async def test_of_those_who_speak_at_once_one_usable_reply_is_enough_whoever_answers_first(play, tmp_path):
    """More fail than there is patience for, all of them after the one who does not: they are asked again first."""
    (tmp_path / "crowd.yaml").write_text(CROWD)
    played = await play(str(tmp_path / "crowd.yaml"), only_able)
    assert played.outcome == "succeeded", played.reason
    assert (played.ended.turns, len(played.failed)) == (52, 50)


async def test_when_all_who_speak_at_once_fail_the_whole_step_is_counted(play, tmp_path):
    (tmp_path / "crowd.yaml").write_text(CROWD)
    played = await play(str(tmp_path / "crowd.yaml"), lambda ask: "I would rather not.")
    assert played.outcome == "failed"
    assert "nobody gave a usable reply any more (26 turns in a row)" in played.reason
