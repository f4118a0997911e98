"""What the models were asked and what it took, read from a journal."""

from __future__ import annotations

import re
from typing import Any

import pytest

from agentverse.journal.events import Entry, Event, ModelContact, Reply, RunStarted, ServersCounted, Usage
from agentverse.report import build_model_report, build_report
from agentverse.report.asked_text import WORDS, model_markdown
from agentverse.report.text import as_markdown

SERVER = "http://127.0.0.1:8000/v1"


def journal(*events: tuple[str, Event]) -> list[Entry]:
    return [
        Entry(run="r", seq=seq, key=key, at=float(seq), event=event)  # type: ignore[arg-type]
        for seq, (key, event) in enumerate(events, 1)
    ]


def reply(usage: Usage, **more: Any) -> Reply:
    return Reply(phase="code", visit=1, role="programmer", text="x", usage=usage, **more)


CONTACT = ModelContact(
    tier="edge",
    provider="openai",
    name="small",
    url=SERVER,
    context=4096,
    facts={"server": "vllm", "version": "0.32", "dialect": "vllm", "constraints": "enforced", "priority": True},
)
WHOLE = journal(
    ("run", RunStarted(idea="an idea", company={}, revision="x", clock=0.0)),
    ("model/edge", CONTACT),
    ("a#1/-/1.1", reply(Usage(prompt=1000, cached=600, completion=90, reasoning=30), seconds=2.0, first_token=0.5)),
    ("b#1/-/1.1", reply(Usage(prompt=1000, cached=900, completion=300), seconds=3.0, samples=["y", "z"])),
    (
        "c#1/-/1.1",
        reply(
            Usage(prompt=3000, cached=1900, completion=60), seconds=1.0, samples=["y", "z"], requests=3, where=SERVER
        ),
    ),
    ("d#1/-/1.1", reply(Usage(prompt=10, completion=5), tier="cloud", model="big")),
    ("counters/edge@1", ServersCounted(tier="edge", servers={SERVER: {"queried": 4000.0, "hit": 3000.0}})),
    (
        "counters/edge@2",
        ServersCounted(
            tier="edge",
            servers={SERVER: {"queried": 1000.0, "hit": 400.0, "first_tokens": 4.0, "first_token_seconds": 1.0}},
        ),
    ),
)


def test_each_turn_tells_its_tokens_and_times() -> None:
    first, second, third, fourth = build_model_report(WHOLE, prices={}).turns
    assert (first.usage.reasoning, first.first_token, first.rate) == (30, 0.5, 60.0)
    assert (second.samples, second.requests, second.first_token, second.rate) == (3, 1, None, 100.0)
    assert (third.requests, third.where) == (3, SERVER)
    assert (fourth.tier, fourth.rate) == ("cloud", None)


def test_tiers_sum_up_and_average_only_what_is_known() -> None:
    edge, cloud = build_model_report(WHOLE, prices={"cloud": (1.0, 2.0)}).tiers
    assert (edge.turns, edge.usage.completion, edge.first_token) == (3, 450, 0.5)
    assert edge.rate == pytest.approx(450 / 5.5)
    assert (cloud.model, cloud.first_token, cloud.rate, cloud.cost) == ("big", None, None, 20 / 1e6)


def test_samples_tell_what_one_prompt_for_all_of_them_saved(tmp_path) -> None:
    samples = build_model_report(WHOLE, prices={}).samples
    assert samples is not None
    assert (samples.drawn, samples.requests) == (6, 4)
    assert samples.prompt == 3 * 1000 + 3 * 1000
    assert samples.computed == 100 + 1100
    report = build_report(WHOLE, folder=tmp_path, prices={})
    assert report.samples == samples
    assert "Samples: 6 in 4 requests: 1,200 prompt tokens computed instead of 6,000" in as_markdown(report)
    assert build_report(WHOLE[:3], folder=tmp_path, prices={}).samples is None


def test_counters_of_all_processes_that_drove_the_run_are_added() -> None:
    report = build_model_report(WHOLE, prices={})
    assert report.servers == {
        SERVER: {"queried": 5000.0, "hit": 3400.0, "first_tokens": 4.0, "first_token_seconds": 1.0}
    }
    page = model_markdown(report)
    assert "3,400 of 5,000 prompt tokens were in the prefix cache (68%)" in page
    assert "first token after 0.25 s on average" in page


def test_the_page_names_servers_turns_and_what_nobody_measured() -> None:
    page = model_markdown(build_model_report(WHOLE, prices={}))
    assert (
        "- edge: `small`, 4,096 tokens of context; vllm 0.32 at `http://127.0.0.1:8000/v1`; "
        "dialect vllm; constraints enforced; schedules by priority" in page
    )
    assert "| `a#1/-/1.1` | `edge` | 1,000 | 600 | 90 | 30 | 0.50 | 60 | 2.0 |" in page
    assert f"| `c#1/-/1.1` ×3 | `edge` `{SERVER}` |" in page
    assert "| `d#1/-/1.1` | `cloud` | 10 | 0 | 5 | 0 | – | – | 0.0 |" in page
    assert model_markdown(build_model_report([], prices={})) == "\n"


def test_what_a_server_says_of_itself_is_text_and_no_markup() -> None:
    facts = {"version": "<b>[x](http://evil)\x1b[2J", "missing": {"u`v": "<script>"}, "constraints": "*loud*"}
    contact = CONTACT.model_copy(update={"name": "a`b|c", "facts": facts})
    page = model_markdown(build_model_report(journal(("model/edge", contact)), prices={}))
    assert "<" not in page
    assert "\x1b" not in page
    assert "[x](" not in page
    assert "*loud*" not in page.replace("\\*", "")


def test_every_word_is_there_in_both_languages_with_the_same_blanks() -> None:
    for name, texts in WORDS.items():
        assert set(texts) == {"en", "zh"}, name
        blanks = [set(re.findall(r"\{(\w+)", text)) for text in texts.values()]
        assert blanks[0] == blanks[1], name
