"""The classroom: hands, calling on, and groups that nobody else hears."""

import pytest

STUDENTS = ["nora", "felix", "irene", "samuel", "greta", "omar", "yuki", "petra"]


def lesson(*professor, eager=("felix", "omar")):
    """A professor who goes through ``professor``, then explains on; students of whom some raise hands."""
    said = list(professor)

    def script(ask):
        if ask.seat == "professor":
            if "call_on" in ask.actions:
                return {"action": "call_on", "who": ask.choices["call_on"]["who"][0]}
            do = said.pop(0) if said else "explain"
            assert do in ask.actions, (do, ask.actions)
            return {"action": do, "text": f"professor says {ask.number}"}
        if "speak" in ask.actions:
            return {"action": "speak", "text": f"{ask.seat} says {ask.number}"}
        return {"action": "raise_hand" if ask.seat in eager else "pass"}

    return script


async def test_the_professor_explains_asks_and_calls_on_a_raised_hand(play):
    played = await play("classroom", lesson("explain", "ask"), lecture=5, discussion=2, closing=1)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    seats = [reply.seat for reply in played.replies]
    assert seats[:2] == ["professor", "professor"]
    assert sorted(seats[2:10]) == sorted(STUDENTS), "after a question every student may raise a hand"
    assert seats[10:12] == ["professor", "felix"]
    assert [(line.seat, line.action) for line in played.lines[:6]] == [
        ("professor", "explain"), ("professor", "ask"), ("felix", "raise_hand"), ("omar", "raise_hand"),
        ("professor", "call_on"), ("felix", "speak"),
    ]  # fmt: skip
    choices = next(ask for ask in played.asks if "call_on" in ask.actions).choices["call_on"]["who"]
    assert choices == ["Felix", "Omar"], "only raised hands can be called on"
    assert played.ended.world["answers"]["felix"] > 0


async def test_a_silent_class_is_heard_and_anybody_may_be_called_on(play):
    played = await play("classroom", lesson("ask", eager=()), lecture=4, discussion=2, closing=1)
    assert "(silence)" in [line.text for line in played.lines]
    choices = next(ask for ask in played.asks if "call_on" in ask.actions).choices["call_on"]["who"]
    assert [choice.lower() for choice in choices] == STUDENTS


async def test_only_the_group_hears_the_group(play):
    played = await play("classroom", lesson("discuss"), discussion=4, closing=2, seed=5)
    inside = [line for line in played.lines if line.stage == "discussion" and line.seat]
    assert len(inside) == 8, "four steps in which one of each of two groups speaks"
    groups = {tuple(line.heard_by) for line in inside}
    assert sorted(seat for group in groups for seat in group) == sorted(STUDENTS)
    assert [len(group) for group in groups] == [4, 4]
    for line in inside:
        assert line.seat in line.heard_by
        strangers = [ask for ask in played.asks if ask.seat not in line.heard_by]
        assert not [ask for ask in strangers if line.text in ask.text]
    named = [ask for ask in played.asks if "Your group:" in ask.text]
    assert len(named) == 8
    other = await play("classroom", lesson("discuss"), discussion=4, closing=2, seed=6, run="two")
    assert {tuple(line.heard_by) for line in other.lines if line.stage == "discussion" and line.seat} != groups


async def test_the_lesson_ends_when_the_professor_says_so(play):
    script = lesson("discuss", "explain", "explain", "finish")
    played = await play("classroom", script, discussion=1, group_size=2)
    assert (played.ended.reason, played.lines[-1].action) == ("ended", "finish")
    assert sum(line.stage == "discussion" and bool(line.seat) for line in played.lines) == 4, "one of each pair"


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_valid_replies_come_to_an_end(play, seed):
    played = await play("classroom", seed=seed, lecture=6, discussion=2, closing=6)
    assert (played.outcome, played.ended.reason) == ("succeeded", "ended")
    assert not played.failed


async def test_a_class_in_chinese(play):
    played = await play("classroom", lesson("ask", "discuss"), language="zh", lecture=5, discussion=2, closing=1)
    assert played.ended.reason == "ended"
    texts = [ask.text for ask in played.asks]
    assert all("一堂九个人的课" in text and "Professor" not in text for text in texts)
    assert "请费利克斯发言。" in [line.text for line in played.lines]
    assert played.ended.report.startswith("八名学生中有")
