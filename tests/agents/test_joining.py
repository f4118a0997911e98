"""A reply that was cut off and its continuation make one reply."""

from __future__ import annotations

import pytest

from agentverse.agents.joining import join

WHOLE = "The file:\n```python main.py\nimport sys\n\n\ndef main() -> int:\n    return len(sys.argv)\n```\n"


@pytest.mark.parametrize("at", range(len(WHOLE) + 1))
def test_an_exact_continuation_is_joined_at_any_place(at: int) -> None:
    if WHOLE[at:].strip() and WHOLE[:at].strip():
        assert join(WHOLE[:at], WHOLE[at:]) == WHOLE


@pytest.mark.parametrize("at", range(45, 90, 4))
@pytest.mark.parametrize("back", [14, 20, 30])
def test_what_is_repeated_is_dropped(at: int, back: int) -> None:
    assert join(WHOLE[:at], WHOLE[at - back :]) == WHOLE


def test_a_line_that_was_begun_may_be_begun_again() -> None:
    cut = WHOLE.index("len(")
    assert join(WHOLE[:cut], "    return " + WHOLE[cut:]) == WHOLE


@pytest.mark.parametrize("opening", ["```python\n", "```python main.py\n", "Sure, going on:\n\n```python\n", "```\n"])
def test_a_fence_opened_again_is_dropped(opening: str) -> None:
    cut = WHOLE.index("def main")
    assert join(WHOLE[:cut], opening + WHOLE[cut:]) == WHOLE


def test_a_bare_fence_that_only_closes_is_kept() -> None:
    cut = WHOLE.rindex("```")
    assert join(WHOLE[:cut], "```\n") == WHOLE


@pytest.mark.parametrize("at", [10, 30, 60, 90])
def test_a_reply_that_starts_afresh_is_taken_alone(at: int) -> None:
    assert join(WHOLE[:at], WHOLE) == WHOLE
    assert join('{"agr', '{"agreed": true}') == '{"agreed": true}'


def test_nothing_more_leaves_what_there_is() -> None:
    assert join(WHOLE, " \n") == WHOLE
