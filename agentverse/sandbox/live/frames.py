"""The frames between the host and the first program of a session (`agentverse/sandbox/inside/agentverse_agent.py`).

A frame is its length, a kind, the number of a program and the number of one of its streams, then the bytes. An
``ORDER`` holds JSON; ``DATA`` what a program is given or says; ``END`` says that a stream has no more.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

HEAD = struct.Struct("!IBII")
ORDER, DATA, END = range(3)
STDIN, STDOUT, STDERR, TO_PIPE, FROM_PIPE, REPORT = range(6)
LONGEST = 1 << 20
"""Bytes of a frame that are believed; the other side sends 64 KiB at most."""
PIECE = 1 << 16


def order(what: dict[str, Any]) -> bytes:
    """An order as a frame."""
    body = json.dumps(what).encode()
    return HEAD.pack(len(body), ORDER, 0, 0) + body


def data(program: int, stream: int, content: bytes) -> bytes:
    """Bytes for a program, in as many frames as it takes."""
    pieces = [content[start : start + PIECE] for start in range(0, len(content), PIECE)]
    return b"".join(HEAD.pack(len(piece), DATA, program, stream) + piece for piece in pieces)


def end(program: int, stream: int) -> bytes:
    return HEAD.pack(0, END, program, stream)


class Reader:
    """Cuts what arrives into frames."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, arrived: bytes) -> Iterator[tuple[int, int, int, bytes]]:
        """Yield (kind, program, stream, bytes) of every frame that is whole.

        Raises:
            ValueError: this is no frame.
        """
        self._rest += arrived
        while len(self._rest) >= HEAD.size:
            length, kind, program, stream = HEAD.unpack_from(self._rest)
            if length > LONGEST or kind > END:
                raise ValueError("not a frame")
            if len(self._rest) < HEAD.size + length:
                return
            body = bytes(self._rest[HEAD.size : HEAD.size + length])
            del self._rest[: HEAD.size + length]
            yield kind, program, stream, body
