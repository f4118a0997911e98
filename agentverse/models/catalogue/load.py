"""The catalogue as it is shipped."""

from __future__ import annotations

from agentverse.models.catalogue.entry import Entry


def entries() -> tuple[Entry, ...]:
    """All models of the catalogue, best first."""
    raise NotImplementedError


def find(name: str) -> Entry:
    """The model called ``name``: its short name or one of its ids at the hub, in any case of letters.

    Raises:
        UsageError: there is none; names the nearest.
    """
    raise NotImplementedError
