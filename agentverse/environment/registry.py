"""Rules by kind and name. Listing them imports none that another package adds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from agentverse.blueprint.environment import Environment, RuleSpec
from agentverse.environment.protocol import Description, Order, Selection, Stop, Update, Visibility
from agentverse.errors import UsageError
from agentverse.plugins import Registry

ENTRY_POINTS = "agentverse.rules"
"""Group of entry points: ``order.bidding = package.module:Bidding``."""
KINDS: Mapping[str, type] = {
    "order": Order,
    "visibility": Visibility,
    "selection": Selection,
    "update": Update,
    "description": Description,
    "stop": Stop,
}
"""Kind of rule: what it must be able to do."""


class Rule(BaseModel):
    """Base of all rules. The fields are the options in YAML; what a rule remembers goes into private attributes."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    def check_in(self, environment: Environment) -> str | None:
        """What is wrong with the options in this environment, half a sentence, or None."""
        return None


AnyRule = TypeVar("AnyRule", bound=type[Rule])


def _registry(kind: str, needed: type) -> Registry[type[Rule]]:
    return Registry(
        f"{kind} rule",
        ENTRY_POINTS,
        prefix=f"{kind}.",
        modules=[f"agentverse.environment.rules.{kind}"],
        valid=lambda made: isinstance(made, type) and issubclass(made, Rule) and issubclass(made, needed),
    )


RULES = {kind: _registry(kind, needed) for kind, needed in KINDS.items()}


def rule(kind: str, name: str) -> Callable[[AnyRule], AnyRule]:
    """Register a class as the rule ``name`` of a kind in ``KINDS``."""
    if kind not in KINDS:
        raise ValueError(f"there is no kind of rule {kind!r}")

    def register(made: AnyRule) -> AnyRule:
        if not issubclass(made, KINDS[kind]):
            raise TypeError(f"{made.__qualname__} is no {KINDS[kind].__qualname__}")
        return RULES[kind].add(name)(made)

    return register


def known_rules() -> Mapping[str, Collection[str]]:
    """Kind: names of all its rules, those of other packages included, sorted."""
    return {kind: rules.names() for kind, rules in RULES.items()}


def make_rule(kind: str, spec: RuleSpec, environment: Environment | None = None) -> Rule:
    """A rule from its name or ``{name: options}``. A plain value stands for its first option: ``{turns: 6}``.

    Args:
        kind: one of ``KINDS``.
        spec: as in YAML. A number may be the name of one of the environment's parameters.
        environment: where it is to work; its options are checked against it.

    Raises:
        UsageError: there is no such rule, or it does not take these options.
    """
    if not isinstance(spec, str) and len(spec) != 1:
        raise UsageError(f"the rule for {kind!r} is a name, or one name with its options")
    name, given = (spec, None) if isinstance(spec, str) else next(iter(spec.items()))
    made = RULES[kind].find(name)
    if not made.model_fields and given not in (None, True, {}):
        raise UsageError(f"{kind} rule {name!r} takes no options, but {given!r} is given")
    try:
        ready = made.model_validate(_options(made, given, environment))
    except ValidationError as error:
        raise UsageError(
            f"{kind} rule {name!r}: {_first_fault(error, made)}", fix=f"It takes: {', '.join(made.model_fields)}."
        ) from None
    if environment is not None and (wrong := ready.check_in(environment)):
        raise UsageError(f"{kind} rule {name!r}: {wrong}", fix=f"The seats are: {', '.join(environment.seats)}.")
    return ready


def unknown_seat(environment: Environment, *seats: str | None) -> str | None:
    """What is wrong with names of seats in a rule's options, or None."""
    known = set(environment.seats)
    for kind, about in environment.seats.items():
        if about.count != 1 or about.several:
            known |= {f"{kind}_{number}" for number in range(1, 1000)}
    strange = next((seat for seat in seats if seat is not None and seat not in known), None)
    return None if strange is None else f"there is no seat {strange!r}"


def option_names(made: type[Rule]) -> list[str]:
    """The options of a rule, its own before those that it shares with others of its kind."""
    return sorted(made.model_fields, key=lambda name: name not in inspect.get_annotations(made))


def _options(made: type[Rule], given: Any, environment: Environment | None) -> dict[str, Any]:
    if given is None or given is True:
        return {}
    options = cast("dict[str, Any]", given) if isinstance(given, dict) else {option_names(made)[0]: given}
    params = environment.params if environment is not None else {}
    return {name: params[said] if _names_number(made, name, said, params) else said for name, said in options.items()}


def _names_number(made: type[Rule], option: str, said: Any, params: Mapping[str, Any]) -> bool:
    """Whether what is said for a number is the name of a parameter."""
    if not isinstance(said, str) or said not in params or option not in made.model_fields:
        return False
    annotation = made.model_fields[option].annotation
    kinds = {annotation, *get_args(annotation)}
    return bool(kinds & {int, float}) and str not in kinds


def _first_fault(error: ValidationError, made: type[Rule]) -> str:
    fault = error.errors(include_url=False)[0]
    option = ".".join(map(str, fault["loc"]))
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(option, made.model_fields, n=1)
        return f"there is no option {option!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    if fault["type"] == "missing":
        return f"the option {option!r} is missing"
    return f"{option}: {fault['msg']}, not {fault['input']!r}"


def built_in_rules() -> Mapping[tuple[str, str], type[Rule]]:
    """Kind and name: the rules that come with the product, and others registered by decorator."""
    return {(kind, name): made for kind, rules in RULES.items() for name, made in rules.built_in.items()}
