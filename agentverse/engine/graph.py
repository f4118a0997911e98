"""A company as a graph of phases, and the order and the loops that follow from it."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import networkx as nx

from agentverse.blueprint.company import Company

if TYPE_CHECKING:
    Graph = nx.DiGraph[str]
else:
    Graph = nx.DiGraph

Node = TypeVar("Node")
FORWARD = ("after", "any", "or_else")
_FATES = ("fail", "continue")
"""What ``or_else`` may say besides the name of a phase."""


@dataclass(frozen=True, slots=True)
class Loop:
    """Phases that run again when one of ``sources`` sends the company back to ``header``."""

    header: str
    body: Region
    """Begins with the header, or with what runs beside it."""
    sources: tuple[str, ...]
    """Phases whose ``then`` is the header, in the order of the company."""

    @property
    def phases(self) -> tuple[str, ...]:
        return self.body.phases


@dataclass(frozen=True, slots=True)
class Region:
    """Steps in an order that respects every forward edge. Steps with no path between them may run at the same time."""

    steps: tuple[str | Loop, ...]

    @property
    def phases(self) -> tuple[str, ...]:
        """All phases, those of inner loops included, in order."""
        return tuple(self._phases())

    def _phases(self) -> Iterator[str]:
        for step in self.steps:
            if isinstance(step, Loop):
                yield from step.phases
            else:
                yield step


def compile_graph(company: Company) -> Graph:
    """The graph of ``company``.

    A node is the name of a phase and has the attributes ``phase`` and ``index`` (its place in the file). An edge has
    the attribute ``kind``: ``after``, ``any``, ``or_else`` (forward) or ``then`` (back). When two edges join the same
    phases the first of ``after``, ``any``, ``or_else``, ``then`` is kept. Names of phases that do not exist, and
    phases that come after themselves, draw no edge; `agentverse.engine.check.check` reports them.
    """
    graph: Graph = nx.DiGraph()
    for index, (name, phase) in enumerate(company.phases.items()):
        graph.add_node(name, phase=phase, index=index)
    for name, phase in company.phases.items():
        for before in phase.predecessors:
            _connect(graph, before, name, "any" if before in phase.any else "after")
    for name, phase in company.phases.items():
        if phase.then is not None and phase.or_else not in _FATES:
            _connect(graph, name, phase.or_else, "or_else")
    for name, phase in company.phases.items():
        if phase.then is not None:
            _connect(graph, name, phase.then, "then")
    return graph


def _connect(graph: Graph, before: str, after: str, kind: str) -> None:
    possible = before != after or kind == "then"
    if possible and before in graph and after in graph and not graph.has_edge(before, after):
        graph.add_edge(before, after, kind=kind)


def forward(graph: Graph) -> Graph:
    """The same phases without the back edges."""
    kept: Graph = nx.DiGraph()
    kept.add_nodes_from(graph.nodes(data=True))
    kept.add_edges_from((a, b, data) for a, b, data in graph.edges(data=True) if data["kind"] in FORWARD)
    return kept


def descendants(graph: Graph, phase: str) -> set[str]:
    """Phases that something ``phase`` did can reach, over forward and back edges; ``phase`` itself not among them."""
    return _reachable(graph, phase)


def ancestors(graph: Graph, phase: str) -> set[str]:
    """Phases from which ``phase`` can be reached over the edges of ``graph``; ``phase`` itself not among them."""
    return _reachable(graph.reverse(copy=False), phase)


def _reachable(graph: Graph, phase: str) -> set[str]:
    found: set[str] = set()
    left = [phase]
    while left:
        for after in graph.successors(left.pop()):
            if after not in found and after != phase:
                found.add(after)
                left.append(after)
    return found


def critical(graph: Graph) -> frozenset[str]:
    """The phases on the ways through the graph with the most phases that ask a model: they decide how long it takes.

    Raises:
        ValueError: the forward edges form a circle.
    """
    line = forward(graph)
    until: dict[str, int] = {}
    for name in order(graph):
        until[name] = _asks(graph, name) + max((until[before] for before in line.predecessors(name)), default=0)
    after: dict[str, int] = {}
    for name in reversed(order(graph)):
        after[name] = max((after[later] + _asks(graph, later) for later in line.successors(name)), default=0)
    longest = max(until.values(), default=0)
    return frozenset(name for name in graph if until[name] + after[name] == longest)


def _asks(graph: Graph, name: str) -> int:
    return int(graph.nodes[name]["phase"].kind in ("ask", "meet", "company"))


def order(graph: Graph) -> list[str]:
    """All phases so that every forward edge leads on; among equals, as in the file.

    Raises:
        ValueError: the forward edges form a circle.
    """
    line = forward(graph)
    return _sorted(_indices(graph), {name: list(line.successors(name)) for name in line})


def plan(graph: Graph) -> Region:
    """The order of all phases with its loops: each loop is one step of the region around it.

    Raises:
        ValueError: the forward edges form a circle.
    """
    position = {name: place for place, name in enumerate(order(graph))}
    work: Graph = nx.DiGraph(graph)
    return _region(work, set(work), position)


def _region(graph: Graph, members: Collection[str], position: Mapping[str, int]) -> Region:
    part: Graph = nx.DiGraph(graph.subgraph(members))
    components = [frozenset(component) for component in nx.strongly_connected_components(part)]
    home = {name: component for component in components for name in component}
    follow: dict[frozenset[str], list[frozenset[str]]] = {component: [] for component in components}
    for before, after in part.edges:
        if home[before] is not home[after] and home[after] not in follow[home[before]]:
            follow[home[before]].append(home[after])
    indices = _indices(graph)
    ordered = _sorted({component: min(indices[name] for name in component) for component in components}, follow)
    return Region(tuple(_step(part, component, position) for component in ordered))


def _step(graph: Graph, component: frozenset[str], position: Mapping[str, int]) -> str | Loop:
    back = [(source, target) for source, target in graph.edges(component) if graph[source][target]["kind"] == "then"]
    back = [(source, target) for source, target in back if target in component]
    if not back:
        return next(iter(component))
    header = min((target for _, target in back), key=lambda name: position[name])
    indices = _indices(graph)
    sources = sorted((source for source, target in back if target == header), key=lambda name: indices[name])
    body: Graph = nx.DiGraph(graph.subgraph(component))
    body.remove_edges_from([(source, header) for source in sources])
    return Loop(header, _region(body, component, position), tuple(sources))


def _indices(graph: Graph) -> dict[str, int]:
    return {name: int(graph.nodes[name]["index"]) for name in graph}


def _sorted(ranks: Mapping[Node, int], follow: Mapping[Node, Collection[Node]]) -> list[Node]:
    """Topological order; of those that could be next, the one with the lowest rank."""
    open_edges = dict.fromkeys(ranks, 0)
    for afters in follow.values():
        for after in afters:
            open_edges[after] += 1
    by_rank = {rank: node for node, rank in ranks.items()}
    ready = [rank for node, rank in ranks.items() if not open_edges[node]]
    heapq.heapify(ready)
    ordered: list[Node] = []
    while ready:
        node = by_rank[heapq.heappop(ready)]
        ordered.append(node)
        for after in follow[node]:
            open_edges[after] -= 1
            if not open_edges[after]:
                heapq.heappush(ready, ranks[after])
    if len(ordered) < len(open_edges):
        stuck = [str(node) for node in ranks if open_edges[node]]
        raise ValueError(f"phases wait for one another in a circle: {', '.join(stuck)}")
    return ordered
