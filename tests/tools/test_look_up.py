"""Tables of a recording by themselves; who may see which is tested with an environment."""

from __future__ import annotations

import json

import pytest

from agentverse.blueprint.recording import Recording, find_recording
from agentverse.blueprint.sources import Layer
from agentverse.errors import UsageError
from agentverse.models.calling import Wanted
from agentverse.tools.calls import Outcome, WrongCall, arguments, make
from agentverse.tools.describing import spec_of
from agentverse.tools.registry import make as made

RECORDED = {
    "tables": {
        "load": {
            "about": {"en": "load over time", "zh": "负载"},
            "columns": ["second", "percent"],
            "rows": [[number / 2, number] for number in range(100)],
        },
        "notes": {"columns": ["who", "text"], "rows": [["Ada", "Ran a backup"], ["Bo", None]]},
    }
}


@pytest.fixture
def look(bench):
    bench.recording = Recording.model_validate(RECORDED)

    async def one(**given: object) -> Outcome:
        tool = made("look_up", bench)
        return await make(tool, arguments(Wanted("look_up", given), tool, "en"), seconds=5, language="en")

    return one


async def test_rows_of_a_time_are_shown_under_their_columns(look) -> None:
    assert (await look(table="load", since=1.5, until=2)).text == "second | percent\n1.5 | 3\n2.0 | 4"
    assert (await look(table="load", since=49)).text == "second | percent\n49.0 | 98\n49.5 | 99"


async def test_rows_with_a_text_are_shown_whatever_its_case(look) -> None:
    assert (await look(table="notes", contains="BACKUP")).text == "who | text\nAda | Ran a backup"


async def test_a_time_is_not_heeded_silently_where_a_table_has_none(look) -> None:
    told, *rows = (await look(table="notes", contains="BACKUP", since=9)).text.splitlines()
    assert told == "notes has no column `second`: since and until say nothing here."
    assert rows == ["who | text", "Ada | Ran a backup"]
    assert (await look(table="notes", contains="fire")).text == "who | text\n(nothing)"


async def test_a_long_table_is_cut_and_says_so(look) -> None:
    lines = (await look(table="load")).text.splitlines()
    assert len(lines) == 42
    assert lines[-1] == "… and 60 more"


async def test_a_table_that_is_not_there_is_refused_with_those_there_are(look) -> None:
    with pytest.raises(WrongCall, match="load"):
        await look(table="secrets")


async def test_the_tables_are_told_in_the_words_of_the_recording(bench, look) -> None:
    bench.language = "zh"
    spec = spec_of(made("look_up", bench))
    assert "load（负载）" in spec.description
    assert spec.parameters["properties"]["table"]["enum"] == ["load", "notes"]


async def test_where_nothing_was_recorded_there_is_nothing_to_look_up(bench) -> None:
    said = await make(made("look_up", bench), {"table": "load"}, seconds=5, language="en")
    assert said == Outcome(False, "You may look up no table 'load'.")


def test_the_first_folder_that_has_a_recording_counts(tmp_path) -> None:
    layers = [Layer("project", tmp_path / "one"), Layer("user", tmp_path / "two")]
    for layer, column in zip(layers, ("first", "second"), strict=True):
        (layer.folder / "recordings").mkdir(parents=True)
        text = json.dumps({"tables": {"load": {"columns": [column]}}})
        (layer.folder / "recordings" / "outage.json").write_text(text)
    assert find_recording(layers, "outage").tables["load"].columns == ["first"]
    assert find_recording(layers[1:], "outage").tables["load"].columns == ["second"]


@pytest.mark.parametrize("name", ["", "../outage", "/etc/passwd", "Outage", "none"])
def test_a_name_that_leads_nowhere_is_refused(tmp_path, name) -> None:
    (tmp_path / "outage.json").write_text(json.dumps(RECORDED))
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "known.json").write_text(json.dumps(RECORDED))
    with pytest.raises(UsageError, match="there is no recording") as refused:
        find_recording([Layer("project", tmp_path)], name)
    assert "known" in str(refused.value.fix)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "JSON"),
        ('{"tables": {}}', "tables"),
        ('{"tables": {"load": {"columns": ["a", "b"], "rows": [[1]]}}}', "row 1 has 1 cells"),
    ],
)
def test_a_file_that_is_no_recording_says_what_is_wrong(tmp_path, text, why) -> None:
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "bad.json").write_text(text)
    with pytest.raises(UsageError, match=why):
        find_recording([Layer("project", tmp_path)], "bad")
