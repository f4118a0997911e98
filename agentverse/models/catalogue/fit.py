"""Whether a model fits a machine."""

from __future__ import annotations

from dataclasses import dataclass

from agentverse.models.catalogue.entry import Entry, Form
from agentverse.models.catalogue.machine import Machine

CONTEXT = 16384
"""Tokens that one agent's prompt and reply may need together."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer; true when it fits.

    Attributes:
        place: ``gpu`` or ``cpu``.
        need: bytes for the weights, the work on them and ``context`` tokens for each of ``concurrency`` agents.
        have: bytes there are.
        tokens: tokens of context there is room for, all agents together.
        why: one sentence.
    """

    ok: bool
    place: str
    need: int
    have: int
    tokens: int
    why: str

    def __bool__(self) -> bool:
        return self.ok


def fits(machine: Machine, entry: Entry, form: Form, *, context: int = CONTEXT, concurrency: int = 1) -> Fit:
    """Whether ``entry`` can be served here: safetensors by vLLM on a graphics card, GGUF by llama.cpp in memory."""
    raise NotImplementedError
