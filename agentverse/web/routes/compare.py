"""Two runs side by side."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query

from agentverse.errors import RunNotFound
from agentverse.report import build_report
from agentverse.report.compare import better, compare
from agentverse.web.context import TheWeb, Web, prices_of
from agentverse.web.problems import Refused
from agentverse.web.shapes.base import RUN_ID
from agentverse.web.shapes.runs import Comparison, Parting, Side
from agentverse.web.workspaces import Workspace

router = APIRouter(tags=["runs"])
OneRun = Annotated[str, Query(pattern=RUN_ID)]


@router.get("/api/compare")
async def compare_runs(a: OneRun, b: OneRun, web: TheWeb) -> Comparison:
    """Where two runs part, what each took, and whose evidence is better."""
    rows = [await web.row(a), await web.row(b)]
    journals = [await web.entries(row) for row in rows]
    prices = prices_of(web.settings())
    reports = [
        await asyncio.to_thread(build_report, entries, folder=Path(row.folder), prices=prices)
        for row, entries in zip(rows, journals, strict=True)
    ]
    sides = [
        Side(
            run=(await web.tally(row)).brief(row, prices, here=web.workshop.is_here(row.id)),
            phases=report.phases,
            files=[file.path for file in report.files],
        )
        for row, report in zip(rows, reports, strict=True)
    ]
    found = await asyncio.to_thread(compare, *journals)
    return Comparison(
        a=sides[0],
        b=sides[1],
        shared=found.shared,
        parting=Parting(**asdict(found.parting)) if found.parting else None,
        better=better(reports[0].evidence, reports[1].evidence),
        patch=await _patch(web, a, b),
    )


async def _patch(web: Web, a: str, b: str) -> str:
    """What turns the files of one run into those of the other; "" when the files of either are gone."""
    from agentverse.workspace.diff import files_diff

    try:
        trees: list[dict[str, bytes]] = []
        for run in (a, b):
            row = await web.row(run)
            with Workspace(row, await web.entries(row)) as workspace:
                trees.append(await asyncio.to_thread(workspace.contents))
    except (RunNotFound, Refused):
        return ""
    return await asyncio.to_thread(files_diff, trees[0], trees[1])
