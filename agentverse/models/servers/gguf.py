"""What a GGUF file says of itself, read from its head: its weights are not touched."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from agentverse.errors import CannotServe
from agentverse.models.catalogue.entry import Cache, Entry, Files

_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_LARGEST = 64 << 20
"""Bytes of one text; a head that claims more is not one."""
_MOST = 4096
"""Values; models have some fifty."""


@dataclass(frozen=True, slots=True)
class Array:
    """All that is kept of an array: vocabularies are large."""

    length: int


def read_head(path: Path) -> Mapping[str, Any]:
    """The values of a GGUF's head by name.

    Raises:
        CannotServe: there is no such file, it is no GGUF, or it ends within its head.
    """
    try:
        with path.open("rb") as file:
            return _Head(file).values()
    except OSError as error:
        raise CannotServe(f"{path} cannot be read: {error.strerror}") from None
    except (EOFError, LookupError, ValueError, RecursionError):
        raise CannotServe(
            f"{path} is no GGUF file, or only half of one", fix="Get it again: agentverse models pull NAME"
        ) from None


def entry_of(path: Path) -> Entry:
    """A file of the user's own, as an entry of the catalogue.

    Raises:
        CannotServe: see `read_head`; or it is no model that can be talked to.
    """
    head = read_head(path)
    arch = str(head.get("general.architecture", ""))

    def number(name: str, default: int = 0) -> int:
        value = head.get(f"{arch}.{name}", default)
        return value if isinstance(value, int) else default

    if not head.get("tokenizer.chat_template"):
        raise CannotServe(
            f"{path.name} has no chat template, so it cannot be talked to",
            fix="Use a model that was trained to answer, such as those of: agentverse models list",
        )
    heads = number("attention.head_count", 1)
    width = number("embedding_length") // max(heads, 1)
    kv = Cache(
        layers=number("block_count", 1),
        heads=number("attention.head_count_kv", heads),
        key=number("attention.key_length", width),
        value=number("attention.value_length", width),
    )
    size = path.stat().st_size
    return Entry(
        name=path.stem,
        released="",
        parameters=0,
        architecture=arch,
        kv=kv,
        forms={"gguf": Files(repo="own/file", size=size)},
        source="the file itself",
    )


def trained_context(path: Path) -> int:
    """Tokens of context that a GGUF was trained with; 0 when it does not say."""
    head = read_head(path)
    said = head.get(f"{head.get('general.architecture', '')}.context_length")
    return said if isinstance(said, int) else 0


class _Head:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def values(self) -> dict[str, Any]:
        if self._read(4) != b"GGUF":
            raise ValueError
        version, _tensors, count = struct.unpack("<IQQ", self._read(20))
        if version < 2 or count > _MOST:
            raise ValueError
        return {self._text(): self._value(self._number("<I")) for _ in range(count)}

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            return self._array()
        return self._number(_NUMBERS[kind])

    def _array(self) -> Array:
        kind, count = self._number("<I"), self._number("<Q")
        if kind == _STRING:
            for _ in range(count):
                self._skip(self._number("<Q"))
        elif kind == _ARRAY:
            for _ in range(count):
                self._array()
        else:
            self._skip(struct.calcsize(_NUMBERS[kind]) * count)
        return Array(count)

    def _text(self) -> str:
        return self._read(self._number("<Q")).decode("utf-8", "replace")

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._read(struct.calcsize(form)))[0]

    def _skip(self, size: int) -> None:
        if size > _LARGEST:
            raise ValueError
        self._file.seek(size, 1)

    def _read(self, size: int) -> bytes:
        if size > _LARGEST:
            raise ValueError
        data = self._file.read(size)
        if len(data) < size:
            raise EOFError
        return data
