"""Seats that are held by people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agentverse.agents.reading.base import Unreadable
from agentverse.engine.gates import ask
from agentverse.engine.words import word
from agentverse.environment.protocol import PASS, Cue
from agentverse.journal.events import GateOpened

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit
    from agentverse.environment.acts import Acts

_TRIES = 5
_COMMAND = "/"
SPEAK = "speak"
"""The action of a text that is no command."""


async def ask_person(visit: Visit, cue: Cue, name: str, news: str = "") -> Any:
    """What the person in a seat says or does. Where nobody can be asked, the seat passes.

    A plain text is said; ``/name field field …`` is an action. What cannot be done is asked for again, with the reason.

    Args:
        news: what the seat heard since its last turn, for a person who does not see it happen.
    """
    host, language = visit.work.host, visit.work.language
    default = None if host.reachable and not host.interactive else f"{_COMMAND}{PASS}"
    told = [word("your_turn", language, who=name), cue.prompt, cue.notes]
    if not host.interactive:
        told.insert(0, news)
    for number in range(1, _TRIES + 1):
        if cue.acts is not None:
            told.append(usage(cue.acts, language))
        question = "\n".join(filter(None, told))
        gate = GateOpened(phase=visit.name, visit=visit.number, question=question, default=default, seat=cue.seat)
        answer = await ask(visit, f"{visit.key}/{cue.turn}.{number}/gate", gate)
        text = (answer.text or answer.choice).strip() if answer is not None else ""
        if text in ("", f"{_COMMAND}{PASS}"):
            break
        if cue.acts is None:
            return text
        try:
            return cue.acts.read(json.dumps(typed(cue.acts, text))).value
        except Unreadable as error:
            told = [error.detail(language)]
    return {"action": PASS}


def typed(acts: Acts, text: str) -> dict[str, Any]:
    """What a person typed as an action: the fields in order, the last takes the rest of the line."""
    if not text.startswith(_COMMAND):
        return {"action": SPEAK, "text": text}
    name, _, rest = text[1:].partition(" ")
    option = acts.options.get(name)
    fields = list(option.action.fields) if option is not None else []
    words = rest.split(None, max(len(fields) - 1, 0)) if fields else []
    return {"action": name, **dict(zip(fields, words, strict=False))}


def usage(acts: Acts, language: str) -> str:
    """What a person may type."""
    forms = [_form(acts, name) for name in acts.options if name not in (SPEAK, PASS)]
    said = "may_say" if SPEAK in acts.options else "may_type"
    return word(said, language, forms=", ".join((*forms, f"{_COMMAND}{PASS}")))


def _form(acts: Acts, name: str) -> str:
    """``/move <the mill | the inn>``, ``/bid <20 … 150>``"""
    option = acts.options[name]
    shown = (" | ".join(acts.called(name, field)) or option.bounds.get(field, field) for field in option.action.fields)
    return " ".join((f"{_COMMAND}{name}", *(f"<{part}>" for part in shown)))
