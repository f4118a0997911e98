"""Who reads a run as it happens: somebody who watches, or who plays a part and sees what that part hears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentverse.journal.events import (
    Entry,
    GateAnswered,
    GateOpened,
    LimitHit,
    LineSaid,
    ModelContact,
    Note,
    PhaseFailedEvent,
    PhaseFinished,
    PhaseSkipped,
    PhaseStarted,
    RunEnded,
    RunResumed,
    RunStarted,
    Said,
    SceneEnded,
    SceneSet,
    TierSpent,
)

_TOLD = (
    RunStarted, RunResumed, RunEnded, PhaseStarted, PhaseFinished, PhaseSkipped, PhaseFailedEvent, SceneSet, LineSaid,
    GateOpened, GateAnswered, Said, LimitHit, ModelContact, TierSpent, SceneEnded, Note,
)  # fmt: skip
"""What a player may see of the conversation; all else, such as replies and calls of tools, is somebody's own."""


class Audience:
    """Keeps what is known of the seats of a conversation, and decides what is not for the reader's eyes.

    Args:
        plays: the reader holds the seats that are held by people.
    """

    def __init__(self, *, plays: bool = False) -> None:
        self.plays = plays
        self.seats_people = False
        """The company has seats for people: what is being written may be for others' ears."""
        self._names: dict[str, str] = {}
        self._persons: set[str] = set()
        self._played: set[str] = set()
        """Phases in which people sit."""
        self._absent = False
        """A seat took its default because nobody can be asked: nobody plays."""
        self._unasked: set[str] = set()
        """Gates of seats that take their default at once, for nobody is there to ask."""

    @property
    def playing(self) -> bool:
        """The reader takes part: what others think and whisper is not for them."""
        return self.plays and bool(self._persons) and not self._absent

    def meet(self, event: SceneSet) -> None:
        """Learn who sits where."""
        about: Mapping[str, Mapping[str, str]] = event.seats
        self._names |= {seat: said.get("name", seat) for seat, said in about.items()}
        persons = {seat for seat, said in about.items() if said.get("held") == "person"}
        if persons:
            self._persons |= persons
            self._played.add(event.phase)

    def note(self, entry: Entry) -> None:
        """Learn from the next entry of the run."""
        match entry.event:
            case RunStarted(company=company):
                self.seats_people = self.seats_people or _seats_people(company)
            case SceneSet() as event:
                self.meet(event)
            case GateAnswered(phase=phase, by=by) if phase in self._played:
                self._absent = by == "default"
            case _:
                pass

    def name(self, seat: str) -> str:
        """What a seat is called."""
        return self._names.get(seat, seat)

    def hidden(self, entry: Entry) -> bool:
        """Whether an entry is not shown to this reader."""
        event = entry.event
        if isinstance(event, GateOpened) and event.seat and event.default is not None and not self.plays:
            self._unasked.add(entry.key)
            return True
        if isinstance(event, GateAnswered):
            gate = f"{entry.key.rpartition('/')[0]}/gate"
            return event.by == "default" and gate in self._unasked
        if not self._plays_in(entry):
            return False
        if isinstance(event, LineSaid):
            return event.heard_by is not None and self._persons.isdisjoint(event.heard_by)
        return not isinstance(event, _TOLD)

    def seen(self, entry: Entry) -> Entry | None:
        """An entry as a player sees it, without the world, which knows what every seat knows; None when not at all.
        Whoever watches sees it as it is.
        """
        if not self._plays_in(entry):
            return entry
        if self.hidden(entry):
            return None
        changed: dict[str, Any] = {}
        match entry.event:
            case SceneSet() | SceneEnded():
                changed = {"world": {}}
            case LineSaid():
                changed = {"changes": {}, "reply": ""}
            case _:
                return entry
        return entry.model_copy(update={"event": entry.event.model_copy(update=changed)})

    def _plays_in(self, entry: Entry) -> bool:
        """Whether the reader takes part in the conversation that an entry is of."""
        phase = str(getattr(entry.event, "phase", "")) or entry.key.partition("#")[0]
        return self.playing and phase in self._played


def _seats_people(company: Mapping[str, Any]) -> bool:
    """Whether any environment of a company, or of those it calls, has a seat that a person may hold."""
    environments: Mapping[str, dict[str, dict[str, dict[str, Any]]]] = company.get("environments") or {}
    if any(seat.get("person") for one in environments.values() for seat in one.get("seats", {}).values()):
        return True
    inner: Mapping[str, dict[str, Any]] = company.get("companies") or {}
    return any(map(_seats_people, inner.values()))
