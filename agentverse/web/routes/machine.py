"""The server itself: status, demos, languages, settings."""

from __future__ import annotations

import asyncio
from collections import Counter

from fastapi import APIRouter

from agentverse import __version__
from agentverse.blueprint.load import Library
from agentverse.blueprint.text import localize
from agentverse.demos import demos
from agentverse.settings import Settings, settings_files
from agentverse.web.context import TheWeb
from agentverse.web.shapes.machine import (
    DemoBrief,
    Demos,
    LanguageBrief,
    Languages,
    SettingRow,
    SettingsShown,
    SettingsWritten,
    Status,
    Written,
)
from agentverse.web.tally import state_of
from agentverse.web.writing_settings import WRITABLE, Value, with_values, write_whole

router = APIRouter(prefix="/api", tags=["server"])


@router.get("/status")
async def status(web: TheWeb) -> Status:
    """The server at one glance."""
    settings = web.settings()
    states: Counter[str] = Counter()
    for row in await web.journal.runs():
        # Only of an unfinished run its entries say more than its row does.
        ended = (await web.tally(row)).ended if row.state == "interrupted" else None
        states[state_of(row, ended)] += 1
    return Status(
        version=__version__,
        instance=web.instance,
        project=str(web.project),
        language=settings.language,
        company=settings.company,
        loopback=web.here.loopback,
        models=await web.answering.states(settings),
        runs=dict(states),
        journal=web.journal_name,
    )


@router.get("/demos")
async def list_demos(web: TheWeb) -> Demos:
    """Recorded runs that can be played with no model."""
    language = web.settings().language
    found = await asyncio.to_thread(demos)
    return Demos(
        demos=[
            DemoBrief(name=demo.name, title=demo.title(language), company=demo.company, idea=demo.recording.about.idea)
            for demo in found
        ]
    )


@router.get("/languages")
async def list_languages(web: TheWeb) -> Languages:
    """Programming languages that a product may be written in."""
    known = await asyncio.to_thread(Library.default(web.project).languages)
    tongue = web.settings().language
    return Languages(
        languages=[
            LanguageBrief(name=name, title=localize(language.title, tongue) or name) for name, language in known.items()
        ]
    )


@router.get("/settings")
async def show_settings(web: TheWeb) -> SettingsShown:
    """Every setting and where it comes from."""
    return SettingsShown(settings=_rows(web.settings()), files=[str(path) for path in settings_files(web.project)])


@router.put("/settings")
async def write_settings(asked: SettingsWritten, web: TheWeb) -> Written:
    """Write settings into a file; what is written must be settings that can be read."""
    path = settings_files(web.project)[0 if asked.where == "project" else 1]
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    values: dict[str, Value] = {path: value for path, value in asked.values.items()}
    text = with_values(before, values, where=str(path))
    await asyncio.to_thread(_tried, text)
    write_whole(path, text)
    settings = web.settings()
    said = {one: value for one, value in values.items() if value is not None}
    return Written(
        settings=_rows(settings), shadowed=[one for one in said if not settings.origin(one).startswith(f"{path}:")]
    )


def _rows(settings: Settings) -> list[SettingRow]:
    return [
        SettingRow(path=one.path, value=one.value, origin=one.origin, writable=one.path in WRITABLE)
        for one in settings.shown()
    ]


def _tried(text: str) -> None:
    """Raises SettingsError when ``text`` is no settings file."""
    import tempfile
    from pathlib import Path

    from agentverse.settings import FILE, load_settings

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_text(text, encoding="utf-8")
        load_settings(Path(folder), env={"AGENTVERSE_CONFIG_HOME": folder})
