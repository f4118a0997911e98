"""Checks of a phase in which seats meet: in every environment it may be held in."""

from __future__ import annotations

from collections.abc import Collection

from agentverse.blueprint.company import Chosen, Holders, Phase
from agentverse.blueprint.document import FieldPath
from agentverse.blueprint.environment import Environment
from agentverse.blueprint.explain import did_you_mean
from agentverse.engine.check_report import Report


def check_meeting(report: Report, name: str, phase: Phase) -> None:
    """Check that each environment has the seats, the parameters and the writers that the phase counts on."""
    at: FieldPath = ("phases", name)
    if isinstance(phase.meet, Chosen):
        _chosen(report, (*at, "meet"), phase.meet)
    for index, environment in enumerate(phase.meets_in):
        found = report.resolved.environments.get(environment)
        if found is None:
            path = (*at, "meet", "of", index) if isinstance(phase.meet, Chosen) else (*at, "meet")
            near = did_you_mean(environment, report.resolved.environments)
            report.error(path, f"there is no environment {environment!r}.", near)
        else:
            _MeetingCheck(report, at, phase, environment, found).run()


def _chosen(report: Report, at: FieldPath, said: Chosen) -> None:
    inputs = report.company.inputs
    if said.by not in inputs:
        report.error((*at, "by"), f"the company has no input {said.by!r}.", did_you_mean(said.by, inputs))
    elif inputs[said.by] not in said.of:
        what = f"the input {said.by!r} begins as {inputs[said.by]!r}, which is none of {_listed(said.of)}."
        report.error(("inputs", said.by), what, did_you_mean(inputs[said.by], said.of))


class _MeetingCheck:
    """One phase in one environment."""

    def __init__(self, report: Report, at: FieldPath, phase: Phase, name: str, environment: Environment) -> None:
        self.report, self.at, self.phase = report, at, phase
        self.name, self.environment = name, environment

    def run(self) -> None:
        phase, environment = self.phase, self.environment
        told = environment.setting or all(about.prompt or about.acts for about in environment.seats.values())
        if not phase.prompt and not told:
            self.report.error(self.at, "'meet' needs a 'prompt'.")
        for seat, about in environment.seats.items():
            held = about.role is not None or about.person or about.runs is not None
            if seat not in phase.seats and not held:
                what = f"the seat {seat!r} of {self.name!r} is empty."
                self.report.error((*self.at, "seats"), what, f"write '{seat}: ROLE'.")
        for name in phase.inputs:
            if name not in environment.params:
                what = f"{self.name!r} has no parameter {name!r}."
                near = did_you_mean(name, environment.params)
                self.report.error((*self.at, "inputs", name), what, near, at_key=True)
        for seat, said in phase.seats.items():
            if isinstance(said, Holders):
                self._team(seat, said)
            if seat not in environment.seats:
                what = f"{self.name!r} has no seat {seat!r}."
                near = did_you_mean(seat, environment.seats)
                self.report.error((*self.at, "seats", seat), what, near, at_key=True)
        self._written()

    def _team(self, seat: str, said: Holders) -> None:
        """A seat for each member of a team must be one that stands for several, and the team must be made."""
        about = self.environment.seats.get(seat)
        if about is not None and not about.several:
            what = f"the seat {seat!r} of {self.name!r} is one seat."
            self.report.error((*self.at, "seats"), what, "write 'several: true' in the environment.")
        phases = self.report.phases.values()
        teams = [name for phase in phases for name, type in phase.produces.items() if type == "team"]
        if said.each not in teams:
            what = f"no phase produces a team called {said.each!r}."
            near = did_you_mean(said.each, teams) or f"produces: {{{said.each}: team}}"
            self.report.error((*self.at, "seats"), what, near)
        if isinstance(said.at_most, int) and said.at_most < 1:
            self.report.error((*self.at, "seats", seat, "at_most"), "at least one seat is needed.")

    def _written(self) -> None:
        """Each artifact needs a seat that writes it, and the seat that writes the product needs one to write."""
        writes = {"evidence" if seat.runs is not None else seat.writes for seat in self.environment.seats.values()}
        if "product" in writes and not self.phase.produces:
            what = f"a seat of {self.name!r} writes the product, but this phase produces nothing."
            self.report.error(self.at, what, "write 'produces: {NAME: TYPE}'.")
        seen: set[str] = set()
        for index, (artifact, spec) in enumerate(self.phase.produces.items()):
            plain = spec if isinstance(spec, str) else ""
            by_type = plain in writes and plain not in seen
            seen.add(plain)
            if not by_type and not (index == 0 and "product" in writes):
                what = f"no seat of {self.name!r} writes {artifact!r}; its seats write {_listed(writes)}."
                self.report.error((*self.at, "produces", artifact), what)


def _listed(words: Collection[str]) -> str:
    return ", ".join(repr(word) for word in sorted(words))
