"""Checks of the graph: edges, circles, loops."""

from __future__ import annotations

from itertools import combinations
from typing import Any, cast

import networkx as nx

from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.explain import did_you_mean
from agentverse.engine.check_report import Report
from agentverse.engine.graph import Graph, ancestors, compile_graph, descendants, forward


def check_graph(report: Report) -> Graph | None:
    """Check the edges. Returns the graph, or None when it cannot be put in order."""
    _unknown_phases(report)
    graph = compile_graph(report.company)
    _or_else(report, graph)
    if _circles(report, graph):
        return None
    _loops(report, graph)
    return graph


def _unknown_phases(report: Report) -> None:
    for name, phase in report.phases.items():
        at: FieldPath = ("phases", name)
        after = [phase.after] if isinstance(phase.after, str) else phase.after
        edges = [((*at, "after", index) if isinstance(phase.after, list) else (*at, "after"), before)
                 for index, before in enumerate(after)]  # fmt: skip
        edges += [((*at, "any", index), before) for index, before in enumerate(phase.any)]
        for path, before in edges:
            if before == name:
                report.error(path, f"{name!r} cannot come after itself.", "a loop is made with 'then' and 'at_most'.")
        if phase.then is not None:
            edges.append(((*at, "then"), phase.then))
        for path, other in edges:
            if other not in report.phases:
                report.error(path, f"there is no phase {other!r}.", did_you_mean(other, report.phases))


def _or_else(report: Report, graph: Graph) -> None:
    """Check ``or_else``; edges that lead back are taken out of the graph."""
    for name, phase in report.phases.items():
        path: FieldPath = ("phases", name, "or_else")
        target = phase.or_else
        known = ["fail", "continue", *report.phases]
        if target not in known:
            report.error(path, f"there is no phase {target!r}; expected fail, continue or a phase.",
                         did_you_mean(target, known))  # fmt: skip
        elif phase.then is None and target != "continue":
            report.error(path, "'or_else' means nothing without 'then' and 'at_most'.")
        elif target in report.phases and phase.then is not None:
            others: Graph = forward(graph)
            others.remove_edges_from([(a, b) for a, b in others.edges if graph[a][b]["kind"] == "or_else"])
            if target == name or name in descendants(others, target):
                report.error(path, f"'or_else' leads on from the loop, but {target!r} comes before {name!r}.")
                if graph.has_edge(name, target) and graph[name][target]["kind"] == "or_else":
                    graph.remove_edge(name, target)


def _circles(report: Report, graph: Graph) -> bool:
    """Report phases that wait for one another, and those that can never begin for it."""
    line = forward(graph)
    order = list(report.phases)
    bound: set[str] = set()
    components = [sorted(c, key=order.index) for c in nx.strongly_connected_components(line) if len(c) > 1]
    for component in sorted(components, key=lambda members: order.index(members[0])):
        bound.update(component)
        part: Graph = nx.DiGraph(line.subgraph(component))
        edges = cast("list[tuple[str, str]]", list(cast(Any, nx).find_cycle(part, component[0])))
        circle = " → ".join([edges[0][0], *(after for _, after in edges)])
        what = f"phases wait for one another in a circle: {circle}."
        report.error(_edge(report, component), what, "a loop is made with 'then' and 'at_most'.")
    if not components:
        return False
    if all(line.in_degree(name) for name in line):
        report.error(("phases",), "no phase can begin: each comes after another.")
    behind = {name for start in bound for name in descendants(line, start)} - bound
    for name in sorted(behind, key=order.index):
        report.error(("phases", name), f"{name!r} is never reached: it comes after phases that wait for one another.")
    return True


def _edge(report: Report, circle: list[str]) -> FieldPath:
    """Where the first phase of a circle says that it comes after another one of it."""
    name = circle[0]
    phase = report.phases[name]
    at: FieldPath = ("phases", name)
    for field, before in (("after", phase.after), ("any", phase.any)):
        if isinstance(before, str):
            return (*at, field)
        for index, other in enumerate(before):
            if other in circle:
                return (*at, field, index)
    return at


def _loops(report: Report, graph: Graph) -> None:
    line = forward(graph)
    bodies: dict[str, set[str]] = {}
    sources: list[tuple[str, str]] = []
    for name, phase in report.phases.items():
        target = phase.then
        if target is None or target not in report.phases:
            continue
        if target != name and target not in ancestors(line, name):
            what = f"'then' closes a loop, but {target!r} does not come before {name!r}."
            report.error(("phases", name, "then"), what, f"to go on to {target!r}, write 'after: {name}' there.")
            continue
        body = ({target} | descendants(line, target)) & ({name} | ancestors(line, name))
        bodies.setdefault(target, set()).update(body)
        sources.append((name, target))
    overlapping: set[str] = set()
    for one, other in combinations(bodies, 2):
        shared = bodies[one] & bodies[other]
        if shared and shared != bodies[one] and shared != bodies[other]:
            overlapping |= {one, other}
            source = next(name for name, target in reversed(sources) if target in (one, other))
            what = f"the loops back to {one!r} and {other!r} overlap; one must lie within the other."
            report.error(("phases", source, "then"), what)
    for name, target in sources:
        inner = [h for h, body in bodies.items() if h != target and name in body and body < bodies[target]]
        if inner and target not in overlapping:
            what = f"'then' jumps out of the inner loop of {inner[0]!r}; only a phase outside of it may do so."
            report.error(("phases", name, "then"), what)
