"""Who has heard what.

Seats that heard the same share one list, so that a line said to a thousand costs one entry, and the same list stands in
front of all their prompts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from agentverse.agents.protocol import Segment
from agentverse.environment.protocol import Line
from agentverse.memory.protocol import Heard


@dataclass(slots=True)
class _Shared:
    """What some seats heard, all of them the same."""

    seats: set[str]
    lines: list[Line] = field(default_factory=list[Line])
    heard: list[Heard] = field(default_factory=list[Heard])


class Hearing:
    """What each seat heard, in order. Only ever appended to.

    Args:
        seats: all there are.
    """

    def __init__(self, seats: Iterable[str]) -> None:
        everybody = _Shared(set(seats))
        self._of = dict.fromkeys(everybody.seats, everybody)
        self._groups = [everybody]

    def lines(self, seat: str) -> Sequence[Line]:
        return self._of[seat].lines

    def heard(self, seat: str) -> Sequence[Heard]:
        """What the seat heard, as its memory is told."""
        return self._of[seat].heard

    def segments(self, seat: str) -> Sequence[Segment]:
        """What the seat heard, as prompts show it."""
        return [line.segment for line in self._of[seat].heard]

    def add(self, line: Line, segment: Segment, hearers: Collection[str], *, number: int) -> None:
        """``hearers`` hear a line, the ``number``-th of the conversation, and nobody else does."""
        hearing = set(hearers)
        heard = Heard(number, line.seat, segment)
        for group in list(self._groups):
            hear = group.seats & hearing
            if not hear:
                continue
            if len(hear) < len(group.seats):
                group = self._apart(group, hear)
            group.lines.append(line)
            group.heard.append(heard)

    def _apart(self, group: _Shared, seats: set[str]) -> _Shared:
        """``seats`` leave a group and take with them what they heard."""
        group.seats -= seats
        new = _Shared(seats, list(group.lines), list(group.heard))
        self._groups.append(new)
        self._of.update(dict.fromkeys(seats, new))
        return new
