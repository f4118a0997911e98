"""Dry runs: every phase once, each prompt as the engine would send it, nothing asked and nothing executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentverse.agents.protocol import Expectation
from agentverse.blueprint.artifacts import artifact_types
from agentverse.blueprint.load import Library
from agentverse.engine.dry import dry_run
from agentverse.engine.placeholders import least, placeholder
from agentverse.errors import BlueprintError

OUTER = """
name: outer
phases:
  agree:
    human: Big?
    choices: [big, small]
    produces: {agree: answer}
  inner:
    after: agree
    company: solo
    inputs: {idea: "'a ' ~ agree.choice ~ ' thing'"}
    produces: {check: evidence}
  mend:
    after: inner
    when: not check.passed
    ask: programmer
    prompt: It was {{ agree.choice }}. Mend {{ check.reason }}.
    produces: {source: edits}
  never:
    after: agree
    when: agree.choice == "huge"
    ask: cto
    prompt: Never.
    produces: {odd: {type: object, required: [n], properties: {n: {type: integer, minimum: 3}}}}
"""


def company(folder: Path, text: str):
    path = folder / "outer.yaml"
    path.write_text(text, encoding="utf-8")
    return Library.default(folder).company(str(path))


@pytest.mark.parametrize("name", [source.name for source in Library.default().names("company")])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_phase_of_a_shipped_company_is_walked(name, language):
    blueprint = Library.default().company(name)
    walked = await dry_run(blueprint, idea="一个东西", language=language)
    assert {phase.name for phase in walked} == set(blueprint.company.phases)
    assert [phase.problem for phase in walked if phase.problem] == []
    for phase in walked:
        assert bool(phase.turns) == (phase.kind in ("ask", "meet")), phase.name
        for turn in phase.turns:
            assert "一个东西" in turn.messages[-1].content
            assert turn.tokens > 0


async def test_guards_people_and_inner_companies_are_stood_in_for(tmp_path):
    walked = {phase.name: phase for phase in await dry_run(company(tmp_path, OUTER), idea="x", language="en")}
    assert list(walked)[:2] == ["agree", "inner"]
    assert "inner.build" in walked
    assert "a big thing" in walked["inner.build"].turns[0].messages[-1].content
    assert walked["mend"].assumed == "not check.passed"
    assert "It was big." in walked["mend"].turns[0].messages[-1].content
    assert walked["never"].assumed == 'agree.choice == "huge"'
    assert '"n": 3' in walked["never"].turns[0].placeholder


async def test_a_company_that_cannot_be_run_is_not_walked(tmp_path):
    with pytest.raises(BlueprintError):
        await dry_run(
            company(
                tmp_path,
                OUTER.replace(
                    "ask: programmer", "ask: programmer\n    then: agree\n    at_most: 1\n    or_else: nobody"
                ),
            ),
            idea="x",
            language="en",
        )


@pytest.mark.parametrize("type", sorted(artifact_types()))
def test_there_is_a_placeholder_for_every_type(type):
    value = placeholder(Expectation(type=type), "en")
    assert value is not None
    if type not in ("files", "edits"):
        assert isinstance(value, artifact_types()[type])


def test_the_least_value_of_a_schema_fits_it():
    import jsonschema

    schema = {
        "type": "object", "required": ["a", "b", "c", "d"],
        "properties": {
            "a": {"type": "string", "maxLength": 3}, "b": {"type": "array", "minItems": 2, "items": {"enum": ["x"]}},
            "c": {"anyOf": [{"type": "integer", "minimum": 2}, {"type": "null"}]}, "d": {"$ref": "#/$defs/e"},
            "f": {"type": "boolean"},
        },
        "$defs": {"e": {"type": ["string", "null"], "minLength": 30}},
    }  # fmt: skip
    value = least(schema, "placeholder")
    jsonschema.validate(value, schema)
    assert value["f"] is True
