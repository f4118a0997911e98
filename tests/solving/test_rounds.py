"""Rounds of the company `solve`: accepted at once, later or never; what is delivered; what is passed on."""

import pytest

from agentverse.errors import UsageError


async def test_a_solution_that_is_accepted_at_once_is_delivered(solve):
    solved = await solve(lambda ask: "(7 - 8 / 8) * 4 = 24" if ask.key == "decide#1/-/4" else None)
    assert solved.result.outcome == "succeeded", solved.result.reason
    assert solved.phases == ["recruit", "decide", "judge"]
    assert solved.file() == "(7 - 8 / 8) * 4 = 24\n"
