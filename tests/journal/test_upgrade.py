"""Events written by older versions stay readable. A golden file is never changed; a new shape adds one."""

import json
from pathlib import Path

import pytest

from agentverse.errors import JournalUnavailable
from agentverse.journal.events import Event, Note
from agentverse.journal.upgrade import EVENT_TYPES, dump, load, type_of

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_a_golden_event_reads_as_it_did(file):
    golden = json.loads(file.read_text())
    for case in golden["cases"]:
        event = load(golden["type"], golden["v"], json.dumps(case["stored"]))
        assert isinstance(event, Event)
        reads = event.model_dump(mode="json")
        assert {name: reads[name] for name in case["reads"]} == {**case["reads"], "v": event.v}
        if event.v == golden["v"]:
            assert reads == case["reads"]
            assert json.loads(dump(event)) == case["stored"]


def test_every_event_has_a_golden_file_for_each_of_its_versions():
    have = {(golden["type"], golden["v"]) for golden in map(json.loads, (file.read_text() for file in GOLDEN))}
    current = {(cls.model_fields["type"].default, cls.model_fields["v"].default) for cls in _event_classes()}
    assert {kind for kind, _ in current} == set(EVENT_TYPES)
    assert have == {(kind, v) for kind, newest in current for v in range(1, newest + 1)}


def _event_classes():
    return [cls for cls in Event.__subclasses__() if cls.__module__ == "agentverse.journal.events"]


def test_an_older_shape_is_upgraded_on_reading():
    """A version 0 of the event ``note`` that called its text ``message``."""
    upgrades = {("note", 0): lambda body: {"text": body["message"]}}
    assert load("note", 0, '{"message":"hello"}', upgrades=upgrades) == Note(text="hello")


def test_upgrades_are_made_one_after_another():
    upgrades = {
        ("note", -1): lambda body: {"message": body["said"]},
        ("note", 0): lambda body: {"text": body["message"] + "!"},
    }
    assert load("note", -1, '{"said":"hello"}', upgrades=upgrades) == Note(text="hello!")


@pytest.mark.parametrize(
    ("kind", "v", "body", "message"),
    [
        ("note", 2, '{"text":"x"}', "an event 'note' of version 2, which this version of agentverse does not know"),
        ("telepathy", 1, "{}", "an event 'telepathy' of version 1"),
        ("note", 0, '{"text":"x"}', "cannot read version 0 of the event 'note' any more"),
        ("note", 1, '{"txt":"x"}', "a damaged event 'note': text: Field required"),
        ("note", 1, "{", "a damaged event 'note': : Invalid JSON"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(kind, v, body, message):
    with pytest.raises(JournalUnavailable) as raised:
        load(kind, v, body)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_stored_event_holds_no_defaults():
    assert dump(Note(text="x")) == '{"text":"x"}'
    assert type_of(Note(text="x")) == "note"
