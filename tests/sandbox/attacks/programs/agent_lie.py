"""Speak to the host in the name of the program that started us: frames too long, of no kind, of other programs."""

import contextlib
import json
import os
import struct


def frame(kind: int, program: int, stream: int, body: bytes, length: int | None = None) -> bytes:
    return struct.pack("!IBII", len(body) if length is None else length, kind, program, stream) + body


LIES = [
    *(frame(0, 0, 0, json.dumps({"id": number, "code": 0}).encode()) for number in range(20)),
    *(frame(1, number, stream, b"lies") for number in range(20) for stream in range(7)),
    frame(0, 0, 0, b'{"id": ' + b"9" * 5000 + b"}"),
    frame(0, 0, 0, b"[" * 100_000),
    frame(0, 0, 0, b'{"ready": 1}'),
    frame(9, 1, 1, b""),
    frame(1, 1, 1, b"", length=0xFFFFFFFF),
    b"\xff" * 70_000,
]
with open("tried", "w"):  # a word to the host could come after we have said that we ended
    pass
for pid in {os.getppid(), 1}:
    for number in range(16):
        for lie in LIES:
            with contextlib.suppress(OSError):
                road = os.open(f"/proc/{pid}/fd/{number}", os.O_WRONLY | os.O_NONBLOCK)
                os.write(road, lie)
                os.close(road)
