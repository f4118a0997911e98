"""Answers are compared by what they say, not by how they are written."""

import pytest

from agentverse.engine.phases.solving import same_answer

SAME = [
    ("24", "24"),
    ("Multiply.\n\nAnswer: 24", "24"),
    ("**Answer:** 24.0", "24"),
    ("Answer:\n\n**24**", "24"),
    ("The answer is 24.", "24"),
    ("Answer: 7\nNo, wrong.\nAnswer: 1,000", "1000"),
    ("所以\n答案：巴黎", "巴黎"),
    ("答案是：２４。", "24"),
    ("so\n24\n\n", "24"),
    ("Answer: `Paris`", "paris"),
]
OTHER = [("", "24"), ("Answer: 240", "24"), ("24\nno, 25", "24"), ("Answer: 24\nAnswer: 25", "24"), ("-24", "24")]


@pytest.mark.parametrize(("text", "answer"), SAME)
def test_the_same_answer_is_found(text: str, answer: str) -> None:
    assert same_answer(None, {"text": text, "answer": answer})


@pytest.mark.parametrize(("text", "answer"), OTHER)
def test_another_answer_is_not(text: str, answer: str) -> None:
    assert not same_answer(None, {"text": text, "answer": answer})
