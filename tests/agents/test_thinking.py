"""Thoughts never reach an artifact."""

from __future__ import annotations

import pytest

from agentverse.agents.reading.thinking import split_thinking


@pytest.mark.parametrize(
    ("reply", "text", "thinking"),
    [
        ("yes", "yes", ""),
        ("<think>hm</think>yes", "yes", "hm"),
        ("\n<think>\nhm\n</think>\n\nyes", "yes", "hm"),
        ("<Thought>hm</Thought>yes", "yes", "hm"),
        ("<thinking>a</thinking>\n<think>b</think>yes", "yes", "a\n\nb"),
        ("hm, so\n</think>\nyes", "yes", "hm, so"),
        ("hm </think>\nyes", "yes", "hm"),
        ("<think>hm and nothing else", "", "hm and nothing else"),
        ("<think></think>\n\nyes", "yes", ""),
    ],
)
def test_thoughts_and_answer_are_told_apart(reply: str, text: str, thinking: str) -> None:
    assert split_thinking(reply) == (text, thinking)


@pytest.mark.parametrize("line", ["</think>", 'END = "</think>"', "<think>", "# a </think>"])
def test_tags_inside_a_file_belong_to_the_file(line: str) -> None:
    reply = f"```python a.py\n{line}\nx = 1\n```"
    assert split_thinking(reply) == (reply, "")
