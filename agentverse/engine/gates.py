"""Questions put to people: which answers fit, and where they stand in the journal."""

from __future__ import annotations

from agentverse.errors import UsageError
from agentverse.journal.events import GateOpened


def answer_key(gate: str) -> str:
    """The key of the answer to the gate with the key ``gate``."""
    return f"{gate.rpartition('/')[0]}/answer"


def fitting(gate: GateOpened, text: str, choice: str) -> tuple[str, str]:
    """``text`` and ``choice`` as they are recorded: a text that is one of the choices is a choice.

    Raises:
        UsageError: it answers nothing, or is none of the choices.
    """
    if gate.choices and not choice and text in gate.choices:
        text, choice = "", text
    if gate.choices and choice not in gate.choices:
        raise UsageError(f"{choice or text!r} is none of the choices", fix=f"Choose one of: {', '.join(gate.choices)}.")
    if not (text or choice):
        raise UsageError("an answer needs a text or a choice")
    return text, choice
