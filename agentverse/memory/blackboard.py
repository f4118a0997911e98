"""``blackboard``: short notes that several agents see and some may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from pydantic import Field, PrivateAttr

from agentverse.memory.clipping import clip
from agentverse.memory.forms import closed, listing
from agentverse.memory.protocol import Mind, Question, View
from agentverse.memory.registry import Memory, memory
from agentverse.memory.words import say

_AT_ONCE = 5
"""Changes before one turn, at most."""
_LONGEST = 80
"""Tokens of a note, about."""


@dataclass(frozen=True, slots=True)
class Posted:
    id: str
    type: str
    by: str
    """Seat that wrote it."""
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one agent did to a board before one turn."""

    turn: int
    seat: str
    type: str
    """Of a note whose type is not said."""
    most: int
    only_own: bool
    done: tuple[dict[str, Any], ...]


class Board:
    """The notes of one board, as the changes to it make them."""

    def __init__(self) -> None:
        self._notes: dict[str, Posted] = {}
        self._last = 0
        """Number of the last note."""
        self._waiting: dict[int, Change] = {}
        """Turn: a change made before it that those who speak at the same time do not see yet."""

    def change(self, change: Change) -> None:
        self._waiting[change.turn] = change

    def notes(self, mind: Mind) -> list[Posted]:
        """As they stood before the turns that are taken now, and with what this agent did before its own."""
        for turn in sorted(turn for turn in self._waiting if turn < mind.step):
            self._last = _apply(self._waiting.pop(turn), self._notes, self._last)
        notes = dict(self._notes)
        if mind.turn in self._waiting:
            _apply(self._waiting[mind.turn], notes, self._last)
        return list(notes.values())


def _apply(change: Change, notes: dict[str, Posted], last: int) -> int:
    """Make a change; what may not be, or makes no sense, is left out. Returns the number of the last note."""
    for one in change.done:
        do, id = one.get("do"), str(one.get("id", ""))
        type, text = str(one.get("type", "")), clip(" ".join(str(one.get("text", "")).split()), _LONGEST)
        if do == "post":
            if text and len(notes) < change.most and all(note.text != text for note in notes.values()):
                last += 1
                notes[f"n{last}"] = Posted(f"n{last}", type or change.type, change.seat, text)
        elif id in notes and (notes[id].by == change.seat or not change.only_own):
            if do == "remove":
                del notes[id]
            elif text:
                notes[id] = Posted(id, type or notes[id].type, change.seat, text)
    return last


@memory("blackboard")
class Blackboard(Memory):
    """Shows the notes of a board late in the prompt of everybody who shares it. Who may write is asked, before its turn
    and when it heard something new, what should stand there.
    """

    rank = 50

    name: str = Field(default="board", pattern=r"^[a-z][a-z0-9_]*$", max_length=40)
    """Those with a board of the same name share it; nobody else sees it."""
    writes: bool = True
    """Whether the agent may change it."""
    only_own: bool = False
    """Whether it may replace and remove only what it wrote itself."""
    types: list[str] = Field(default=["fact", "decision", "task", "question"], min_length=1, max_length=20)
    """Kinds of notes."""
    most: int = Field(default=20, ge=1, le=200)
    """Notes on the board, at most."""
    every: int = Field(default=1, ge=1, le=1000)
    """Lines heard from others until it is asked again."""

    _read: int = PrivateAttr(default=0)

    async def apply(self, view: View, mind: Mind) -> None:
        board = mind.shared.boards.setdefault(self.name, Board())
        new = sum(line.seat != mind.seat for line in view.heard[self._read :])
        if self.writes and new >= self.every:
            board.change(await self._asked(board, view, mind))
            self._read = len(view.heard)
        notes = board.notes(mind)
        if notes:
            view.notes.append(f"{say('board', mind.language, name=self.name)}\n{_listed(notes, mind.language)}")

    def _form(self) -> dict[str, Any]:
        """Of one change."""
        return closed(
            {
                "do": {"type": "string", "enum": ["post", "replace", "remove"]},
                "id": {"type": "string", "maxLength": 8},
                "type": {"type": "string", "enum": self.types},
                "text": {"type": "string", "maxLength": 400},
            }
        )

    async def _asked(self, board: Board, view: View, mind: Mind) -> Change:
        shown = _listed(board.notes(mind), mind.language)
        question = Question(
            key=f"{mind.seat}/blackboard/{self.name}/{mind.turn}",
            instruction=say("pin_up", mind.language, board=shown),
            transcript=(*view.early, *(line.segment for line in view.kept)),
            part="blackboard",
            type=listing("changes", self._form(), most=_AT_ONCE),
            who=mind.seat,
        )
        answer = await mind.ask(question)
        value: Any = {"changes": []} if answer is None else answer.value
        done = tuple(cast("list[dict[str, Any]]", value["changes"])[:_AT_ONCE])
        return Change(mind.turn, mind.seat, self.types[0], self.most, self.only_own, done)


def _listed(notes: list[Posted], language: str) -> str:
    lines = [f"- {say('note', language, id=note.id, type=note.type, by=note.by, text=note.text)}" for note in notes]
    return "\n".join(lines) or say("empty", language)
