"""Nothing leaves this machine: settings and models without what would reach beyond it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from agentverse.errors import SettingsError
from agentverse.models.places import answers_here, is_here, is_loopback
from agentverse.models.protocol import ChatModel
from agentverse.settings import Settings

EDGE = "edge"


@dataclass(frozen=True, slots=True)
class AtHome:
    """What is left of some settings."""

    settings: Settings
    dropped: tuple[str, ...]
    """Tiers whose model is somewhere else."""


def at_home(settings: Settings) -> AtHome:
    """``settings`` without the tiers whose models are not on this machine. Nothing is opened or reached.

    Raises:
        SettingsError: the tier ``edge`` or the journal is somewhere else.
    """
    _refuse_journal(settings.journal, settings.origin("offline"))
    placed = settings.models.placed()
    away = tuple(tier for tier, model in placed.items() if not is_here(model))
    if EDGE in away:
        edge = placed[EDGE]
        raise _away(edge.base_url or f"{edge.provider}:{edge.path or edge.model}", settings.origin("offline"))
    models = settings.models.model_copy(update=dict.fromkeys(away))
    return AtHome(settings.with_models(models), away)


def models_at_home(models: Mapping[str, ChatModel]) -> dict[str, ChatModel]:
    """Those of ``models`` that are on this machine.

    Raises:
        SettingsError: the tier ``edge`` is somewhere else.
    """
    kept = {tier: model for tier, model in models.items() if answers_here(model)}
    if EDGE in models and EDGE not in kept:
        raise _away(f"{models[EDGE].provider}:{models[EDGE].name}", "offline")
    return kept


def _away(place: str, origin: str) -> SettingsError:
    shown = re.sub(r"//[^/@\s]*@", "//", place)
    return SettingsError(
        f"nothing may leave this machine ({origin}), and the tier 'edge' is at {shown}, which is not known to be on it",
        fix="Name a model that is: agentverse models serve, then --model http://127.0.0.1:8000/v1.",
    )


def _refuse_journal(journal: str, origin: str) -> None:
    if "://" in journal and urlsplit(journal).hostname and not is_loopback(journal):
        raise SettingsError(
            f"nothing may leave this machine ({origin}), and the journal is on {urlsplit(journal).hostname}",
            fix="Leave runs.journal empty: it is a file beside the runs then.",
        )
