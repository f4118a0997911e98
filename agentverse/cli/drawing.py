"""Draws the graph of a company: as text, as Mermaid, as dot."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from agentverse.blueprint.company import Company, Holders, Phase, Trial
from agentverse.blueprint.text import localize
from agentverse.cli.text import one_line
from agentverse.engine.graph import Graph, compile_graph, forward, order

FATES = ("fail", "continue")


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    phase: Phase
    level: int
    """Longest way from a beginning; phases of one level may run at the same time."""


def as_text(company: Company, language: str) -> str:
    """One line per phase, from top to bottom; those that may run at the same time are bracketed, loops are arrows on
    the left.
    """
    graph = compile_graph(company)
    rows = _rows(graph, company)
    gutter = _gutter(rows)
    wide = max(len(row.name) for row in rows)
    title = localize(company.title, language)
    lines = [f"{company.name}: {one_line(title)}" if title else company.name, ""]
    for number, row in enumerate(rows):
        after = ", ".join(_sources(graph, row.name))
        lines.append(
            f"{gutter[number]} {_bracket(rows, number)} {row.name:<{wide}}  {_work(row.phase)}"
            + (f"  [after {after}]" if after else "")
            + (f"  [when {one_line(row.phase.when)}]" if row.phase.when else "")
            + _back(row.phase)
        )
    lines += ["", f"succeeds when: {one_line(company.success)}"]
    return "\n".join(line.rstrip() for line in lines)


def as_mermaid(company: Company) -> str:
    """A flowchart."""
    graph = compile_graph(company)
    lines = ["flowchart TD"]
    for row in _rows(graph, company):
        label = f"{row.name}<br/>{_work(row.phase)}"
        lines.append(f'  {row.name}["{_mermaid(label)}"]')
    for before, after, kind in _edges(graph):
        label = _edge_label(company, before, after, kind)
        arrow = "-.->" if kind in ("then", "or_else") else "-->"
        lines.append(f"  {before} {arrow}" + (f'|"{_mermaid(label)}"|' if label else "") + f" {after}")
    return "\n".join(lines)


def as_dot(company: Company) -> str:
    """For graphviz."""
    graph = compile_graph(company)
    lines = [f"digraph {company.name} {{", "  node [shape=box, fontname=sans];"]
    for row in _rows(graph, company):
        label = _dot(row.name + "\n" + _work(row.phase))
        lines.append(f"  {row.name} [label={label}];")
    for before, after, kind in _edges(graph):
        style = ", style=dashed" if kind in ("then", "or_else") else ""
        lines.append(f"  {before} -> {after} [label={_dot(_edge_label(company, before, after, kind))}{style}];")
    return "\n".join([*lines, "}"])


def _rows(graph: Graph, company: Company) -> list[_Row]:
    line = forward(graph)
    levels: dict[str, int] = {}
    for name in order(graph):
        levels[name] = 1 + max((levels[before] for before in line.predecessors(name)), default=-1)
    places = {name: place for place, name in enumerate(company.phases)}
    names = sorted(levels, key=lambda name: (levels[name], places[name]))
    return [_Row(name, company.phases[name], levels[name]) for name in names]


def _edges(graph: Graph) -> list[tuple[str, str, str]]:
    """From, to, kind."""
    return [(before, after, str(graph[before][after]["kind"])) for before, after in graph.edges]


def _sources(graph: Graph, name: str) -> list[str]:
    marks = {"after": "", "any": "any of ", "or_else": "bound of "}
    return [marks[kind] + before for before, after, kind in _edges(graph) if after == name and kind in marks]


def _bracket(rows: Sequence[_Row], number: int) -> str:
    level = rows[number].level
    above = number > 0 and rows[number - 1].level == level
    below = number + 1 < len(rows) and rows[number + 1].level == level
    return {(False, False): " ", (False, True): "┌", (True, True): "│", (True, False): "└"}[above, below]


def _gutter(rows: Sequence[_Row]) -> list[str]:
    """For each row what is drawn of the loops: one column each, the shortest loop innermost."""
    places = {row.name: number for number, row in enumerate(rows)}
    loops = [(places[row.phase.then], places[row.name]) for row in rows if row.phase.then in places]
    loops.sort(key=lambda loop: loop[0] - loop[1])
    drawn = [""] * len(rows)
    for top, bottom in loops:
        for number in range(len(rows)):
            if number == top == bottom:
                drawn[number] = f"{drawn[number]}↻─"
            elif number == top:
                drawn[number] += "╭─"
            elif number == bottom:
                drawn[number] += "╰─"
            else:
                drawn[number] += "│ " if top < number < bottom else "  "
    tops = {top for top, _ in loops}
    return [_joined(line, arrow=number in tops) for number, line in enumerate(drawn)]


def _joined(line: str, *, arrow: bool) -> str:
    """Columns to the right of a corner carry its line on to the name."""
    corner = min((line.find(mark) for mark in "╭╰↻" if mark in line), default=-1)
    if corner >= 0:
        tail = line[corner + 1 :].replace(" ", "─").replace("│", "┼").replace("╭", "┬").replace("╰", "┴")
        line = line[: corner + 1] + tail
    return line + ("▶" if arrow else "─" if corner >= 0 else " ")


def _work(phase: Phase) -> str:
    made = f" → {', '.join(phase.produces)}" if phase.produces else ""
    each = f" for each {phase.each}" if phase.each else ""
    return f"{phase.kind} {one_line(_what(phase))}{each}{made}"


def _what(phase: Phase) -> str:
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


def _back(phase: Phase) -> str:
    if phase.then is None:
        return ""
    last = phase.or_else if phase.or_else in FATES else f"go to {phase.or_else}"
    return f"  [back to {phase.then}, at most {phase.at_most} times, then {last}]"


def _edge_label(company: Company, before: str, after: str, kind: str) -> str:
    if kind == "then":
        return f"at most {company.phases[before].at_most} times"
    if kind == "or_else":
        return "bound hit"
    return one_line(company.phases[after].when or "", 60) + (" (any)" if kind == "any" else "")


def _mermaid(text: str) -> str:
    kept = text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    return kept.replace("&lt;br/&gt;", "<br/>")


def _dot(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
