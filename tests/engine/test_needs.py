from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.agents.fitting import room
from agentverse.blueprint.load import Library, Resolved
from agentverse.engine.needs import AGREED, least_context, need_of, require_context
from agentverse.errors import NoModel
from agentverse.models.protocol import Profile

LETTERS = 10_000
COMPANY = """\
name: wordy
roles:
  poet: {title: Poet, prompt: Sing.}
phases:
  short: {ask: poet, prompt: Be brief.}
  long: {ask: poet, prompt: %s}
  last: {after: long, ask: poet, prompt: "{%% if idea %%}{{ idea }}{%% endif %%}{# nothing #} Well?"}
"""
PLAIN = Profile(family="", context=8192)


@pytest.fixture
def wordy(tmp_path: Path) -> Resolved:
    path = tmp_path / "wordy.yaml"
    path.write_text(COMPANY % ("x" * LETTERS), encoding="utf-8")
    return Library.default().company(str(path))


def test_the_longest_prompt_counts(wordy: Resolved) -> None:
    need = need_of(wordy, "en", profile=PLAIN)
    assert need.phase == "long"
    assert LETTERS / PLAIN.chars_per_token < need.tokens < LETTERS / PLAIN.chars_per_token + AGREED


def test_what_a_template_computes_is_not_counted_as_text(wordy: Resolved) -> None:
    last = wordy.company.phases["last"]
    bare = last.model_copy(update={"prompt": " Well?"})
    without = wordy.company.model_copy(update={"phases": {"last": bare.model_copy(update={"after": ["x"]})}})
    alone = wordy.company.model_copy(update={"phases": {"last": last}})
    sizes = {
        need_of(wordy.model_copy(update={"company": company}), "en", profile=PLAIN).tokens
        for company in (without, alone)
    }
    assert len(sizes) == 1


@pytest.mark.parametrize("thinking", ["never", "switch", "always"])
def test_the_context_it_names_is_the_shortest_with_room_enough(wordy: Resolved, thinking) -> None:
    need = need_of(wordy, "en", profile=PLAIN)
    profile = Profile(family="", thinking=thinking)
    least = need.context(profile)
    assert room(Profile(family="", thinking=thinking, context=least)) >= need.tokens
    assert room(Profile(family="", thinking=thinking, context=least - 1)) < need.tokens


def test_a_context_that_is_too_short_is_refused_and_one_that_is_not_is_taken(wordy: Resolved) -> None:
    least = need_of(wordy, "en", profile=PLAIN).context(PLAIN)
    require_context(wordy, "en", profile=Profile(family="", context=least), model="m")
    with pytest.raises(
        NoModel, match=rf"needs about {least:,} tokens of context .* and m has {least - 1:,}"
    ) as refused:
        require_context(wordy, "en", profile=Profile(family="", context=least - 1), model="m")
    assert f"--context {least}" in str(refused.value.fix)


@pytest.mark.parametrize("name", ["software", "chatdev", "solo", "extend"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_shipped_companies_run_on_8192_tokens(name: str, language: str) -> None:
    assert 3000 < least_context(Library.default().company(name), language) < 8192
