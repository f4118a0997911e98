"""The catalogue's facts, among themselves and against what is published."""

from __future__ import annotations

import pytest

from agentverse.errors import UsageError
from agentverse.models.catalogue import Entry, entries, find
from agentverse.models.catalogue.load import OWN
from agentverse.models.profiles import profile_for

KIB = 1024


@pytest.mark.parametrize(
    ("name", "form", "kib"),
    [
        ("MiniCPM5-1B", "safetensors", 24),
        ("MiniCPM5-2B", "safetensors", 42),
        ("MiniCPM4.1-8B", "safetensors", 32),
        ("MiniCPM4-0.5B", "safetensors", 12),
        ("MiniCPM-V-4.5", "safetensors", 144),
        ("MiniCPM-2B", "safetensors", 360),
        ("MiniCPM3-4B", "safetensors", 930),
        ("MiniCPM3-4B", "gguf", 775),
    ],
)
def test_a_token_takes_as_much_of_the_cache_as_engines_measure(name: str, form: str, kib: int) -> None:
    cache = find(name).kv
    assert cache is not None
    assert cache.token_bytes(form) == kib * KIB


def test_a_model_of_sixteen_bits_takes_two_bytes_a_parameter() -> None:
    for entry in entries():
        if not entry.like:
            assert entry.forms["safetensors"].size == pytest.approx(2 * entry.parameters, rel=0.01), entry.name


def test_a_variant_takes_over_what_it_does_not_say() -> None:
    for entry in entries():
        if entry.like:
            same = set(Entry.model_fields) - set(OWN) - {"source", "reasoning_parser"}
            assert {f: getattr(entry, f) for f in same} == {f: getattr(find(entry.like), f) for f in same}
            assert not entry.recommended
    assert find("MiniCPM4.1-8B-GPTQ").speculation is None, "nobody has said that the draft fits it"


def test_names_and_ids_are_told_apart() -> None:
    called = [name for entry in entries() for form in entry.forms.values() for name in form.called]
    assert len(called) == len(set(called))
    names = [entry.name.lower() for entry in entries()]
    assert len(names) == len(set(names))
    for entry in entries():
        assert find(entry.name) is entry


def test_what_an_entry_refers_to_exists() -> None:
    for entry in entries():
        if entry.speculation is not None:
            assert find(entry.speculation.draft).draft_for == entry.name
        if entry.draft_for:
            assert (find(entry.draft_for).kind, entry.kind, entry.kv) == ("text", "draft", None)
        assert entry.source


def test_each_model_is_spoken_to_as_its_own_family_whatever_a_server_calls_it() -> None:
    for entry in entries():
        for files in entry.forms.values():
            assert profile_for(files.repo) == entry.profile, files.repo
    assert [entry.name for entry in entries() if entry.profile.family == "MiniCPM"] == ["MiniCPM-2B"]


@pytest.mark.parametrize(
    "name",
    ["MiniCPM5-2B", "minicpm5-2b", " openbmb/MiniCPM5-2B ", "MiniCPM5-2B-GGUF", "OPENBMB/minicpm5-2b-gguf"],
)
def test_a_model_is_found_by_its_name_and_its_ids(name: str) -> None:
    assert find(name).name == "MiniCPM5-2B"


def test_a_name_that_is_none_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="'minicpm-5-2b'") as raised:
        find("minicpm-5-2b")
    assert raised.value.fix is not None
    assert raised.value.fix.startswith("Did you mean 'MiniCPM5-2B'?")
    with pytest.raises(UsageError) as far:
        find("zzzz")
    assert far.value.fix == "All of them: agentverse models list"
