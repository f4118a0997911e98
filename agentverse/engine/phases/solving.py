"""Functions for companies that work on a task in rounds: ``attempt``, ``same_answer``, ``write``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from agentverse.blueprint.artifacts import Attempt, Attempts
from agentverse.engine.kinds import call
from agentverse.environment.rules.selection import normalised
from agentverse.errors import PhaseFailed
from agentverse.workspace.protocol import Changes

if TYPE_CHECKING:
    from agentverse.engine.visit import Visit

_ANSWER = re.compile(r"(?i)(?:\banswer\s+is\b[\s*_]*[:：]?|\banswer[\s*_]*[:：]|答案[是为]?[\s*_]*[:：])[\s*_]*")
_WRAPPED = re.compile(r"[*_`$]+")


@call("attempt")
def attempt(visit: Visit, inputs: dict[str, Any]) -> Attempts:
    """The rounds so far with this one added: ``solution``, ``accepted``, ``score``, ``advice``."""
    before = visit.state.values().get(next(iter(visit.spec.produces), visit.name))
    tried = before.tried if isinstance(before, Attempts) else []
    this = Attempt(
        solution=str(inputs.get("solution", "")),
        accepted=bool(inputs.get("accepted")),
        score=float(inputs.get("score") or 0),
        advice=str(inputs.get("advice") or ""),
    )
    return Attempts(tried=[*tried, this])


@call("same_answer")
def same_answer(visit: Visit, inputs: dict[str, Any]) -> bool:
    """Whether ``text`` ends with ``answer``, written this way or another: case, spaces, 7.0 for 7 do not count."""
    return normalised(final_answer(str(inputs.get("text", "")))) == normalised(str(inputs.get("answer", "")))


def final_answer(text: str) -> str:
    """What follows the last ``Answer:`` on its line, or on the next when that is all of it; else the last line."""
    lines = [line for line in text.splitlines() if line.strip()]
    marks = list(_ANSWER.finditer(text))
    if marks:
        after = [line for line in text[marks[-1].end() :].splitlines() if line.strip()]
        lines = after[:1] or lines
    return _WRAPPED.sub("", lines[-1]).strip() if lines else ""


@call("write")
def write(visit: Visit, inputs: dict[str, Any]) -> Changes:
    """A file of the workspace: ``path``, and the ``text`` that is to stand in it.

    Raises:
        PhaseFailed: code ``path``; no path is given.
    """
    path = str(inputs.get("path", ""))
    if not path:
        raise PhaseFailed(f"phase '{visit.name}' names no file to write", code="path")
    text = str(inputs.get("text", ""))
    return Changes({path: (text if text.endswith("\n") else f"{text}\n").encode("utf-8", "replace")})
