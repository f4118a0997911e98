"""What is wrong with an environment is said before anybody sits down in it, with its place in the file."""

from pathlib import Path

import pytest

from agentverse.blueprint.load import Library
from agentverse.engine.simulate import checked, stage
from agentverse.errors import BlueprintError, UsageError

GOOD = """\
params: {count: 2, word: hush}
seats:
  a: {role: {title: A, prompt: You are A.}, acts: [nod, move]}
  b: {role: {title: B, prompt: You are B.}}
world: {total: 0, money: {each: true, start: 1}, places: [x, y], place: {each: true, start: x}}
actions:
  nod: {fields: {many: integer}, changes: {total: total + many}}
rules: {order: alternate}
stages:
  one: {steps: count, task: Hello, then: two}
  two: {until: total > 3}
measures: {total: total}
report: "{{ total }} {{ reason }}"
"""


def faults(text: str, folder: Path) -> list[str]:
    """What is found, without the folder."""
    file = folder / "odd.yaml"
    file.write_text(text)
    try:
        stage(Library.default(folder), str(file))
    except BlueprintError as error:
        return [str(problem).replace(f"{folder}/", "") for problem in error.problems]
    return []


def test_a_good_environment_has_no_faults(tmp_path):
    assert faults(GOOD, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("  b: {role: {title: B, prompt: You are B.}}", "  b: {}", "4:3", "nobody sits in 'b'"),
        ("{role: {title: B, prompt: You are B.}}", "{role: emperor}", "4:13", "emperor"),
        ("order: alternate", "order: alternat", "8:16", "no order rule 'alternat'. Did you mean 'alternate'? There"),
        ("order: alternate", "order: {alternate: {first: c}}", "8:9", "no seat 'c'"),
        ("order: alternate", "visibility: {groups: [[a]]}", "8:9", "group of one"),
        ("order: alternate", "stop: {turn: 3}", "8:16", "no stop rule 'turn'. Did you mean 'turns'?"),
        ("order: alternate", "order: {alternate: {among: sea == 'a'}}", "8:9", "nothing here is called 'sea'"),
        ("acts: [nod, move]", "acts: [nodd]", "3:52", "no action 'nodd'; there are"),
        ("acts: [nod, move]", "acts: [nod, vote]", "3:57", "'vote' needs 'votes' in the world"),
        ("acts: [nod, move]", "acts: [pass]", "3:45", "may only pass"),
        ("acts: [nod, move]", "acts: [nod], writes: opinion", "3:66", "either writes or acts"),
        ("acts: [nod, move]", "prompt: '{{ nam }}'", "3:53", "nothing here is called 'nam'"),
        ("acts: [nod, move]", "count: many", "3:52", "no parameter 'many'"),
        ("acts: [nod, move]", "records: [load]", "3:45", "nothing to look up here"),
        ("acts: [nod, move]", "tools: [look_up]", "3:45", "nothing to look up here"),
        ("params:", "recording: '{{ cont }}'\nparams:", "1:12", "nothing here is called 'cont'"),
        ("{many: integer}", "{many: whole}", "7:9", "no type 'whole'; there are"),
        ("{many: integer}", "{many: {integer: {}}}", "7:9", "bounds are numbers or expressions"),
        ("{many: integer}", "{many: {integer: {from: 1}}}", "7:9", "bounds are numbers or expressions"),
        ("{many: integer}", "{many: {integer: {min: 1}, number: {max: 3}}}", "7:9", "{integer: {min: 1, max: 9}}"),
        ("{many: integer}", "{many: {integer: {min: 3, max: 2}}}", "7:18", "no such number: 3 … 2"),
        ("{many: integer}", "{many: {integer: {min: 0.2, max: 0.9}}}", "7:18", "no such number: 1 … 0"),
        ("{many: integer}", "{many: {number: {min: count + 1, max: count}}}", "7:18", "no such number"),
        ("{many: integer}", "{many: {integer: {max: word}}}", "7:18", "bound max: word is no number"),
        ("{many: integer}", "{many: {integer: {max: 'mony[me]'}}}", "7:18", "called 'mony'"),
        ("{many: integer}", "{total: integer}", "7:18", "name of something else here"),
        ("changes: {total:", "changes: {tota:", "7:44", "no field 'tota'"),
        ("changes: {total: total + many}", "changes: {money: many}", "7:44", "write 'money[me]'"),
        ("total + many", "total + much", "7:51", "nothing here is called 'much'"),
        ("total + many", "total +", "7:51", "cannot be read"),
        ("changes: {total", "allowed: many > 1, changes: {total", "7:43", "say in 'refused'"),
        ("changes: {total", "leads_to: three, changes: {total", "7:44", "no stage 'three'. there is: end, one, two"),
        ("steps: count", "steps: cont", "10:16", "no parameter 'cont' that is a whole number. did you mean"),
        ("steps: count", "steps: word", "10:16", "no parameter 'word' that is a whole number"),
        ("then: two", "then: tow", "10:42", "no stage 'tow'"),
        ("task: Hello", "tasks: {c: Hello}", "10:34", "no seat 'c'"),
        ("task: Hello", "acts: {a: [wave]}", "10:34", "no action 'wave'"),
        ("task: Hello", "rules: {stop: {turns: 3}}", "10:31", "a stage has no rule 'stop'"),
        ("task: Hello", "rules: {order: rond}", "10:38", "no order rule 'rond'"),
        ("task: Hello", "end: {says: '{{ x }}'}", "10:23", "nothing here is called 'x'"),
        ("until: total > 3", "until: totl > 3", "11:16", "called 'totl'"),
        ("measures: {total: total}", "measures: {total: sum}", "12:19", "called 'sum'"),
        ("world: {total: 0", "world: {total: 0, turn: 1", "5:19", "'turn' is always there"),
        ("world: {total: 0", "world: {total: 0, count: 1", "5:19", "'count' is a parameter"),
        ("world: {total: 0", "world: {total: 0, reason: 1", "5:19", "'reason' is always there"),
        ("money: {each: true", "money: {each: [c]", "5:27", "no seat 'c'"),
        ("{{ reason }}", "{{ raeson }}", "13:9", "called 'raeson'"),
    ],
)  # fmt: skip
def test_each_fault_is_said_with_its_place(tmp_path, old, new, at, said):
    assert old in GOOD
    found = faults(GOOD.replace(old, new), tmp_path)
    assert any(fault.startswith(f"odd.yaml:{at}:") and said in fault for fault in found), found


def test_a_parameter_is_checked_before_it_begins(tmp_path):
    (tmp_path / "odd.yaml").write_text(GOOD)
    blueprint = stage(Library.default(tmp_path), str(tmp_path / "odd.yaml"))
    assert checked(blueprint, {"count": "3"}) == {"count": "3"}
    with pytest.raises(UsageError, match="no parameter 'cout'; it takes: count, word"):
        checked(blueprint, {"cout": "3"})
    with pytest.raises(UsageError, match="--set count: 'three'"):
        checked(blueprint, {"count": "three"})
