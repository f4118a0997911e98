"""The debate: both sides in turn, marks in secret, a verdict that cannot contradict them."""

import pytest


def debate(marks, *, votes="pro", why="the better facts"):
    """A judge who gives ``marks`` for the three parts, one after the other."""
    given = list(marks)

    def script(ask):
        if "mark" in ask.actions:
            pro, con = given.pop(0)
            return {"action": "mark", "for_pro": pro, "for_con": con}
        if "decide" in ask.actions:
            return {"action": "decide", "who": ask.choices["decide"]["who"][0], "why": why}
        if "vote" in ask.actions:
            return {"action": "vote", "who": votes}
        return f"{ask.seat} says {ask.number}"

    return script


async def test_the_sides_speak_in_turn_and_the_marks_decide(play):
    played = await play("debate", debate(["42", "33", "51"]), rebuttals=2)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    sides = ["pro", "con"]
    assert [reply.seat for reply in played.replies] == [
        *sides, "judge", *sides, *sides, "judge", *sides, "judge", "judge",
    ]  # fmt: skip
    assert played.ended.measures == {"winner": "pro", "pro_points": 12, "con_points": 6, "pro_votes": 0, "con_votes": 0}
    assert played.ended.report == "Rowan wins, 12 to 6 points. the better facts"
    assert played.lines[-1].text == "Rowan wins: the better facts"


async def test_nobody_but_the_judge_learns_a_mark_before_the_verdict(play):
    played = await play("debate", debate(["42", "33", "51"]), audience=2)
    marks = [line for line in played.lines if line.action == "mark"]
    assert [line.heard_by for line in marks] == [["judge"]] * 3
    others = [ask.text for ask in played.asks if ask.seat != "judge"]
    assert len(others) == 10
    assert not [text for text in others if "mark" in text.lower() or "points" in text]
    assert "Your marks: 12 for Rowan, 6 for Maren." in played.asks[-1].text


async def test_the_judge_cannot_name_the_side_with_fewer_marks(play):
    asked = []

    def script(ask):
        if "decide" in ask.actions:
            asked.append(ask)
            assert ask.choices["decide"]["who"] == ["Maren"]
            return {"action": "decide", "who": "pro" if len(asked) == 1 else "con", "why": "so be it"}
        return debate(["15"])(ask)

    played = await play("debate", script, rebuttals=1)
    assert len(asked) == 2
    assert "there is no 'pro'; choose one of: Maren" in asked[1].text
    assert played.ended.measures["winner"] == "con"


async def test_an_audience_votes_in_secret(play):
    played = await play("debate", debate(["11", "11", "11"], votes="con"), audience=3)
    assert played.ended.measures["con_votes"] == 3
    assert played.ended.measures["winner"] == "pro", "the judge may choose when the marks are equal"
    assert "votes 0 to 3" in played.ended.report
    votes = [line for line in played.lines if line.action == "vote"]
    assert [line.heard_by for line in votes] == [[line.seat] for line in votes]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_valid_replies_come_to_an_end(play, seed):
    played = await play("debate", seed=seed, audience=seed - 1, rebuttals=seed)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    assert played.ended.measures["winner"] in ("pro", "con")
    assert not played.failed


async def test_a_debate_in_chinese(play):
    played = await play("debate", debate(["42", "33", "51"], why="理由充分"), language="zh", audience=1)
    assert played.ended.report == "罗文获胜，比分 12 比 6，听众投票 1 比 0。理由充分"
    assert all("辩题：" in ask.text and "motion" not in ask.text for ask in played.asks)
