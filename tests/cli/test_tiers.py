"""What a person at the terminal is told of edge and cloud."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentverse.cli.closing import as_json, closing
from agentverse.cli.story import Story
from agentverse.engine.protocol import RunResult
from agentverse.journal.events import Entry, Escalated, TierSpent, Usage
from agentverse.report.cascade import WORDS
from agentverse.report.model import TierReport

EDGE = TierReport(tier="edge", turns=12, usage=Usage(prompt=9000, completion=1000), cost=0.0)
CLOUD = TierReport(tier="cloud", turns=2, usage=Usage(prompt=1500, completion=500), cost=0.007)
ROSE = Escalated(
    phase="repair", visit=3, step="repair#3/-/1", tier="edge", to="cloud", why="red", measured=2, allowed=2
)
SPENT = TierSpent(tier="cloud", kind="tokens", used=5200, allowed=5000)


def result(*tiers: TierReport, saved: float | None = None) -> RunResult:
    return RunResult(
        run="r", outcome="succeeded", reason="", folder=Path("/r"), product=None, start="", evidence=None,
        usage=Usage(), turns=14, seconds=1.0, cost=0.007, report=None, tiers=tiers, saved=saved,
    )  # fmt: skip


def told(language: str, event: Escalated | TierSpent) -> str:
    line = Story(language).tell(Entry(run="r", seq=1, key="k", at=0.0, event=event))
    assert line is not None
    return line.head.text


def test_why_a_turn_goes_up_and_what_is_used_up_is_told_in_both_languages() -> None:
    assert told("en", ROSE) == "edge → cloud: still red after 2 repairs"
    assert told("zh", ROSE) == "edge → cloud：修复 2 次后仍未通过"
    assert told("en", SPENT) == "cloud is used up: 5,200 of 5,000 tokens; the run goes on without it"
    assert told("zh", SPENT).startswith("cloud 的预算已用完")


@pytest.mark.parametrize("why", ["invalid", "red", "same", "failed", "agreement", "logprob"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_has_its_words(why: str, language: str) -> None:
    event = ROSE.model_copy(update={"why": why, "measured": 0.25, "allowed": None if why == "failed" else 0.5})
    assert told(language, event)
    assert {"en", "zh"} == set(WORDS[why])


def test_the_last_lines_say_what_each_tier_did_and_what_was_saved() -> None:
    text = "\n".join(line.text for line in closing(result(EDGE, CLOUD, saved=0.0125), "en"))
    assert "edge 12 turns, 10.0k tokens; cloud 2 turns, 2.0k tokens, cost 0.0070" in text
    assert "staying on the edge saved 0.0125" in text
    text = "\n".join(line.text for line in closing(result(EDGE, CLOUD, saved=0.0125), "zh"))
    assert "层级: edge 12 轮" in text
    assert "留在端侧节省 0.0125" in text


def test_one_tier_alone_is_not_told_apart() -> None:
    said = closing(result(EDGE, CLOUD.model_copy(update={"turns": 0})), "en")
    assert not any("edge 12" in line.text for line in said)


def test_the_result_for_machines_holds_the_tiers() -> None:
    read = json.loads(as_json(result(EDGE, CLOUD, saved=0.0125)))
    assert [(tier["tier"], tier["turns"], tier["cost"]) for tier in read["tiers"]] == [
        ("edge", 12, 0.0),
        ("cloud", 2, 0.007),
    ]
    assert read["saved"] == 0.0125
