"""The catalogue as it is shipped: `minicpm.toml`, read."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from agentverse.errors import UsageError
from agentverse.models.catalogue.entry import Entry

OWN = ("name", "like", "forms", "recommended", "speculation", "warning")
"""What a variant does not take over."""


@cache
def entries() -> tuple[Entry, ...]:
    """All models of the catalogue, best first."""
    import tomllib

    rows = tomllib.loads(files("agentverse.models.catalogue").joinpath("minicpm.toml").read_text("utf-8"))["model"]
    named = {row["name"]: row for row in rows}
    return tuple(Entry.model_validate(_whole(row, named)) for row in rows)


def find(name: str) -> Entry:
    """The model called ``name``: its name here or one of its ids at the hub, in any case of letters.

    Raises:
        UsageError: there is none; names the nearest.
    """
    wanted = name.strip().lower()
    for entry in entries():
        if wanted == entry.name.lower() or any(wanted in form.called for form in entry.forms.values()):
            return entry
    known = {entry.name.lower(): entry.name for entry in entries()}
    near = get_close_matches(wanted, known, 1)
    hint = f"Did you mean {known[near[0]]!r}? " if near else ""
    raise UsageError(f"the catalogue has no model {name!r}", fix=f"{hint}All of them: agentverse models list")


def _whole(row: dict[str, Any], named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if "like" not in row:
        return row
    return {key: value for key, value in named[row["like"]].items() if key not in OWN} | row
