"""JSON read out of whatever a small model puts around and into it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema.validators import Draft202012Validator

from agentverse.agents.protocol import Expectation
from agentverse.agents.reading.base import Unreadable
from agentverse.agents.reading.choice import read_choice
from agentverse.agents.reading.schemas import constraint_for
from agentverse.agents.reading.structured import read_structured
from agentverse.agents.reading.text import read_text
from agentverse.agents.wording import EXAMPLES
from agentverse.blueprint.artifacts import Design, Opinion, Requirements, Verdict

REQUIREMENTS: dict[str, Any] = {
    "title": "Tally", "summary": "Counts words.", "kind": "command", "language": "python", "dependencies": [],
    "items": [{"id": "R1", "text": "Counts.", "test": "'a b' gives 2"}],
}  # fmt: skip
DESIGN: dict[str, Any] = {
    "files": [
        {"path": "main.py", "purpose": "Starts.", "names": ["main()"], "depends_on": ["tally.py"]},
        {"path": "tally.py", "purpose": "Counts.", "names": [], "depends_on": []},
    ],
    "entry": "main.py", "start": "python main.py",
}  # fmt: skip


def read(text: str | dict[str, Any] | list[Any], type: Any) -> Any:
    return read_structured(text if isinstance(text, str) else json.dumps(text), Expectation(type)).value


def problem(text: Any, type: Any) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read(text, type)
    return caught.value


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "```json\n{}\n```",
        "Here it is, as {{asked}}:\n{}\nI hope this helps.",
        "Sure!\n```json\n{}\n```\nAnything else?",
        '{{"requirements": {}}}',
    ],
)
def test_json_is_found_in_what_stands_around_it(form: str) -> None:
    assert read(form.format(json.dumps(REQUIREMENTS)), "requirements") == Requirements(**REQUIREMENTS)


@pytest.mark.parametrize(
    "text",
    [
        "{'agreed': True, 'message': 'it\\'s fine'}",
        '{"agreed": true, "message": "it\'s fine",}',
        '{"agreed": true, // yes\n "message": "it\'s fine"}',
        '{agreed: true, message: "it\'s fine"}',
        '{"agreed": "yes", "message": "it\'s fine"}',
        '{"Agreed": 1, "message": "it\'s fine"}',
    ],
)
def test_json_with_errors_is_put_right(text: str) -> None:
    assert read(text, "opinion") == Opinion(agreed=True, message="it's fine")


def test_a_line_feed_inside_a_string_is_no_error() -> None:
    assert read('{"agreed": false, "message": "one\ntwo"}', "opinion").message == "one\ntwo"


def test_what_small_models_almost_get_right_is_put_right() -> None:
    got = read(
        {
            "Title": "Tally", "summary": ["Counts words.", "Fast."], "kind": "CLI", "language": "Python 3.11",
            "dependencies": "none", "items": ["Counts the words.", {"id": 2, "text": "Says so."}],
        },
        "requirements",
    )  # fmt: skip
    assert got.kind == "command"
    assert got.language == "python"
    assert got.dependencies == []
    assert [(item.id, item.text) for item in got.items] == [("R1", "Counts the words."), ("R2", "Says so.")]
    assert got.summary == "Counts words.; Fast."


def test_a_verdict_with_words_for_numbers_is_read() -> None:
    finding = {"file": "main.py", "line": "line 12", "severity": "Critical", "what": "crashes"}
    got = read({"approved": "no", "findings": finding}, "verdict")
    assert got == Verdict.model_validate(
        {"approved": False, "findings": [{**finding, "line": 12, "severity": "blocker"}]}
    )


def test_a_string_that_is_too_long_is_cut_and_said() -> None:
    found = read_structured(json.dumps({"agreed": True, "message": "x" * 5000}), Expectation("opinion"))
    assert len(found.value.message) == 1200
    assert "cut at 1200" in found.mended[0]


def test_a_bare_list_is_taken_for_the_items() -> None:
    schema = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": {"type": "string"}}},
        "required": ["items"],
    }
    assert read(["a", "b"], schema) == {"items": ["a", "b"]}
    assert read([{"path": "a.py", "purpose": "all"}], "design").files[0].path == "a.py"


@pytest.mark.parametrize(
    ("text", "type", "code"),
    [
        ("", "opinion", "empty"),
        ("I can't help with that.", "opinion", "refusal"),
        ("I agree.", "opinion", "bad_json"),
        ('{"agreed": true, "message": "it is', "opinion", "cut_off"),
        ('{"message": "well"}', "opinion", "wrong_shape"),
        ('{"nobody": "asked for this"}', "requirements", "wrong_shape"),
        ({**REQUIREMENTS, "items": []}, "requirements", "wrong_shape"),
    ],
)
def test_what_cannot_be_read_says_why(text: Any, type: str, code: str) -> None:
    assert problem(text, type).code == code


def test_a_wrong_shape_names_the_field_and_what_was_expected() -> None:
    detail = problem({"agreed": "perhaps"}, "opinion").detail()
    assert "agreed" in detail
    assert "boolean" in detail


def test_a_list_cut_off_in_the_middle_is_not_accepted_short() -> None:
    text = json.dumps({**REQUIREMENTS, "items": REQUIREMENTS["items"] * 4})
    assert problem(text[: text.rindex('"text"')], "requirements").code == "cut_off"


# ---------------------------------------------------------------------- designs


def test_a_design_is_read() -> None:
    assert read(DESIGN, "design") == Design.model_validate(DESIGN)


def test_modules_are_taken_for_their_files_and_libraries_dropped() -> None:
    files = [{**DESIGN["files"][0], "path": "./main.py", "depends_on": ["tally", "sys", "main.py"]}, DESIGN["files"][1]]
    got = read({**DESIGN, "files": files, "entry": "python main.py"}, "design")
    assert got.files[0].path == "main.py"
    assert got.files[0].depends_on == ["tally.py"]
    assert got.entry == "main.py"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"files": [{**DESIGN["files"][0], "depends_on": ["gone.py"]}]}, "gone.py"),
        ({"files": [DESIGN["files"][1], DESIGN["files"][1]], "entry": ""}, "twice"),
        ({"files": [{**DESIGN["files"][1], "path": "../up.py"}], "entry": ""}, "files.0.path"),
        (
            {"files": [DESIGN["files"][0], {**DESIGN["files"][1], "depends_on": ["main.py"]}]},
            "main.py → tally.py → main.py",
        ),
        ({"entry": "start.py"}, "start.py"),
    ],
)
def test_a_design_that_does_not_hold_together_is_refused(change: dict[str, Any], said: str) -> None:
    trouble = problem({**DESIGN, **change}, "design")
    assert trouble.code == "wrong_shape"
    assert said in trouble.detail()


# ---------------------------------------------------------------------- schemas


@pytest.mark.parametrize("type", ["requirements", "design", "verdict", "opinion"])
def test_schemas_are_strict_bounded_and_small(type: Any) -> None:
    named = constraint_for(type)
    assert named is not None
    Draft202012Validator.check_schema(named.schema)
    text = json.dumps(named.schema)
    assert "$ref" not in text
    assert "description" not in text
    assert len(text) < 1500

    def walk(part: dict[str, Any]) -> None:
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
            for field in part["properties"].values():
                walk(field)
        if part.get("type") == "array":
            assert "maxItems" in part
            walk(part["items"])
        if part.get("type") == "string":
            assert "maxLength" in part or "enum" in part

    walk(dict(named.schema))


def test_source_code_is_never_asked_for_in_json() -> None:
    assert [constraint_for(type) for type in ("files", "edits", "text")] == [None, None, None]


def test_a_schema_written_in_place_is_sent_as_written_and_holds() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}, "required": ["n"]}
    named = constraint_for(schema)
    assert named is not None
    assert named.schema == schema
    assert read('{"n": "4"}', schema) == {"n": 4}
    assert "n: 2 is less than" in problem('{"n": 2}', schema).detail()


# ---------------------------------------------------------------------- choice and text


@pytest.mark.parametrize(
    "reply",
    [
        "web",
        "Web",
        '"web"',
        "**web**",
        '{"choice": "web"}',
        "Both are good.\nAnswer: web.",
        "I choose web",
        "选择：web。",
    ],
)
def test_a_choice_is_read(reply: str) -> None:
    assert read_choice(reply, Expectation({"choice": ["web", "command", "web app"]})).value == "web"


@pytest.mark.parametrize(
    ("reply", "code"), [("", "empty"), ("web or command", "wrong_shape"), ("neither", "wrong_shape")]
)
def test_no_choice_is_made_for_the_agent(reply: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_choice(reply, Expectation({"choice": ["web", "command"]}))
    assert caught.value.code == code


def test_text_is_taken_out_of_a_fence_around_all_of_it_only() -> None:
    assert read_text("```markdown\nHello\n```", Expectation()).value == "Hello"
    both = "```\na\n```\nand\n```\nb\n```"
    assert read_text(both, Expectation()).value == both


def test_agents_are_not_asked_for_lines_and_judge_after_looking() -> None:
    named = constraint_for("verdict")
    assert named is not None
    assert list(named.schema["properties"]) == named.schema["required"] == ["findings", "approved"]
    finding = named.schema["properties"]["findings"]["items"]
    assert finding["required"] == ["file", "severity", "what", "how"]
    assert read({"findings": [{"what": "crashes"}], "approved": False}, "verdict").findings[0].line == 0


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("type", ["requirements", "design", "verdict", "opinion"])
def test_the_example_shown_is_a_reply_that_would_count(type: str, language: str) -> None:
    named = constraint_for(type)
    assert named is not None
    example = EXAMPLES[type][language]
    assert list(example) == list(named.schema["properties"])
    found = read_structured(json.dumps(example), Expectation(type))
    assert found.mended == []


@pytest.mark.parametrize(
    "type", ["requirements", "verdict", {"type": "object", "required": ["b"]}, {"choice": ["yes", "no"]}]
)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000,
        '{"a":' * 5000,
        '{"a": ' + "[" * 200 + "]" * 200 + "}",
        '{"a": [-' + "9" * 5000 + "]]",
        '[{"a": 1e' * 99,
    ],
    ids=["brackets", "objects", "deep", "digits", "cut"],
)
def test_a_model_that_repeats_itself_gave_no_usable_reply(text: str, type: Any) -> None:
    reader = read_choice if isinstance(type, dict) and "choice" in type else read_structured
    with pytest.raises(Unreadable):
        reader(text, Expectation(type))


def test_half_a_character_is_not_passed_on() -> None:
    assert read(r'{"a\ud83d": ["\ud83d", "\ud83d\ude00"]}', {"type": "object"}) == {"a�": ["�", "😀"]}
