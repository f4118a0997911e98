"""What a run made: commits, files, diffs, prompts, evidence, pictures, reports."""

from __future__ import annotations

import asyncio
from pathlib import Path as FilePath
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response

from agentverse.journal.events import Reply
from agentverse.journal.prompts import Reading, prompt
from agentverse.report import ModelReport, Report, build_model_report, build_report
from agentverse.web.context import TheWeb, prices_of
from agentverse.web.pictures import picture
from agentverse.web.problems import Refused
from agentverse.web.routes.runs import RunId
from agentverse.web.shapes.base import COMMIT
from agentverse.web.shapes.files import Commits, Diff, FileContent, Preview, Prompt, PromptSegment, Tree
from agentverse.web.workspaces import Workspace

router = APIRouter(prefix="/api/runs/{run}", tags=["files"])
CommitId = Annotated[str, Query(pattern=rf"^$|{COMMIT}")]
FileName = Annotated[str, Query(min_length=1, max_length=1000)]
Word = Annotated[str, Query(max_length=200)]
Language = Literal["en", "zh"]


@router.get("/commits")
async def commits(run: RunId, web: TheWeb) -> Commits:
    """All changes of the files, in order."""
    row = await web.row(run)
    with Workspace(row, await web.entries(row)) as workspace:
        return workspace.commits()


@router.get("/files")
async def files(run: RunId, web: TheWeb, commit: CommitId = "") -> Tree:
    """The files at a commit; at the delivered or latest one when it is left out."""
    row = await web.row(run)
    with Workspace(row, await web.entries(row)) as workspace:
        return await asyncio.to_thread(workspace.tree, commit)


@router.get("/file", response_model=FileContent, responses={200: {"content": {"application/octet-stream": {}}}})
async def file(
    run: RunId, web: TheWeb, path: FileName, commit: CommitId = "", raw: bool = False
) -> FileContent | Response:
    """A file; with ``raw`` its bytes, to be saved."""
    row = await web.row(run)
    with Workspace(row, await web.entries(row)) as workspace:
        if not raw:
            return await asyncio.to_thread(workspace.file, commit, path)
        return saved(await asyncio.to_thread(workspace.content, commit, path), path.rpartition("/")[2])


@router.get("/diff")
async def diff(
    run: RunId,
    web: TheWeb,
    commit: CommitId = "",
    old: Annotated[str, Query(alias="from", pattern=rf"^$|{COMMIT}")] = "",
    new: Annotated[str, Query(alias="to", pattern=rf"^$|{COMMIT}")] = "",
    phase: Word = "",
    author: Word = "",
) -> Diff:
    """What a commit, a phase or an author changed; or from one commit to another."""
    row = await web.row(run)
    with Workspace(row, await web.entries(row)) as workspace:
        return await asyncio.to_thread(workspace.diff, old=old, new=new, commit=commit, phase=phase, author=author)


@router.get("/prompt")
async def show_prompt(run: RunId, web: TheWeb, key: Annotated[str, Query(min_length=1, max_length=500)]) -> Prompt:
    """What a turn was shown, exactly as sent, and which part of it had been sent before."""
    row = await web.row(run)
    if (await web.audience(row)).playing:
        raise Refused(
            403, "playing", "somebody plays a part in this run, and prompts tell what others know",
            fix="They can be seen when it is over.",
        )  # fmt: skip
    entries = await web.entries(row)
    entry = next((one for one in entries if one.key == key), None)
    if entry is None or not isinstance(entry.event, Reply):
        raise Refused(404, "not_found", f"run {run} has no reply {key!r}")
    reply = entry.event
    segments = await prompt(Reading(web.journal, run, entries), entry)
    shared = reply.prompt.keep if reply.prompt.base is not None else 0
    return Prompt(
        key=key,
        segments=[
            PromptSegment(role=role, text=text, shared=place < shared) for place, (role, text) in enumerate(segments)
        ],
        shared_segments=shared,
        base=reply.prompt.base,
        usage=reply.usage,
        model=reply.model,
        tier=reply.tier,
    )


@router.get("/pictures/{name}", response_class=Response, responses={200: {"content": {"image/png": {}}}})
async def show_picture(
    run: RunId, web: TheWeb, name: Annotated[str, Path(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}\.png$")]
) -> Response:
    """A picture that is part of the evidence."""
    row = await web.row(run)
    content = await asyncio.to_thread(picture, row, name)
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, max-age=86400, immutable"})


@router.get("/report")
async def report(run: RunId, web: TheWeb, language: Language | None = None) -> Report:
    """What the run came to; all evidence is in ``checks``."""
    row = await web.row(run)
    entries, prices = await web.entries(row), prices_of(web.settings())
    found = await asyncio.to_thread(build_report, entries, folder=FilePath(row.folder), prices=prices)
    return found if language is None else found.model_copy(update={"language": language})


@router.get("/models")
async def models(run: RunId, web: TheWeb) -> ModelReport:
    """Tokens, times and servers of every turn."""
    row = await web.row(run)
    entries, prices = await web.entries(row), prices_of(web.settings())
    return await asyncio.to_thread(build_model_report, entries, prices=prices)


@router.get("/preview")
async def preview(run: RunId, web: TheWeb, request: Request, commit: CommitId = "") -> Preview:
    """Where the product's own pages are served, on another origin."""
    row = await web.row(run)
    with Workspace(row, await web.entries(row)) as workspace:
        tree = await asyncio.to_thread(workspace.tree, commit)
    pages = [one.path for one in tree.files if one.path.endswith((".html", ".htm"))]
    key = web.door.sign(f"{run}@{tree.commit}")
    return Preview(url=f"{request.state.preview}/{run}/{tree.commit}/{key}/", pages=pages)


def saved(content: bytes, name: str, kind: str = "application/octet-stream") -> Response:
    """Bytes that a browser saves and never shows."""
    return Response(
        content,
        media_type=kind,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )
