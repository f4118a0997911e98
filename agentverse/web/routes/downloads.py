"""What people take with them: the product, the report, the journal, a replay in one file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from fastapi import APIRouter, Response

from agentverse.journal.events import RunStarted
from agentverse.models.recording import record, recording_text
from agentverse.report import build_report
from agentverse.report.text import as_markdown
from agentverse.web.context import TheWeb, prices_of
from agentverse.web.pictures import picture
from agentverse.web.problems import Refused
from agentverse.web.replaying import replay
from agentverse.web.routes.files import CommitId, Language, saved
from agentverse.web.routes.runs import RunId
from agentverse.web.workspaces import Workspace

router = APIRouter(prefix="/api/runs/{run}/download", tags=["downloads"], default_response_class=Response)
MOST_PICTURES = 24 << 20
"""Bytes of pictures in a replay."""


@router.get("/product.zip", responses={200: {"content": {"application/zip": {}}}})
async def download_product(run: RunId, web: TheWeb, commit: CommitId = "") -> Response:
    """The files at a commit; at the delivered or latest one when it is left out."""
    row = await web.row(run)
    with Workspace(row, await web.entries(row)) as workspace:
        content = await asyncio.to_thread(workspace.archive, commit, run)
    return saved(content, f"{run}.zip", "application/zip")


@router.get("/report.md", responses={200: {"content": {"text/markdown": {}}}})
async def download_report(run: RunId, web: TheWeb, language: Language | None = None) -> Response:
    """The report as text."""
    row = await web.row(run)
    entries, prices = await web.entries(row), prices_of(web.settings())
    found = await asyncio.to_thread(build_report, entries, folder=Path(row.folder), prices=prices)
    if language is not None:
        found = found.model_copy(update={"language": language})
    return saved(as_markdown(found).encode("utf-8", "replace"), f"{run}-report.md", "text/markdown")


@router.get("/journal.jsonl", responses={200: {"content": {"application/x-ndjson": {}}}})
async def download_journal(run: RunId, web: TheWeb) -> Response:
    """One entry a line."""
    row = await web.row(run)
    lines = [entry.model_dump_json() for entry in await web.entries(row)]
    return saved("".join(f"{line}\n" for line in lines).encode(), f"{run}.jsonl", "application/x-ndjson")


@router.get("/recording.json", responses={200: {"content": {"application/json": {}}}})
async def download_recording(run: RunId, web: TheWeb) -> Response:
    """The replies, to be played again."""
    found = record(await web.entries(await web.row(run)))
    return saved(recording_text(found).encode("utf-8", "replace"), f"{run}-recording.json", "application/json")


@router.get("/replay.html", responses={200: {"content": {"text/html": {}}}})
async def download_replay(run: RunId, web: TheWeb) -> Response:
    """The run in one file that needs no server and asks nothing of any."""
    row = await web.row(run)
    entries = await web.entries(row)
    started = next((entry.event for entry in entries if isinstance(entry.event, RunStarted)), None)
    brief = (await web.tally(row)).brief(row, prices_of(web.settings()), here=False)
    pictures: dict[str, bytes] = {}
    for name in brief.evidence.pictures if brief.evidence else []:
        try:
            content = await asyncio.to_thread(picture, row, name)
        except Refused:
            continue
        if sum(map(len, pictures.values())) + len(content) <= MOST_PICTURES:
            pictures[name] = content
    facts = json.loads(brief.model_dump_json())
    language = started.language if started else "en"
    content = await asyncio.to_thread(replay, facts, entries, pictures=pictures, language=language)
    return saved(content.encode("utf-8", "replace"), f"{run}.html", "text/html")
