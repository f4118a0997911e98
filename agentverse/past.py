"""Runs that have been: how they began, and how they are removed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agentverse.blueprint.company import Limits
from agentverse.errors import BlueprintError, RunNotFound
from agentverse.journal.events import Entry, RunStarted

if TYPE_CHECKING:
    from agentverse.blueprint.load import Library, Resolved
    from agentverse.journal.protocol import Journal, RunRow
    from agentverse.settings import Settings


async def begun(journal: Journal, row: RunRow) -> RunStarted:
    """How a run began.

    Raises:
        RunNotFound: it was ended before that was written down.
    """
    started = beginning(await journal.read(row.id))
    if started is None:
        raise RunNotFound(f"run {row.id} was ended before anything was written down", fix="Begin it again.")
    return started


async def needed(settings: Settings, run: str) -> int:
    """Tokens of context that a run needs.

    Raises:
        RunNotFound.
    """
    from agentverse.blueprint.resolved import Resolved
    from agentverse.engine.needs import least_context
    from agentverse.host import open_store

    async with open_store(settings) as journal:
        started = await begun(journal, await journal.find(run))
    return least_context(Resolved.model_validate(started.company), started.language)


def beginning(entries: Sequence[Entry]) -> RunStarted | None:
    """The first event that says how the run began."""
    return next((entry.event for entry in entries if isinstance(entry.event, RunStarted)), None)


def limits_of(started: RunStarted) -> Limits:
    """The limits the run had."""
    return Limits.model_validate(started.settings.get("limits", {}))


def as_now(started: RunStarted) -> Resolved | None:
    """The run's company as its files say now; None when there is no such file any more, or it is broken."""
    from agentverse.blueprint.load import Library

    company = cast("Mapping[str, Any]", started.company.get("company", {}))
    name = str(company.get("name", ""))
    library = Library.default()
    if company.get("scene"):
        return _as_staged(company, library)
    if library.find("company", name) is None:
        return None
    try:
        return library.company(name)
    except BlueprintError:
        return None


def _as_staged(company: Mapping[str, Any], library: Library) -> Resolved | None:
    """The company that `simulate` would make of the environment now."""
    from agentverse.engine.simulate import SCENE, stage

    phases = cast("Mapping[str, Mapping[str, Any]]", company.get("phases", {}))
    try:
        return stage(library, str(company["scene"]), turns=phases.get(SCENE, {}).get("turns"))
    except BlueprintError:
        return None


def remove_folder(row: RunRow, home: Path) -> bool:
    """Remove a run's folder when it is one: directly in ``home``, the folder of runs, and no link.

    Returns:
        Whether it was; anything else is left alone.
    """
    folder = Path(row.folder)
    if folder.is_symlink() or folder.name != row.id or folder.parent.resolve() != home:
        return False
    if folder.is_dir():
        shutil.rmtree(folder)
    return True
