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
        if wanted in {called.lower() for called in _names(entry)}:
            return entry
    near = get_close_matches(wanted, {entry.name.lower(): entry for entry in entries()}, 1)
    known = {entry.name.lower(): entry.name for entry in entries()}
    hint = f"did you mean {known[near[0]]}? " if near else ""
    raise UsageError(f"the catalogue has no model {name!r}", fix=f"{hint}All of them: agentverse models list")


def _names(entry: Entry) -> list[str]:
    repos = [form.repo for form in entry.forms.values()]
    return [entry.name, *repos, *(repo.partition("/")[2] for repo in repos)]


def _whole(row: dict[str, Any], named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if "like" not in row:
        return row
    return {key: value for key, value in named[row["like"]].items() if key not in OWN} | row
