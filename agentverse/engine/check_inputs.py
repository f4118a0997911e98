"""The inputs of a company: what its file says of them, and what a run is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentverse import templates
from agentverse.blueprint.company import Chosen, Company
from agentverse.blueprint.explain import did_you_mean
from agentverse.blueprint.text import localize
from agentverse.engine.check_report import Report
from agentverse.errors import UsageError


def check_inputs(report: Report) -> None:
    """Options must be of inputs and hold their defaults; what is refused must be a sound expression over inputs."""
    inputs = report.company.inputs
    for name, options in report.company.options.items():
        if name not in inputs:
            what = f"the company has no input {name!r}."
            report.error(("options", name), what, did_you_mean(name, inputs), at_key=True)
        elif inputs[name] not in options:
            what = f"the input {name!r} begins as {inputs[name]!r}, which is none of its options."
            report.error(("options", name), what, did_you_mean(inputs[name], options))
    for index, refusal in enumerate(report.company.refuses):
        try:
            uses = templates.uses(refusal.when, expression=True)
        except templates.BadTemplate as error:
            report.error(("refuses", index, "when"), f"{error}.", error.fix)
            continue
        for use in uses:
            if use.name not in inputs:
                what = f"the company has no input {use.name!r}."
                report.error(("refuses", index, "when"), what, did_you_mean(use.name, inputs))


def fitting_inputs(company: Company, given: Mapping[str, Any], *, language: str = "en") -> dict[str, Any]:
    """The inputs of a run: those given laid over the company's own.

    Args:
        language: of what a refusal says.

    Raises:
        UsageError: there is no such input, a value is none of those there are to choose from, or the company refuses
            what was given.
    """
    known = company.inputs
    for name in given:
        if name not in known:
            there = f"it takes: {', '.join(known)}" if known else "it takes none"
            raise UsageError(f"company '{company.name}' has no input '{name}'; {there}")
    inputs = {**known, **given}
    for name, options in _options(company).items():
        if str(inputs[name]) not in options:
            near = did_you_mean(str(inputs[name]), options)
            what = f"{name}: there is no {inputs[name]!r}; there are: {', '.join(options)}"
            raise UsageError(what, fix=f"{near[0].upper()}{near[1:]}" if near else None)
    for refusal in company.refuses:
        try:
            refused = bool(templates.evaluate(refusal.when, inputs))
        except templates.TemplateError as error:
            raise UsageError(f"company '{company.name}' cannot check its inputs: {error}") from error
        if refused:
            raise UsageError(localize(refusal.because, language), fix=localize(refusal.fix, language) or None)
    return inputs


def _options(company: Company) -> dict[str, list[str]]:
    """Input: the values it may have, as the company lists them or as a meeting chooses among them."""
    found = dict(company.options)
    for phase in company.phases.values():
        if isinstance(phase.meet, Chosen):
            found.setdefault(phase.meet.by, phase.meet.of)
    return found
