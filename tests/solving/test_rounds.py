"""Rounds of the company `solve`: accepted at once, later or never; what is delivered; what is passed on."""

import pytest

from agentverse.errors import UsageError

POOR = {"advice": "Use each number once.", "clear": 9, "complete": 9, "correct": 3}
WRONG = "Add them up.\nAnswer: 27"
RIGHT = "Multiply.\n**Answer:** 24.0"


async def test_a_solution_that_is_accepted_at_once_is_delivered(solve):
    solved = await solve(lambda ask: "(7 - 8 / 8) * 4 = 24" if ask.key == "decide#1/-/4" else None)
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert solved.phases == ["recruit", "decide", "judge"]
    assert solved.file() == "(7 - 8 / 8) * 4 = 24\n"


async def test_the_advice_reaches_the_recruiter_and_every_expert_of_the_next_round(solve):
    solved = await solve(lambda ask: POOR if ask.key == "judge#1/-/1" else None)
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert solved.phases == ["recruit", "decide", "judge", "again", "decide", "judge"]
    later = [ask for ask in solved.asks if ask.phase == "again" or (ask.phase == "decide" and ask.visit == 2)]
    assert len(later) == 5
    assert all("Use each number once." in ask.text and "word decide#1/-/4" in ask.text for ask in later)
    assert solved.file() == "word decide#2/-/4\n"


async def test_what_earlier_rounds_left_stays_as_it_was_in_later_prompts(solve):
    solved = await solve(lambda ask: POOR if ask.phase == "judge" else None)
    firsts = [next(ask.text for ask in solved.asks if ask.key == f"decide#{visit}/-/1") for visit in (1, 2, 3)]
    shared = [text.partition("# Your turn")[0].rstrip() for text in firsts]
    assert shared[1].startswith(shared[0])
    assert shared[2].startswith(shared[1])
    assert len(shared[2]) > len(shared[1]) > len(shared[0])


async def test_the_best_round_is_kept_when_none_is_accepted(solve):
    scores = {1: 2, 2: 6, 3: 4}

    def script(ask):
        return {**POOR, "correct": scores[ask.visit]} if ask.phase == "judge" else None

    solved = await solve(script)
    assert solved.result.outcome == "failed"
    assert "attempts.accepted" in solved.result.reason
    assert [ask.visit for ask in solved.asks if ask.phase == "judge"] == [1, 2, 3]
    assert solved.file() == "word decide#2/-/4\n"


async def test_rounds_and_threshold_can_be_set(solve):
    solved = await solve(lambda ask: POOR if ask.phase == "judge" else None, rounds="1")
    assert (solved.result.outcome, solved.phases) == ("failed", ["recruit", "decide", "judge"])
    solved = await solve(lambda ask: POOR if ask.phase == "judge" else None, threshold="3", run="two")
    assert solved.result.outcome == "succeeded"


async def test_an_exact_answer_is_compared_and_never_shown(solve):
    def script(ask):
        return (WRONG if ask.visit == 1 else RIGHT) if ask.phase == "decide" and ask.turn == 4 else None

    solved = await solve(script, idea="What do the cards make?", evaluate="exact", answer="24")
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert solved.phases == ["recruit", "decide", "again", "decide"]
    assert solved.made("same") == [False, True]
    assert not [ask.key for ask in solved.asks if "24" in ask.text]
    assert "The final answer is not right." in solved.asks[-1].text


async def test_a_program_is_written_and_run_before_it_is_judged(solve):
    def script(ask):
        if ask.phase == "program":
            return f"```python main.py\nprint((7 - 8 // {8 if ask.visit == 2 else 0}) * 4)\n```"
        return None

    solved = await solve(script, act="code")
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert [shown.get("passed") for shown in solved.made("shown")] == [False, True]
    assert solved.phases == ["recruit", "decide", "program", "judge", "again", "decide", "program", "judge"]
    assert "ZeroDivisionError" in next(ask.text for ask in solved.asks if ask.key == "decide#2/-/1")
    assert "print((7 - 8 // 8) * 4)" in solved.file("main.py")
    assert solved.file() == "word decide#2/-/4\n"


async def test_each_round_is_judged_by_its_own_program(solve):
    def script(ask):
        if ask.phase == "program":
            return f"```python main.py\nprint(24 // {2 - ask.visit})\n```"
        return POOR if ask.key == "judge#1/-/1" else None

    solved = await solve(script, act="code", rounds="2")
    assert solved.result.outcome == "failed"
    assert [shown.get("passed") for shown in solved.made("shown")] == [True, False]
    assert [one["solution"] for one in solved.made("attempts")[-1]["tried"]] == [
        "word decide#1/-/4",
        "word decide#2/-/4",
    ]
    assert (solved.file(), solved.file("main.py")) == ("word decide#1/-/4\n", "print(24 // 1)\n")


async def test_a_programs_last_line_is_compared_with_the_answer(solve):
    program = "```python main.py\nprint('so')\nprint(6 * 4)\n```"
    solved = await solve(
        lambda ask: program if ask.phase == "program" else None, act="code", evaluate="exact", answer="24"
    )
    assert solved.result.outcome == "succeeded", solved.result.reason


async def test_a_solution_is_carried_out_with_tools_and_its_result_is_delivered(solve):
    def script(ask):
        if ask.phase == "carry_out":
            called = {"calls": [{"tool": "run_command", "arguments": {"command": ["echo", "twenty", "four"]}}]}
            return {"/call/1": called, "/call/2": {"calls": []}}.get(ask.key.partition("/1")[2], "It is 24.")
        return None

    solved = await solve(script, act="tools", evaluate="exact", answer="It is 24")
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert "twenty four" in solved.asks[-1].text
    assert solved.file() == "It is 24.\n"


TESTS = """```python test_main.py
from main import solve


def test_solve():
    assert solve(2, 3) == 5
    assert solve(0, 0) == 0
```"""


@pytest.mark.parametrize("until", [1, 2, 9])
async def test_only_tests_that_pass_close_a_round(solve, until):
    def script(ask):
        if ask.phase == "tests":
            return TESTS
        if ask.phase == "program":
            return f"```python main.py\ndef solve(a, b):\n    return a {'+' if ask.visit >= until else '-'} b\n```"
        return None

    solved = await solve(script, idea="Add two numbers.", evaluate="tests", rounds="2")
    assert solved.result.outcome == ("failed" if until > 2 else "succeeded"), solved.result.reason
    assert [ask.phase for ask in solved.asks].count("tests") == 1
    assert [ask.visit for ask in solved.asks if ask.phase == "program"] == [1, 2][: max(1, min(until, 2))]
    assert "def solve" in solved.file("main.py")
    assert not [ask.key for ask in solved.asks if ask.key.startswith("decide#1") and "test_solve" in ask.text]


async def test_a_known_answer_must_be_given(solve):
    with pytest.raises(UsageError, match="none was given"):
        await solve(evaluate="exact")


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"decision": "horizontall"}, "there are: horizontal, vertical, solver_first"),
        ({"act": "magic"}, "there are: none, code, tools"),
        ({"evaluate": "luck"}, "there are: rubric, tests, exact"),
        ({"experts": "0"}, "there are: 1, 2"),
        ({"expert": "3"}, "has no input 'expert'"),
    ],
)
async def test_an_input_that_does_not_fit_is_refused_before_anything_is_asked(solve, inputs, said):
    with pytest.raises(UsageError, match=said):
        await solve(**inputs)
