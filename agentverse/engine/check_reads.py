"""Checks of what phases read: whether it can exist by then, and whether it has the fields that are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from agentverse import templates
from agentverse.blueprint.company import Holders, Phase, Trial, TypeSpec
from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.explain import did_you_mean
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.text import Localized
from agentverse.engine.check_phases import each_of, produced
from agentverse.engine.check_report import Report
from agentverse.engine.check_types import ANY, NUMBER, TEXT, Shape, Shapes, below, called, fields, is_list, shapes_of
from agentverse.engine.graph import Graph, ancestors, descendants, forward, order
from agentverse.engine.languages import Code
from agentverse.templates.names import Each, Use

ALWAYS: dict[str, Shapes] = {"idea": TEXT, "language": TEXT, "visit": NUMBER, "phase": TEXT, "item": TEXT}
"""Variables that every template has."""
UNLESS_MADE: dict[str, Shapes] = {"code": (Shape("model", Code),), "languages": (Shape("list", TEXT),)}
"""Variables that every template has, unless an artifact or an input goes by their name."""


def check_reads(report: Report, graph: Graph) -> None:
    supply = Supply.of(report.resolved, graph)
    _conflicts(report, graph, supply)
    for name, phase in report.phases.items():
        _PhaseReads(report, supply, name, phase).run()
    _success(report, supply)


@dataclass(slots=True)
class Supply:
    """Which artifact can exist where.

    Attributes:
        made: phase: what it makes, with types.
        types: artifact: what its value looks like, whoever made it.
        sure: phase: what exists whenever it runs.
        maybe: phase: what a phase before it makes.
        later: phase: what exists only when a loop comes round again.
        end: what exists at the end of every run.
    """

    made: dict[str, dict[str, TypeSpec]] = field(default_factory=dict[str, dict[str, TypeSpec]])
    types: dict[str, Shapes] = field(default_factory=dict[str, Shapes])
    sure: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    maybe: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    later: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    end: set[str] = field(default_factory=set[str])

    @classmethod
    def of(cls, resolved: Resolved, graph: Graph) -> Supply:
        supply = cls()
        phases = resolved.company.phases
        for name, phase in phases.items():
            supply.made[name] = _made(resolved, name, phase)
            for artifact, spec in supply.made[name].items():
                shapes = shapes_of(spec, each=phase.each is not None) if spec != {} else ANY
                supply.types[artifact] = (*supply.types.get(artifact, ()), *shapes)
        line = forward(graph)
        left: dict[str, set[str]] = {}
        for name in order(graph):
            before = ancestors(line, name)
            supply.maybe[name] = {artifact for other in before for artifact in supply.made[other]}
            again = descendants(graph, name) & ancestors(graph, name) | {name}
            looped = name in {target for _, target in graph.out_edges(name)} or len(again) > 1
            supply.later[name] = {artifact for other in again for artifact in supply.made[other]} if looped else set()
            supply.sure[name] = _on_every_path(name, phases[name], graph, left)
            left[name] = supply.sure[name] | _always_made(phases[name], supply.made[name])
            if not _waits_for_a_bound(name, graph):
                supply.end |= _always_made(phases[name], supply.made[name])
        return supply


def _made(resolved: Resolved, name: str, phase: Phase) -> dict[str, TypeSpec]:
    made = produced(phase, name)
    inner = resolved.companies.get(phase.company or "")
    if inner is None:
        return made
    outputs = phase.outputs or {artifact: artifact for artifact in phase.produces}
    found = {there: spec for n, other in inner.company.phases.items() for there, spec in produced(other, n).items()}
    return {here: found.get(there, made.get(here, {})) for here, there in outputs.items()}


def _always_made(phase: Phase, made: dict[str, TypeSpec]) -> set[str]:
    """What a phase leaves whenever it is not passed over. Edits in a meeting are made only when something is wrong."""
    if phase.when is not None or phase.on_error == "continue":
        return set()
    return {artifact for artifact, spec in made.items() if not (phase.kind == "meet" and spec == "edits")}


def _on_every_path(name: str, phase: Phase, graph: Graph, left: dict[str, set[str]]) -> set[str]:
    kinds = {before: graph[before][name]["kind"] for before in graph.predecessors(name)}
    sure = {artifact for before, kind in kinds.items() if kind == "after" for artifact in left[before]}
    for kind in ("any", "or_else"):
        options = [left[before] for before, found in kinds.items() if found == kind]
        if options:
            sure |= {artifact for artifact in options[0] if all(artifact in option for option in options)}
    return sure


def _waits_for_a_bound(name: str, graph: Graph) -> bool:
    """Whether a phase runs only when some loop hits its bound."""
    return any(graph[before][name]["kind"] == "or_else" for before in graph.predecessors(name))


def _conflicts(report: Report, graph: Graph, supply: Supply) -> None:
    """Two phases that may run at the same time must not make the same artifact."""
    line = forward(graph)
    reachable = {name: descendants(line, name) for name in line}
    seen: list[str] = []
    for name in report.phases:
        for other in seen:
            shared = [artifact for artifact in supply.made[name] if artifact in supply.made[other]]
            if not shared or name in reachable[other] or other in reachable[name]:
                continue
            path: FieldPath = ("phases", name, "produces", shared[0])
            what = f"{other!r} produces {shared[0]!r} too, and nothing says which of the two comes first."
            if report.phases[name].when is not None and report.phases[other].when is not None:
                report.warning(path, what, "at most one of them should run.")
            else:
                report.error(path, what, f"write 'after: {other}' here, or use another name.")
        seen.append(name)


def _success(report: Report, supply: Supply) -> None:
    reading = _Reading(report, supply, _given(report, supply))
    for use in reading.uses(("success",), report.company.success, expression=True):
        if use.name in supply.types and use.name not in supply.end and not use.tested:
            what = f"{use.name!r} may not exist at the end; the run has failed then."
            reading.report_use(("success",), report.company.success, use, use.name, what, severity="warning")


def _given(report: Report, supply: Supply) -> dict[str, Shapes]:
    """Variables that no phase has to make."""
    unmade = {name: shapes for name, shapes in UNLESS_MADE.items() if name not in supply.types}
    return {**unmade, **ALWAYS, **dict.fromkeys(report.company.inputs, ANY)}


class _Reading:
    """Templates of one place of the company."""

    def __init__(self, report: Report, supply: Supply, variables: dict[str, Shapes]) -> None:
        self.report, self.supply, self.variables = report, supply, variables

    def uses(self, path: FieldPath, source: str, *, expression: bool = False) -> Iterator[Use]:
        """Uses in a template, after checking that it can be read, that names are provided and that fields exist."""
        try:
            found = templates.uses(source, expression=expression)
        except templates.BadTemplate as error:
            self.report.inside(path, source, max(error.line, 1), "", f"{error}.", error.fix)
            return
        for use in found:
            shapes = self.variables.get(use.name) or self.supply.types.get(use.name)
            if shapes is None:
                if not use.tested:
                    known = [*self.variables, *self.supply.types]
                    what = f"nothing provides {use.name!r}."
                    self.report_use(path, source, use, use.name, what, did_you_mean(use.name, known))
                continue
            self._steps(path, source, use, shapes)
            yield use

    def _steps(self, path: FieldPath, source: str, use: Use, shapes: Shapes) -> None:
        for step in use.steps:
            inner = below(shapes, step)
            if inner is None:
                if isinstance(step, Each):
                    what, fix = f"{called(shapes)} is not a list.", None
                else:
                    what, fix = f"{called(shapes)} has no field {step!r}.", did_you_mean(step, fields(shapes))
                    what = f"{use.name!r} is a list; name one of its items." if _is_only_list(shapes) else what
                self.report_use(path, source, use, use.written or use.name, what, fix)
                return
            shapes = inner
        if use.looped and not is_list(shapes):
            self.report_use(path, source, use, use.written, f"{use.written!r} is {called(shapes)}, not a list.")

    def report_use(
        self,
        path: FieldPath,
        source: str,
        use: Use,
        needle: str,
        what: str,
        fix: str | None = None,
        *,
        severity: str = "error",
    ) -> None:
        self.report.inside(path, source, use.line, needle, what, fix, severity=severity)


def _is_only_list(shapes: Shapes) -> bool:
    return all(shape.kind == "list" for shape in shapes)


class _PhaseReads:
    def __init__(self, report: Report, supply: Supply, name: str, phase: Phase) -> None:
        self.report, self.supply, self.name, self.phase = report, supply, name, phase
        self.at: FieldPath = ("phases", name)
        self.reading = _Reading(report, supply, _given(report, supply))
        self.tested: set[str] = set()
        """Artifacts that ``when`` asks about with ``is defined``."""
        self.told: set[str] = set()

    def run(self) -> None:
        phase = self.phase
        if phase.when is not None:
            self._when(phase.when)
        if phase.each is not None:
            self._each()
        self._text(("prompt",), phase.prompt)
        self._text(("human",), phase.human or "")
        for field_name in ("run", "verify"):
            self._command(field_name)
        for name, expression in phase.inputs.items():
            self._check((*self.at, "inputs", name), expression, expression=True)
        for seat, said in phase.seats.items():
            if isinstance(said, Holders) and isinstance(said.at_most, str):
                self._check((*self.at, "seats", seat, "at_most"), said.at_most, expression=True)
        for index, artifact in enumerate(phase.reads or ()):
            self._read(index, artifact)

    def _when(self, when: str) -> None:
        path = (*self.at, "when")
        found = self._check(path, when, expression=True)
        self.tested = {use.name for use in found if use.tested}
        try:
            never = not templates.names(when, expression=True) and not templates.evaluate(when, {})
        except templates.TemplateError:
            return
        if never:
            self.report.warning(path, "this is never true, so the phase never runs.")

    def _each(self) -> None:
        parsed = each_of(self.phase)
        if parsed is None:
            return
        variable, source = parsed
        path = (*self.at, "each")
        if variable in ALWAYS and variable != "item":
            self.report.error(path, f"{variable!r} is always there; the item needs another name.")
        elif variable in self.supply.types:
            self.report.error(path, f"{variable!r} is an artifact; the item needs another name.")
        shapes = self._shapes(source)
        if shapes is not None and not is_list(shapes):
            self.report.inside(path, self.phase.each or "", 1, source, f"{source!r} is {called(shapes)}, not a list.",
                               did_you_mean_list(source, shapes))  # fmt: skip
        self._check(path, source, expression=True, within=self.phase.each)
        inner = below(shapes, Each.ITEM) if shapes is not None else None
        self.reading.variables = {**self.reading.variables, variable: inner or ANY}

    def _shapes(self, source: str) -> Shapes | None:
        """What an expression that is a plain path leads to; None when that is not known."""
        try:
            found = templates.uses(source, expression=True)
        except templates.BadTemplate:
            return None
        if len(found) != 1 or found[0].written != source:
            return None
        shapes: Shapes | None = self.reading.variables.get(found[0].name) or self.supply.types.get(found[0].name)
        for step in found[0].steps:
            shapes = below(shapes, step) if shapes is not None else None
        return shapes

    def _text(self, field_path: FieldPath, text: Localized) -> None:
        if isinstance(text, str):
            self._check((*self.at, *field_path), text)
        else:
            for language, part in text.items():
                self._check((*self.at, *field_path, language), part)

    def _command(self, field_name: str) -> None:
        command = getattr(self.phase, field_name)
        if isinstance(command, Trial):
            command = command.command
        if isinstance(command, str):
            self._check((*self.at, field_name), command)
        elif isinstance(command, list):
            for index, word in enumerate(cast("list[str]", command)):
                self._check((*self.at, field_name, index), word)

    def _check(self, path: FieldPath, source: str, *, expression: bool = False, within: str | None = None) -> list[Use]:
        """Check one template. ``within`` is the text of the field when the template is only a part of it."""
        found = list(self.reading.uses(path, source, expression=expression))
        for use in found:
            if use.name not in self.reading.variables and not use.tested and use.name not in self.tested:
                fault = self._missing(use.name, later=use.later)
                if fault is not None:
                    what, severity = fault
                    self.reading.report_use(path, within or source, use, use.name, what, severity=severity)
        return found

    def _read(self, index: int, artifact: str) -> None:
        path = (*self.at, "reads", index)
        if artifact in self.report.company.inputs:
            return
        if artifact not in self.supply.types:
            self.report.error(path, f"nothing produces {artifact!r}.", did_you_mean(artifact, self.supply.types))
            return
        maybe, later = self.supply.maybe[self.name], self.supply.later[self.name]
        if artifact in maybe or artifact in later:
            return  # shown once it is there
        if (fault := self._missing(artifact, later=False)) is not None:
            self.report.error(path, fault[0])

    def _missing(self, artifact: str, *, later: bool) -> tuple[str, str] | None:
        """Why an artifact may not exist here, and how bad that is; said once for each artifact."""
        if artifact in self.supply.sure[self.name] or artifact in self.told:
            return None
        makers = [name for name in self.report.phases if artifact in self.supply.made[name]]
        if artifact in self.supply.maybe[self.name]:
            when = self.phase.when
            if when is not None and any(self.report.phases[maker].when == when for maker in makers):
                return None
            self.told.add(artifact)
            said = " or ".join(repr(maker) for maker in makers if maker != self.name)
            return f"{artifact!r} may not exist here: {said} may be passed over. This phase is skipped then.", "warning"
        if artifact in self.supply.later[self.name]:
            if later:
                return None
            self.told.add(artifact)
            what = f"{artifact!r} does not exist on the first visit; ask 'visit > 1' or '{artifact} is defined' first."
            return what, "error"
        self.told.add(artifact)
        said = " and ".join(repr(maker) for maker in makers)
        return f"{artifact!r} cannot exist here: {said} does not come before {self.name!r}.", "error"


def did_you_mean_list(source: str, shapes: Shapes) -> str | None:
    """The one list among the fields of a value that is no list itself."""
    lists = [name for name in fields(shapes) if (inner := below(shapes, name)) and inner != ANY and is_list(inner)]
    return f"did you mean '{source}.{lists[0]}'?" if len(lists) == 1 else None
