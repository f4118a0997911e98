"""The journal as a stream, live and replayed, and as a list."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from agentverse.journal.events import Entry
from agentverse.web.context import TheWeb, Web
from agentverse.web.routes.runs import RunId
from agentverse.web.stream import Stream, read_cursor

router = APIRouter(prefix="/api", tags=["events"])
_STREAM: dict[int | str, dict[str, object]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Server-sent events."}
}
MOST_RUNS = 100
"""On one connection."""
LastId = Annotated[str, Header(max_length=20_000, alias="Last-Event-ID")]


class Entries(BaseModel):
    """A part of a journal."""

    entries: list[Entry]
    next: int | None
    """Where to go on, as ``after``; None at the end."""


@router.get("/runs/{run}/events", response_class=StreamingResponse, responses=_STREAM)
async def run_events(
    run: RunId,
    web: TheWeb,
    after: Annotated[int, Query(ge=0, le=10**15)] = 0,
    watch: bool = False,
    end: bool = False,
    last_event_id: LastId = "",
) -> StreamingResponse:
    """One run, from its first entry or from the one after ``Last-Event-ID``; live and replay are the same."""
    await web.row(run)
    if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 16:
        after = int(last_event_id)
    return _streamed(web, {run: after}, watch={run} if watch else set(), end=end)


@router.get("/events", response_class=StreamingResponse, responses=_STREAM)
async def events(
    web: TheWeb,
    runs: Annotated[str, Query(max_length=20_000)] = "",
    watch: Annotated[str, Query(max_length=20_000)] = "",
    last_event_id: LastId = "",
) -> StreamingResponse:
    """Several runs, and changes of the list of runs, on one connection."""
    cursors = {**read_cursor(runs)}
    cursors |= {run: after for run, after in read_cursor(last_event_id).items() if run in cursors}
    few = dict(list(cursors.items())[:MOST_RUNS])
    return _streamed(web, few, watch=set(watch.split(",")), several=True)


@router.get("/runs/{run}/entries", response_model=Entries)
async def entries(
    run: RunId,
    web: TheWeb,
    after: Annotated[int, Query(ge=0, le=10**15)] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> Response:
    """The journal of a run as a list."""
    part = await web.part(await web.row(run), after=after, limit=limit)
    listed = ",".join(entry.model_dump_json() for entry in part.entries)
    following = "null" if part.next is None else str(part.next)
    return Response(f'{{"entries":[{listed}],"next":{following}}}', media_type="application/json")


def _streamed(
    web: Web, runs: dict[str, int], *, watch: set[str], several: bool = False, end: bool = False
) -> StreamingResponse:
    from agentverse import __version__

    hello = {"version": __version__, "instance": web.instance}
    if several:
        hello["list"] = web.mark
    stream = Stream(web.feeds, runs, watch=watch, hello=hello, several=several, end=end, closing=web.closing)
    return StreamingResponse(
        stream.messages(),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-cache"},
    )
