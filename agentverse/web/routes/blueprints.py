"""Companies, roles, environments and languages."""

from __future__ import annotations

import asyncio
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Path, Query

from agentverse.blueprint.schema import schema
from agentverse.blueprint.sources import FOLDERS
from agentverse.blueprint.starters import starter
from agentverse.engine.dry import dry_run
from agentverse.errors import BlueprintError
from agentverse.web.blueprints import Shelf, Where
from agentverse.web.context import TheWeb
from agentverse.web.shapes.base import NAME, Done
from agentverse.web.shapes.blueprints import (
    BlueprintKind,
    BlueprintList,
    BlueprintText,
    Draft,
    DryMessage,
    DryPhase,
    DryRun,
    DryRunAsked,
    DryTurn,
    Graph,
    Schema,
    Validation,
    Write,
)

router = APIRouter(prefix="/api", tags=["blueprints"])
Name = Annotated[str, Path(pattern=NAME)]


@router.get("/blueprints")
async def list_blueprints(web: TheWeb, kind: BlueprintKind | None = None) -> BlueprintList:
    """What there is, by name; a file hides those of its name further down."""
    shelf = Shelf(web.project)
    kinds: list[BlueprintKind] = [kind] if kind else list(FOLDERS)
    found = await asyncio.to_thread(lambda: [brief for one in kinds for brief in shelf.listed(one)])
    return BlueprintList(blueprints=found)


@router.get("/blueprints/{kind}/{name}")
async def show_blueprint(kind: BlueprintKind, name: Name, web: TheWeb) -> BlueprintText:
    """A file as it is."""
    return Shelf(web.project).text(kind, name)


@router.put("/blueprints/{kind}/{name}")
async def write_blueprint(kind: BlueprintKind, name: Name, asked: Write, web: TheWeb) -> BlueprintText:
    """Write a file into the project's or the user's folder; what is shipped is never written."""
    return await asyncio.to_thread(Shelf(web.project).write, kind, name, asked)


@router.delete("/blueprints/{kind}/{name}")
async def remove_blueprint(
    kind: BlueprintKind,
    name: Name,
    web: TheWeb,
    hash: Annotated[str, Query(max_length=100)],
    where: Where = "project",
) -> Done:
    """Remove a file of the project's or the user's."""
    return await asyncio.to_thread(Shelf(web.project).remove, kind, name, where, hash)


@router.get("/blueprints/{kind}/{name}/starter")
async def new_blueprint(kind: BlueprintKind, name: Name, web: TheWeb) -> BlueprintText:
    """A small, commented, valid text to begin with; nothing is written."""
    path = str(PurePath(FOLDERS[kind]) / f"{name}.yaml")
    return BlueprintText(kind=kind, name=name, origin="project", path=path, text=starter(kind, name), hash="")


@router.get("/schemas/{kind}")
async def show_schema(kind: BlueprintKind) -> Schema:
    """The JSON Schema of a kind of file."""
    return Schema(kind=kind, json_schema=schema(kind))


@router.post("/validate")
async def check_draft(asked: Draft, web: TheWeb) -> Validation:
    """What is wrong with a text, with places."""
    return await asyncio.to_thread(Shelf(web.project).check, asked)


@router.post("/graph")
async def draw_draft(asked: Draft, web: TheWeb) -> Graph:
    """A company as nodes and edges."""
    return await asyncio.to_thread(Shelf(web.project).graph, asked)


@router.post("/dry-run")
async def walk_draft(asked: DryRunAsked, web: TheWeb) -> DryRun:
    """Walk a company with placeholder replies: every phase once, and what each turn would be asked."""
    library = Shelf(web.project).library
    loaded = library.load(asked.name, text=asked.text)
    if loaded.resolved is None:
        raise BlueprintError(loaded.problems)
    language = asked.language or web.settings().language
    walked = await dry_run(loaded.resolved, idea=asked.idea, language=language, inputs=asked.inputs)
    phases = [
        DryPhase(
            name=phase.name,
            kind=phase.kind,
            assumed=phase.assumed,
            problem=phase.problem,
            turns=[
                DryTurn(
                    key=turn.key,
                    phase=turn.phase,
                    role=turn.role,
                    title=turn.title,
                    seat=turn.seat,
                    tier=turn.tier,
                    expects=turn.expects,
                    prompt=[DryMessage(role=message.role, text=message.content) for message in turn.messages],
                    tokens=turn.tokens,
                    placeholder=turn.placeholder,
                )
                for turn in phase.turns
            ],
        )
        for phase in walked
    ]
    turns = [turn for phase in phases for turn in phase.turns]
    return DryRun(phases=phases, turns=len(turns), tokens=sum(turn.tokens for turn in turns))
