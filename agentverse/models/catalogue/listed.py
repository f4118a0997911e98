"""The catalogue and this machine as plain data, for programs and for whoever prints it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from agentverse.models.catalogue.checkup import Checkup
from agentverse.models.catalogue.entry import Entry
from agentverse.models.catalogue.fit import Fit, fits
from agentverse.models.catalogue.load import entries
from agentverse.models.catalogue.local import local_file
from agentverse.models.catalogue.machine import Machine


def rows(machine: Machine, *, context: int, agents: int) -> list[dict[str, Any]]:
    """Each model with its facts, what its forms need here, and where they lie."""
    return [_row(entry, machine, context, agents) for entry in entries()]


def machine_json(machine: Machine) -> dict[str, Any]:
    return asdict(machine)


def _row(entry: Entry, machine: Machine, context: int, agents: int) -> dict[str, Any]:
    forms = {
        form: {
            **files.model_dump(exclude_defaults=True),
            "token_bytes": entry.kv.token_bytes(form) if entry.kv else None,
            "fit": fit_json(fits(machine, entry, form, context=context, concurrency=agents)),
            "path": str(path) if (path := local_file(entry, form)) else None,
        }
        for form, files in entry.forms.items()
    }
    profile = entry.profile
    return entry.model_dump(mode="json", exclude={"forms"}) | {
        "context": profile.context,
        "thinking": profile.thinking,
        "sampling": asdict(profile.sampling),
        "thinking_sampling": asdict(profile.thinking_sampling) if profile.thinking_sampling else None,
        "forms": forms,
    }


def fit_json(fit: Fit) -> dict[str, Any]:
    return {"fits": bool(fit), **asdict(fit), "agents": fit.agents}


def checkup_json(found: Checkup) -> dict[str, Any]:
    """What a look at the machine found."""
    choice = found.choice
    return {
        "machine": machine_json(found.machine),
        "disk": {"folder": str(found.folder), "free": found.free},
        "engines": [asdict(one) for one in found.engines],
        "listening": list(found.listening),
        "pulled": [str(path) for path in found.pulled],
        "choice": choice and {"name": choice.entry.name, "form": choice.form, "fit": fit_json(choice.fit)},
    }
