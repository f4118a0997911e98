"""`say` and `stop`, where there is nobody to hear them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.cli.story import Story
from agentverse.journal.events import Entry, Said


def test_nothing_is_said_to_a_run_that_is_over_and_nothing_stops_it(finished: Path, call) -> None:
    for words in (["say", "done", "hello"], ["stop", "done"], ["stop", "done", "--cancel"]):
        said = call(*words)
        assert said.code == 2
        assert said.err.startswith("error: run done is ")
    assert call("say", "done", "  ").code == 2
    assert call("say", "nobody", "hello").code == 2


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "said to cto: be \\x1b brief"), ("zh", "对 cto 说：be \\x1b brief")]
)
def test_what_was_said_is_told_clean(language: str, expected: str) -> None:
    entry = Entry(run="r", seq=1, key="said/1", at=0.0, event=Said(role="cto", text="be \x1b brief"))
    told = Story(language).tell(entry)
    assert told is not None
    assert told.head.text == expected
