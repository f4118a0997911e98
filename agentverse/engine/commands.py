"""What other processes ask of a run, as commands in its journal, and how its driver heeds them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentverse.errors import AgentverseError, UsageError
from agentverse.journal.events import Note
from agentverse.journal.protocol import Command, RunJournal

if TYPE_CHECKING:
    from agentverse.engine.protocol import RunHandle


def stop(*, now: bool = False, cancel: bool = False) -> tuple[str, dict[str, Any]]:
    """Verb and body that end a run; see `agentverse.engine.protocol.RunHandle.stop`."""
    return "stop", {"now": now, "cancel": cancel}


def say(text: str, *, role: str = "") -> tuple[str, dict[str, Any]]:
    """Verb and body that speak to a role."""
    return "say", {"text": text, "role": role}


def answer(
    gate: str, *, text: str = "", choice: str = "", files: Mapping[str, bytes] | None = None
) -> tuple[str, dict[str, Any]]:
    """Verb and body that answer a question; files travel in base64."""
    encoded = {path: base64.b64encode(content).decode() for path, content in (files or {}).items()}
    return "answer", {"gate": gate, "text": text, "choice": choice, "files": encoded}


async def heed(handle: RunHandle, journal: RunJournal, command: Command) -> None:
    """Do what another process asks for; what cannot be done is noted."""
    body = command.body
    try:
        if command.verb == "stop":
            await handle.stop(now=bool(body.get("now")), cancel=bool(body.get("cancel")))
        elif command.verb == "say":
            await handle.say(str(body.get("text", "")), role=str(body.get("role", "")))
        elif command.verb == "answer":
            text, choice = str(body.get("text", "")), str(body.get("choice", ""))
            await handle.answer(str(body.get("gate", "")), text=text, choice=choice, files=_decoded(body))
    except AgentverseError as error:
        journal.note(f"refused/{command.id}", Note(text=str(error)))


def _decoded(body: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of an answer.

    Raises:
        UsageError: they cannot be read.
    """
    files: Mapping[str, str] = body.get("files") or {}
    try:
        return {path: base64.b64decode(content, validate=True) for path, content in files.items()}
    except (binascii.Error, ValueError) as error:
        raise UsageError("a file that came with an answer cannot be read") from error
