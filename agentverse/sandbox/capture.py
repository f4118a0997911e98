"""Keeps the first and the last part of a stream of any length."""

from __future__ import annotations

LEFT_OUT = b"\n[... left out ...]\n"
"""Stands where bytes were dropped. It names no number: how much a killed program printed depends on timing."""


class Capture:
    """Bounded memory for one stream. ``cap`` bytes are kept: the first half and the last half of it."""

    def __init__(self, cap: int) -> None:
        self.total = 0
        self._head_room = cap - cap // 2
        self._tail_room = cap // 2
        self._head = bytearray()
        self._tail = bytearray()

    def feed(self, data: bytes) -> None:
        self.total += len(data)
        taken = max(0, self._head_room - len(self._head))
        self._head += data[:taken]
        self._tail += data[taken:]
        if len(self._tail) > 2 * self._tail_room + 65536:
            self._trim()

    def _trim(self) -> None:
        del self._tail[: max(0, len(self._tail) - self._tail_room)]

    @property
    def truncated(self) -> bool:
        return self.total > self._head_room + self._tail_room

    def bytes(self) -> bytes:
        """What was kept, with `LEFT_OUT` between the halves when anything was dropped."""
        self._trim()
        return bytes(self._head + (LEFT_OUT if self.truncated else b"") + self._tail)
