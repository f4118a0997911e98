import time

import pytest

from agentverse.blueprint.artifacts import Design, DesignFile, Evidence, Requirement, Requirements
from agentverse.templates import (
    BadTemplate,
    MissingField,
    MissingName,
    TemplateError,
    evaluate,
    names,
    render,
    uses,
)
from agentverse.templates.names import Each

DESIGN = Design(files=[DesignFile(path="a.py", purpose="adds"), DesignFile(path="b.py", purpose="说明")], entry="a.py")
VALUES = {
    "design": DESIGN,
    "check": Evidence(passed=False, repeats=3),
    "requirements": Requirements(title="t", summary="s", items=[Requirement(id="R1", text="adds")]),
    "visit": 2,
    "idea": "a <b> & c",
    "data": {"items": [1, 2], "deep": {"x": "y"}},
    "value__": "mine",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ idea }}", "a <b> & c"),
        (
            "{% for f in design.files %}{{ loop.index }}{{ f.path }}{{ '' if loop.last else ', ' }}{% endfor %}",
            "1a.py, 2b.py",
        ),
        ("{{ design.files | map(attribute='path') | join(', ') }}", "a.py, b.py"),
        ("{{ design.files[1].purpose }}", "说明"),
        ("{{ check.score }}", "[0, 0, 0]"),
        ("{{ data.items }}{{ data['items'][0] }}", "[1, 2]1"),
        ("{{ requirements.items[0] }}", '{"id": "R1", "text": "adds", "test": ""}'),
        ("{{ check.tests }}|", "|"),
        ("{% if visit > 1 %}\nagain\n{% endif %}\nend", "again\nend"),
        ("{{ later is defined }}{{ later | default('-') }}", "False-"),
        ("{{ 'a,b'.split(',') | length }}{{ data.deep.get('z', 0) }}", "20"),
        ("{{ 1 ~ 'x' ~ visit }}", "1x2"),
        ("{{ data | tojson }}", '{"items": [1, 2], "deep": {"x": "y"}}'),
        ("{{ 'a\nb' | indent(2) }}", "a\n  b"),
        ("{% set n = design.files | length %}{{ n * 2 }}", "4"),
        ("{% for i in range(3) %}{{ i }}{% endfor %}", "012"),
    ],
)
def test_templates_are_filled(template: str, text: str) -> None:
    assert render(template, VALUES) == text


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("not check.passed", True),
        ("check.repeats % 2 == 1 and not check.passed", True),
        ("design.files | selectattr('path', 'equalto', 'b.py')", [DESIGN.files[1]]),
        ("design.files", DESIGN.files),
        ("value__ ~ '!'", "mine!"),
        ("true", True),
        ("'check' if missing is defined else 'none'", "none"),
    ],
)
def test_expressions_have_values(expression: str, value: object) -> None:
    assert evaluate(expression, VALUES) == value


@pytest.mark.parametrize(
    "template",
    [
        "{{ design.model_dump() }}",
        "{{ design.model_fields_set }}",
        "{{ design.__class__.__mro__ }}",
        "{{ design['__class__'] }}",
        "{{ design.__dict__ }}",
        "{{ design._abc }}",
        "{{ idea.__class__ }}",
        "{{ idea.format }}",
        "{{ ''.join }}",
        "{{ data.update }}",
        "{{ data.items.append }}",
        "{{ [design] | map(attribute='__class__') | list }}",
        "{{ [design] | map(attribute='model_dump') | first }}",
        "{{ data.deep.get.__self__ }}",
        "{{ range.__globals__ }}",
        "{% for x in data.items %}{{ loop.__class__ }}{% endfor %}",
        "{% for x in data.items %}{{ loop._iterator }}{% endfor %}",
        "{{ lipsum() }}",
        "{{ cycler }}",
        "{{ namespace() }}",
    ],
)
def test_only_fields_and_listed_methods_are_reached(template: str) -> None:
    with pytest.raises((MissingField, MissingName)):
        render(template, VALUES)


