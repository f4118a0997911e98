"""An environment that runs by itself, as a company of one phase: the engine knows no other way to run anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agentverse.blueprint.company import Company, Limits, Phase, TypeSpec
from agentverse.blueprint.environment import Environment, Settable
from agentverse.blueprint.load import Library
from agentverse.blueprint.resolved import Resolved
from agentverse.blueprint.role import Role
from agentverse.blueprint.text import Localized, in_language
from agentverse.engine.check import in_order
from agentverse.engine.check_environment import environment_faults
from agentverse.engine.phases.meet import SEED
from agentverse.engine.seats import like, written
from agentverse.errors import BlueprintError, PhaseFailed, UsageError

SCENE = "scene"
"""The one phase."""
LIMITS = Limits(tokens=2_000_000, turns=20_000, minutes=240)
RULES: Localized = {  # for seats that talk; those that make files follow the rules of work
    "en": (
        "You play one person in a scene with others. Stay that person: know only what that person knows, want what "
        "that person wants. Answer only what the last section asks, briefly, in that person's own words."
    ),
    "zh": (
        "你在一个场景里扮演一个人，场景里还有别人。始终是这个人：只知道这个人知道的事，只想要这个人想要的。"
        "只回应最后一节的要求，简短，用这个人自己的话。"
    ),
}


def stage(library: Library, name_or_path: str, *, turns: int | None = None) -> Resolved:
    """The company that runs an environment by itself.

    Args:
        turns: bound on replies, instead of the environment's own.

    Raises:
        BlueprintError: the environment is not there, is broken, or has a seat that nobody is named for.
    """
    environment, document = library.environment(name_or_path)
    problems = list(document.problems)
    roles: dict[str, Role] = {}
    if environment is not None:
        for fault in environment_faults(environment):
            problems.append(document.problem(fault.path, fault.what, fault.fix, at_key=fault.at_key))
        for seat, about in environment.seats.items():
            if isinstance(about.role, str):
                try:
                    roles.setdefault(about.role, library.load_role(about.role))
                except BlueprintError as error:
                    found = [document.problem(("seats", seat, "role"), one.what, one.fix) for one in error.problems]
                    problems += found
            elif about.role is None and not about.person and about.runs is None:
                what = f"nobody sits in {seat!r}, so this environment cannot run by itself."
                problems.append(document.problem(("seats", seat), what, "write 'role: NAME' or a role in place."))
    if environment is None or problems:
        raise BlueprintError(in_order(problems))
    return Resolved(company=_company(environment, turns), roles=roles, environments={environment.name: environment})


def _company(environment: Environment, turns: int | None) -> Company:
    writes = {seat.writes for seat in environment.seats.values()}
    made: dict[str, TypeSpec] = {}
    if "files" in writes:
        made["source"] = "files"
    if any(seat.runs is not None for seat in environment.seats.values()):
        made["check"] = "evidence"
    return Company(
        name=environment.name,
        title=environment.title,
        description=environment.description,
        scene=environment.name,
        inputs={**{name: written(value) for name, value in environment.params.items()}, SEED: "0"},
        limits=LIMITS,
        rules="" if made else RULES,
        opening="",
        phases={SCENE: Phase(meet=environment.name, title=environment.title or None, turns=turns, produces=made)},
    )


def _bounded(name: str, value: Any, about: Settable) -> None:
    """Hold a parameter to what the environment says it may be set to.

    Raises:
        UsageError: it is none of that.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if about.least is not None and value < about.least:
            raise UsageError(f"--set {name}: {value} is too small; the least is {about.least:g}")
        if about.most is not None and value > about.most:
            raise UsageError(f"--set {name}: {value} is too large; the most is {about.most:g}")
    elif about.choices and not about.open and value not in about.choices:
        raise UsageError(
            f"--set {name}: {value!r} is none of the choices", fix=f"Choose one of: {', '.join(about.choices)}."
        )


def checked(blueprint: Resolved, given: Mapping[str, str]) -> dict[str, str]:
    """Values for the parameters of an environment, each of the type of its default.

    Raises:
        UsageError: there is no such parameter, or the value is of another type or out of its bounds.
    """
    environment = blueprint.environments[blueprint.company.scene or ""]
    for name, value in given.items():
        if name not in blueprint.company.inputs:
            there = f"it takes: {', '.join(environment.params)}" if environment.params else "it takes none"
            raise UsageError(f"the environment '{environment.name}' has no parameter '{name}'; {there}")
        if name in environment.params:
            try:
                typed = like(in_language(environment.params[name], "en"), value)
            except PhaseFailed as error:
                raise UsageError(f"--set {name}: {error}") from None
            _bounded(name, typed, environment.about.get(name, Settable()))
    return dict(given)
