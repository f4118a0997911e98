"""Whether a model fits a machine.

Weights, the work on them, and the attention cache share one memory. On a graphics card that is what vLLM takes of it;
without one it is half of the main memory, since the sandbox runs what the agents write on the same machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agentverse.models.catalogue.entry import Entry, Form
from agentverse.models.catalogue.load import entries
from agentverse.models.catalogue.machine import Machine

CONTEXT = 16384
"""Tokens that one agent's prompt and reply may need together."""
GPU_SHARE = 0.92
"""Of a card's memory, what vLLM is told to take."""
GPU_WORK = (1_000_000_000, 0.06)
"""Bytes for CUDA itself and its graphs, and the part of the weights' size that activations take on top."""
CPU_SHARE = 0.5
CPU_WORK = (400_000_000, 0.0)
"""llama.cpp's buffers for a batch of 512 tokens and a vocabulary of 130,000."""
CPU_VLLM_WORK = (2_000_000_000, 0.06)
"""vLLM's three processes without a graphics card."""
OLDEST = 7.5
"""The CUDA compute capability that CUDA 13, and so vLLM, needs."""

Place = Literal["gpu", "cpu"]
Reason = Literal["fits", "memory", "context", "no_gpu", "old_gpu", "form", "draft"]

AGENTS: dict[Place, tuple[int, ...]] = {"gpu": (1,), "cpu": (4, 1)}
"""Agents at once that a model is chosen for, best first: vLLM shares its cache among whoever speaks, llama.cpp cuts it
into equal parts."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The answer; true when it fits.

    Attributes:
        reason: ``fits``, or what is missing.
        place: ``gpu`` or ``cpu``: whose memory was looked at.
        need: bytes for weights, work and ``context`` tokens for each agent.
        have: bytes there are.
        tokens: tokens of context there is room for, all agents together.
        context: tokens one agent was to have.
    """

    reason: Reason
    place: Place
    need: int = 0
    have: int = 0
    tokens: int = 0
    context: int = CONTEXT

    def __bool__(self) -> bool:
        return self.reason == "fits"

    @property
    def agents(self) -> int:
        """How many can work at once with ``context`` tokens each."""
        return self.tokens // self.context


@dataclass(frozen=True, slots=True)
class Choice:
    entry: Entry
    form: Form
    fit: Fit


def fits(
    machine: Machine,
    entry: Entry,
    form: Form,
    *,
    context: int = CONTEXT,
    concurrency: int = 1,
    place: Place | None = None,
) -> Fit:
    """Whether ``entry`` can be served here: safetensors by vLLM on a graphics card, GGUF by llama.cpp in main memory.

    Args:
        context: tokens that each agent's prompt and reply may need.
        concurrency: agents at once.
        place: ``cpu`` for a vLLM that was built for processors.
    """
    place = place or _place(form)
    if entry.kv is None:
        return Fit("draft", place, context=context)
    if form not in entry.forms:
        return Fit("form", place, context=context)
    size, token = entry.forms[form].size, entry.kv.token_bytes(form)
    fixed, part = _work(place, form)
    base = size + fixed + round(size * part)
    have = _room(machine, place)
    tokens = max(have - base, 0) // token
    need = base + token * context * concurrency
    return Fit(_reason(machine, entry, place, need, have, context), place, need, have, tokens, context)


def choose(machine: Machine, form: Form, *, context: int = CONTEXT, place: Place | None = None) -> Choice | None:
    """The best of the recommended models to serve in ``form`` here; None when none fits."""
    for concurrency in AGENTS[place or _place(form)]:
        for entry in (entry for entry in entries() if entry.recommended):
            fit = fits(machine, entry, form, context=context, concurrency=concurrency, place=place)
            if fit:
                return Choice(entry, form, fit)
    return None


def _place(form: Form) -> Place:
    return "gpu" if form == "safetensors" else "cpu"


def _work(place: Place, form: Form) -> tuple[int, float]:
    """Bytes beside weights and cache: so many, and a part of the weights' size."""
    if place == "gpu":
        return GPU_WORK
    return CPU_WORK if form == "gguf" else CPU_VLLM_WORK


def _room(machine: Machine, place: Place) -> int:
    if place == "cpu":
        return round(machine.ram * CPU_SHARE)
    return max((min(round(gpu.memory * GPU_SHARE), gpu.free) for gpu in machine.gpus), default=0)


def _reason(machine: Machine, entry: Entry, place: Place, need: int, have: int, context: int) -> Reason:
    if place == "gpu" and not machine.gpus:
        return "no_gpu"
    if place == "gpu" and all(0 < gpu.capability < OLDEST for gpu in machine.gpus):
        return "old_gpu"
    if context > entry.profile.context:
        return "context"
    return "fits" if need <= have else "memory"
