"""What tokens cost: the settings, the user's list, the shipped one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agentverse.errors import SettingsError
from agentverse.host import open_host, prices_of
from agentverse.journal.events import Usage
from agentverse.models.prices import FILE, Price, load_prices
from agentverse.models.registry import open_model
from agentverse.report import cost
from agentverse.settings import Settings, load_settings

LIST = """\
local: {prompt: 0.05, completion: 0.1}
models:
  "gpt-*": {prompt: 1.5, completion: 6}
  "*": {prompt: 9, completion: 9}
"""
MODELS = """\
[models.edge]
base_url = "http://127.0.0.1:8000/v1"
model = "small"

[models.cloud]
base_url = "http://cloud.example/v1"
model = "GPT-large"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = tmp_path / "config"
    config.mkdir()
    monkeypatch.setenv("AGENTVERSE_CONFIG_HOME", str(config))
    return config


def settings(home: Path, text: str = MODELS) -> Settings:
    (home / "agentverse.toml").write_text(text, encoding="utf-8")
    return load_settings(home)


def test_a_model_on_this_machine_costs_nothing_and_no_other_price_is_guessed(home: Path) -> None:
    assert prices_of(settings(home)) == {"edge": Price(0, 0)}


def test_the_users_list_goes_before_the_shipped_one_and_its_first_row_that_fits_counts(home: Path) -> None:
    (home / FILE).write_text(LIST.replace('  "*": {prompt: 9, completion: 9}\n', ""), encoding="utf-8")
    assert prices_of(settings(home)) == {"edge": Price(0.05, 0.1), "cloud": Price(1.5, 6)}


def test_a_row_for_a_model_goes_before_the_one_for_this_machine(home: Path) -> None:
    (home / FILE).write_text(LIST, encoding="utf-8")
    assert prices_of(settings(home))["edge"] == Price(9, 9)


def test_what_a_tier_says_itself_goes_before_every_list(home: Path) -> None:
    (home / FILE).write_text(LIST, encoding="utf-8")
    assert prices_of(settings(home, MODELS + "price_prompt = 3.0\n"))["cloud"] == Price(3.0, 0.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("local: {prompt: -1, completion: 0}\n", f"{FILE}:1: local.prompt: expected at least 0; got the number -1."),
        ("models:\n  m: {prompt: 1}\n", f"{FILE}:2: models.m: the key 'completion' is missing."),
        ("models:\n  m: {promt: 1, completion: 1, prompt: 1}\n", "unknown key 'promt'."),
        ("- 1\n", f"{FILE}:1:"),
        ("models: [\n", f"{FILE}:"),
    ],
)
def test_a_list_that_is_wrong_says_where(home: Path, text: str, said: str) -> None:
    (home / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_prices(home)
    assert said in str(caught.value)


async def test_money_without_a_price_is_an_error_that_names_the_setting(home: Path, tmp_path: Path) -> None:
    bounded = settings(home, MODELS + "[cascade]\nmoney = 1.5\n")
    model: Any = await open_model("http://127.0.0.1:8000/v1#small")
    with pytest.raises(SettingsError, match=r"agentverse\.toml:9: cascade\.money bounds") as caught:
        async with open_host(bounded, models={"edge": model, "cloud": model}):
            raise AssertionError
    assert "price_prompt" in (caught.value.fix or "")


def test_a_price_of_nothing_is_known_and_no_price_is_not() -> None:
    assert cost(Usage(prompt=10), Price(0, 0)) == 0.0
    assert cost(Usage(prompt=10), None) is None
    assert cost(Usage(prompt=1_000_000, completion=500_000), Price(2, 8)) == 6.0


def test_the_cascade_is_set_by_file_and_by_variable(home: Path) -> None:
    (home / "agentverse.toml").write_text("[cascade]\nafter_invalid = 3\nafter_red = 4\n", encoding="utf-8")
    env = {
        "AGENTVERSE_CONFIG_HOME": str(home),
        "AGENTVERSE_CASCADE_AFTER_RED": "1",
        "AGENTVERSE_CASCADE_ON": "false",
        "AGENTVERSE_CASCADE_LOGPROB": "-0.5",
    }
    read = load_settings(home, env=env)
    cascade = read.cascade
    assert (cascade.on, cascade.after_invalid, cascade.after_red, cascade.logprob) == (False, 3, 1, -0.5)
    assert read.origin("cascade.after_red") == "AGENTVERSE_CASCADE_AFTER_RED"
    (home / "agentverse.toml").write_text("[cascade]\nafter_invalid = 0\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"agentverse\.toml:2: cascade\.after_invalid"):
        load_settings(home, env={"AGENTVERSE_CONFIG_HOME": str(home)})
