"""Nothing leaves this machine: settings and models without what would reach beyond it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from agentverse.errors import SettingsError
from agentverse.models.places import answers_here, is_here, stays_here
from agentverse.models.protocol import ChatModel
from agentverse.settings import Settings

EDGE = "edge"


@dataclass(frozen=True, slots=True)
class AtHome:
    """What is left of the settings, or of the models that were handed in instead of theirs."""

    settings: Settings
    models: Mapping[str, ChatModel] | None
    dropped: tuple[str, ...]
    """Tiers whose model is somewhere else."""


def at_home(settings: Settings, models: Mapping[str, ChatModel] | None = None) -> AtHome:
    """What is used when nothing may leave this machine. Nothing is opened or reached.

    Args:
        models: by tier, instead of those of the settings.

    Raises:
        SettingsError: the tier ``edge`` or the journal is somewhere else.
    """
    origin = settings.origin("offline")
    _refuse_journal(settings.journal, origin)
    if models is not None:
        kept = {tier: model for tier, model in models.items() if answers_here(model)}
        away = tuple(tier for tier in models if tier not in kept)
        if EDGE in away:
            raise _away(f"{models[EDGE].provider}:{models[EDGE].name}", origin)
        return AtHome(settings, kept, away)
    placed = settings.models.placed()
    away = tuple(tier for tier, model in placed.items() if not is_here(model))
    if EDGE in away:
        edge = placed[EDGE]
        raise _away(edge.base_url or f"{edge.provider}:{edge.path or edge.model}", origin)
    left = settings.models.model_copy(update=dict.fromkeys(away))
    return AtHome(settings.with_models(left), None, away)


def _away(place: str, origin: str) -> SettingsError:
    shown = re.sub(r"//[^/@\s]*@", "//", place)
    return SettingsError(
        f"nothing may leave this machine ({origin}), and the tier 'edge' is at {shown}, which is not known to be on it",
        fix="Name a model that is: agentverse models serve, then --model http://127.0.0.1:8000/v1.",
    )


def _refuse_journal(journal: str, origin: str) -> None:
    if "://" not in journal:
        return
    parts = urlsplit(journal)
    said = parse_qs(parts.query)
    hosts = [parts.hostname or "", *said.get("host", ()), *said.get("hostaddr", ())]
    away = [host for host in hosts if host and not host.startswith("/") and not stays_here(host.partition(":")[0])]
    if away or "service" in said:
        raise SettingsError(
            f"nothing may leave this machine ({origin}), and the journal is on {', '.join(away) or 'a service'}",
            fix="Leave runs.journal empty: it is a file beside the runs then.",
        )
