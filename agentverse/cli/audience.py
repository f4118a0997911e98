"""Who reads a run as it happens: somebody who watches, or who plays a part and sees what that part hears."""

from __future__ import annotations

from collections.abc import Mapping

from agentverse.cli.text import one_line
from agentverse.journal.events import (
    Accepted,
    Entry,
    GateAnswered,
    GateOpened,
    LineSaid,
    Repair,
    Reply,
    SceneSet,
    SeatFailed,
)


class Audience:
    """Keeps what is known of the seats of a conversation, and decides what is not for the reader's eyes.

    Args:
        plays: the reader holds the seats that are held by people.
    """

    def __init__(self, *, plays: bool = False) -> None:
        self._plays = plays
        self._names: dict[str, str] = {}
        self._persons: set[str] = set()
        self._unasked: set[str] = set()
        """Gates of seats that take their default at once, for nobody is there to ask."""

    @property
    def playing(self) -> bool:
        """The reader takes part: what others think and whisper is not for them."""
        return self._plays and bool(self._persons)

    def meet(self, event: SceneSet) -> None:
        """Learn who sits where."""
        about: Mapping[str, Mapping[str, str]] = event.seats
        self._names |= {seat: said.get("name", seat) for seat, said in about.items()}
        self._persons |= {seat for seat, said in about.items() if said.get("held") == "person"}

    def name(self, seat: str) -> str:
        """What a seat is called."""
        return one_line(self._names.get(seat, seat))

    def hidden(self, entry: Entry) -> bool:
        """Whether an entry is not shown to this reader."""
        event = entry.event
        if isinstance(event, GateOpened) and event.seat and event.default is not None and not self._plays:
            self._unasked.add(entry.key)
            return True
        if isinstance(event, GateAnswered):
            gate = f"{entry.key.rpartition('/')[0]}/gate"
            return event.by == "default" and gate in self._unasked
        if not self.playing:
            return False
        if isinstance(event, LineSaid):
            return event.heard_by is not None and self._persons.isdisjoint(event.heard_by)
        return isinstance(event, Reply | Repair | SeatFailed | Accepted)
