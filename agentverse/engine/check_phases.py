"""Checks of each phase by itself: what its kind needs, and what means nothing to it."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from agentverse.blueprint.company import EACH, Phase, Trial, TypeSpec
from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.explain import did_you_mean
from agentverse.engine.check_meeting import check_meeting
from agentverse.engine.check_report import Report
from agentverse.engine.check_types import type_faults

_BELONGS: dict[str, tuple[str, ...]] = {
    "seats": ("meet",),
    "turns": ("meet",),
    "choices": ("human",),
    "default": ("human",),
    "inputs": ("company", "call", "meet"),
    "outputs": ("company",),
    "prompt": ("ask", "meet", "human"),
    "samples": ("ask",),
    "verify": ("ask",),
    "take_back": ("run",),
    "judge": ("ask",),
    "model": ("ask", "meet"),
    "escalate": ("ask", "meet"),
    "temperature": ("ask", "meet"),
    "paths": ("ask", "meet"),
    "tools": ("ask", "meet"),
    "tool_calls": ("ask", "meet"),
    "memory": ("ask", "meet"),
}
"""Fields that mean something only to some kinds."""
"""Fields of phases and roles whose place is reserved: saying something that has no effect is an error."""
_ANSWERS = ("answer", "text")


def check_phases(report: Report, known_calls: Collection[str] | None) -> None:
    for name, phase in report.phases.items():
        _PhaseCheck(report, name, phase).run(known_calls)


class _PhaseCheck:
    def __init__(self, report: Report, name: str, phase: Phase) -> None:
        self.report, self.name, self.phase = report, name, phase
        self.at: FieldPath = ("phases", name)

    def error(self, field: str, what: str, fix: str | None = None) -> None:
        self.report.error((*self.at, field), what, fix)

    def run(self, known_calls: Collection[str] | None) -> None:
        self._fields()
        self._types()
        self._roles()
        self._samples()
        self._escalation()
        if self.phase.kind == "call" and known_calls is not None and self.phase.call not in known_calls:
            call = str(self.phase.call)
            self.error("call", f"no function {call!r} is registered for 'call'.", did_you_mean(call, known_calls))
        check = getattr(self, f"_{self.phase.kind}", None)
        if check is not None:
            check()

    def _fields(self) -> None:
        for field, kinds in _BELONGS.items():
            given = getattr(self.phase, field)
            default = type(self.phase).model_fields[field].get_default(call_default_factory=True)
            if given != default and self.phase.kind not in kinds:
                said = " and ".join(repr(kind) for kind in kinds)
                what = f"{field!r} belongs to {said}; this phase is {self.phase.kind!r}."
                self.report.error((*self.at, field), what, at_key=True)

    def _types(self) -> None:
        for artifact, spec in self.phase.produces.items():
            for inner, what, fix in type_faults(spec):
                self.report.error((*self.at, "produces", artifact, *inner), what, fix)

    def _roles(self) -> None:
        said: list[tuple[FieldPath, str]] = []
        for field in ("ask", "judge"):
            role = getattr(self.phase, field)
            if role is not None:
                said.append(((*self.at, field), role))
        said += [((*self.at, "seats", seat), role) for seat, role in self.phase.seats.items() if isinstance(role, str)]
        known = self.report.resolved.roles
        for path, role in said:
            if role not in known:
                self.report.error(path, f"there is no role {role!r}.", did_you_mean(role, known))

    def _samples(self) -> None:
        phase = self.phase
        if phase.samples == 1:
            if phase.verify is not None or phase.judge is not None:
                self.error("verify" if phase.verify is not None else "judge", "this means nothing without 'samples'.")
        elif phase.pick == "verified" and phase.verify is None:
            self.error("samples", "picking verified samples needs 'verify', the command that judges them.")
        elif phase.pick == "verified" and not any(spec in ("files", "edits") for spec in phase.produces.values()):
            self.error("pick", "only files and edits can be verified by a command; expected vote or best.")
        elif phase.pick == "best" and phase.judge is None:
            self.error("pick", "picking the best sample needs 'judge', the role that chooses.")

    def _escalation(self) -> None:
        phase, said = self.phase, self.phase.escalate
        if said == "never":
            if phase.on_error == "escalate":
                self.error("on_error", "this phase says that it is never escalated.", "remove one of the two.")
        elif said is not None:
            if said.after_red is not None and phase.then is None:
                self.report.error((*self.at, "escalate", "after_red"), "this means nothing without 'then'.")
            if said.agreement is not None and (phase.samples == 1 or phase.pick != "vote"):
                self.report.error((*self.at, "escalate", "agreement"), "only samples under 'pick: vote' can agree.")

    # ------------------------------------------------------------------ kinds

    def _ask(self) -> None:
        if not self.phase.prompt:
            self.report.error(self.at, "'ask' needs a 'prompt'.")
        if not self.phase.produces:
            self.report.warning(self.at, "this phase produces nothing, so nobody reads the answer.")
        self._at_most_one()

    def _run(self) -> None:
        said = self.phase.run
        if isinstance(said, Trial):
            if said.tour and not any(phase.produces.get(said.tour) == "tour" for phase in self.report.phases.values()):
                self.error("run", f"no phase produces a tour called {said.tour!r}.", f"produces: {{{said.tour}: tour}}")
            said = said.command
        if not said or not all(said):
            self.error("run", "the command is empty.")
        self._at_most_one()
        for artifact, spec in self.phase.produces.items():
            if spec != "evidence":
                self.report.error((*self.at, "produces", artifact), "a command produces evidence.", "write 'evidence'.")

    def _human(self) -> None:
        phase = self.phase
        self._at_most_one()
        for artifact, spec in phase.produces.items():
            if spec not in _ANSWERS and not (isinstance(spec, dict) and "choice" in spec):
                what = "a person's answer is an 'answer', 'text' or a choice."
                self.report.error((*self.at, "produces", artifact), what)
        if phase.choices and phase.default is not None and phase.default not in phase.choices:
            what = f"the default {phase.default!r} is none of the choices."
            self.error("default", what, did_you_mean(phase.default, phase.choices))

    def _call(self) -> None:
        self._at_most_one()

    def _network(self) -> None:
        self.error("network", "network phases come in a later version.")

    def _at_most_one(self) -> None:
        for artifact in list(self.phase.produces)[1:]:
            what = f"{self.phase.kind!r} produces one artifact; this one is a second."
            self.report.error((*self.at, "produces", artifact), what)

    def _company(self) -> None:
        phase = self.phase
        inner = self.report.resolved.companies.get(str(phase.company))
        if inner is None:
            near = did_you_mean(str(phase.company), self.report.resolved.companies)
            self.error("company", f"there is no company {phase.company!r}.", near)
            return
        inputs = ["idea", *inner.company.inputs]
        for name in phase.inputs:
            if name not in inputs:
                what = f"the company {phase.company!r} has no input {name!r}."
                self.report.error((*self.at, "inputs", name), what, did_you_mean(name, inputs), at_key=True)
        made = {artifact for other in inner.company.phases.values() for artifact in produced(other, "")}
        made |= {name for name, other in inner.company.phases.items() if not other.produces}
        outputs = {("outputs", here): there for here, there in phase.outputs.items()}
        outputs |= {("produces", name): name for name in phase.produces if not phase.outputs}
        for (field, here), there in outputs.items():
            if there not in made:
                what = f"the company {phase.company!r} makes no {there!r}."
                self.report.error((*self.at, field, here), what, did_you_mean(there, made))

    def _meet(self) -> None:
        check_meeting(self.report, self.name, self.phase)


def produced(phase: Phase, name: str) -> dict[str, TypeSpec]:
    """Artifacts that a phase makes, by what it says itself; types of a company's outputs are not known here."""
    if phase.kind == "company" and phase.outputs:
        return {here: phase.produces.get(here, {}) for here in phase.outputs}
    if phase.produces or not name:
        return dict(phase.produces)
    unnamed: dict[str, TypeSpec] = {"run": "evidence", "human": "answer", "call": {}}
    return {name: unnamed[phase.kind]} if phase.kind in unnamed else {}


def each_of(phase: Phase) -> tuple[str, str] | None:
    """The variable and the list of ``each``, or None."""
    found = EACH.match(phase.each) if phase.each else None
    return cast("tuple[str, str]", found.groups()) if found else None
