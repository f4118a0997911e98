"""Why a model cannot be served here, in one sentence each."""

from __future__ import annotations

from agentverse.errors import CannotServe
from agentverse.models.catalogue.entry import Entry
from agentverse.models.catalogue.fit import Fit
from agentverse.models.catalogue.machine import Machine


def no_card(machine: Machine) -> CannotServe:
    trouble = machine.trouble or "there is none"
    return CannotServe(
        f"this vLLM is built for an NVIDIA graphics card: {trouble}",
        fix=machine.fix or "Serve it on the processor: --engine llamacpp",
    )


def too_little(entry: Entry, fit: Fit, *, have: int) -> CannotServe:
    where = "the graphics card" if fit.place == "gpu" else "this machine"
    return CannotServe(
        f"{entry.name} needs {_gigabytes(fit.need)} with {fit.context:,} tokens of context, "
        f"and {where} has {_gigabytes(have)} for it",
        fix="Serve a smaller one (agentverse models list), ask for less (--context N), or end what uses the memory.",
    )


def too_short(entry: Entry, most: int, least: int) -> CannotServe:
    return CannotServe(
        f"{entry.name} takes {most:,} tokens of context, and {least:,} are needed",
        fix="Serve one that takes more: agentverse models list",
    )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
