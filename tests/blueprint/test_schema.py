from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from agentverse.blueprint.document import read_file, read_text
from agentverse.blueprint.load import Library
from agentverse.blueprint.schema import schema
from agentverse.blueprint.sources import FOLDERS

LIBRARY = Library.default(Path("/nowhere"))


def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(FOLDERS))
def test_schemas_are_schemas_and_every_field_is_described(kind) -> None:
    made = schema(kind)
    Draft202012Validator.check_schema(made)
    for name, part in [("", made), *made.get("$defs", {}).items()]:
        for field, said in part["properties"].items():
            assert said.get("description"), f"{name}.{field}"


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, source.path) for kind in FOLDERS for source in LIBRARY.names(kind)],
    ids=lambda v: str(v)[-30:],
)
def test_what_is_shipped_validates(kind, path) -> None:
    assert [error.message for error in validator(kind).iter_errors(read_file(path, "").data)] == []


@pytest.mark.parametrize(
    "text",
    [
        "phases: {a: {ask: r, prompt: x, produces: {v: {choice: [yes, no]}}}}",
        "phases: {a: {ask: r, when: true, after: [b], produces: {v: {type: object}}}, b: {run: [a, b]}}",
        "phases: {a: {human: {en: 'Well?'}}}\nroles: {r: {title: x}}\nenvironments: {e: {rules: {stop: {turns: 3}}}}",
    ],
)
def test_short_companies_validate(text: str) -> None:
    assert [error.message for error in validator("company").iter_errors(read_text(text, "").data)] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("company", "phases: {}"),
        ("company", "title: x"),
        ("company", "phases: {a: {ask: r, promt: x}}"),
        ("company", "phases: {a: {prompt: x}}"),
        ("company", "phases: {a: {ask: r, run: x}}"),
        ("company", "phases: {A: {ask: r}}"),
        ("company", "phases: {a: {ask: r, then: a}}"),
        ("company", "phases: {a: {ask: r, each: files}}"),
        ("company", "phases: {a: {ask: r, samples: 0}}"),
        ("company", "phases: {a: {ask: r, on_error: retri}}"),
        ("company", "phases: {a: {ask: r, title: {eng: x}}}"),
        ("company", "phases: {a: {ask: r, produces: {x: desing}}}"),
        ("company", "phases: {a: {ask: r, produces: {x: {choice: [a]}}}}"),
        ("role", "titel: x"),
        ("role", "temperature: 3"),
        ("environment", "title: x"),
        ("environment", "seats: []"),
        ("language", "test: make test"),
        ("language", "suffixes: [.z]\ntest: make\nresults: tap"),
        ("language", "suffixes: [.z]\ntest: make\nresults: junit\nlinter: x"),
        ("language", "suffixes: []\ntest: make\nresults: junit"),
        ("environment", "seats: {a: {write: x}}"),
    ],
)
def test_mistakes_do_not_validate(kind: str, text: str) -> None:
    assert not validator(kind).is_valid(read_text(text, "").data)
