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


async def ask_person(visit: Visit, cue: Cue, name: str) -> Any:
    """What the person in a seat says or does. Where nobody can be asked, the seat passes.

    A plain text is said; ``/name field field …`` is an action.
    """
    told = "\n".join(part for part in (cue.prompt, cue.notes) if part)
    trouble = ""
    for number in range(1, _TRIES + 1):
        begins = word("your_turn", visit.work.language, who=name)
        question = "\n".join(part for part in (trouble, begins, told) if part)
        if cue.acts is not None:
            question += "\n" + usage(cue.acts, visit.work.language)
        gate = GateOpened(phase=visit.name, visit=visit.number, question=question, default=f"{_COMMAND}{PASS}")
        answer = await ask(visit, f"{visit.key}/{cue.turn}.{number}/gate", gate)
        text = (answer.text or answer.choice).strip() if answer is not None else ""
        if text in ("", f"{_COMMAND}{PASS}"):
            break
        if cue.acts is None:
            return text
        try:
            return cue.acts.read(json.dumps(typed(cue.acts, text))).value
        except Unreadable as error:
            trouble = error.detail(visit.work.language)
    return {"action": PASS}


def typed(acts: Acts, text: str) -> dict[str, Any]:
    """What a person typed as an action: the fields in order, the last takes the rest of the line."""
    if not text.startswith(_COMMAND):
        return {"action": "speak", "text": text}
    name, _, rest = text[1:].partition(" ")
    option = acts.options.get(name)
    fields = list(option.action.fields) if option is not None else []
    words = rest.split(None, max(len(fields) - 1, 0)) if fields else []
    return {"action": name, **dict(zip(fields, words, strict=False))}


def usage(acts: Acts, language: str) -> str:
    """What a person may type."""
    forms = [" ".join((f"{_COMMAND}{name}", *(f"<{field}>" for field in option.action.fields)))
             for name, option in acts.options.items() if name != "speak"]  # fmt: skip
    return word("may_type", language, forms=", ".join((*forms, f"{_COMMAND}{PASS}"))) if forms else ""
