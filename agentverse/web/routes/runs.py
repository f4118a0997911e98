"""Runs: begun, listed, summed up, steered."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Query

from agentverse.journal.events import RunStarted
from agentverse.journal.protocol import RunRow
from agentverse.report import build_report
from agentverse.web.beginning import begin, fork, resume
from agentverse.web.context import TheWeb, Web, prices_of
from agentverse.web.problems import Refused
from agentverse.web.removing import remove
from agentverse.web.shapes.base import RUN_ID, Done
from agentverse.web.shapes.runs import (
    Answer,
    AskedLimits,
    Begin,
    Fork,
    GoOn,
    RoleBrief,
    RunBrief,
    RunDetail,
    RunList,
    Say,
    State,
    Upload,
)
from agentverse.web.tally import Prices

router = APIRouter(prefix="/api/runs", tags=["runs"])
RunId = Annotated[str, Path(pattern=RUN_ID)]


@router.get("")
async def list_runs(
    web: TheWeb,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[str | None, Query(pattern=RUN_ID)] = None,
) -> RunList:
    """The runs kept here, the latest first."""
    await web.lookout.look(web)
    mark = web.mark
    rows = list(reversed(await web.journal.runs()))
    total = len(rows)
    if before is not None:
        at = next((place for place, row in enumerate(rows) if row.id == before), None)
        rows = [] if at is None else rows[at + 1 :]
    prices = prices_of(web.settings())
    found: list[RunBrief] = []
    for row in rows:
        if len(found) == limit:
            break
        if state is None or state in (row.state, "paused"):
            brief = await _brief(web, row, prices)
            if state in (None, brief.state):
                found.append(brief)
    return RunList(runs=found, total=total, mark=mark)


@router.post("", status_code=201)
async def begin_run(asked: Begin, web: TheWeb) -> RunBrief:
    """Set a company to work on an idea; answers when the run is at work."""
    return await brief_of(web, await begin(web, asked))


@router.get("/{run}")
async def show_run(run: RunId, web: TheWeb) -> RunDetail:
    """All about a run but its events."""
    return await _detail(web, await web.row(run))


@router.delete("/{run}")
async def remove_run(run: RunId, web: TheWeb) -> Done:
    """Remove a run for good: its journal and its folder, the software in it included."""
    row = await web.row(run)
    if row.state == "running" or web.workshop.is_here(run):
        raise Refused(409, "running", f"run {run} is at work", fix="Cancel it first.")
    detail = await remove(web, row)
    return Done(detail=detail)


@router.post("/{run}/pause", status_code=202)
async def pause_run(run: RunId, web: TheWeb) -> Done:
    """Have a run end in order, so that it can be resumed."""
    await web.workshop.pause(await web.row(run))
    return Done()


@router.post("/{run}/cancel", status_code=202)
async def cancel_run(run: RunId, web: TheWeb) -> Done:
    """Have a run end at once and for good."""
    await web.workshop.cancel(await web.row(run))
    return Done()


@router.post("/{run}/resume")
async def resume_run(run: RunId, asked: GoOn, web: TheWeb) -> RunBrief:
    """Go on with a run where it was. Nothing that is in its journal is done again."""
    return await brief_of(web, await resume(web, await web.row(run), asked))


@router.post("/{run}/fork", status_code=201)
async def fork_run(run: RunId, asked: Fork, web: TheWeb) -> RunBrief:
    """Begin a new run that takes over what this one did before a phase."""
    return await brief_of(web, await fork(web, await web.row(run), asked))


@router.post("/{run}/answer", status_code=202)
async def answer_run(run: RunId, asked: Answer, web: TheWeb) -> Done:
    """Answer a question that waits."""
    files = {upload.path: _content(upload) for upload in asked.files}
    row = await web.row(run)
    await web.workshop.answer(row, asked.gate, text=asked.text, choice=asked.choice, files=files)
    return Done()


@router.post("/{run}/say", status_code=202)
async def say_to_run(run: RunId, asked: Say, web: TheWeb) -> Done:
    """Say something that the next turn of a role must read."""
    await web.workshop.say(await web.row(run), asked.text, role=asked.role)
    return Done()


async def brief_of(web: Web, run: str) -> RunBrief:
    """A run in brief."""
    return await _brief(web, await web.row(run), prices_of(web.settings()))


async def briefs_of(web: Web, rows: Sequence[RunRow]) -> list[RunBrief]:
    """Several runs in brief."""
    prices = prices_of(web.settings())
    return [await _brief(web, row, prices) for row in rows]


async def _brief(web: Web, row: RunRow, prices: Prices) -> RunBrief:
    return (await web.tally(row)).brief(row, prices, here=web.workshop.is_here(row.id))


async def _detail(web: Web, row: RunRow) -> RunDetail:
    entries = await web.entries(row)
    prices = prices_of(web.settings())
    brief = await _brief(web, row, prices)
    started = next((e.event for e in entries if isinstance(e.event, RunStarted)), None)
    report = await asyncio.to_thread(build_report, entries, folder=FilePath(row.folder), prices=prices)
    settings = started.settings if started else {}
    return RunDetail(
        **brief.model_dump(exclude={"usage", "evidence", "waiting", "scene"}),
        usage=brief.usage,
        evidence=brief.evidence,
        scene=brief.scene,
        waiting=brief.waiting,
        inputs=started.inputs if started else {},
        limits=AskedLimits.model_validate(settings.get("limits", {})),
        models={tier.tier: tier.model for tier in report.tiers},
        sandbox=report.sandbox,
        product=report.product_version,
        commit=report.commit,
        folder=row.folder,
        start=report.start,
        full_evidence=report.evidence,
        phases=report.phases,
        roles=_roles(started),
        epoch=row.epoch,
    )


def _roles(started: RunStarted | None) -> list[RoleBrief]:
    if started is None:
        return []
    found: dict[str, RoleBrief] = {}
    companies = [started.company]
    while companies:
        company = companies.pop(0)
        for name, role in company.get("roles", {}).items():
            found.setdefault(name, RoleBrief(name=name, title=role.get("title") or name))
        companies += company.get("companies", {}).values()
    return list(found.values())


def _content(upload: Upload) -> bytes:
    try:
        return base64.b64decode(upload.content, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(422, "invalid", f"the content of {upload.path!r} is not base64") from None
