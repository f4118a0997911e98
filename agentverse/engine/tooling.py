"""Turns with tools: which are offered, and what the files are like afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentverse.agents.protocol import TurnRequest, TurnResult
from agentverse.engine.bench import VisitBench
from agentverse.journal.events import Decision
from agentverse.tools.calls import only_reads
from agentverse.tools.describing import spec_of
from agentverse.tools.loop import Loop
from agentverse.tools.protocol import READS
from agentverse.tools.registry import PAGES

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from agentverse.engine.visit import Visit

TOOLS = "tools/"
"""How the keys begin under which it is written down what tools of others are like."""


async def take_with_tools(visit: Visit, turn: TurnRequest) -> TurnResult:
    """Take a turn in which ``turn.tools`` may be called. See `Visit.take`."""
    work = visit.work
    async with VisitBench(visit, turn) as bench:
        tools = await _offered(visit, turn, bench)
        if not tools:
            return await work.desk.take(turn)
        loop = Loop(
            work.desk,
            turn,
            tools,
            bench,
            journal=work.journal,
            budget=work.budget,
            most=visit.spec.tool_calls,
            seconds=bench.policy.seconds,
            language=work.language,
        )
        return await loop.take()


async def moved(visit: Visit, result: TurnResult) -> Visit:
    """``visit`` on the files as tools left them; joined with what happened to them meanwhile."""
    first, last = result.moved[0], result.moved[-1]
    commit = last.commit
    if visit.state.commit != first.parent:
        commits = [visit.state.commit, last.commit]
        key = f"{result.reply}/files"
        commit = await visit.work.merge(commits, phase=visit.name, visit=visit.number, key=key, at=visit.at)
    for move in result.moved:
        state = visit.state.with_files(
            commit, artifact=move.artifact, written=move.written, deleted=move.deleted, stamp=visit.stamp
        )
        visit = replace(visit, state=state)
    return visit


async def _offered(visit: Visit, turn: TurnRequest, bench: VisitBench) -> dict[str, BaseTool]:
    """The tools by name. Those that are none of ours, or that settings shape, are offered as they were when the run
    first met them: else a resumed run would ask something else, and start servers for turns that are over.
    """
    toolbox = visit.work.host.tools
    found: dict[str, BaseTool] = {}
    for name in turn.tools:
        if toolbox.own(name) and name != PAGES:
            found[name] = await toolbox.find(name, bench)
            continue
        for one in await _listed(visit, name):
            tool = await _as_met(visit, one, bench)
            if tool is not None:
                found[one] = tool
    return found


async def _listed(visit: Visit, name: str) -> list[str]:
    if not name.endswith(".*"):
        return [name]
    return await _once(visit, name, lambda: visit.work.host.tools.listed(name))


async def _as_met(visit: Visit, name: str, bench: VisitBench) -> BaseTool | None:
    """A tool that looks as it did when it was first met, and is looked for when it is called; None for one that was
    off.
    """
    from langchain_core.tools import StructuredTool

    toolbox = visit.work.host.tools

    async def described() -> dict[str, Any] | None:
        if name == PAGES and not bench.policy.hosts:
            return None
        tool = await toolbox.find(name, bench)
        spec = spec_of(tool)
        return {"description": spec.description, "parameters": dict(spec.parameters), "reads": only_reads(tool)}

    async def call(**given: Any) -> Any:
        return await (await toolbox.find(name, bench)).ainvoke(given)

    known = await _once(visit, name, described)
    if known is None:
        return None
    return StructuredTool(
        name=name,
        description=known["description"],
        args_schema=known["parameters"],
        coroutine=call,
        metadata={READS: known["reads"]},
    )


async def _once(visit: Visit, name: str, find: Callable[[], Awaitable[Any]]) -> Any:
    """What ``find`` found when it was first asked in this run."""
    journal = visit.work.journal
    key = f"{TOOLS}{name}"
    known = journal.recall(key)
    if known is None:
        known = await journal.record(key, Decision(what="tool", value=await find()))
    assert isinstance(known.event, Decision)
    return known.event.value
