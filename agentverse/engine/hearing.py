"""What people say to roles while a run is at work: written down at once, read by the next turn, which is a step too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from agentverse.agents.protocol import Segment, TurnRequest
from agentverse.engine.words import word
from agentverse.errors import UsageError
from agentverse.journal.entries import stream
from agentverse.journal.events import Decision, Entry, Said
from agentverse.journal.protocol import RunJournal

if TYPE_CHECKING:
    from agentverse.blueprint.load import Resolved

HEARD = "heard"
"""What a decision is about that says which turn read what."""


class Hearing:
    """What was said in one run and has not been read yet, as its journal tells."""

    def __init__(self, journal: RunJournal) -> None:
        self._journal = journal
        self._unread: dict[str, Said] = {}
        self._read: set[str] = set()
        self._learned = 0

    async def heard(self, turn: TurnRequest, language: str) -> TurnRequest:
        """``turn`` with what was said to its role, last before the turn itself. A turn of a resumed run reads what it
        read before, and nothing else.
        """
        key = f"{turn.key}/{HEARD}"
        known = self._journal.recall(key)
        if known is None:
            if turn.failed is not None or self._journal.recall(f"{turn.key}.1") is not None:
                return turn
            taken = self._take(turn.role)
            if not taken:
                return turn
            texts = [said.text for said in taken.values()]
            known = await self._journal.record(key, Decision(what=HEARD, value={"said": list(taken), "texts": texts}))
        text = word("heard", language, text="\n".join(_texts(known)))
        return replace(turn, transcript=(*turn.transcript, Segment(text)))

    def _take(self, role: str) -> dict[str, Said]:
        """Take what ``role`` is to read; turns at the same time get it once."""
        self._learn()
        taken = {key: said for key, said in self._unread.items() if said.role in (role, "")}
        for key in taken:
            del self._unread[key]
        return taken

    def _learn(self) -> None:
        for entry in stream(self._journal, self._learned):
            self._learned = entry.seq
            if isinstance(entry.event, Said) and entry.key not in self._read:
                self._unread[entry.key] = entry.event
            elif isinstance(entry.event, Decision) and entry.event.what == HEARD:
                for key in cast("dict[str, Any]", entry.event.value)["said"]:
                    self._read.add(key)
                    self._unread.pop(key, None)


def _texts(entry: Entry) -> list[str]:
    assert isinstance(entry.event, Decision)
    return [str(text) for text in cast("dict[str, Any]", entry.event.value)["texts"]]


def require_role(blueprint: Resolved, role: str) -> None:
    """Raises UsageError when nobody in the company, or in those that it calls, has ``role``; "" is anybody."""
    known = roles_of(blueprint)
    if role and role not in known:
        raise UsageError(
            f"nobody in company '{blueprint.company.name}' is {role!r}", fix=f"There are: {', '.join(known)}."
        )


def roles_of(blueprint: Resolved) -> list[str]:
    """The roles of a company and of those that it calls."""
    names = dict.fromkeys(blueprint.roles)
    for inner in blueprint.companies.values():
        names |= dict.fromkeys(roles_of(inner))
    return list(names)
