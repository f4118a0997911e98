"""A company as nodes and edges, for whoever draws it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any, Literal, cast

from agentverse.blueprint.company import Company, Holders, Phase, Trial
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.text import Localized, localize
from agentverse.engine.graph import Graph, compile_graph, forward, order

EdgeKind = Literal["after", "any", "or_else", "then"]
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Node:
    """A phase. ``level`` is the longest way from a beginning; ``line`` is 0 when it is not known."""

    name: str
    title: Localized
    kind: str
    work: str
    level: int
    roles: list[str]
    produces: dict[str, Any]
    when: str | None
    each: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    target: str
    kind: EdgeKind
    label: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """In the order of the file; without nodes when the forward edges form a circle."""

    nodes: list[Node]
    edges: list[Edge]


def drawn(resolved: Resolved) -> Drawn:
    """The graph of a company."""
    company = resolved.company
    graph = compile_graph(company)
    levels = levels_of(graph)
    nodes = [
        Node(
            name=name,
            title=phase.title or name,
            kind=phase.kind,
            work=work_of(phase),
            level=levels.get(name, 0),
            roles=_roles(phase),
            produces=dict(phase.produces),
            when=phase.when,
            each=phase.each,
            line=_line(resolved, name),
        )
        for name, phase in company.phases.items()
    ]
    edges = [
        Edge(
            source, target, kind := cast(EdgeKind, graph[source][target]["kind"]), _label(company, source, target, kind)
        )
        for source, target in graph.edges
    ]
    return Drawn(nodes, edges)


def work_of(phase: Phase) -> str:
    """What a phase does, in one line: a role, an environment, a command …"""
    if phase.meet is not None:
        seats = ", ".join(f"{seat}: {_holder(said)}" for seat, said in phase.seats.items())
        return f"{' | '.join(phase.meets_in)} ({seats})"
    if phase.run is not None:
        said = phase.run.command if isinstance(phase.run, Trial) else phase.run
        return said if isinstance(said, str) else shlex.join(said)
    if phase.human is not None:
        return localize(phase.human, "en")
    return str(getattr(phase, phase.kind) or "")


def _holder(said: str | Holders) -> str:
    return said if isinstance(said, str) else f"each of {said.each}"


def levels_of(graph: Graph) -> dict[str, int]:
    """Phase: the longest way to it from a beginning; nothing when the forward edges form a circle."""
    try:
        names = order(graph)
    except ValueError:
        return {}
    line, levels = forward(graph), dict[str, int]()
    for name in names:
        levels[name] = 1 + max((levels[before] for before in line.predecessors(name)), default=-1)
    return levels


def _roles(phase: Phase) -> list[str]:
    seated = [said for said in phase.seats.values() if isinstance(said, str)]
    named = [phase.ask, phase.judge if phase.samples > 1 else None, *seated]
    return list(dict.fromkeys(name for name in named if name))


def _line(resolved: Resolved, name: str) -> int:
    place = resolved.place(("phases", name))
    return 0 if place.file == resolved.company.name else place.key_line


def _label(company: Company, source: str, target: str, kind: EdgeKind) -> str:
    if kind == "then":
        return f"≤ {company.phases[source].at_most}"
    if kind == "or_else":
        return "bound"
    when = " ".join((company.phases[target].when or "").split())
    return when if len(when) <= _WIDEST else when[: _WIDEST - 1] + "…"
