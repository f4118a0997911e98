"""A board: who may see it, who may change it, and when a change is seen."""

from typing import Any

import pytest


def post(text: str, **more: Any) -> dict[str, Any]:
    return {"do": "post", "id": "", "type": "fact", "text": text} | more


@pytest.fixture
def board(talk, helper):
    """A talk whose seats change the board as a script says: key of the question: changes."""

    def make(specs, script):
        def answer(question):
            return {"changes": script.get(question.key, [])}

        return talk(specs, helper(answer=answer))

    return make


async def test_notes_are_seen_by_those_who_share_the_board_and_by_nobody_else(board):
    specs = {"a": "blackboard", "b": {"blackboard": {"writes": False}}, "c": {"blackboard": "other"}, "d": "window"}
    made = board(specs, {"a/blackboard/board/2": [post("the key is red")]})
    made.say("hello", by="b")
    await made.shown("a")
    made.say("I noted it", by="a")
    assert "- n1 (fact, a): the key is red" in (await made.shown("b")).notes
    assert "red" not in (await made.shown("c")).notes
    assert "red" not in (await made.shown("d")).notes
    assert {question.who for question in made.helper.asked} == {"a", "c"}


async def test_those_who_speak_at_the_same_time_do_not_see_each_others_changes(board):
    specs = {"a": "blackboard", "b": "blackboard"}
    made = board(specs, {"a/blackboard/board/2": [post("from a")], "b/blackboard/board/3": [post("from b")]})
    made.say("go", by="world")
    one, other = await made.shown("a", turn=2, step=2), await made.shown("b", turn=3, step=2)
    assert "from a" in one.notes
    assert "from b" not in one.notes
    assert "from a" not in other.notes
    made.say("done", by="a")
    notes = (await made.shown("a", turn=4)).notes
    assert "n1 (fact, a): from a\n- n2 (fact, b): from b" in notes


async def test_notes_are_replaced_and_removed(board):
    changes = {
        "a/blackboard/board/2": [post("one"), post("two"), post("two"), post(" ")],
        "a/blackboard/board/3": [{"do": "replace", "id": "n1", "text": "better"}, {"do": "remove", "id": "n2"}],
        "a/blackboard/board/4": [{"do": "replace", "id": "n9", "text": "nothing"}, {"do": "dance"}, {}, post("three")],
    }
    made = board({"a": "blackboard"}, changes)
    for _ in range(3):
        made.say("go on", by="b")
        notes = (await made.shown()).notes
    assert notes.splitlines()[1:] == ["- n1 (fact, a): better", "- n3 (fact, a): three"]


async def test_only_ones_own_notes_may_be_changed_where_the_board_says_so(board):
    specs = {"a": "blackboard", "b": {"blackboard": {"only_own": True}}}
    made = board(
        specs, {"a/blackboard/board/2": [post("from a")], "b/blackboard/board/3": [{"do": "remove", "id": "n1"}]}
    )
    made.say("go", by="world")
    await made.shown("a")
    made.say("go", by="a")
    assert "from a" in (await made.shown("b")).notes


async def test_a_board_is_bounded(board):
    long = "word " * 1000
    script = {f"a/blackboard/board/{turn}": [post(f"{turn}.{n} {long}") for n in range(5)] for turn in range(2, 30)}
    made = board({"a": {"blackboard": {"most": 3}}}, script)
    for _ in range(10):
        made.say("go on", by="b")
        notes = (await made.shown()).notes
    assert len(notes.splitlines()) == 4
    assert len(notes) < 1000


async def test_who_heard_nothing_new_is_not_asked(board):
    made = board({"a": "blackboard"}, {})
    made.say("my own words", by="a")
    await made.shown()
    assert made.helper.asked == []
    made.say("theirs", by="b")
    await made.shown()
    await made.shown(turn=9)
    assert len(made.helper.asked) == 1
