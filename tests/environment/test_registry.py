import subprocess
import sys
from pathlib import Path

import pytest

from agentverse.blueprint.environment import Environment
from agentverse.environment.registry import Rule, known_rules, make_rule, rule
from agentverse.environment.rules.stop import make_stops
from agentverse.errors import UsageError

AB = Environment(seats=["a", "b"])


def test_the_rules_that_come_with_the_product_are_known_by_kind():
    known = known_rules()
    assert {"alternate", "sequential"} <= set(known["order"])
    assert {"all", "self"} <= set(known["visibility"])
    assert set(known["selection"]) >= {"all"}
    assert set(known["update"]) >= {"transcript"}
    assert set(known["description"]) >= {"none", "template"}
    assert set(known["stop"]) >= {"turns", "agreed", "approved", "silence", "circles"}


def test_a_rule_takes_a_name_a_value_or_options():
    assert make_rule("order", "alternate", AB) == make_rule("order", {"alternate": {}}, AB)
    assert make_rule("selection", {"best": "b"}, AB) == make_rule("selection", {"best": {"judge": "b"}}, AB)
    assert make_rule("stop", {"turns": 4}) == make_rule("stop", {"turns": {"at_most": 4}})


@pytest.mark.parametrize(
    ("kind", "spec", "said"),
    [
        ("order", "alternat", "no order rule 'alternat'"),
        ("order", {"alternate": {"frist": "a"}}, "no option 'frist'; did you mean 'first'"),
        ("order", {"alternate": {"first": "c"}}, "no seat 'c'"),
        ("order", {"alternate": {}, "sequential": {}}, "one name with its options"),
        ("order", {"sequential": {"rounds": 0}}, "rounds: Input should be greater than 0, not 0"),
        ("stop", {"turns": "six"}, "at_most: .* not 'six'"),
        ("stop", {"turns": 0}, "greater than 0"),
        ("stop", {"turns": True}, "'at_most' is missing"),
        ("stop", {"agreed": 3}, "takes no options"),
        ("visibility", {"all": "x"}, "takes no options"),
        ("description", {"template": {"seats": {"c": "x"}}}, "no seat 'c'"),
        ("description", {"template": "\n{% if %}"}, "line 2 of the template"),
        ("description", {"template": "{{ idea }}"}, "uses 'idea'; there are calls, evidence, group, heard, me"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_what_would_do(kind, spec, said):
    with pytest.raises(UsageError, match=said):
        make_rule(kind, spec, AB)


def test_unknown_conditions_to_stop_are_refused():
    with pytest.raises(UsageError, match="no stop rule 'agree'") as refused:
        make_stops(Environment(seats=["a"], rules={"stop": {"agree": True}}))
    assert str(refused.value.fix).startswith("Did you mean 'agreed'? There are: ")


def test_a_class_that_cannot_do_what_its_kind_asks_is_not_registered():
    with pytest.raises(TypeError, match="is no Order"):

        @rule("order", "broken")
        class Broken(Rule):
            pass

    with pytest.raises(ValueError, match="registered already"):
        rule("order", "alternate")(type(make_rule("order", "alternate")))
    with pytest.raises(ValueError, match="no kind of rule"):
        rule("weather", "rain")


PLUGIN = '''
from agentverse.environment.registry import Rule

class LastFirst(Rule):
    """Backwards."""

    async def next(self, scene):
        seats = list(scene.seats)
        return [seats[-1 - len(scene.spoken) % len(seats)]]
'''

ASK = """
import sys
from agentverse.environment.registry import known_rules, make_rule
assert "backwards" in known_rules()["order"]
assert "outside_rules" not in sys.modules
print(type(make_rule("order", "backwards", ["a"])).__name__)
try:
    make_rule("stop", "nonsense", ["a"])
except Exception as error:
    print(type(error).__name__)
"""


def test_a_package_outside_adds_a_rule_by_its_entry_point(tmp_path: Path):
    (tmp_path / "outside_rules.py").write_text(PLUGIN)
    info = tmp_path / "outside_rules-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-rules\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[agentverse.rules]\norder.backwards = outside_rules:LastFirst\nstop.nonsense = outside_rules:Rule\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{ASK}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.split() == ["LastFirst", "UsageError"]
