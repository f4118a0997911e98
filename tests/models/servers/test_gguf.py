from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from gguf import GGUFWriter
from hypothesis import given, settings
from hypothesis import strategies as st

from agentverse.errors import CannotServe
from agentverse.models.servers.gguf import Array, entry_of, read_head, trained_context
from agentverse.testing import tiny


def test_the_head_of_a_file_says_what_it_is(bigram: Path) -> None:
    head = read_head(bigram)
    assert head["general.architecture"] == "llama"
    assert head["tokenizer.ggml.tokens"] == Array(len(tiny.vocabulary().tokens))
    assert trained_context(bigram) == 65536
    entry = entry_of(bigram)
    assert entry.name == "MiniCPM5-tiny"
    assert entry.profile.thinking == "switch"
    assert entry.forms["gguf"].size == bigram.stat().st_size
    assert entry.kv is not None
    assert entry.kv.token_bytes("gguf") == 1 * 2 * (32 + 32) * 2


def test_a_model_without_a_chat_template_cannot_be_talked_to(tmp_path: Path) -> None:
    writer = GGUFWriter(tmp_path / "base.gguf", "llama")
    writer.add_context_length(4096)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(CannotServe, match=r"base\.gguf has no chat template"):
        entry_of(tmp_path / "base.gguf")


@pytest.mark.parametrize("content", [b"", b"GGUF", b"<html>", b"GGUF\x03\x00\x00\x00" + b"\xff" * 16])
def test_what_is_no_model_is_told_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.gguf").write_bytes(content)
    with pytest.raises(CannotServe, match="is no GGUF file, or only half of one"):
        entry_of(tmp_path / "odd.gguf")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotServe, match="No such file"):
        entry_of(tmp_path / "missing.gguf")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("small") / "small.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(4096)
    writer.add_head_count(4)
    writer.add_embedding_length(128)
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list(["a", "b", "c"])
    writer.add_token_types([1, 1, 1])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return path.read_bytes()


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 400), change=st.binary(min_size=1, max_size=8), end=st.integers(0, 600))
def test_a_damaged_head_never_does_worse_than_to_be_refused(
    small: bytes, tmp_path_factory: pytest.TempPathFactory, at: int, change: bytes, end: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    path.write_bytes((small[:at] + change + small[at + len(change) :])[:end])
    with suppress(CannotServe):
        entry_of(path)
