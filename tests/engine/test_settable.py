"""What an environment says of its parameters: what they may be set to, from the command line and over HTTP alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.blueprint.load import Library
from agentverse.engine.check import validate
from agentverse.engine.simulate import checked, stage
from agentverse.errors import UsageError

SHOP = """\
name: shop
params: {cakes: 3, kind: cream, price: 1.5}
about:
  cakes: {title: {en: Cakes, zh: 蛋糕}, least: 1, most: 9}
  kind: {choices: [cream, plum]}
  price: {least: 0}
seats: {baker: {role: {title: Baker, prompt: You bake.}}}
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "shop.yaml").write_text(SHOP, encoding="utf-8")
    return Library.default(tmp_path)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cakes": "0"}, "--set cakes: 0 is too small; the least is 1"),
        ({"cakes": "10"}, "--set cakes: 10 is too large; the most is 9"),
        ({"price": "-0.5"}, "--set price: -0.5 is too small; the least is 0"),
        ({"kind": "stone"}, "--set kind: 'stone' is none of the choices"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused_before_a_token_is_spent(
    library: Library, given: dict[str, str], why: str
) -> None:
    with pytest.raises(UsageError) as refused:
        checked(stage(library, "shop"), given)
    assert str(refused.value) == why


def test_a_value_within_its_bounds_is_taken_and_so_is_another_word_where_that_is_allowed(library: Library) -> None:
    given = {"cakes": "9", "kind": "plum", "price": "0"}
    assert checked(stage(library, "shop"), given) == given
    assert checked(stage(library, "incident_room"), {"incident": "mine"}) == {"incident": "mine"}


def test_what_is_said_of_a_parameter_that_does_not_exist_is_a_fault_with_its_place(library: Library) -> None:
    (fault,) = validate("shop", library, text=SHOP.replace("  cakes: {title", "  cake: {title"))
    assert (fault.line, fault.where, fault.what) == (4, "about.cake", "there is no parameter 'cake'.")
    assert fault.fix == "did you mean 'cakes'?"