@pytest.mark.parametrize(
    "template",
    [
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{{ self }}",
        "{% block x %}{{ self.x() }}{% endblock %}",
        "{{ idea | attr('x') }}",
        "{{ [1, 2] | random }}",
        "{% for x in data recursive %}{{ loop(x) }}{% endfor %}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    ],
)
def test_what_templates_do_not_need_is_refused_at_reading(template: str) -> None:
    with pytest.raises(BadTemplate):
        names(template)
    with pytest.raises(BadTemplate):
        render(template, VALUES)


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'x' * 100000000 }}",
        "{{ [1] * 100000000 }}",
        "{{ 100000000 * 'x' }}",
        "{{ '%100000000d' % 1 }}",
        "{{ 9 ** 9999999 }}",
        "{{ range(100000000) | list }}",
        "{% for i in range(9999) %}{{ 'x' * 1000 }}{% endfor %}",
        "{{ ('a' * 100000) | replace('a', 'b' * 100000) }}",
        "{% set x = 'x' * 150000 %}{{ (x ~ x) | length }}",
        "{% set x = 'x' * 150000 %}{{ (x + x) | length }}",
        "{{ range(9999) | join('x' * 1000) }}",
        "{{ ('a\n' * 50000) | indent(100000) }}",
    ],
)
def test_nothing_grows_without_bound(template: str) -> None:
    started = time.perf_counter()
    with pytest.raises(TemplateError):
        render(template, VALUES)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("source", "error", "line", "message"),
    [
        ("\n\n{{ nope }}", MissingName, 3, "'nope' has no value here"),
        ("{{ nope.field }}", MissingName, 1, "'nope' has no value here"),
        ("{{ nope() }}", MissingName, 1, "'nope' has no value here"),
        ("{% if nope %}{% endif %}", MissingName, 1, "'nope' has no value here"),
        ("a\n{{ check.pased }}", MissingField, 2, "the evidence has no field 'pased'"),
        ("{{ data.deep.q }}", MissingField, 1, "a mapping has no field 'q'"),
        ("{{ design.files[9].path }}", MissingField, 1, "a list has no item 9"),
        ("x\n{{ a", BadTemplate, 2, "the template cannot be read: unexpected end of template, expected '}}'"),
        ("{% if %}", BadTemplate, 1, "the template cannot be read: Expected an expression, got '%}'"),
        ("{{ 1 / 0 }}", TemplateError, 1, "the template cannot be filled: division by zero"),
    ],
)
def test_faults_say_what_and_on_which_line(source: str, error: type[TemplateError], line: int, message: str) -> None:
    with pytest.raises(error) as caught:
        render(source, VALUES)
    assert (str(caught.value), caught.value.line) == (message, line)


def test_an_expression_with_braces_is_told_so() -> None:
    with pytest.raises(BadTemplate) as caught:
        evaluate("{{ check.passed }}", VALUES)
    assert caught.value.fix == "write it without {{ }}"
    with pytest.raises(MissingName) as missing:
        evaluate("tests", VALUES)
    assert missing.value.name == "tests"


def test_names_are_what_is_needed_from_outside() -> None:
    template = "{% for f in design.files %}{{ f.path }}{{ idea }}{% set x = check %}{{ x.passed }}{% endfor %}"
    assert names(template) == {"design", "design.files", "idea", "check", "check.passed"}
    assert names("not check.passed", expression=True) == {"check", "check.passed"}
    assert names("check.passed") == set()


def test_uses_follow_loops_and_know_what_is_asked_first() -> None:
    found = {(use.name, use.steps): use for use in uses("{% for f in design.files %}{{ f.path }}{% endfor %}")}
    assert found[("design", ("files", Each.ITEM, "path"))].written == "f.path"
    assert found[("design", ("files",))].looped
    assert all(use.tested for use in uses("{% if a is defined %}{{ a.x }}{% endif %}"))
    assert [use.later for use in uses("{% if visit > 1 %}{{ a }}{% endif %}{{ b }}") if use.name != "visit"] == [
        True,
        False,
    ]
    assert [use.later for use in uses("visit > 1 and a.x", expression=True) if use.name == "a"] == [True]


def test_a_cached_template_is_filled_fast() -> None:
    template = "Write {{ design.entry }}: {{ idea }}{% if design.files %} {{ design.files[0].path }}{% endif %}"
    render(template, VALUES)
    best = min(_seconds(template) for _ in range(5))
    assert best < 50e-6


def _seconds(template: str) -> float:
    started = time.process_time()
    for _ in range(500):
        render(template, VALUES)
    return (time.process_time() - started) / 500
