"""Conclusions, plans and importance: turns of their own, at the right time, about what was heard."""

import pytest

from agentverse.memory.importance import by_rule


def conclude(question):
    if "ratings" in question.type.get("properties", {}) if isinstance(question.type, dict) else False:
        return {"ratings": [9] * question.type["properties"]["ratings"]["minItems"]}
    return {"conclusions": [f"conclusion at {question.key}", "  "]} if isinstance(question.type, dict) else "a plan"


async def test_conclusions_are_drawn_when_enough_of_importance_was_heard(talk, helper):
    spec = [{"reflection": {"threshold": 150, "importance": "model"}}, {"recall": {"rated": "model"}}]
    made = talk({"a": spec}, helper(answer=conclude))
    drawn = []
    for number in range(1, 41):
        made.say(f"line {number}")
        await made.shown()
        drawn.append(sum("/reflection/" in question.key for question in made.helper.asked))
    # Ten lines are rated at once, and each counts nine: twenty of them are enough.
    assert drawn == [number // 20 for number in range(1, 41)]
    rated = [question for question in made.helper.asked if "/importance/" in question.key]
    assert [line.text for question in rated for line in question.transcript] == [f"line {n}" for n in range(1, 41)]
    assert {question.who for question in made.helper.asked} == {"a"}


async def test_what_weighs_enough_by_its_words_is_reflected_on_at_once(talk, helper):
    made = talk({"a": {"reflection": {"threshold": 12}}}, helper(answer=conclude))
    for _ in range(2):
        made.say("We must remember: the deadline is 12 May.")
        await made.shown()
    assert [question.key for question in made.helper.asked] == ["a/reflection/2"]


async def test_the_newest_conclusions_are_shown_and_all_can_be_recalled(talk, helper):
    def answer(question):
        return {"conclusions": [f"the archive key matters, {question.key}"]}

    spec = [{"window": 4}, {"reflection": {"threshold": 10, "keep": 1}}, {"recall": {"top": 50, "importance": 0}}]
    made = talk({"a": spec}, helper(answer=answer))
    for number in range(1, 40):
        made.say(f"line {number} on other things we must decide")
        await made.shown()
    made.say("And the archive key?")
    notes = (await made.shown()).notes
    concluded, remembered = notes.split("# You remember")
    assert concluded.count("archive key") == 1
    assert remembered.count("the archive key matters") > 3


async def test_what_was_concluded_is_told_when_more_is_asked_for(talk, helper):
    made = talk({"a": {"reflection": {"threshold": 3}}}, helper(answer=conclude))
    for number in range(1, 5):
        made.say(f"we must decide {number}")
        await made.shown()
    last = made.helper.asked[-1]
    assert last.transcript[0].text == "we must decide 4"
    assert "conclusion at a/reflection/3" in last.transcript[-1].text


async def test_a_plan_is_made_at_first_and_again_after_enough_was_heard(talk, helper):
    made = talk({"a": {"plan": 3}}, helper(answer=lambda question: f"plan {question.key}"))
    assert "plan a/plan/1" in (await made.shown()).notes
    for number in range(1, 7):
        made.say(f"line {number}")
        notes = (await made.shown()).notes
        assert f"plan a/plan/{1 + number // 3}" in notes
    assert "plan a/plan/1" in made.helper.asked[1].instruction
    assert len(made.helper.asked) == 3


@pytest.mark.parametrize(
    ("weighty", "idle"),
    [
        ("We must ship before 12 May because Anna Brown promised it.", "Nice weather, isn't it?"),
        ("我们决定必须在5月12日之前交付，因为这是承诺。", "今天天气不错。"),
    ],
)
def test_what_decides_something_counts_more_than_small_talk(weighty, idle):
    assert 1 <= by_rule(idle) < by_rule(weighty) <= 10
    assert by_rule("") == 1
    assert by_rule(weighty * 100) >= 9


async def test_a_model_that_rates_too_few_is_filled_up(talk, helper):
    spec = {"reflection": {"importance": "model", "threshold": 1000}}
    made = talk({"a": spec}, helper(answer=lambda _: {"ratings": [99]}))
    lines = [made.say(f"line {number}") for number in range(10)]
    await made.shown()
    ratings = made.memories.shared.ratings("a", "model")
    assert [ratings.of(line) for line in lines] == [10] + [by_rule("line 1")] * 9
