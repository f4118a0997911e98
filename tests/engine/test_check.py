# ruff: noqa: E501
from collections.abc import Callable
from pathlib import Path

import pytest

from agentverse.blueprint.load import Layer, Library, Resolved
from agentverse.engine.check import check, validate

CALLS = ("lint", "unfinished")
PARTS = {
    "roles/coder.yaml": "title: Coder\n",
    "roles/boss.yaml": "title: Boss\n",
    "environments/duo.yaml": "seats:\n  maker: {writes: product}\n  judge: {writes: opinion}\n",
    "environments/review.yaml": "seats:\n  judge: {writes: verdict}\n  maker: {writes: edits}\n",
}
DESIGN = "phases:\n  design: {ask: boss, prompt: x, produces: {design: design}}\n"
CHECK = "phases:\n  check: {run: pytest, produces: {check: evidence}}\n"


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Validates a company's text and returns the problems without the file's name; warnings begin with ``warning``."""
    monkeypatch.chdir(tmp_path)
    for name, text in PARTS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "companies").mkdir()

    def run(text: str, **others: str) -> list[str]:
        for name, other in {"c": text, **others}.items():
            (tmp_path / "companies" / f"{name}.yaml").write_text(text if name == "c" else other)
        library = Library([Layer("project", tmp_path)])
        problems = validate("c", library, known_calls=CALLS)
        shown = [str(problem).removeprefix("companies/c.yaml:") for problem in problems]
        return [f"warning {s}" if p.severity == "warning" else s for p, s in zip(problems, shown, strict=True)]

    return run


GRAPH = [
    ("phases:\n  a: {run: x}\n  b: {run: x, after: aa, produces: {e: evidence}}\n",
     "3:22: phases.b.after: there is no phase 'aa'. did you mean 'a'?"),
    ("phases:\n  a: {run: x}\n  b: {run: x, after: [a, q]}\n",
     "3:26: phases.b.after[1]: there is no phase 'q'. there is: a, b."),
    ("phases:\n  a: {run: x}\n  b: {run: x, any: [a, check]}\n",
     "3:24: phases.b.any[1]: there is no phase 'check'. there is: a, b."),
    ("phases:\n  a: {run: x}\n  b: {run: x, after: a, then: aa, at_most: 2}\n",
     "3:31: phases.b.then: there is no phase 'aa'. did you mean 'a'?"),
    ("phases:\n  a: {run: x, then: a, at_most: 2, or_else: fial}\n",
     "2:45: phases.a.or_else: there is no phase 'fial'; expected fail, continue or a phase. did you mean 'fail'?"),
    ("phases:\n  a: {run: x, or_else: fail}\n",
     "2:24: phases.a.or_else: 'or_else' means nothing without 'then' and 'at_most'."),
    ("phases:\n  a: {run: x}\n  b: {run: x, after: a, then: a, at_most: 2, or_else: a}\n",
     "3:55: phases.b.or_else: 'or_else' leads on from the loop, but 'a' comes before 'b'."),
    ("phases:\n  a: {run: x, after: a}\n",
     "2:22: phases.a.after: 'a' cannot come after itself. a loop is made with 'then' and 'at_most'."),
    ("phases:\n  s: {run: x}\n  a: {run: x, after: [s, b]}\n  b: {run: x, after: a}\n",
     "3:26: phases.a.after[1]: phases wait for one another in a circle: a → b → a. "
     "a loop is made with 'then' and 'at_most'."),
    ("phases:\n  a: {run: x}\n  b: {run: x, then: a, at_most: 2}\n",
     "3:21: phases.b.then: 'then' closes a loop, but 'a' does not come before 'b'. "
     "to go on to 'a', write 'after: b' there."),
    ("phases:\n  a: {run: x}\n  b: {run: x, after: a}\n  c: {run: x, after: b, then: a, at_most: 2}\n"
     "  d: {run: x, after: c, then: b, at_most: 2}\n",
     "5:31: phases.d.then: the loops back to 'a' and 'b' overlap; one must lie within the other."),
    ("phases:\n  a: {run: x}\n  b: {run: x, after: a}\n  c: {run: x, after: b, then: a, at_most: 2}\n"
     "  d: {run: x, after: c, then: b, at_most: 2}\n  e: {run: x, after: d, then: a, at_most: 2}\n",
     "4:31: phases.c.then: 'then' jumps out of the inner loop of 'b'; only a phase outside of it may do so."),
]  # fmt: skip

PHASES = [
    ("phases:\n  a: {network: {kind: chain}}\n", "2:7: phases.a.network: network phases come in a later version."),
    ("phases:\n  a: {run: {command: pytest, tour: t}}\n", "2:7: phases.a.run: no phase produces a tour called 't'. produces: {t: tour}"),
    ("phases:\n  a: {run: ''}\n", "2:12: phases.a.run: the command is empty."),
    ("phases:\n  a: {run: x, produces: {e: verdict}}\n",
     "2:29: phases.a.produces.e: a command produces evidence. write 'evidence'."),
    ("phases:\n  a: {run: x, produces: {e: evidence, f: evidence}}\n",
     "2:42: phases.a.produces.f: 'run' produces one artifact; this one is a second."),
    ("phases:\n  a: {ask: boss, produces: {e: text}}\n", "2:3: phases.a: 'ask' needs a 'prompt'."),
    ("phases:\n  a: {ask: boss, prompt: x}\n",
     "warning 2:3: phases.a: this phase produces nothing, so nobody reads the answer."),
    ("phases:\n  a: {ask: bos, prompt: x, produces: {e: text}}\n",
     "2:12: phases.a.ask: there is no role 'bos'; looked in roles. did you mean 'boss'?"),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text, f: text}}\n",
     "2:52: phases.a.produces.f: 'ask' produces one artifact; this one is a second."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: desing}}\n",
     "2:43: phases.a.produces.e: there is no type 'desing'. did you mean 'design'?"),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: choice}}\n",
     "2:43: phases.a.produces.e: a choice needs its options. write {choice: [a, b]}."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: {choice: [a]}}}\n",
     "2:44: phases.a.produces.e.choice: a choice needs at least two options, each different."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: {type: objct}}}\n",
     "2:50: phases.a.produces.e.type: JSON Schema has no type 'objct'. did you mean 'object'?"),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: {type: object, propertes: {}}}}\n",
     "2:58: phases.a.produces.e.propertes: JSON Schema has no 'propertes' here. did you mean 'properties'?"),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: {type: object, required: [q], properties: {p: {type: string}}}}}\n",
     "2:69: phases.a.produces.e.required[0]: 'q' is required but is no property. there is: p."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: {description: x}}}\n",
     "2:40: phases.a.produces.e: a JSON Schema written in place needs a 'type', such as 'object'."),
    ("phases:\n  a: {run: x, seats: {m: boss}}\n",
     "2:15: phases.a.seats: 'seats' belongs to 'meet'; this phase is 'run'."),
    ("phases:\n  a: {run: x, prompt: y}\n",
     "2:15: phases.a.prompt: 'prompt' belongs to 'ask' and 'meet' and 'human'; this phase is 'run'."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: files}, samples: 3}\n",
     "2:60: phases.a.samples: picking verified samples needs 'verify', the command that judges them."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, samples: 3, pick: best}\n",
     "2:68: phases.a.pick: picking the best sample needs 'judge', the role that chooses."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, samples: 3, verify: x}\n",
     "2:3: phases.a.pick: only files and edits can be verified by a command; expected vote or best."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, model: clud}\n",
     "2:57: phases.a.model: expected 'edge', 'cloud' or 'vision'; got the text 'clud'. did you mean 'cloud'?"),
    ("phases:\n  a: {run: x, model: vision}\n",
     "2:15: phases.a.model: 'model' belongs to 'ask' and 'meet'; this phase is 'run'."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, escalate: nevr}\n",
     "2:60: phases.a.escalate: expected 'never'; got the text 'nevr'. did you mean 'never'?"),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, escalate: {after_ivalid: 2}}\n",
     "2:61: phases.a.escalate.after_ivalid: unknown key 'after_ivalid'. did you mean 'after_invalid'?"),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, escalate: {after_invalid: 0}}\n",
     "2:76: phases.a.escalate.after_invalid: expected at least 1; got the number 0."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, escalate: {after_red: 2}}\n",
     "2:72: phases.a.escalate.after_red: this means nothing without 'then'."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, escalate: {agreement: 0.5}}\n",
     "2:72: phases.a.escalate.agreement: only samples under 'pick: vote' can agree."),
    ("phases:\n  a: {ask: boss, prompt: x, produces: {e: text}, escalate: never, on_error: escalate}\n",
     "2:77: phases.a.on_error: this phase says that it is never escalated. remove one of the two."),
    ("phases:\n  a: {call: lnt}\n", "2:13: phases.a.call: no function 'lnt' is registered for 'call'. did you mean 'lint'?"),
    ("phases:\n  a: {human: Well, choices: [good, bad], default: godo}\n",
     "2:51: phases.a.default: the default 'godo' is none of the choices. did you mean 'good'?"),
    ("phases:\n  a: {human: Well, produces: {x: design}}\n",
     "2:34: phases.a.produces.x: a person's answer is an 'answer', 'text' or a choice."),
    ("phases:\n  a: {meet: duet, prompt: x}\n",
     "2:13: phases.a.meet: there is no environment 'duet'; looked in environments. there is: duo, review."),
    ("phases:\n  a: {meet: duo, prompt: x, seats: {maker: coder}, produces: {d: design}}\n",
     "2:29: phases.a.seats: the seat 'judge' of 'duo' is empty. write 'judge: ROLE'."),
    ("phases:\n  a: {meet: duo, prompt: x, seats: {maker: coder, judge: boss, guest: boss}, produces: {d: design}}\n",
     "2:64: phases.a.seats.guest: 'duo' has no seat 'guest'. there is: judge, maker."),
    ("phases:\n  a: {meet: duo, prompt: x, seats: {maker: coder, judge: boss}}\n",
     "2:3: phases.a: a seat of 'duo' writes the product, but this phase produces nothing. "
     "write 'produces: {NAME: TYPE}'."),
    ("phases:\n  a: {meet: duo, prompt: x, seats: {maker: coder, judge: boss}, produces: {d: design, v: verdict}}\n",
     "2:90: phases.a.produces.v: no seat of 'duo' writes 'v'; its seats write 'opinion', 'product'."),
    ("phases:\n  a: {meet: review, prompt: x, seats: {maker: coder, judge: boss}, produces: {d: design}}\n",
     "2:82: phases.a.produces.d: no seat of 'review' writes 'd'; its seats write 'edits', 'verdict'."),
    ("phases:\n  a: {company: d}\n", "2:16: phases.a.company: there is no company 'd'; looked in companies. there is: c."),
]  # fmt: skip

READS = [
    (DESIGN + "  code: {after: design, ask: coder, prompt: '{{ desing.files }}', produces: {s: files}}\n",
     "3:49: phases.code.prompt: nothing provides 'desing'. did you mean 'design'?"),
    (DESIGN + "  code:\n    after: design\n    ask: coder\n    produces: {s: files}\n    prompt: |\n"
     "      One.\n\n      Two: {{ design.fils }}\n",
     "10:15: phases.code.prompt: the type 'design' has no field 'fils'. did you mean 'files'?"),
    (DESIGN + "  code:\n    after: design\n    ask: coder\n    produces: {s: files}\n    prompt:\n      en: x\n"
     "      zh: |\n        {% for f in design.files %}{{ f.pth }}{% endfor %}\n",
     "10:39: phases.code.prompt.zh: the type 'designfile' has no field 'pth'. did you mean 'path'?"),
    (CHECK + "  a: {after: check, when: check.pased, run: x}\n",
     "3:27: phases.a.when: the type 'evidence' has no field 'pased'. did you mean 'passed'?"),
    (CHECK + "  a: {after: check, when: not check.passed), run: x}\n",
     "3:27: phases.a.when: the expression cannot be read: unexpected ')'."),
    (CHECK + "  a: {after: check, when: '{{ check.passed }}', run: x}\n",
     "3:27: phases.a.when: the expression cannot be read: expected token ':', got '}'. write it without {{ }}"),
    (DESIGN + "  code:\n    after: design\n    ask: coder\n    produces: {s: files}\n    prompt: |\n      One.\n"
     "      {% if design %}\n",
     "9:7: phases.code.prompt: the template cannot be read: Unexpected end of template. Jinja was looking for the "
     "following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'."),
    (DESIGN + "  code: {after: design, each: f in design, ask: coder, prompt: x, produces: {s: files}}\n",
     "3:36: phases.code.each: 'design' is the type 'design', not a list. did you mean 'design.files'?"),
    (DESIGN + "  code: {after: design, each: f in design.entry, ask: coder, prompt: x, produces: {s: files}}\n",
     "3:36: phases.code.each: 'design.entry' is text, not a list."),
    (DESIGN + "  code: {after: design, each: design in design.files, ask: coder, prompt: x, produces: {s: files}}\n",
     "3:31: phases.code.each: 'design' is an artifact; the item needs another name."),
    (DESIGN + "  code: {after: design, each: f in design.files, ask: coder, prompt: '{{ f.pat }}', produces: {s: files}}\n",
     "3:74: phases.code.prompt: the type 'designfile' has no field 'pat'. did you mean 'path'?"),
    (DESIGN + "  code: {ask: coder, prompt: '{{ design.entry }}', produces: {s: files}}\n",
     "3:34: phases.code.prompt: 'design' cannot exist here: 'design' does not come before 'code'."),
    (DESIGN + "  code: {ask: coder, prompt: x, reads: [desing], after: design, produces: {s: files}}\n",
     "3:41: phases.code.reads[0]: nothing produces 'desing'. did you mean 'design'?"),
    (DESIGN + "  code: {ask: coder, prompt: x, reads: [design], produces: {s: files}}\n",
     "3:41: phases.code.reads[0]: 'design' cannot exist here: 'design' does not come before 'code'."),
    (DESIGN + "  j: {ask: coder, prompt: '{% for x in design %}{% endfor %}', after: design, produces: {s: files}}\n",
     "3:40: phases.j.prompt: 'design' is the type 'design', not a list."),
    (DESIGN + "  j: {ask: coder, prompt: '{{ design.files.path }}', after: design, produces: {s: files}}\n",
     "3:31: phases.j.prompt: 'design' is a list; name one of its items."),
    (DESIGN + "  j: {run: 'python {{ design.entri }}', after: design}\n",
     "3:23: phases.j.run: the type 'design' has no field 'entri'. did you mean 'entry'?"),
    (DESIGN + "  j: {run: [python, '{{ design.entri }}'], after: design}\n",
     "3:25: phases.j.run[1]: the type 'design' has no field 'entri'. did you mean 'entry'?"),
    (DESIGN + "  j: {call: lint, inputs: {x: design.entri}, after: design}\n",
     "3:31: phases.j.inputs.x: the type 'design' has no field 'entri'. did you mean 'entry'?"),
    ("phases:\n  a: {human: 'Is {{ it }} right?'}\n", "2:21: phases.a.human: nothing provides 'it'. did you mean 'item'?"),
    ("success: check.pased\n" + CHECK,
     "1:10: success: the type 'evidence' has no field 'pased'. did you mean 'passed'?"),
    ("success: chek.passed\n" + CHECK, "1:10: success: nothing provides 'chek'. did you mean 'check'?"),
    (CHECK.replace("run:", "when: visit > 3, run:") + "success: check.passed\n",
     "warning 3:10: success: 'check' may not exist at the end; the run has failed then."),
    (DESIGN.replace("prompt: x", "prompt: x, when: visit == 1")
     + "  code: {after: design, ask: coder, prompt: '{{ design.entry }}', produces: {s: files}}\n",
     "warning 3:49: phases.code.prompt: 'design' may not exist here: 'design' may be passed over. "
     "This phase is skipped then."),
    ("phases:\n  a: {ask: coder, prompt: '{{ check.passed }}', produces: {s: files}}\n"
     "  check: {after: a, run: x, then: a, at_most: 2}\n",
     "2:31: phases.a.prompt: 'check' does not exist on the first visit; ask 'visit > 1' or 'check is defined' first."),
    ("phases:\n  a: {ask: coder, prompt: x, produces: {s: files}}\n  b: {ask: boss, prompt: x, produces: {s: files}}\n",
     "3:43: phases.b.produces.s: 'a' produces 's' too, and nothing says which of the two comes first. "
     "write 'after: a' here, or use another name."),
    ("phases:\n  a: {run: x, when: false}\n", "warning 2:21: phases.a.when: this is never true, so the phase never runs."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GRAPH + PHASES + READS)
def test_each_mistake_is_found_where_it_is(found, text: str, expected: str) -> None:
    assert found(text) == [expected]


FINE = [
    CHECK + "  a: {after: check, run: x, when: not check.passed and check.repeats % 2 == 0}\n",
    DESIGN
    + "  s: {after: design, ask: coder, prompt: '{{ later is defined }} {{ none | default(1) }}', produces: {s: text}}\n",
    "phases:\n  a: {ask: coder, prompt: '{% if visit > 1 %}{{ check.reason }}{% endif %}', produces: {s: files}}\n"
    "  check: {after: a, run: x, then: a, at_most: 2}\n",
    "phases:\n  a: {ask: coder, when: check is not defined or not check.passed, prompt: '{{ check.reason }}',"
    " produces: {s: files}}\n  check: {after: a, run: x, then: a, at_most: 2}\n",
    "phases:\n  a: {run: x, then: a, at_most: 2}\n",
    DESIGN.replace("prompt: x", "prompt: x, when: visit == 1")
    + "  code: {after: design, when: visit == 1, ask: coder, prompt: '{{ design.entry }}', produces: {s: files}}\n",
    "inputs: {colour: red}\nphases:\n  a: {ask: coder, prompt: '{{ colour }} {{ idea }} {{ language }} {{ phase }}', "
    "reads: [colour], produces: {s: files}}\n",
    "phases:\n  a: {human: Well, choices: [good, bad], default: good}\n  b: {after: a, run: x, when: a.choice == 'good'}\n",
    "phases:\n  a: {ask: coder, prompt: x, produces: {s: {type: array, items: {type: object, properties: {q: {type: string}}}}}}\n"
    "  b: {after: a, each: x in s, ask: coder, prompt: '{{ x.q }}', produces: {t: text}}\n"
    "  c: {after: b, each: y in t, ask: coder, prompt: '{{ y.upper() }}', produces: {u: text}}\n",
    "phases:\n  a: {ask: coder, prompt: x, produces: {v: {choice: [left, right]}}}\n"
    "  l: {after: a, run: x, when: v == 'left', produces: {e: evidence}}\n"
    "  m: {after: a, run: x, when: v == 'right', produces: {f: evidence}}\n"
    "  z: {any: [l, m], run: x}\n",
    "phases:\n  a: {meet: review, prompt: x, seats: {maker: coder, judge: boss}, produces: {v: verdict, s: edits}}\n",
    "phases:\n  c: {run: x}\n  r: {after: c, ask: coder, prompt: x, produces: {s: edits}, then: c, at_most: 2, or_else: h}\n"
    "  h: {human: Stuck}\n",
]


@pytest.mark.parametrize("text", FINE)
def test_what_is_right_is_left_alone(found, text: str) -> None:
    assert found(text) == []


def test_a_circle_without_a_beginning_says_so_once_for_each_fact(found) -> None:
    text = "phases:\n  a: {run: x, after: b}\n  b: {run: x, after: a}\n  z: {run: x, after: b}\n"
    assert found(text) == [
        "1:1: phases: no phase can begin: each comes after another.",
        "2:22: phases.a.after: phases wait for one another in a circle: a → b → a."
        " a loop is made with 'then' and 'at_most'.",
        "4:3: phases.z: 'z' is never reached: it comes after phases that wait for one another.",
    ]


def test_nested_companies_are_checked_in_their_own_files(found) -> None:
    outer = "phases:\n  in:\n    company: inner\n    inputs: {colour: \"'red'\", size: visit}\n    outputs: {result: checked}\n"
    outer += "  a: {after: in, run: x, when: result.pased}\n"
    inner = "inputs: {colour: blue}\nphases:\n  check: {run: x, after: chek}\n  good: {run: x, produces: {check: evidence}}\n"
    assert found(outer, inner=inner) == [
        "4:31: phases.in.inputs.size: the company 'inner' has no input 'size'. there is: colour, idea.",
        "5:23: phases.in.outputs.result: the company 'inner' makes no 'checked'. did you mean 'check'?",
        "companies/inner.yaml:3:26: phases.check.after: there is no phase 'chek'. did you mean 'check'?",
        "companies/inner.yaml:4:36: phases.good.produces.check: 'check' produces 'check' too, and nothing says which "
        "of the two comes first. write 'after: check' here, or use another name.",
    ]


def test_types_come_out_of_nested_companies(found) -> None:
    outer = "phases:\n  in: {company: inner, outputs: {result: check}}\n  a: {after: in, run: x, when: result.pased}\n"
    assert found(outer, inner=CHECK) == [
        "3:32: phases.a.when: the type 'evidence' has no field 'pased'. did you mean 'passed'?"
    ]


def test_loading_and_checking_problems_come_together(found) -> None:
    text = "name: d\nphases:\n  a: {ask: bos, prompt: '{{ nope }}', produces: {s: text}}\n"
    assert [line.split(": ")[0] for line in found(text)] == ["1:7", "3:12", "3:29"]


def test_bad_files_are_never_exceptions(found, tmp_path: Path) -> None:
    assert found("phases: [\n") == ["2:1: the file ends here, but a [ ] or { } is not closed."]
    library = Library([Layer("project", tmp_path)])
    assert str(validate("nope", library)[0]).startswith("companies/nope.yaml:1:1: there is no company 'nope'")
    assert str(validate("x/y.yaml", library)[0]) == "x/y.yaml:1:1: there is no such file."


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            "{order: alternat}",
            "2:34: environments.e.rules.order: there is no order rule 'alternat'. Did you mean 'alternate'? ",
        ),
        (
            "{stop: {turn: 3}}",
            "2:34: environments.e.rules.stop.turn: there is no stop rule 'turn'. Did you mean 'turns'? ",
        ),
    ],
)
def test_a_rule_that_does_not_exist_is_answered_with_those_that_do(found, rules: str, expected: str) -> None:
    (problem,) = found(f"environments:\n  e: {{seats: [a], rules: {rules}}}\nphases:\n  a: {{run: x}}\n")
    assert problem.startswith(f"{expected}There are: a")


def test_roles_and_environments_are_validated_by_name_and_path(found, tmp_path: Path) -> None:
    found(CHECK)
    library = Library([Layer("project", tmp_path)])
    assert validate("duo", library) == []
    assert validate("coder", library) == []
    (tmp_path / "environments" / "bad.yaml").write_text("seats: [a, b]\nrules: {order: rond}\n")
    for name in ("bad", "environments/bad.yaml"):
        (problem,) = validate(name, library)
        assert str(problem).startswith(
            "environments/bad.yaml:2:16: rules.order: there is no order rule 'rond'. Did you mean"
        )
    (tmp_path / "roles" / "bad.yaml").write_text("titel: x\n")
    assert [str(problem) for problem in validate("roles/bad.yaml", library)] == [
        "roles/bad.yaml:1:1: titel: unknown key 'titel'. did you mean 'title'?"
    ]


def test_a_company_from_a_journal_is_checked_without_places(found, tmp_path: Path) -> None:
    found(CHECK.replace("run: pytest", "run: pytest, when: check.passed"))
    loaded = Library([Layer("project", tmp_path)]).load("c").resolved
    assert loaded is not None
    again = Resolved.model_validate_json(loaded.model_dump_json())
    assert [str(problem) for problem in check(again)] == [
        "c:1:1: phases.check.when: 'check' cannot exist here: 'check' does not come before 'check'."
    ]


@pytest.mark.parametrize("name", [source.name for source in Library.default(Path("/nowhere")).names("company")])
def test_every_shipped_company_is_free_of_errors(name: str) -> None:
    assert [str(p) for p in validate(name, Library.default(Path("/nowhere"))) if p.severity == "error"] == []


MEETING = (
    "inputs: {form: duo}\nphases:\n  team: {ask: boss, prompt: x, produces: {team: team}}\n"
    "  talk: {after: team, meet: MEET, prompt: x, seats: SEATS, produces: {s: files}}\n"
)
CHOSEN = [
    ("{by: fom, of: [duo, trio]}", "{judge: boss, maker: coder}",
     ["4:34: phases.talk.meet.by: the company has no input 'fom'. did you mean 'form'?"]),
    ("{by: form, of: [trio, tri]}", "{judge: boss, maker: coder}",
     ["1:16: inputs.form: the input 'form' begins as 'duo', which is none of 'tri', 'trio'. there is: tri, trio.",
      "4:51: phases.talk.meet.of[1]: there is no environment 'tri'; looked in environments. did you mean 'trio'?"]),
    ("{by: form, of: [duo, lone]}", "{judge: boss, maker: coder}",
     ["4:77: phases.talk.seats.judge: 'lone' has no seat 'judge'. there is: maker."]),
    ("{by: form, of: [duo]}", "{judge: boss, maker: coder}", ["4:40: phases.talk.meet.of: expected at least 2; got 1."]),
    ("{by: form, of: [duo, duo]}", "{judge: boss, maker: coder}", ["each is named once"]),
    ("duo", "{judge: {each: team, at_most: 0}, maker: coder}", ["at_most: at least one seat is needed."]),
    ("duo", "{judge: {each: team, at_most: many}, maker: coder}", ["at_most: nothing provides 'many'."]),
]  # fmt: skip


@pytest.mark.parametrize(("meet", "seats", "said"), CHOSEN)
def test_every_environment_that_an_input_may_choose_is_checked(found, tmp_path: Path, meet, seats, said) -> None:
    folder = tmp_path / "environments"
    (folder / "trio.yaml").write_text("seats:\n  maker: {writes: product}\n  judge: {writes: opinion, several: true}\n")
    (folder / "lone.yaml").write_text("seats:\n  maker: {writes: product}\n")
    problems = found(MEETING.replace("MEET", meet).replace("SEATS", seats))
    assert [one for one in said if not any(one in problem for problem in problems)] == [], problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inputs: {a: x}\noptions: {a: [y, z]}\n", "the input 'a' begins as 'x', which is none of its options."),
        ("inputs: {a: x}\noptions: {b: [y, z]}\n", "options.b: the company has no input 'b'."),
        ("inputs: {a: x}\nrefuses: [{when: aa == 'x', because: no}]\n", "the company has no input 'aa'."),
        ("inputs: {a: x}\nrefuses: [{when: a ==, because: no}]\n", "refuses[0].when"),
    ],
)
def test_what_is_said_of_inputs_is_checked(found, text: str, said: str) -> None:
    problems = found(text + CHECK)
    assert any(said in problem for problem in problems), problems
